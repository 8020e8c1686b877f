import Glibc

/// SQLite without anything around it: how long the library itself takes to read rows. Only what that needs is bound,
/// from the library that is there at run time.
struct PlainSQLite {
    struct Failure: Error { var what: String }

    private typealias Handle = UnsafeMutableRawPointer
    private let open: @convention(c) (UnsafePointer<CChar>, UnsafeMutablePointer<Handle?>, Int32, Handle?) -> Int32
    private let prepare:
        @convention(c) (Handle, UnsafePointer<CChar>, Int32, UnsafeMutablePointer<Handle?>, Handle?) -> Int32
    private let step: @convention(c) (Handle) -> Int32
    private let columnCount: @convention(c) (Handle) -> Int32
    private let columnType: @convention(c) (Handle, Int32) -> Int32
    private let columnInteger: @convention(c) (Handle, Int32) -> Int64
    private let columnBytes: @convention(c) (Handle, Int32) -> Int32
    private let columnBlob: @convention(c) (Handle, Int32) -> UnsafeRawPointer?
    private let finalize: @convention(c) (Handle) -> Int32
    private let close: @convention(c) (Handle) -> Int32

    private static let row: Int32 = 100
    private static let integer: Int32 = 1
    private static let openReadOnly: Int32 = 1

    init() throws {
        guard let library = dlopen("libsqlite3.so.0", RTLD_NOW) else { throw Failure(what: "libsqlite3.so.0") }
        func symbol<Function>(_ name: String, _: Function.Type = Function.self) throws -> Function {
            guard let address = dlsym(library, name) else { throw Failure(what: name) }
            return unsafeBitCast(address, to: Function.self)
        }
        open = try symbol("sqlite3_open_v2")
        prepare = try symbol("sqlite3_prepare_v2")
        step = try symbol("sqlite3_step")
        columnCount = try symbol("sqlite3_column_count")
        columnType = try symbol("sqlite3_column_type")
        columnInteger = try symbol("sqlite3_column_int64")
        columnBytes = try symbol("sqlite3_column_bytes")
        columnBlob = try symbol("sqlite3_column_blob")
        finalize = try symbol("sqlite3_finalize")
        close = try symbol("sqlite3_close")
    }

    /// Reads every column of every row of these tables once, each in the order in which it is stored.
    ///
    /// - Returns: rows, and a sum over what they hold.
    func readAll(path: String, tables: [String]) throws -> (rows: Int, sum: Int64) {
        var database: Handle?
        guard open(path, &database, Self.openReadOnly, nil) == 0, let database else { throw Failure(what: path) }
        defer { _ = close(database) }
        var rows = 0
        var sum: Int64 = 0
        for table in tables {
            var statement: Handle?
            guard prepare(database, "SELECT * FROM \(table)", -1, &statement, nil) == 0, let statement else {
                throw Failure(what: table)
            }
            defer { _ = finalize(statement) }
            let columns = columnCount(statement)
            while step(statement) == Self.row {
                rows += 1
                for column in 0..<columns { sum &+= value(statement, column) }
            }
        }
        return (rows, sum)
    }

    private func value(_ statement: Handle, _ column: Int32) -> Int64 {
        if columnType(statement, column) == Self.integer { return columnInteger(statement, column) }
        let first = columnBlob(statement, column)?.load(as: UInt8.self) ?? 0
        return Int64(columnBytes(statement, column)) &+ Int64(first)
    }
}
