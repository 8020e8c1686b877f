internal import GRDB
internal import GRDBSQLite

/// The rows of a query, one after the other. Columns are read where SQLite has them, by their position: through
/// GRDB's rows the same takes about twice the time, and an hour of load has more than a hundred thousand of them.
///
/// A column of another type than the one asked for is an error, not a conversion.
final class QueryRows {
    /// Owns `handle`.
    private let statement: Statement
    private let handle: SQLiteStatement
    private let path: String
    private var isAtEnd = false

    /// - Parameter path: of the store, for errors.
    init(_ database: Database, sql: String, trialID: Int64, path: String) throws {
        statement = try database.makeStatement(sql: sql)
        try statement.setArguments([trialID])
        handle = statement.sqliteStatement
        self.path = path
    }

    /// Moves on to the next row, the first time to the first one; `false` when there is none.
    func next() throws -> Bool {
        guard !isAtEnd else { return false }
        let code = sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        isAtEnd = true
        guard code == SQLITE_DONE else {
            let message = String(cString: sqlite3_errmsg(sqlite3_db_handle(handle)))
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
        }
        return false
    }

    // MARK: columns of the row

    subscript(column: Int32) -> Int64 {
        get throws {
            try require(SQLITE_INTEGER, column)
            return sqlite3_column_int64(handle, column)
        }
    }

    subscript(column: Int32) -> Int {
        get throws { Int(try self[column] as Int64) }
    }

    subscript(column: Int32) -> Int64? {
        get throws { isNull(column) ? nil : try self[column] as Int64 }
    }

    subscript(column: Int32) -> Int? {
        get throws { isNull(column) ? nil : try self[column] as Int }
    }

    subscript(column: Int32) -> Bool {
        get throws { try self[column] as Int64 != 0 }
    }

    subscript(column: Int32) -> String {
        get throws {
            try require(SQLITE_TEXT, column)
            let count = Int(sqlite3_column_bytes(handle, column))
            guard let text = sqlite3_column_text(handle, column) else { return "" }
            return String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
        }
    }

    subscript(column: Int32) -> String? {
        get throws { isNull(column) ? nil : try self[column] as String }
    }

    subscript(column: Int32) -> [UInt8] {
        get throws {
            try require(SQLITE_BLOB, column)
            // An empty one has no address.
            let bytes = sqlite3_column_blob(handle, column)
            return [UInt8](UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(handle, column))))
        }
    }

    private func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    private func require(_ type: Int32, _ column: Int32) throws {
        guard sqlite3_column_type(handle, column) == type else {
            let name = sqlite3_column_name(handle, column).map { String(cString: $0) } ?? "\(column)"
            throw StoreError.damaged(path: path, detail: "column \(name): a value of another type")
        }
    }
}
