import Foundation
import GRDB
import SluiceModel
import SluiceStore
import StoreTestSupport
import Testing

/// A file where a store is expected, and the case of the error that it must lead to.
struct UnusableFile: Sendable, CustomTestStringConvertible {
    enum Refusal: Sendable { case notAStore, damaged, newer }

    var testDescription: String
    var refusal: Refusal
    /// From the bytes of a good store.
    var make: @Sendable (_ path: String, _ store: Data) throws -> Void

    init(_ name: String, _ refusal: Refusal, _ make: @escaping @Sendable (String, Data) throws -> Void) {
        testDescription = name
        self.refusal = refusal
        self.make = make
    }

    static let table = [
        UnusableFile("a folder", .notAStore) { path, _ in
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        },
        UnusableFile("an empty file", .notAStore) { path, _ in try Data().write(to: URL(fileURLWithPath: path)) },
        UnusableFile("text", .notAStore) { path, _ in
            try Data("sluice: 1\nname: a workload, not a store\n".utf8).write(to: URL(fileURLWithPath: path))
        },
        UnusableFile("noise", .notAStore) { path, store in
            try Data((0..<store.count).map { _ in UInt8.random(in: 0...255) }).write(to: URL(fileURLWithPath: path))
        },
        UnusableFile("a database of another program", .notAStore) { path, _ in
            let queue = try DatabaseQueue(path: path)
            try queue.write { try $0.execute(sql: "CREATE TABLE run (id TEXT)") }
            try queue.close()
        },
        UnusableFile("a flipped bit in the magic", .notAStore) { try flipped($1, at: 3, to: $0) },
        UnusableFile("a flipped bit in the page size", .damaged) { try flipped($1, at: 16, to: $0) },
        UnusableFile("a flipped bit in a table's page", .damaged) { try flipped($1, at: 2 * 4096, to: $0) },
        UnusableFile("cut off within the header", .damaged) { path, store in
            try store.prefix(60).write(to: URL(fileURLWithPath: path))
        },
        UnusableFile("cut off in the middle", .damaged) { path, store in
            try store.prefix(store.count / 2).write(to: URL(fileURLWithPath: path))
        },
        UnusableFile("the next version", .newer) { path, store in
            try store.write(to: URL(fileURLWithPath: path))
            let queue = try DatabaseQueue(path: path)
            try queue.writeWithoutTransaction {
                try $0.execute(sql: "PRAGMA user_version = 5; PRAGMA journal_mode = DELETE")
            }
            try queue.close()
        },
    ]

    private static func flipped(_ store: Data, at offset: Int, to path: String) throws {
        var bytes = store
        bytes[offset] ^= 0x20
        try bytes.write(to: URL(fileURLWithPath: path))
    }
}

@Suite struct RefusalTests {
    @Test("A file that is not ours, damaged or newer is refused and left alone", arguments: UnusableFile.table)
    func refusal(_ file: UnusableFile) throws {
        let folder = try TemporaryFolder()
        let original = try RunStore.open(path: folder.storePath, mode: .create)
        _ = try original.storeRun(id: "a", batches: 20)
        try original.close()
        let store = try #require(try folder.contents()["sluice.sqlite"])
        let path = folder.path("other.sqlite")
        try file.make(path, store)
        let before = try folder.contents()
        for mode in [RunStore.Mode.create, .readOnly] {
            let error = #expect(throws: StoreError.self) { try RunStore.open(path: path, mode: mode) }
            #expect(error.map { isExpected($0, file.refusal) } == true, "\(String(describing: error))")
            #expect("\(try #require(error))".contains(path))
        }
        #expect(try folder.contents() == before)
    }

    @Test("A damaged file with an unfinished log keeps both")
    func damagedWithLog() throws {
        let folder = try TemporaryFolder()
        let live = try RunStore.open(path: folder.storePath, mode: .create)
        _ = try live.storeRun(id: "a", batches: 20)
        // What lies on the disk when a process is killed: a file and a log that has not been moved into it.
        let contents = try folder.contents()
        let log = try #require(contents["sluice.sqlite-wal"])
        var bytes = try #require(contents["sluice.sqlite"])
        #expect(!log.isEmpty)
        bytes.removeLast(bytes.count - 4_096)
        let path = folder.path("copy.sqlite")
        try bytes.write(to: URL(fileURLWithPath: path))
        // A log of another file.
        var otherLog = log
        otherLog.replaceSubrange(100..<log.count, with: repeatElement(7, count: log.count - 100))
        try otherLog.write(to: URL(fileURLWithPath: "\(path)-wal"))
        #expect(throws: StoreError.self) { try RunStore.open(path: path, mode: .create) }
        #expect(FileManager.default.contents(atPath: path) == bytes)
        #expect(FileManager.default.contents(atPath: "\(path)-wal") == otherLog)
        try live.close()
    }

    @Test("Whether a store can be made is checked without making it")
    func check() throws {
        let folder = try TemporaryFolder()
        try RunStore.check(path: folder.storePath)
        #expect(try folder.contents().isEmpty)
        for path in ["/proc/sluice.sqlite", "/no-such-folder/a.sqlite", "/proc/version/a.sqlite"] {
            let error = #expect(throws: StoreError.self) { try RunStore.check(path: path) }
            #expect(error?.description.hasPrefix("the store \(path) cannot be opened: ") == true)
        }
        let error = #expect(throws: StoreError.self) { try RunStore.check(path: "/tmp") }
        #expect(error == .notAStore(path: "/tmp", found: "a folder"))
    }

    @Test("There is nothing to read where there is no file, and none is made")
    func missing() throws {
        let folder = try TemporaryFolder()
        #expect(throws: StoreError.missing(path: folder.storePath)) {
            try RunStore.open(path: folder.storePath, mode: .readOnly)
        }
        #expect(try folder.contents().isEmpty)
    }

    @Test(
        "Where no file can be made, the error says so", arguments: ["/proc/sluice.sqlite", "/no-such-folder/a.sqlite"])
    func folderNotWritable(path: String) {
        let error = #expect(throws: StoreError.self) { try RunStore.open(path: path, mode: .create) }
        guard case .notPermitted = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    private func isExpected(_ error: StoreError, _ refusal: UnusableFile.Refusal) -> Bool {
        switch (error, refusal) {
        case (.notAStore, .notAStore), (.damaged, .damaged): true
        case (.newer(_, version: 5, supported: 4), .newer): true
        default: false
        }
    }
}
