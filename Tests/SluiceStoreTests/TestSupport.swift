import Foundation
import SluiceModel
import SluiceStore
import StoreTestSupport

/// A folder that is gone after the test.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    var storePath: String { path("sluice.sqlite") }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    /// Names and contents of everything in the folder.
    func contents() throws -> [String: Data] {
        try FileManager.default.contentsOfDirectory(atPath: url.path).reduce(into: [:]) {
            $0[$1] = FileManager.default.contents(atPath: path($1)) ?? Data("a folder".utf8)
        }
    }
}

extension RunStore {
    func batches(ofTrial trial: TrialIdentity) throws -> [IntervalBatch] {
        var batches: [IntervalBatch] = []
        try forEachBatch(ofTrial: trial) { batches.append($0) }
        return batches
    }

    /// A run with one trial that has this many batches; the trial.
    func storeRun(id: String, batches: Int = 0, startedAtSeconds: Int64 = 1) throws -> TrialIdentity {
        let trial = SampleRecords.trial(runID: id)
        try beginRun(SampleRecords.run(id: id, startedAtSeconds: startedAtSeconds))
        try beginTrial(trial)
        for sequence in 0..<batches {
            try append(SampleRecords.batch(agent: 0, sequence: sequence), trial: trial.identity)
        }
        return trial.identity
    }
}

/// `StoreCrashHelper`, which is built into the same folder as the tests.
struct HelperProcess {
    let process = Process()
    let output = Pipe()

    init(_ arguments: String...) throws {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(fileURLWithPath: tests).deletingLastPathComponent()
            .appendingPathComponent("StoreCrashHelper")
        process.arguments = arguments
        process.standardOutput = output
        try process.run()
    }

    /// Everything that it printed, once it has ended.
    func lines() -> [String] {
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text.split(separator: "\n").map(String.init)
    }
}
