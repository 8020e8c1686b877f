internal import SluiceModel
internal import SluiceStatistics

/// What a plugin keeps of each request, from how much more heap it needs for four times as many.
///
/// Evidence of the second tier: it works with any module, as a smallest heap is a statement about live bytes, whatever
/// the collector's growth policy is. λ = (m(4N) − m(N)) / 3N for each search, with a 95 % interval of Student's t over
/// the searches. After the GLK statistic of DaCapo Chopin (Blackburn et al., ASPLOS 2025).
package struct DifferentialLeak: Sendable, Codable, Equatable {
    /// What the interval says.
    package enum Verdict: String, Sendable, Codable, Equatable {
        /// Even the lower end is the resolution or more.
        case leaking
        /// Not even the upper end is above it.
        case plateaued
        /// Neither, or too few searches for an interval.
        case inconclusive
    }

    /// λ of each search, in bytes a request.
    package var bytesPerRequest: [Double]
    /// Their mean.
    package var mean: Double
    /// The interval's lower end; `nil` with fewer than two searches.
    package var lower: Double?
    /// Its upper end.
    package var upper: Double?
    /// What whole pages can tell apart: one page over 3N.
    package var resolutionBytesPerRequest: Double
    /// What the interval says.
    package var verdict: Verdict

    /// Of each 100 intervals, this many on either side are expected to miss.
    private static let level = 0.025

    /// - Parameters:
    ///   - short: smallest heaps for `requests` requests, in bytes, one a search.
    ///   - long: the same for four times as many, of the same searches in the same order; at least one.
    package init(short: [Int], long: [Int], requests: Int) {
        precondition(short.count == long.count && !short.isEmpty && requests > 0)
        let span = 3 * Double(requests)
        let rates = zip(short, long).map { Double($1 - $0) / span }
        let resolution = Double(MemoryLimit.pageBytes) / span
        bytesPerRequest = rates
        resolutionBytesPerRequest = resolution
        mean = rates.reduce(0, +) / Double(rates.count)
        guard let interval = MeanInterval(rates) else {
            verdict = .inconclusive
            return
        }
        // Sizes are whole pages: equal ones leave the difference open by a page on either side, not by nothing.
        let margin = max(interval.margin(level: Self.level), resolution)
        lower = mean - margin
        upper = mean + margin
        verdict = mean - margin >= resolution ? .leaking : mean + margin <= resolution ? .plateaued : .inconclusive
    }

    /// More than this a request would have shown; `nil` when it leaks or nothing can be said.
    package var smallestLeakExcluded: Double? { verdict == .plateaued ? resolutionBytesPerRequest : nil }
}

/// Whether a plugin leaks, told apart from what looks like it, by its smallest heaps for N requests, for 4N different
/// ones, and for the same N four times over.
///
/// What is kept for each request grows in both of the longer sequences. A cache, and what else is kept for each
/// different request, grows with different ones only: the same ones find their entries.
package struct LeakEvidence: Sendable, Codable, Equatable {
    /// What both differences say.
    package enum Verdict: String, Sendable, Codable, Equatable, CaseIterable {
        /// Something is kept for each request, also for one that came before.
        case leaking
        /// Something is kept for each different request: a cache that has not reached its bound, or that has none.
        case growsWithDifferentRequests = "grows-with-different-requests"
        /// Nothing is kept, down to the smallest leak excluded.
        case plateaued
        /// Neither can be said.
        case inconclusive
    }

    /// A sequence of 4N requests.
    package struct LongSequence: Sendable, Codable, Equatable {
        /// One after the other, with the seeds of the short searches.
        package var searches: [MinimumHeapResult]
        /// Against the short searches; `nil` when a search has no result.
        package var difference: DifferentialLeak?
        /// It does not run within the workload's cap, while N requests do, with the reason.
        package var exceedsCap: String?
        /// Why there is neither; `nil` when there is one.
        package var problem: String?

        package init() { searches = [] }

        /// Beyond the cap counts as a leak: the difference is at least what was left below it.
        var verdict: DifferentialLeak.Verdict {
            exceedsCap != nil ? .leaking : difference?.verdict ?? .inconclusive
        }
    }

    /// N.
    package var requests: Int
    /// All requests different, as far as the workload makes them so.
    package var different: LongSequence
    /// The first N four times over.
    package var repeated: LongSequence
    /// What both say.
    package var verdict: Verdict

    package init(requests: Int, different: LongSequence, repeated: LongSequence) {
        self.requests = requests
        self.different = different
        self.repeated = repeated
        verdict =
            switch (different.verdict, repeated.verdict) {
            case (_, .leaking): .leaking
            case (.leaking, .plateaued): .growsWithDifferentRequests
            case (.plateaued, .plateaued): .plateaued
            default: .inconclusive
            }
    }
}
