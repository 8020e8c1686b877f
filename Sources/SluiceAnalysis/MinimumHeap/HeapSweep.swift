internal import SluiceHistogram
internal import SluiceModel

/// What heaps of several sizes cost, the same sizes for all strategies, so that they are compared at equal bytes.
package struct HeapSweep: Sendable, Codable, Equatable {
    /// The sizes, as multiples of the smallest heap of any strategy.
    package static let factors: [Double] = [1, 1.25, 1.5, 2, 3, 4, 6]

    /// What the factors are multiples of.
    package var baseBytes: Int
    /// Trials of each point.
    package var invocations: Int
    /// One sentence for each phase of a trial's load, which is what one worker gets of the workload's.
    package var load: [String]
    /// By size, and then in the order of the strategies.
    package var points: [SweepPoint]
    /// The cheapest CPU time a request of all points: what overheads are relative to. No cost of a collector is known
    /// apart, so that the cheapest point's own collector is in it.
    package var baselineNanoseconds: Double?

    package init(baseBytes: Int, invocations: Int, load: [String], points: [SweepPoint]) {
        self.baseBytes = baseBytes
        self.invocations = invocations
        self.load = load
        self.points = points
        baselineNanoseconds = nil
    }

    /// Size of a factor: whole pages, not below the factor's share.
    package static func bytes(factor: Double, baseBytes: Int) -> Int {
        let pages = (Double(baseBytes) * factor / Double(MemoryLimit.pageBytes)).rounded(.up)
        return Int(pages) * MemoryLimit.pageBytes
    }
}

/// One strategy in one size.
package struct SweepPoint: Sendable, Codable, Equatable {
    /// As the workload names it.
    package var strategy: String
    /// Of the smallest heap of any strategy.
    package var factor: Double
    /// The size.
    package var bytes: Int
    /// Why it does not run there; `nil` when it does.
    package var doesNotRun: String?
    /// Trials that were made, those that failed included.
    package var trials: Int
    /// Of all trials together, one block after the other; empty when it does not run.
    package var cpuNanosecondsPerRequest: [Double]
    /// Requests of all trials over their CPU time; `nil` when it does not run.
    package var meanCPUNanosecondsPerRequest: Double?
    /// From the intended start, of the merged histograms of all trials; `nil` when it does not run.
    package var responseTimeP99: LatencyFigure?
    /// From the actual start.
    package var serviceTimeP99: LatencyFigure?
    /// CPU time a request over that of the cheapest point: a lower bound of the collector's overhead.
    package var overhead: Double?
    /// 95 % of resampled blocks lie between these; `nil` with fewer than three trials.
    package var overheadInterval: [Double]?

    package init(
        strategy: String, factor: Double, bytes: Int, doesNotRun: String?, trials: Int,
        cpuNanosecondsPerRequest: [Double], meanCPUNanosecondsPerRequest: Double? = nil
    ) {
        self.strategy = strategy
        self.factor = factor
        self.bytes = bytes
        self.doesNotRun = doesNotRun
        self.trials = trials
        self.cpuNanosecondsPerRequest = cpuNanosecondsPerRequest
        self.meanCPUNanosecondsPerRequest = meanCPUNanosecondsPerRequest
    }
}

/// Joins the trials of one point.
package struct SweepPointTally: Sendable {
    private let strategy: String
    private let factor: Double
    private let bytes: Int
    private var responseTime = LatencyHistogram()
    private var serviceTime = LatencyHistogram()
    private var measured = OutcomeCounts()
    private var requests = 0
    private var cpuNanoseconds: Int64 = 0
    private var perTrial: [Double] = []
    private var trials = 0
    /// Why it does not run; further trials tell nothing more.
    package private(set) var doesNotRun: String?

    package init(strategy: String, factor: Double, bytes: Int) {
        self.strategy = strategy
        self.factor = factor
        self.bytes = bytes
    }

    /// A trial that was not made because the answer is known.
    package mutating func skip(_ reason: String) { if doesNotRun == nil { doesNotRun = reason } }

    /// - Parameters:
    ///   - verdict: of the trial.
    ///   - cpuNanoseconds: of its process.
    package mutating func add(
        _ tally: ReplayTally, verdict: MinimumHeapSearch.Verdict, cpuNanoseconds trialCPU: Int64
    ) {
        trials += 1
        switch verdict {
        case .ran: break
        case .tooSmall(let reason): return skip(reason)
        case .crashed(let message): return skip(message)
        }
        responseTime.add(tally.responseTime)
        serviceTime.add(tally.serviceTime)
        measured += tally.measuredCounts
        requests += tally.counts.total
        cpuNanoseconds += trialCPU
        perTrial.append(Double(trialCPU) / Double(max(1, tally.counts.total)))
    }

    /// The point, still without its overhead.
    package var point: SweepPoint {
        var point = SweepPoint(
            strategy: strategy, factor: factor, bytes: bytes, doesNotRun: doesNotRun, trials: trials,
            cpuNanosecondsPerRequest: [])
        guard doesNotRun == nil, requests > 0 else { return point }
        point.cpuNanosecondsPerRequest = perTrial
        point.meanCPUNanosecondsPerRequest = Double(cpuNanoseconds) / Double(requests)
        point.responseTimeP99 = LatencyDistribution(responseTime, infinite: measured.total - responseTime.count).p99
        point.serviceTimeP99 = LatencyDistribution(serviceTime, infinite: measured.total - serviceTime.count).p99
        return point
    }
}
