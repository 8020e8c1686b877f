package import SluiceModel

/// Everything that is reported about one strategy, over all its trials.
package struct StrategySummary: Sendable, Codable, Equatable {
    /// As the workload names it.
    package var name: String
    /// What it is.
    package var description: StrategyDescription
    /// In the order of the blocks.
    package var trials: [TrialSummary]

    /// Requests of the measured phases that the agents' schedules held; `nil` when an agent did not report.
    package var plannedRequests: Int?
    /// Outcomes of the measured phases.
    package var counts: OutcomeCounts
    /// Outcomes of the warm-up, which are in no other figure.
    package var warmupCounts: OutcomeCounts

    /// From the intended start to the end.
    package var responseTime: LatencyDistribution
    /// From the actual start to the end.
    package var serviceTime: LatencyDistribution
    /// From the intended to the actual start.
    package var startLag: LatencyDistribution
    /// The part of the start lag that is the harness's own.
    package var harnessLag: LatencyDistribution
    /// Response time over the whole range of quantiles.
    package var spectrum: [LatencySpectrumPoint]

    /// Answered requests a second of the measured phases; `nil` without a finished interval.
    package var answeredPerSecond: Double?
    /// CPU time of the agents' trial processes over all requests of all phases; `nil` when unknown.
    package var cpuNanosecondsPerRequest: Double?

    /// Both memories of its VMs.
    package var heap: HeapSummary
    /// Of all phases.
    package var vmEvents: VMEventCounts
    /// VM failures of all phases, allocator failures first.
    package var failures: [FailureGroup]
    /// Examples of responses that were not as the workload expects; `counts` has their number.
    package var checkFailures: [CheckFailureExample]
    /// What the workload observes, as far as it was seen.
    package var metrics: [MetricSummary]
    /// What the collector leaves to the plugin in short windows of time.
    package var mutatorUtilisation: MutatorUtilisation

    /// Failed requests and failed checks over all measured requests whose outcome is known; `nil` without any. In a
    /// valid run these are all that were planned.
    package var errorFraction: Double? {
        counts.total > 0 ? Double(counts.failed + counts.checkFailed) / Double(counts.total) : nil
    }
    /// Requests were sent in the measured phases, and not one was answered.
    package var hasNoAnswer: Bool { counts.total > 0 && counts.answered == 0 }
    /// Of all VMs in all phases.
    package var allocatorFailures: Int { failures.reduce(0) { $0 + ($1.kind.isAllocatorFailure ? $1.count : 0) } }
}

/// A response that was not what the workload expects.
package struct CheckFailureExample: Sendable, Codable, Equatable {
    /// From 0.
    package var block: Int
    /// From 0.
    package var agent: Int
    /// Index of the request in its trial.
    package var requestIndex: Int64
    /// What was expected and what came.
    package var message: String
}

/// What a strategy is, in words.
package struct StrategyDescription: Sendable, Codable, Equatable {
    /// The module as the workload names it.
    package var module: String
    /// SHA-256, one a plugin of the chain.
    package var moduleHashes: [String]
    /// Names of plugins that are in one VM of each worker, a list for each such VM; `nil` when every plugin has one of
    /// its own.
    package var pluginsInOneVM: [[String]]?
    /// `name=value`, what the strategy adds to the plugin's own environment.
    package var environment: [String]
    /// `until it fails`, `one request`, `100 requests`.
    package var vmLife: String
    /// Name of the engine.
    package var engine: String
    /// What the memories of its VMs are; `nil` when it is not known, or not the same for all agents.
    package var memory: String?
    /// VMs of all trials that were started, configured and thrown away before those of the workers; `nil` when unknown.
    package var canaries: Int?
    /// The body that the strategy sends in place of the workload's; `nil` when it does not.
    package var body: String?
}

/// One strategy in one block.
package struct TrialSummary: Sendable, Codable, Equatable {
    /// From 0.
    package var block: Int
    /// In the order of the run's trials, from 0.
    package var position: Int
    /// Of the block.
    package var seed: UInt64
    /// How the trial ended.
    package var status: RunStatus
    /// Why, when it is not complete; empty otherwise.
    package var statusReason: String
    /// Of the measured phases; `nil` when an agent did not report.
    package var plannedRequests: Int?
    /// Outcomes of the measured phases.
    package var counts: OutcomeCounts
    /// Outcomes of the warm-up, which are in no other figure.
    package var warmupCounts: OutcomeCounts
    /// From the intended start to the end.
    package var responseTime: LatencyDistribution
    /// From the start to the end.
    package var serviceTime: LatencyDistribution
    /// Second by second.
    package var intervals: [IntervalPoint]
    /// One for each worker.
    package var heapCurves: [HeapCurve]
    /// Batches that never came, over all workers.
    package var missingBatches: Int
}

/// All workers of a trial in one second, warm-up included.
package struct IntervalPoint: Sendable, Codable, Equatable {
    /// Seconds since the trial's start instant.
    package var startSeconds: Double
    /// Later than the start.
    package var endSeconds: Double
    /// It began before the measured phases.
    package var isWarmup: Bool
    /// Requests with a response, as expected or not.
    package var answered: Int
    /// Requests refused, trapped, timed out or reset.
    package var failed: Int
    /// Of the answered requests alone, `failed` stands beside it; `nil` when nothing was answered.
    package var medianNanoseconds: Int64?
    /// Of the answered requests alone; `nil` when too few were answered for a p99.
    package var p99Nanoseconds: Int64?
    /// The slowest answered request; `nil` when nothing was answered.
    package var maximumNanoseconds: Int64?
    /// Requests a second whose outcome became known.
    package var ratePerSecond: Double
}

/// The memories of one worker's VMs over time.
package struct HeapCurve: Sendable, Codable, Equatable {
    /// From 0.
    package var agent: Int
    /// From 0, of the agent.
    package var worker: Int
    /// In the order of time.
    package var points: [HeapPoint]
    /// Points that were left out to bound the size of the curve.
    package var pointsLeftOut: Int
}

/// A growth, a refused growth, a death, or a look at the end of an interval.
package struct HeapPoint: Sendable, Codable, Equatable {
    /// What a point of the curve stands for.
    package enum Event: String, Sendable, Codable, Equatable { case sample, growth, refused, death }
    /// Seconds since the trial's start instant.
    package var seconds: Double
    /// Counts a worker's VMs from 0.
    package var vm: Int
    /// Requests begun in this VM.
    package var vmRequests: Int
    /// Requests begun in all VMs of the worker.
    package var workerRequests: Int
    /// `nil`: not known at this point.
    package var linearBytes: Int?
    /// `nil`: not known at this point, or no such memory.
    package var gcHeapBytes: Int?
    /// What happened.
    package var event: Event
}

/// A Proxy-Wasm metric that the workload observes.
package struct MetricSummary: Sendable, Codable, Equatable {
    /// As the workload names it.
    package var name: String
    /// What the workload says that the metric is.
    package var role: String
    /// By block and agent.
    package var series: [MetricSeries]
}

/// A metric of one agent in one trial.
package struct MetricSeries: Sendable, Codable, Equatable {
    /// From 0.
    package var block: Int
    /// From 0.
    package var agent: Int
    /// In the order of time.
    package var points: [MetricPoint]
}

/// A metric at the end of an interval.
package struct MetricPoint: Sendable, Codable, Equatable {
    /// Since the trial's start instant.
    package var seconds: Double
    /// As the plugin had set it.
    package var value: Int64
}
