package import SluiceAnalysis
package import SluiceModel

/// What `sluice heap` wants to know.
package struct HeapStudyRequest: Sendable {
    /// Already read and checked.
    package var workload: Workload
    /// The file that it was read from, kept with the run.
    package var workloadText: String
    /// In order; at least one.
    package var strategies: [Strategy]
    /// Searches of each strategy, 1 or more.
    package var searches: Int
    /// Of one replay; `nil`: as many as one worker of the workload has to answer in a trial, within bounds.
    package var requests: Int?
    /// Searches as well with four times as many requests, for what is kept of each.
    package var seeksLeaks: Bool
    /// Trials of each point of the sweep; `nil`: no sweep.
    package var sweepInvocations: Int?
    /// The SQLite file that the run is stored in.
    package var storePath: String
    /// The command line that repeats it.
    package var repeatCommand: String

    package init(
        workload: Workload, workloadText: String, strategies: [Strategy], searches: Int, requests: Int?,
        seeksLeaks: Bool, sweepInvocations: Int?, storePath: String, repeatCommand: String
    ) {
        self.workload = workload
        self.workloadText = workloadText
        self.strategies = strategies
        self.searches = searches
        self.requests = requests
        self.seeksLeaks = seeksLeaks
        self.sweepInvocations = sweepInvocations
        self.storePath = storePath
        self.repeatCommand = repeatCommand
    }

    /// Fewer tell little about a heap.
    private static let leastRequests = 100
    /// More than these take long, and are asked for by number.
    private static let mostRequests = 20_000

    /// Requests of one replay.
    package var requestsOfReplay: Int {
        if let requests { return requests }
        let load = workload.load
        let planned = load.phases.reduce(0.0) {
            $0 + ($1.startRatePerSecond + $1.endRatePerSecond) / 2 * Double($1.durationNanoseconds) / 1e9
        }
        let share = planned / Double(max(1, load.agents * load.workers))
        return min(Self.mostRequests, max(Self.leastRequests, Int(share.rounded())))
    }
}

/// What the study tells while it goes on.
package enum HeapStudyNotice: Sendable {
    /// The unconstrained replays of a strategy are over.
    case unconstrained(strategy: String, ReplayFigures, problem: String?)
    /// A size was tried.
    case attempt(strategy: String, requests: Int, MinimumHeapResult.Attempt)
    /// - Parameter number: of the search, from 1.
    case searchEnded(strategy: String, number: Int, requests: Int, MinimumHeapResult)
    /// The sweep begins, and will take about so long.
    case sweepBegins(trials: Int, nanoseconds: Int64)
    /// - Parameter position: of the trial among all of the sweep, from 1.
    case sweepTrial(strategy: String, bytes: Int, position: Int, trials: Int)
    /// A line from an agent, or about a module that is fetched.
    case log(String)
}
