internal import SluiceHistogram
internal import SluiceModel

/// Service times of each worker's intervals, kept apart, so that long ones in the same interval can be seen together.
struct PauseTrack: Sendable {
    /// Of one worker in one interval of a measured phase.
    private struct Interval {
        /// Ascending.
        var services: [(nanoseconds: Int64, count: Int)]
        /// `nil`: nobody knows whether the plugin's collector ran.
        var hadCollection: Bool?
    }

    /// Requests below which a median says nothing.
    private static let leastRequests = 100

    private var intervals: [Interval] = []
    private var requests = 0

    /// - Parameter hadCollection: whether the plugin reports a collection in the interval; `nil`: it does not tell.
    mutating func add(_ services: SparseHistogram, hadCollection: Bool?) {
        guard services.count > 0 else { return }
        requests += services.count
        intervals.append(Interval(services: services.occupiedSlots, hadCollection: hadCollection))
    }

    /// Adds another one's.
    mutating func add(_ other: PauseTrack) {
        intervals += other.intervals
        requests += other.requests
    }

    /// - Parameter median: of the service time of all requests.
    func utilisation(medianNanoseconds median: Int64) -> MutatorUtilisation {
        guard requests >= Self.leastRequests else {
            return .unknown("\(counted(requests, "request")) with a service time; \(Self.leastRequests) are needed.")
        }
        let isReported = intervals.contains { $0.hadCollection != nil }
        // Where it is not known, there may have been one.
        let concerned = intervals.filter { $0.hadCollection != false }
        let windows = MutatorUtilisation.windowsNanoseconds.map { window in
            let worst = concerned.map { Self.pauses(in: $0.services, window: window, median: median) }.max() ?? 0
            return MutatorUtilisation.Window(
                nanoseconds: window, minimum: max(0, 1 - Double(worst) / Double(window)))
        }
        let excess = "What a request takes beyond the median service time counts as the collector's"
        return isReported
            ? MutatorUtilisation(
                evidence: .collections,
                explanation: "\(excess), in the \(grouped(concerned.count)) of \(grouped(intervals.count)) intervals "
                    + "in which the plugin reports a collection or does not tell, its slowest requests taken back to "
                    + "back.",
                windows: windows)
            : MutatorUtilisation(
                evidence: .serviceTime,
                explanation:
                    "The plugin reports no collections. \(excess), whatever it was, the slowest requests of an "
                    + "interval taken back to back: an estimate.",
                windows: windows)
    }

    /// The time beyond the median in a window that holds the slowest requests of an interval. Requests of a worker do
    /// not overlap, so that only so many fit into it as their service times add up to.
    private static func pauses(
        in services: [(nanoseconds: Int64, count: Int)], window: Int64, median: Int64
    ) -> Int64 {
        var room = window
        var sum: Int64 = 0
        for (nanoseconds, count) in services.reversed() {
            let excess = nanoseconds - median
            guard excess > 0, room > 0 else { break }
            let (all, overflow) = nanoseconds.multipliedReportingOverflow(by: Int64(count))
            guard overflow || all > room else {
                sum += Int64(count) * excess
                room -= all
                continue
            }
            let fitting = room / nanoseconds
            // Of the last one the window holds a part, and the pause may lie in it.
            return sum + fitting * excess + min(room - fitting * nanoseconds, excess)
        }
        return sum
    }
}

/// Whether the plugin reports collections, and in which intervals.
struct CollectionTrack {
    /// Counts collections; `nil` when the workload observes none.
    let metric: String?
    /// The last count by agent.
    private var counts: [Int: Int64] = [:]

    init(metric: String?) { self.metric = metric }

    /// Whether there was a collection in the interval of this batch. `nil`: not known, as in an agent's first interval,
    /// or in those of workers that do not report.
    mutating func hadCollection(in batch: IntervalBatch) -> Bool? {
        guard batch.worker == 0, let metric, let sample = batch.metrics.last(where: { $0.name == metric }) else {
            return nil
        }
        let before = counts.updateValue(sample.value, forKey: batch.agent)
        return before.map { sample.value > $0 }
    }
}
