import Foundation
import SluiceCoordinator
import SluiceModel
import SluiceProcess
import SluiceWire
import Synchronization
import Testing
import WireTestSupport

/// Clusters of real processes for the tests: the program `AgentTestProcess`, and a directory of their own.
final class ClusterFixture: Sendable {
    static let module = Array("a module".utf8)

    /// Beside the tests' own program.
    static let program: String = {
        let tests = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appendingPathComponent("AgentTestProcess").path
    }()

    let base: String
    let lines = Mutex<[String]>([])
    let events = Mutex<[TrialEvent]>([])

    init() throws { base = try PrivateDirectory.makeTemporary(in: "/tmp", prefix: "sluice-test-") }

    deinit { PrivateDirectory.remove(base) }

    var compileLog: String { "\(base)/compiled" }

    func cluster(
        agents: Int = 2, _ adjust: (inout LocalClusterConfiguration) -> Void = { _ in }
    ) -> LocalCluster {
        var configuration = LocalClusterConfiguration(agentCount: agents, buildVersion: "test") { agent, line in
            self.lines.withLock { $0.append("\(agent): \(line)") }
        }
        configuration.executable = Self.program
        configuration.arguments = ["agent", "--cache", "\(base)/cache"]
        configuration.directoryBases = [base]
        adjust(&configuration)
        return LocalCluster(configuration: configuration)
    }

    func plan(seconds: Double, behaviour: String = "", block: Int = 0, engine: EngineName = .cranelift) -> TrialPlan {
        FakePlan.make(
            module: Self.module, agents: 2, seconds: seconds, behaviour: behaviour, block: block,
            compileLog: compileLog, engine: engine)
    }

    /// Runs a trial and keeps its events; `onBatch` sees each batch first.
    func trial(
        _ cluster: LocalCluster, _ plan: TrialPlan,
        onBatch: @escaping @Sendable (IntervalBatch) throws -> Void = { _ in }
    ) async throws -> TrialOutcome {
        try await cluster.runTrial(plan: plan, modules: [ContentHash(of: Self.module): Self.module]) { event in
            self.events.withLock { $0.append(event) }
            if case .batch(let batch) = event { try onBatch(batch) }
        }
    }

    var batches: [IntervalBatch] {
        events.withLock { $0 }.compactMap { if case .batch(let batch) = $0 { batch } else { nil } }
    }

    /// Distinct values of a metric that the fake load reports.
    func metric(_ name: String) -> Set<Int64> {
        Set(batches.flatMap(\.metrics).filter { $0.name == name }.map(\.value))
    }

    /// What is left in the run's directories.
    var leftovers: [String] { PrivateDirectory.names(in: base).filter { $0.hasPrefix("sluice-") } }
}

/// Each of the processes has ended, or ends within two seconds.
func expectGone(_ processes: [Int32]) async throws {
    for process in processes {
        for _ in 0..<200 where isRunning(process) { try await Task.sleep(for: .milliseconds(10)) }
        #expect(!isRunning(process), "process \(process) is still there")
    }
}

/// An orphan that nobody has reaped yet has ended all the same.
private func isRunning(_ process: Int32) -> Bool {
    guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
        let state = status.split(separator: ") ").last?.first
    else { return false }
    return state != "Z" && state != "X"
}
