import SluiceHistogram
import SluiceModel
import SluiceReport
import SluiceTrials

/// Follows the notices of a run and knows at any time what the progress line must show.
struct ProgressTracker {
    private var plan: TrialPlan?
    private var blocks: Int
    private var position = 0
    private var trials = 1
    private var hasStarted = false
    private var elapsedNanoseconds: Int64 = 0
    /// The last batch of every worker.
    private var latest: [WorkerKey: IntervalBatch] = [:]
    private var failedRequests = 0
    private var vmFailures = 0

    private struct WorkerKey: Hashable {
        var agent: Int
        var worker: Int
    }

    init(blocks: Int) { self.blocks = blocks }

    mutating func note(_ notice: RunNotice) {
        switch notice {
        case .trialBegins(let plan, let position, let trials):
            let blocks = blocks
            self = ProgressTracker(blocks: blocks)
            self.plan = plan
            self.position = position
            self.trials = trials
        case .loadBegins: hasStarted = true
        case .batch(_, let batch):
            latest[WorkerKey(agent: batch.agent, worker: batch.worker)] = batch
            elapsedNanoseconds = max(elapsedNanoseconds, batch.endNanoseconds)
            failedRequests += batch.segments.reduce(0) { $0 + $1.counts.failed }
            vmFailures += batch.failures.count
        case .trialEnded, .log: break
        }
    }

    /// `nil` before the first trial.
    func state() -> ProgressState? {
        guard let plan else { return nil }
        let duration = plan.load.durationNanoseconds
        let current = currentIntervalBatches
        let (p99, maximum) = Self.responseTimes(of: current)
        let requests = current.reduce(0) { $0 + $1.segments.reduce(0) { $0 + $1.counts.total } }
        let lengths = current.map { $0.endNanoseconds - $0.startNanoseconds }.filter { $0 > 0 }
        let length = lengths.isEmpty ? 0 : lengths.reduce(0, +) / Int64(lengths.count)
        return ProgressState(
            strategy: plan.trial.strategy, block: plan.trial.block, blocks: blocks, phase: phase(of: plan.load),
            elapsedNanoseconds: elapsedNanoseconds, durationNanoseconds: duration,
            remainingNanoseconds: max(0, duration - elapsedNanoseconds)
                + Int64(trials - position - 1) * (duration + Self.betweenTrialsNanoseconds),
            ratePerSecond: length > 0 ? Double(requests) / (Double(length) / 1e9) : nil, p99Nanoseconds: p99,
            maximumNanoseconds: maximum, heapBytes: latest.values.compactMap(Self.heapBytes).max(),
            failedRequests: failedRequests, vmFailures: vmFailures)
    }

    /// Starting a trial's processes and VMs, roughly.
    private static let betweenTrialsNanoseconds: Int64 = 700_000_000

    /// The batches of the last interval that every worker has finished.
    private var currentIntervalBatches: [IntervalBatch] {
        latest.values.filter { $0.endNanoseconds >= elapsedNanoseconds - 1_000_000_000 }
    }

    private func phase(of load: Load) -> String {
        guard hasStarted else { return "starting" }
        var end: Int64 = 0
        for phase in load.phases {
            end += phase.durationNanoseconds
            if elapsedNanoseconds < end { return phase.kind.rawValue }
        }
        return "ending"
    }

    private static func heapBytes(_ batch: IntervalBatch) -> Int? {
        guard let linear = batch.heap.linearBytes else { return nil }
        return max(linear, batch.heap.gcHeapBytes ?? 0)
    }

    private static func responseTimes(of batches: [IntervalBatch]) -> (p99: Int64?, maximum: Int64?) {
        var sum = LatencyHistogram()
        for segment in batches.flatMap(\.segments) {
            if let part = try? LatencyHistogram(encoded: segment.responseTime.bytes) { sum.add(part) }
        }
        guard case .value(let p99) = sum.quantile(0.99) else { return (nil, sum.maximumNanoseconds) }
        return (p99, sum.maximumNanoseconds)
    }
}
