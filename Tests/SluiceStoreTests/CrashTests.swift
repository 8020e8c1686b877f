import Foundation
import GRDB
import SluiceModel
import SluiceStore
import StoreTestSupport
import Testing

/// The store under what happens to processes and disks.
@Suite struct CrashTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("kill -9 in the middle of writing loses nothing that had been stored")
    func kill() throws {
        let helper = try HelperProcess("append", folder.storePath)
        var received = ""
        while !received.contains("\n60\n") {
            let data = helper.output.fileHandleForReading.availableData
            #expect(!data.isEmpty, "the process ended by itself")
            if data.isEmpty { return }
            received += String(decoding: data, as: UTF8.self)
        }
        let reader = try RunStore.open(path: folder.storePath, mode: .readOnly)
        let run = try #require(try reader.latestRun())
        #expect(try reader.activity(ofRun: run.id) == .active)
        #expect(throws: StoreError.runActive(run.id)) { try reader.deleteRun(id: run.id) }
        try reader.close()

        Foundation.kill(helper.process.processIdentifier, SIGKILL)
        received += helper.lines().map { "\($0)\n" }.joined()
        let announced = try #require(received.split(separator: "\n").compactMap { Int($0) }.last)

        let store = try RunStore.open(path: folder.storePath, mode: .create)
        let trial = try #require(try store.trials(ofRun: run.id).first)
        let batches = try store.batches(ofTrial: trial.identity)
        // One more may have been stored before it could be announced.
        #expect(batches.count == announced + 1 || batches.count == announced + 2)
        #expect(batches == batches.indices.map { SampleRecords.batch(agent: 0, sequence: $0) })
        #expect(try store.latestRun()?.status == .running)
        #expect(try store.activity(ofRun: run.id) == .coordinatorDied)
        try store.finishRun(id: run.id, status: .failed, reason: "its coordinator died")
        #expect(try store.activity(ofRun: run.id) == .ended)
    }

    @Test("Without space the error says so, and what was stored before can be read")
    func diskFull() throws {
        let helper = try HelperProcess("fill", folder.storePath, "\(1 << 20)")
        let lines = helper.lines()
        #expect(helper.process.terminationStatus == 0)
        let stored = lines.compactMap { Int($0) }.count
        #expect(stored > 10)
        #expect(lines.last == "full: \(stored) batches readable")
        let store = try RunStore.open(path: folder.storePath, mode: .create)
        let trial = SampleRecords.trial(runID: "20261121-101530-4f2a").identity
        #expect(try store.batches(ofTrial: trial).count == stored)
        try store.append(SampleRecords.batch(agent: 0, sequence: stored), trial: trial)
    }

    @Test("A store in a folder that may only be read can be read, and not be written")
    func readOnlyFolder() throws {
        let store = try RunStore.open(path: folder.storePath, mode: .create)
        _ = try store.storeRun(id: "a", batches: 7)
        try store.close()
        try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: folder.storePath)
        try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder.url.path)
        defer { try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.url.path) }
        let before = try folder.contents()
        let helper = try HelperProcess("read", folder.storePath)
        #expect(helper.lines() == ["7 batches readable", "not writable"])
        #expect(try folder.contents() == before)
    }

    @Test("A store that another process keeps locked is busy after the timeout, and can still be read")
    func busy() throws {
        let store = try RunStore.open(path: folder.storePath, mode: .create, busyTimeoutSeconds: 0.2)
        let trial = try store.storeRun(id: "a", batches: 1)
        let other = try DatabaseQueue(path: folder.storePath)
        try other.writeWithoutTransaction { database in
            try database.beginTransaction(.immediate)
            #expect(throws: StoreError.busy(path: store.path, seconds: 0.2)) {
                try store.append(SampleRecords.batch(agent: 0, sequence: 1), trial: trial)
            }
            let reader = try RunStore.open(path: folder.storePath, mode: .readOnly, busyTimeoutSeconds: 0.2)
            #expect(try reader.batches(ofTrial: trial).count == 1)
            try database.rollback()
        }
        try store.append(SampleRecords.batch(agent: 0, sequence: 1), trial: trial)
        #expect(try store.batches(ofTrial: trial).count == 2)
    }

    @Test("Reading leaves no files behind")
    func noSideFiles() throws {
        let store = try RunStore.open(path: folder.storePath, mode: .create)
        _ = try store.storeRun(id: "a")
        try store.close()
        let reader = try RunStore.open(path: folder.storePath, mode: .readOnly)
        #expect(try reader.runs().count == 1)
        try reader.close()
        #expect(try folder.contents().keys.sorted() == ["sluice.sqlite"])
    }

    @Test func `a run of another container is deleted only by those who know that it is dead`() throws {
        let folder = try TemporaryFolder()
        let store = try RunStore.open(path: folder.storePath, mode: .create)
        _ = try store.storeRun(id: "20261121-101530-4f2a")
        let queue = try DatabaseQueue(path: folder.storePath)
        try queue.write {
            let elsewhere = "pid:[1]"
            try $0.execute(
                sql: """
                    UPDATE run SET coordinator_json =
                        json_set(coordinator_json, '$.processNamespace', ?, '$.process_namespace', ?)
                    """,
                arguments: [elsewhere, elsewhere])
        }
        let id = "20261121-101530-4f2a"
        #expect(try store.activity(ofRun: id) == .unknown)
        #expect(throws: StoreError.runMayBeActive(id)) { try store.deleteRun(id: id) }
        #expect(try store.runs().count == 1)
        try store.deleteRun(id: id, assumesDead: true)
        #expect(try store.runs().isEmpty)
    }
}
