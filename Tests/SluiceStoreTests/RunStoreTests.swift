import Foundation
import GRDB
import SluiceModel
import SluiceStore
import StoreTestSupport
import Testing

@Suite struct RunStoreTests {
    private let folder: TemporaryFolder
    private let store: RunStore

    init() throws {
        folder = try TemporaryFolder()
        store = try RunStore.open(path: folder.storePath, mode: .create)
    }

    @Test("A run, its trials and its batches come back as they were, also from another process's connection")
    func roundTrip() throws {
        let run = SampleRecords.run(id: "20261121-101530-4f2a")
        var trial = SampleRecords.trial(runID: run.id)
        try store.beginRun(run)
        try store.beginTrial(trial)
        // Not in the order in which they are read.
        let batches = [(1, 0), (0, 1), (0, 0)].map { SampleRecords.batch(agent: $0, sequence: $1) }
        for batch in batches { try store.append(batch, trial: trial.identity) }
        trial.status = .degraded
        trial.statusReason = "agent 1 was lost"
        trial.startedAtSeconds = 1_795_000_001.25
        trial.agents = SampleRecords.reports
        trial.machine = MachineLoad(
            busyFraction: 0.5, stealFraction: 0.01, pressureFraction: 0.125, throttledPeriods: nil)
        try store.finishTrial(trial)
        try store.finishRun(id: run.id, status: .degraded, reason: "an agent was lost")

        let reader = try RunStore.open(path: folder.storePath, mode: .readOnly)
        var expected = run
        (expected.status, expected.statusReason) = (.degraded, "an agent was lost")
        #expect(try reader.runs() == [expected])
        #expect(try reader.trials(ofRun: run.id) == [trial])
        #expect(try reader.batches(ofTrial: trial.identity) == [batches[2], batches[1], batches[0]])
        #expect(throws: StoreError.self) { try reader.finishRun(id: run.id, status: .complete, reason: "") }
    }

    @Test("A store of version 1 is read as it is, and brought up to date when it is written to")
    func firstVersion() throws {
        var run = SampleRecords.run(id: "20261121-101530-4f2a")
        var trial = SampleRecords.trial(runID: run.id)
        try store.beginRun(run)
        try store.beginTrial(trial)
        let batch = SampleRecords.batch(agent: 0, sequence: 0)
        try store.append(batch, trial: trial.identity)
        try store.close()
        let queue = try DatabaseQueue(path: folder.storePath)
        let later = ["call_outs", "ticks", "log_lines", "queue", "memory_allocate", "metrics_", "shared_", "stream_"]
        try queue.writeWithoutTransaction {
            try $0.execute(sql: "ALTER TABLE run DROP COLUMN workload_path; PRAGMA user_version = 1")
            try $0.execute(sql: "ALTER TABLE trial DROP COLUMN machine_json")
            try $0.execute(sql: "ALTER TABLE agent_report DROP COLUMN vms_json")
            for column in try $0.columns(in: "batch").map(\.name)
            where later.contains(where: { column.hasPrefix($0) }) {
                try $0.execute(sql: "ALTER TABLE batch DROP COLUMN \(column)")
            }
            try $0.execute(sql: "PRAGMA journal_mode = DELETE")
        }
        try queue.close()

        run.workloadPath = nil
        let reader = try RunStore.open(path: folder.storePath, mode: .readOnly)
        #expect(try reader.runs() == [run])
        #expect(try reader.trials(ofRun: run.id) == [trial])
        let read = try reader.batches(ofTrial: trial.identity).map(\.vmEvents)
        #expect(read.map(\.created) == [batch.vmEvents.created] && read.map(\.callOuts) == [0])
        #expect(try reader.batches(ofTrial: trial.identity).map(\.heap.memoryAllocateBytes) == [nil])
        try reader.close()
        let writer = try RunStore.open(path: folder.storePath, mode: .create)
        trial.machine = MachineLoad(stealFraction: 0.25)
        trial.agents = SampleRecords.reports
        try writer.finishTrial(trial)
        #expect(try writer.trials(ofRun: run.id) == [trial])
        let new = SampleRecords.run(id: "20261121-bb")
        try writer.beginRun(new)
        #expect(Set(try writer.runs().map(\.workloadPath)) == [new.workloadPath, nil])
    }

