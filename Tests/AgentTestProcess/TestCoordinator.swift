import Glibc
import SluiceCoordinator
import SluiceModel
import SluiceProcess
import SluiceWire
import WireTestSupport

/// A coordinator in a process of its own, for the tests that kill or interrupt one. It prints what happens to it.
enum TestCoordinator {
    static func run(base: String, seconds: Double) async -> Int32 {
        var configuration = LocalClusterConfiguration(agentCount: 2, buildVersion: "test") { _, _ in }
        configuration.arguments = ["agent", "--cache", "\(base)/cache"]
        configuration.directoryBases = [base]
        let cluster = LocalCluster(configuration: configuration)
        do {
            try Signals.watch([SIGINT, SIGTERM]) { _ in cluster.interrupt() }
            let outcome = try await cluster.running { cluster in
                complain("agents \(await cluster.processIDs.map(String.init).joined(separator: " "))")
                let module = Array("a module".utf8)
                let plan = FakePlan.make(module: module, agents: 2, seconds: seconds)
                return try await cluster.runTrial(plan: plan, modules: [ContentHash(of: module): module]) { event in
                    switch event {
                    case .phase(let phase): complain("phase \(phase)")
                    case .batch(let batch): complain("batch \(batch.agent) \(batch.worker) \(batch.sequence)")
                    case .anomaly(let anomaly): complain("anomaly \(anomaly)")
                    case .missedStart(let reason): complain("missed start \(reason)")
                    }
                }
            }
            complain("outcome \(outcome.status.rawValue) reports \(outcome.reports.count)")
            return outcome.status == .interrupted ? 130 : 0
        } catch {
            complain("error \(error)")
            return 2
        }
    }
}
