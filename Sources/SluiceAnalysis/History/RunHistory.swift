package import SluiceModel
internal import SluiceStatistics

/// Stored runs of one workload side by side, in the order in which they began. For looking back: a machine changes from
/// day to day, so that nothing is decided by it. `RunHistoryBuilder` makes it.
package struct RunHistory: Sendable, Codable, Equatable {
    /// Of this structure. Raised when a reader of the old one would misread the new one.
    package static let currentVersion = 1
    /// With figures, below which no change point is looked for.
    package static var leastRuns: Int { 2 * ChangePoints.leastValues }

    /// `currentVersion` when it was made.
    package var version: Int
    /// Name of the workload.
    package var workload: String
    /// The latest run that could be used: the others are compared with it.
    package var reference: String
    /// Where the reference ran.
    package var host: HostIdentity
    /// Names and versions of the reference's engines.
    package var engines: [String]
    /// Of the reference's workload.
    package var seed: UInt64
    /// In the order of time, at least the reference.
    package var runs: [HistoryRun]
    /// Runs of the workload that cannot be compared with the reference, in the order of time.
    package var leftOut: [LeftOutRun]
    /// In the order of the reference's workload, then what only earlier runs have.
    package var strategies: [StrategyHistory]
}

/// A run that is compared.
package struct HistoryRun: Sendable, Codable, Equatable {
    /// As the store knows it.
    package var id: String
    /// Unix time.
    package var startedAtSeconds: Int64
    /// `run`, `compare` or `gate`.
    package var command: String
    /// Trials of each strategy.
    package var blocks: Int
}

/// A run that is not compared.
package struct LeftOutRun: Sendable, Codable, Equatable {
    /// As the store knows it.
    package var id: String
    /// Unix time.
    package var startedAtSeconds: Int64
    /// What differs from the reference, or why the run has no figures.
    package var reason: String
}

/// One strategy over the runs.
package struct StrategyHistory: Sendable, Codable, Equatable {
    /// As the workload names it.
    package var name: String
    /// One for each run; `nil` where the run does not have the strategy.
    package var modules: [[String]?]
    /// One for each run; `nil` where the run does not have the strategy.
    package var heapVerdicts: [HeapVerdict?]
    /// One for each `HistoryMetric`.
    package var metrics: [MetricHistory]

    /// Runs that have the strategy.
    package var runCount: Int { modules.count { $0 != nil } }
}

/// What is followed over runs.
package enum HistoryMetric: String, Sendable, Codable, Equatable, CaseIterable {
    /// Median response time, in nanoseconds.
    case responseTimeP50 = "response-time-p50"
    /// 99th percentile of response time, in nanoseconds.
    case responseTimeP99 = "response-time-p99"
    /// Of the memory that decides, in bytes.
    case heapHighWater = "heap-high-water"
    /// In nanoseconds.
    case cpuPerRequest = "cpu-per-request"

    /// For tables.
    package var title: String {
        switch self {
        case .responseTimeP50: "response p50"
        case .responseTimeP99: "response p99"
        case .heapHighWater: "high water"
        case .cpuPerRequest: "CPU/request"
        }
    }

    /// A value with its unit.
    package func words(_ value: Double) -> String {
        switch self {
        case .heapHighWater: Units.bytes(Int(value.rounded()))
        case .responseTimeP50, .responseTimeP99, .cpuPerRequest: Units.duration(nanoseconds: Int64(value.rounded()))
        }
    }
}

/// One metric of one strategy over the runs.
package struct MetricHistory: Sendable, Codable, Equatable {
    /// What it is, and its unit.
    package var metric: HistoryMetric
    /// One for each run.
    package var values: [HistoryValue]
    /// Where the level changed, of the values that are numbers.
    package var changes: [HistoryChange]
}

/// A value of one run: a number, infinity, or not available.
package struct HistoryValue: Sendable, Codable, Equatable {
    /// `nil` when it is infinite or not available.
    package var number: Double?
    /// The quantile falls among failed requests.
    package var isInfinite: Bool

    /// Not available.
    package static let unknown = HistoryValue(number: nil, isInfinite: false)
}

/// A change of a metric's level. The levels are geometric means of what runs came to: of medians and percentiles they
/// are the level of a series, not the percentile of anything.
package struct HistoryChange: Sendable, Codable, Equatable {
    /// Index of the first run on the new level.
    package var run: Int
    /// From the change before, or the beginning.
    package var before: Double
    /// Up to the next change, or the end.
    package var after: Double
    /// Of such a difference without a change, 0 to 1.
    package var probability: Double
    /// The strategy's modules differ between that run and the run before it that has the strategy.
    package var modulesChanged: Bool
}