    /// Fields with a default can be added to the model without an error here; the tables would then lose them.
    @Test("The model has the fields that the tables have")
    func fields() throws {
        let batch = SampleRecords.batch(agent: 0, sequence: 0)
        let values: [(value: Any, fieldCount: Int)] = [
            (SampleRecords.run(id: "a"), 12), (SampleRecords.trial(runID: "a"), 8), (SampleRecords.reports[0], 7),
            (batch, 13), (batch.segments[0], 6), (batch.segments[0].counts, 9), (batch.heap, 10), (batch.growth[0], 8),
            (batch.failures[0], 14), (batch.vmEvents, 22), (batch.metrics[0], 3), (batch.checkFailures[0], 2),
        ]
        for (value, fieldCount) in values {
            let mirror = Mirror(reflecting: value)
            #expect(mirror.children.count == fieldCount, "\(mirror.subjectType)")
        }
    }

    @Test("Runs are listed newest first, and found by any beginning that only one of them has")
    func findRuns() throws {
        #expect(try store.latestRun() == nil)
        for (id, seconds) in [("20261121-aa", 20), ("20261121-ab", 30), ("20261120-zz", 10)] as [(String, Int64)] {
            try store.beginRun(SampleRecords.run(id: id, startedAtSeconds: seconds))
        }
        #expect(try store.runs().map(\.id) == ["20261121-ab", "20261121-aa", "20261120-zz"])
        #expect(try store.latestRun()?.id == "20261121-ab")
        #expect(try store.run(matching: "20261120").id == "20261120-zz")
        #expect(try store.run(matching: "20261121-aa").id == "20261121-aa")
        #expect(throws: StoreError.ambiguousRun("20261121", matches: ["20261121-aa", "20261121-ab"])) {
            try store.run(matching: "20261121")
        }
        for unknown in ["2027", "", "%", "20261121-aaa"] {
            #expect(throws: StoreError.noSuchRun(unknown)) { try store.run(matching: unknown) }
        }
    }

    @Test("What is stored already, or belongs to nothing stored, is refused")
    func conflicts() throws {
        let trial = try store.storeRun(id: "a", batches: 1)
        #expect(throws: StoreError.duplicate("run a")) { try store.beginRun(SampleRecords.run(id: "a")) }
        #expect(throws: StoreError.duplicate("trial of conservative, block 0")) {
            try store.beginTrial(SampleRecords.trial(runID: "a"))
        }
        #expect(throws: StoreError.duplicate("batch 0 of worker 0 of agent 0")) {
            try store.append(SampleRecords.batch(agent: 0, sequence: 0), trial: trial)
        }
        #expect(throws: StoreError.noSuchRun("b")) { try store.beginTrial(SampleRecords.trial(runID: "b")) }
        #expect(throws: StoreError.noSuchRun("b")) { try store.finishRun(id: "b", status: .complete, reason: "") }
        #expect(throws: StoreError.noSuchTrial(runID: "a", strategy: "no-gc", block: 1)) {
            try store.append(
                SampleRecords.batch(agent: 0, sequence: 1),
                trial: TrialIdentity(runID: "a", strategy: "no-gc", block: 1))
        }
        #expect(try store.batches(ofTrial: trial).count == 1)
    }

    @Test("Deleting a run takes everything of it, leaves the others, and gives its space back")
    func delete() throws {
        let kept = try store.storeRun(id: "kept", batches: 2)
        let gone = try store.storeRun(id: "gone", batches: 200)
        #expect(throws: StoreError.runActive("gone")) { try store.deleteRun(id: "gone") }
        try store.finishRun(id: "gone", status: .complete, reason: "")
        let before = try folder.contents()["sluice.sqlite"]?.count ?? 0
        try store.deleteRun(id: "gone")
        let after = try folder.contents()["sluice.sqlite"]?.count ?? 0
        #expect(after < before / 2, "\(before) → \(after) bytes")
        #expect(try store.runs().map(\.id) == ["kept"])
        #expect(throws: StoreError.self) { try store.batches(ofTrial: gone) }
        #expect(try store.batches(ofTrial: kept).count == 2)
        #expect(throws: StoreError.noSuchRun("gone")) { try store.deleteRun(id: "gone") }
    }

    @Test("A trial that is removed can begin again, and nothing of before is left in it")
    func removedTrial() throws {
        let run = SampleRecords.run(id: "20261121-101530-4f2a")
        let trial = SampleRecords.trial(runID: run.id)
        try store.beginRun(run)
        try store.beginTrial(trial)
        let batches = [0, 1].map { SampleRecords.batch(agent: 0, sequence: $0) }
        try store.append(batches[0], trial: trial.identity)
        try store.removeTrial(trial.identity)
        try store.removeTrial(trial.identity)
        #expect(try store.trials(ofRun: run.id) == [])
        try store.beginTrial(trial)
        try store.append(batches[1], trial: trial.identity)
        #expect(try store.batches(ofTrial: trial.identity) == [batches[1]])
    }

    @Test("Two coordinators write into one file at once while a third process reads, and nothing is lost")
    func concurrentRuns() async throws {
        let path = folder.path("shared.sqlite")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for id in ["a", "b"] {
                group.addTask {
                    // Each creates the file, if it is the first.
                    let writer = try RunStore.open(path: path, mode: .create)
                    _ = try writer.storeRun(id: id, batches: 150)
                    try writer.finishRun(id: id, status: .complete, reason: "")
                }
            }
            try await group.waitForAll()
        }
        let reader = try RunStore.open(path: path, mode: .readOnly)
        for id in ["a", "b"] {
            let trial = SampleRecords.trial(runID: id).identity
            #expect(try reader.batches(ofTrial: trial).map(\.sequence) == Array(0..<150))
        }
    }

    @Test("A run of ten minutes with two agents takes less than 50 MiB, and the log does not grow with it")
    func size() throws {
        let trial = try store.storeRun(id: "long")
        for sequence in 0..<600 {
            for agent in 0..<2 {
                try store.append(
                    SampleRecords.batch(agent: agent, sequence: sequence, requests: 2_000), trial: trial)
            }
        }
        let contents = try folder.contents()
        let log = try #require(contents["sluice.sqlite-wal"])
        try store.close()
        let file = try #require(try folder.contents()["sluice.sqlite"])
        print("ten minutes: \(file.count / 1024) KiB, log \(log.count / 1024) KiB")
        #expect(file.count < 50 << 20)
        #expect(log.count < 8 << 20)
    }

    @Test("Documents come back by run and kind, replace one another, and go with their run")
    func documents() throws {
        #expect(try store.document([String].self, kind: "study", ofRun: "a") == nil)
        _ = try store.storeRun(id: "a")
        _ = try store.storeRun(id: "b")
        try store.saveDocument(["first"], kind: "study", ofRun: "a")
        try store.saveDocument(["second", "x'y"], kind: "study", ofRun: "a")
        try store.saveDocument([1], kind: "other", ofRun: "a")
        let reader = try RunStore.open(path: folder.storePath, mode: .readOnly)
        #expect(try reader.document([String].self, kind: "study", ofRun: "a") == ["second", "x'y"])
        #expect(try reader.document([Int].self, kind: "other", ofRun: "a") == [1])
        #expect(try reader.document([String].self, kind: "study", ofRun: "b") == nil)
        #expect(throws: StoreError.self) { try reader.document([Bool].self, kind: "study", ofRun: "a") }
        #expect(throws: StoreError.noSuchRun("c")) { try store.saveDocument([1], kind: "study", ofRun: "c") }
        try store.finishRun(id: "a", status: .complete, reason: "")
        try store.deleteRun(id: "a")
        #expect(try store.document([String].self, kind: "study", ofRun: "a") == nil)
    }
}
