internal import GRDB
package import SluiceModel

extension RunStore {
    /// Stores a run that begins. This process becomes known as its coordinator, see `activity(ofRun:)`.
    package func beginRun(_ run: RunRecord) throws(StoreError) {
        let coordinator = CoordinatorIdentity.ofThisProcess()
        try write { database in
            guard try self.row(ofRun: run.id, in: database) == nil else { throw StoreError.duplicate("run \(run.id)") }
            try database.execute(
                sql: """
                    INSERT INTO run (
                        id, command, workload_name, workload_json, workload_text, module_hashes_json, strategies_json,
                        blocks, started_at_unix_seconds, status, status_reason, host_json, coordinator_json,
                        workload_path
                    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    run.id, run.command, run.workload.name, Self.json(run.workload), run.workloadText,
                    Self.json(run.moduleHashes), Self.json(run.strategies), run.blocks, run.startedAtSeconds,
                    run.status.rawValue, run.statusReason, Self.json(run.host), Self.json(coordinator),
                    run.workloadPath,
                ])
        }
    }

    /// Stores how a run ended.
    ///
    /// - Parameter blocks: that it came to; `nil`: as many as it was to have.
    package func finishRun(
        id: String, status: RunStatus, reason: String, blocks: Int? = nil
    ) throws(StoreError) {
        try write { database in
            try database.execute(
                sql: "UPDATE run SET status = ?, status_reason = ?, blocks = coalesce(?, blocks) WHERE id = ?",
                arguments: [status.rawValue, reason, blocks, id])
            guard database.changesCount == 1 else { throw StoreError.noSuchRun(id) }
        }
        checkpoint()
    }

    /// All runs, the newest first.
    package func runs() throws(StoreError) -> [RunRecord] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM run ORDER BY started_at_unix_seconds DESC, id DESC")
                .map(self.record)
        }
    }

    /// The run that began last; `nil` when there is none.
    package func latestRun() throws(StoreError) -> RunRecord? {
        try read { database in
            try Row.fetchOne(
                database, sql: "SELECT * FROM run ORDER BY started_at_unix_seconds DESC, id DESC LIMIT 1"
            ).map(self.record)
        }
    }

    /// The run with this identifier, or the only one whose identifier begins like this.
    package func run(matching text: String) throws(StoreError) -> RunRecord {
        try read { database in
            if let row = try self.row(ofRun: text, in: database) { return try self.record(row) }
            let rows = try Row.fetchAll(
                database, sql: "SELECT * FROM run WHERE substr(id, 1, length(?1)) = ?1 ORDER BY id", arguments: [text])
            guard let row = rows.first, !text.isEmpty else { throw StoreError.noSuchRun(text) }
            guard rows.count == 1 else {
                throw StoreError.ambiguousRun(text, matches: rows.map { $0["id"] })
            }
            return try self.record(row)
        }
    }

    /// Whether a run that is stored as `running` really is.
    package func activity(ofRun id: String) throws(StoreError) -> RunActivity {
        try read { try self.activity(ofRun: id, in: $0) }
    }

    private func activity(ofRun id: String, in database: Database) throws -> RunActivity {
        guard let row = try row(ofRun: id, in: database) else { throw StoreError.noSuchRun(id) }
        guard try named("status", of: row, RunStatus.self) == .running else { return .ended }
        return try decoded("coordinator_json", of: row, CoordinatorIdentity.self).activity
    }

    /// Removes a run with everything that belongs to it, and makes the file smaller. A run that is still being written
    /// is refused.
    ///
    /// - Parameter assumesDead: also one whose coordinator cannot be seen from here, and may be writing.
    package func deleteRun(id: String, assumesDead: Bool = false) throws(StoreError) {
        func check(_ database: Database) throws {
            switch try activity(ofRun: id, in: database) {
            case .active: throw StoreError.runActive(id)
            case .unknown where !assumesDead: throw StoreError.runMayBeActive(id)
            default: break
            }
        }
        // First without writing: a store that cannot be written says what is wrong with the run all the same.
        try read(check)
        try write { database in
            try check(database)
            try database.execute(sql: "DELETE FROM run WHERE id = ?", arguments: [id])
        }
        try shrink()
    }

    private func row(ofRun id: String, in database: Database) throws -> Row? {
        try Row.fetchOne(database, sql: "SELECT * FROM run WHERE id = ?", arguments: [id])
    }

    private func record(_ row: Row) throws -> RunRecord {
        RunRecord(
            id: row["id"], command: row["command"], workload: try decoded("workload_json", of: row),
            workloadText: row["workload_text"], moduleHashes: try decoded("module_hashes_json", of: row),
            strategies: try decoded("strategies_json", of: row), blocks: row["blocks"],
            startedAtSeconds: row["started_at_unix_seconds"], status: try named("status", of: row),
            statusReason: row["status_reason"], host: try decoded("host_json", of: row),
            workloadPath: row["workload_path"])
    }
}
