internal import Foundation
internal import GRDB

/// Runs in one SQLite file. Several processes may write different runs into the same file at once.
///
/// Every function is one transaction, and blocks while it lasts. What a function has returned from is stored: the
/// death of the process, kill -9 included, does not lose it.
package final class RunStore: Sendable {
    /// What a store is opened for.
    package enum Mode: Sendable {
        /// Write and read; the file is made when there is none.
        case create
        /// Write and read; the file must be there.
        case existing
        /// Read only; the file must be there.
        case readOnly
    }

    /// Absolute path of the file.
    package let path: String
    private let mode: Mode
    private let queue: DatabaseQueue
    private let busyTimeoutSeconds: Double

    /// Opens the store, or creates it. A file that is not a store, is damaged or is newer is refused and left as it is.
    /// `busyTimeoutSeconds`: how long to wait for another process that is writing.
    package static func open(
        path: String, mode: Mode, busyTimeoutSeconds: Double = 10
    ) throws(StoreError) -> RunStore {
        let file = StoreFile(path: path, busyTimeoutSeconds: busyTimeoutSeconds)
        if mode == .create, !file.exists { try file.create() }
        try file.inspect()
        do {
            let queue = try mode == .readOnly ? file.openForQueries() : file.openForWriting()
            return RunStore(path: file.path, mode: mode, queue: queue, busyTimeoutSeconds: busyTimeoutSeconds)
        } catch {
            throw StoreError(error, path: file.path, busyTimeoutSeconds: busyTimeoutSeconds)
        }
    }

    /// Whether `open` with `create` would give a store; makes no file, and changes none.
    package static func check(path: String, busyTimeoutSeconds: Double = 10) throws(StoreError) {
        let file = StoreFile(path: path, busyTimeoutSeconds: busyTimeoutSeconds)
        if file.exists { try file.inspect() } else { try file.checkCreation() }
    }

    private init(path: String, mode: Mode, queue: DatabaseQueue, busyTimeoutSeconds: Double) {
        self.path = path
        self.mode = mode
        self.queue = queue
        self.busyTimeoutSeconds = busyTimeoutSeconds
    }

    /// Ends the use of the file. Without a call it ends with the store's last reference.
    package func close() throws(StoreError) {
        do {
            try queue.close()
        } catch {
            throw storeError(error)
        }
    }

    func write<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
        guard mode != .readOnly else { throw .notPermitted(path: path, detail: "it was opened for reading only") }
        do {
            return try queue.write(body)
        } catch {
            throw storeError(error)
        }
    }

    func read<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
        do {
            return try queue.read(body)
        } catch {
            throw storeError(error)
        }
    }

    /// Moves what has been committed from the log into the file, and makes the disk confirm it: from here on a power
    /// failure does not lose it either.
    func checkpoint() {
        // What has been committed is in the log in any case: a checkpoint that cannot be made now is made later.
        _ = try? queue.writeWithoutTransaction { try $0.checkpoint(.passive) }
    }

    /// Gives pages that are no longer used back to the file system.
    func shrink() throws(StoreError) {
        do {
            try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA incremental_vacuum") }
            checkpoint()
        } catch {
            throw storeError(error)
        }
    }

    private func storeError(_ error: any Error) -> StoreError {
        StoreError(error, path: path, busyTimeoutSeconds: busyTimeoutSeconds)
    }

    /// JSON text with sorted keys, so that equal values are equal text.
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// The value of a column that was written by `json`.
    func decoded<Value: Decodable>(_ column: String, of row: Row, _ type: Value.Type = Value.self) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data((row[column] as String).utf8))
        } catch {
            throw StoreError.damaged(path: path, detail: "column \(column): \(error)")
        }
    }

    /// The value of a column that holds the name of a case.
    func named<Value: RawRepresentable<String>>(
        _ column: String, of row: Row, _ type: Value.Type = Value.self
    ) throws -> Value {
        let name: String = row[column]
        guard let value = Value(rawValue: name) else {
            throw StoreError.damaged(path: path, detail: "column \(column): \(name)")
        }
        return value
    }
}
