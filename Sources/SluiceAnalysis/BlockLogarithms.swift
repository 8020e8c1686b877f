internal import Glibc
internal import SluiceModel

/// Logarithms of a quantile of a latency, one a trial, and what is made of them in each block.
struct BlockLogarithms {
    /// Ascending.
    let blocks: [Int]
    private let byStrategy: [String: [Int: Double]]

    /// - Parameters:
    ///   - strategies: names; those that the run does not have are left out.
    ///   - latency: response time or service time.
    init(
        _ summary: RunSummary, strategies: [String], quantile: Double,
        of latency: KeyPath<TrialSummary, LatencyDistribution> = \.responseTime
    ) {
        var logarithms: [String: [Int: Double]] = [:]
        var blocks: Set<Int> = []
        for strategy in summary.strategies where strategies.contains(strategy.name) {
            for trial in strategy.trials where trial.status == .complete {
                blocks.insert(trial.block)
                let figure = trial[keyPath: latency].figure(at: quantile)
                guard figure.isAvailable else { continue }
                logarithms[strategy.name, default: [:]][trial.block] =
                    figure.nanoseconds.map { log(Double(max(1, $0))) } ?? .infinity
            }
        }
        byStrategy = logarithms
        self.blocks = blocks.sorted()
    }

    /// `nil` when the trial is missing, or had too few requests.
    func value(_ strategy: String, _ block: Int) -> Double? { byStrategy[strategy]?[block] }

    /// The mean of the logarithms of several strategies; `nil` when one of them is.
    func mean(_ strategies: [String], _ block: Int) -> Double? {
        var sum = 0.0
        for strategy in strategies {
            guard let value = value(strategy, block) else { return nil }
            sum += value
        }
        return sum / Double(strategies.count)
    }

    /// The logarithm of the ratio. Where both are infinite nothing is known, and what is not known counts against the
    /// candidate.
    static func ratio(_ candidate: Double, _ baseline: Double) -> Double {
        candidate == .infinity ? .infinity : candidate - baseline
    }

    /// Of a logarithm; `nil` when it is infinite.
    static func nanoseconds(_ logarithm: Double) -> Int64? {
        logarithm.isFinite ? Int64(exp(logarithm).rounded()) : nil
    }

    /// 0.05 for ln 1.05; `nil` when it is not finite.
    static func fraction(_ logarithm: Double?) -> Double? {
        logarithm.flatMap { $0.isFinite ? expm1($0) : nil }.flatMap { $0.isFinite ? $0 : nil }
    }
}
