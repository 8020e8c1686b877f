internal import Foundation
internal import GRDB

/// The file of a store before anything is written to it: is it ours, is it whole, and how is it created.
struct StoreFile {
    /// Absolute, so that SQLite cannot take it for a URI.
    let path: String
    let busyTimeoutSeconds: Double

    init(path: String, busyTimeoutSeconds: Double) {
        self.path = URL(fileURLWithPath: path).standardizedFileURL.path
        self.busyTimeoutSeconds = busyTimeoutSeconds
    }

    var exists: Bool { FileManager.default.fileExists(atPath: path) }

    /// Throws unless the file is a whole store of a version that this program reads. Changes nothing: the header is
    /// read without SQLite, and SQLite then reads without the right to write.
    func inspect() throws(StoreError) {
        try inspectHeader()
        do {
            if hasWriteAheadLog {
                try check(in: openForReading())
                return
            }
            do {
                try check(in: openImmutable())
            } catch _ where hasWriteAheadLog {
                // Another process has begun to write in the meantime, and its pages were seen half changed.
                try check(in: openForReading())
            }
        } catch {
            throw StoreError(error, path: path, busyTimeoutSeconds: busyTimeoutSeconds)
        }
    }

    /// Makes the file with empty tables, unless another process does at the same moment: it is built under another
    /// name and then linked, so that no process ever sees half a store, and no file is replaced.
    func create() throws(StoreError) {
        try withDraft { draft in
            guard link(draft, path) != 0, errno != EEXIST else { return }
            throw StoreError.notPermitted(path: path, detail: String(cString: strerror(errno)))
        }
    }

    /// Throws what `create` would, and leaves nothing behind.
    func checkCreation() throws(StoreError) { try withDraft { _ in } }

    private func withDraft(_ body: (_ draft: String) throws -> Void) throws(StoreError) {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        var status = stat()
        guard stat(folder, &status) == 0 else {
            throw .notPermitted(path: path, detail: "\(folder): \(String(cString: strerror(errno)))")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .notPermitted(path: path, detail: "\(folder) is no folder")
        }
        let draft = "\(path).\(UUID().uuidString).new"
        do {
            defer {
                for suffix in ["", "-wal", "-shm", "-journal"] { unlink(draft + suffix) }
            }
            try build(at: draft)
            try body(draft)
        } catch {
            throw StoreError(error, path: path, busyTimeoutSeconds: busyTimeoutSeconds)
        }
    }

    /// A connection that writes. WAL with `synchronous = NORMAL`: what is committed survives the death of the process,
    /// whatever kills it. A power failure can cost what was committed since the last checkpoint, never the file.
    func openForWriting() throws -> DatabaseQueue {
        var configuration = self.configuration
        configuration.journalMode = .wal
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        if try queue.read(Self.version(of:)) < StoreSchema.version { try queue.write(migrate) }
        return queue
    }

    private static func version(of database: Database) throws -> Int32 {
        try Int32.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    }

    /// Another process may have done it by now.
    private func migrate(_ database: Database) throws {
        while case let version = try Self.version(of: database), version < StoreSchema.version {
            guard let statement = StoreSchema.migrations[version] else {
                throw StoreError.damaged(path: path, detail: "format \(version)")
            }
            try database.execute(sql: "\(statement); PRAGMA user_version = \(version + 1)")
        }
    }

    /// A connection for reading. One that could also write is tried first, because SQLite leaves files behind when the
    /// last connection to go could not; on a full disk or in a folder that cannot be written the others serve.
    func openForQueries() throws -> DatabaseQueue {
        do {
            return try probed(DatabaseQueue(path: path, configuration: configuration))
        } catch let error as DatabaseError where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode) {
            throw error
        } catch {
            return try hasWriteAheadLog ? openForReading() : openImmutable()
        }
    }

    private func openForReading() throws -> DatabaseQueue {
        var configuration = self.configuration
        configuration.readonly = true
        return try probed(DatabaseQueue(path: path, configuration: configuration))
    }

    /// Without locks and without side files; right only while nobody writes.
    private func openImmutable() throws -> DatabaseQueue {
        var configuration = self.configuration
        configuration.readonly = true
        var allowed = CharacterSet.urlPathAllowed
        allowed.remove(charactersIn: "?#%")
        guard let escaped = path.addingPercentEncoding(withAllowedCharacters: allowed) else {
            throw StoreError.notPermitted(path: path, detail: "the path is not text")
        }
        return try DatabaseQueue(path: "file:\(escaped)?immutable=1", configuration: configuration)
    }

    /// SQLite opens files lazily: what is wrong shows with the first page that is read.
    private func probed(_ queue: DatabaseQueue) throws -> DatabaseQueue {
        _ = try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM sqlite_schema") }
        return queue
    }

    private var configuration: Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(busyTimeoutSeconds)
        configuration.label = "sluice.store"
        return configuration
    }

    private var hasWriteAheadLog: Bool {
        var status = stat()
        return stat("\(path)-wal", &status) == 0 && status.st_size > 0
    }

    private func check(in queue: DatabaseQueue) throws {
        let findings = try queue.read { try String.fetchAll($0, sql: "PRAGMA quick_check(1)") }
        guard findings == ["ok"] else {
            throw StoreError.damaged(path: path, detail: findings.joined(separator: "; "))
        }
    }

    /// Magic, application and version as SQLite's file format places them: <https://sqlite.org/fileformat.html>.
    private func inspectHeader() throws(StoreError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw errno == ENOENT
                ? .missing(path: path) : .notPermitted(path: path, detail: String(cString: strerror(errno)))
        }
        guard status.st_mode & S_IFMT != S_IFDIR else { throw .notAStore(path: path, found: "a folder") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAStore(path: path, found: "no regular file") }
        let header: [UInt8]
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? handle.close() }
            header = try Array(handle.read(upToCount: 100) ?? Data())
        } catch {
            throw .notPermitted(path: path, detail: "it cannot be read")
        }
        guard !header.isEmpty else { throw .notAStore(path: path, found: "an empty file") }
        guard header.starts(with: Array("SQLite format 3\0".utf8)) else {
            throw .notAStore(path: path, found: "no SQLite database")
        }
        guard header.count == 100 else { throw .damaged(path: path, detail: "cut off within the header") }
        guard bigEndian(header, at: 68) == StoreSchema.applicationID else {
            throw .notAStore(path: path, found: "a database of another program")
        }
        let version = bigEndian(header, at: 60)
        guard version <= StoreSchema.version else {
            throw .newer(path: path, version: Int(version), supported: Int(StoreSchema.version))
        }
        guard version >= StoreSchema.oldestVersion else { throw .damaged(path: path, detail: "format \(version)") }
    }

    private func bigEndian(_ bytes: [UInt8], at offset: Int) -> Int32 {
        Int32(bitPattern: bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) })
    }

    private func build(at draft: String) throws {
        let queue = try DatabaseQueue(path: draft, configuration: configuration)
        try queue.writeWithoutTransaction { database in
            // Before the first table, as SQLite wants it; deleting a run can then give space back.
            try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            try database.inTransaction {
                try database.execute(sql: StoreSchema.tables)
                try database.execute(
                    sql: """
                        PRAGMA application_id = \(StoreSchema.applicationID);
                        PRAGMA user_version = \(StoreSchema.version);
                        """)
                return .commit
            }
            try database.execute(sql: "PRAGMA journal_mode = WAL")
        }
        try queue.close()
    }
}
