internal import GRDB

/// What a command found out in a run and what cannot be computed from its batches alone: one JSON document of each
/// kind for a run.
extension RunStore {
    /// Made when it is first written to: a store without documents is as it always was.
    private static let table = """
        CREATE TABLE IF NOT EXISTS document (
            run_id TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
            kind TEXT NOT NULL,
            json TEXT NOT NULL,
            PRIMARY KEY (run_id, kind)
        ) STRICT, WITHOUT ROWID
        """

    /// Stores a document, in place of an earlier one of its kind. The run must be stored.
    package func saveDocument(_ document: some Encodable, kind: String, ofRun id: String) throws(StoreError) {
        try write { database in
            guard try Int.fetchOne(database, sql: "SELECT count(*) FROM run WHERE id = ?", arguments: [id]) == 1 else {
                throw StoreError.noSuchRun(id)
            }
            try database.execute(sql: Self.table)
            try database.execute(
                sql: "INSERT OR REPLACE INTO document VALUES (?, ?, ?)",
                arguments: [id, kind, Self.json(document)])
        }
    }

    /// A run's document; `nil` when it has none of this kind.
    package func document<Document: Decodable>(
        _ type: Document.Type, kind: String, ofRun id: String
    ) throws(StoreError) -> Document? {
        try read { database in
            guard try database.tableExists("document") else { return nil }
            return try Row.fetchOne(
                database, sql: "SELECT json FROM document WHERE run_id = ? AND kind = ?", arguments: [id, kind]
            ).map { try self.decoded("json", of: $0) }
        }
    }
}
