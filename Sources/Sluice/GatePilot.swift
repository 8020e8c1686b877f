import SluiceAnalysis
import SluiceModel
import SluiceStore
import SluiceTrials

/// What an earlier gate found out about how much blocks of a workload vary on this machine. It serves to say beforehand
/// what a gate can show, and decides about nothing.
struct GatePilot {
    /// Of the log-ratios, of the budget that varied most.
    var standardDeviation: Double
    /// The run that it is of.
    var run: String

    /// Blocks below which a deviation is not worth repeating.
    private static let leastBlocks = 8

    /// Of the latest gate on the same workload text on this machine; `nil` when there is none, or nothing can be read.
    static func find(workloadText: String, storePath: String) -> GatePilot? {
        guard let store = try? RunStore.open(path: storePath, mode: .readOnly), let runs = try? store.runs() else {
            return nil
        }
        let host = HostReader.current()
        let record = runs.first {
            $0.command == "gate" && $0.status == .complete && $0.blocks >= leastBlocks
                && $0.workloadText == workloadText && $0.host == host
        }
        guard let record, let summary = try? StoredRun.summary(of: record, in: store),
            let evidence = (try? GateDecision(summary: summary))?.evidence,
            let deviation = evidence.comparisons.compactMap(\.standardDeviation).max(), deviation > 0
        else { return nil }
        return GatePilot(standardDeviation: deviation, run: record.id)
    }
}
