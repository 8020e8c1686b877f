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
        case .trialEnded(let trial):
            // The last batches end with the last requests, a little before the load does.
            guard trial.status == .complete, let plan else { break }
            elapsedNanoseconds = max(elapsedNanoseconds, plan.load.durationNanoseconds)
        case .rehearsalBegins, .log: break
        }
    }

    /// `nil` before the first trial.
    func state() -> ProgressState? {
        guard let plan else { return nil }
        let duration = plan.load.durationNanoseconds
        let current = currentIntervalBatches
        let (p99, maximum, isInfinite) = Self.responseTimes(of: current)
        let remaining =
            max(0, duration - elapsedNanoseconds)
            + Int64(trials - position - 1) * (duration + Self.betweenTrialsNanoseconds)
        return ProgressState(
            strategy: plan.trial.strategy, trial: position, trials: trials, block: plan.trial.block, blocks: blocks,
            phase: phase(of: plan.load), elapsedNanoseconds: elapsedNanoseconds, durationNanoseconds: duration,
            remainingNanoseconds: remaining > 0 ? remaining : nil,
            answeredPerSecond: Self.answeredPerSecond(current, of: plan.load), p99Nanoseconds: p99,
            isP99Infinite: isInfinite, maximumNanoseconds: maximum,
            heapBytes: latest.values.compactMap(Self.heapBytes).max(),
            failedRequests: failedRequests, vmFailures: vmFailures)
    }

    /// Starting a trial's processes and VMs, roughly.
    private static let betweenTrialsNanoseconds: Int64 = 700_000_000

    /// The last batch of every worker that is not behind the others.
    private var currentIntervalBatches: [IntervalBatch] {
        let newest = latest.values.map(\.endNanoseconds).max() ?? 0
        return latest.values.filter { $0.endNanoseconds >= newest - 1_000_000_000 }
    }

    /// Answers per second in the last interval of each worker, summed.
    ///
    /// A worker's last interval ends with its last request, and so before the time that this request stands for is
    /// over: measured by it, the rate would be above the one that is offered. It counts up to the end of the load.
    private static func answeredPerSecond(_ batches: [IntervalBatch], of load: Load) -> Double? {
        var rate: Double?
        for batch in batches {
            let end = batch.isLast ? max(batch.endNanoseconds, load.durationNanoseconds) : batch.endNanoseconds
            guard end > batch.startNanoseconds else { continue }
            let answers = batch.segments.reduce(0) { $0 + $1.counts.succeeded + $1.counts.checkFailed }
            rate = (rate ?? 0) + Double(answers) * 1e9 / Double(end - batch.startNanoseconds)
        }
        return rate
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

    private static func responseTimes(of batches: [IntervalBatch]) -> (
        p99: Int64?, maximum: Int64?, isInfinite: Bool
    ) {
        var sum = LatencyHistogram()
        var requests = 0
        for segment in batches.flatMap(\.segments) {
            requests += segment.counts.total
            if let part = try? LatencyHistogram(encoded: segment.responseTime.bytes) { sum.add(part) }
        }
        // Requests that failed are infinitely slow, as in the report.
        return switch sum.quantile(0.99, infiniteCount: max(0, requests - sum.count)) {
        case .value(let p99): (p99, sum.maximumNanoseconds, false)
        case .infinite: (nil, sum.maximumNanoseconds, true)
        case .notAvailable: (nil, sum.maximumNanoseconds, false)
        }
    }
}
