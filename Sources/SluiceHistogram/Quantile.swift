/// A quantile of latencies, or why there is none.
package enum QuantileFigure: Sendable, Equatable {
    /// The sample at the quantile's rank.
    case value(nanoseconds: Int64)
    /// The sample at the quantile's rank is one of those that count as infinitely slow.
    case infinite
    /// Not to be printed as a number, and never as 0.
    case notAvailable(QuantileAbsence)
}

/// Why a quantile cannot be given.
package enum QuantileAbsence: Sendable, Equatable, CustomStringConvertible {
    /// Nothing was recorded.
    case noSamples
    /// So few samples lie beyond the quantile that another run would give another figure.
    case tooFewSamples(beyond: Int, needed: Int)

    package var description: String {
        switch self {
        case .noSamples: "no samples"
        case .tooFewSamples(let beyond, let needed): "\(beyond) samples beyond it, \(needed) needed"
        }
    }
}

/// One point of a percentile spectrum.
package struct SpectrumPoint: Sendable, Equatable {
    /// Above 0, up to 1, of all samples, those that are infinitely slow included.
    package var quantile: Double
    /// Of the sample at that quantile.
    package var nanoseconds: Int64
    /// Samples up to and including this one: the rank.
    package var rank: Int
}

extension LatencyHistogram {
    /// Samples that must lie beyond a quantile before it is given as a figure; the maximum is given always.
    package static let defaultSamplesNeededBeyond = 10

    /// The sample of rank ⌈q·n⌉ of all samples in ascending order, where `infiniteCount` samples that are not in the
    /// histogram (requests that failed) come last. `quantile` is above 0, up to 1; 1 is the maximum.
    package func quantile(
        _ quantile: Double, infiniteCount: Int = 0, samplesNeededBeyond: Int = defaultSamplesNeededBeyond
    ) -> QuantileFigure {
        precondition(infiniteCount >= 0)
        let total = count + infiniteCount
        guard total > 0 else { return .notAvailable(.noSamples) }
        let rank = Self.rank(quantile, of: total)
        if quantile < 1, total - rank < samplesNeededBeyond {
            return .notAvailable(.tooFewSamples(beyond: total - rank, needed: samplesNeededBeyond))
        }
        guard rank <= count else { return .infinite }
        return .value(nanoseconds: nanoseconds(atRank: rank))
    }

    /// Samples above the quantile's rank: ⌊n·(1−q)⌋ of all, those that are infinitely slow included.
    package func samplesBeyond(_ quantile: Double, infiniteCount: Int = 0) -> Int {
        let total = count + infiniteCount
        return total == 0 ? 0 : total - Self.rank(quantile, of: total)
    }

    /// The latencies over all quantiles, for a chart with an axis of nines and for `.hgrm` files: the distance to 1
    /// is halved again and again, with `pointsPerHalving` evenly spaced points in each half. The last point is the
    /// slowest sample. Infinitely slow samples have no point: the curve ends before them.
    package func spectrum(pointsPerHalving: Int = 5, infiniteCount: Int = 0) -> [SpectrumPoint] {
        precondition(pointsPerHalving > 0 && infiniteCount >= 0)
        let total = count + infiniteCount
        var levels = SpectrumLevels(pointsPerHalving: pointsPerHalving)
        var level = levels.next()
        var points: [SpectrumPoint] = []
        var reached = 0
        forEachSlot { index, slotCount in
            reached += slotCount
            let nanoseconds = Int64(HistogramLayout.highestNanoseconds(at: index))
            var rank = Self.rank(level, of: total)
            while rank <= reached, rank < count {
                points.append(SpectrumPoint(quantile: level, nanoseconds: nanoseconds, rank: rank))
                level = levels.next()
                rank = Self.rank(level, of: total)
            }
            if reached == count {
                let end = Double(count) / Double(total)
                points.append(SpectrumPoint(quantile: end, nanoseconds: nanoseconds, rank: count))
            }
            return true
        }
        return points
    }

    func nanoseconds(atRank rank: Int) -> Int64 {
        var reached = 0
        var found = 0
        forEachSlot { index, slotCount in
            reached += slotCount
            found = index
            return reached < rank
        }
        return Int64(HistogramLayout.highestNanoseconds(at: found))
    }

    /// ⌈q·n⌉, at least 1, where a product that misses a whole number by no more than rounding is taken for it:
    /// 0.07 · 100 is 7.000000000000001 in binary.
    package static func rank(_ quantile: Double, of total: Int) -> Int {
        precondition(quantile > 0 && quantile <= 1, "a quantile is above 0, up to 1")
        let product = quantile * Double(total)
        let nearest = product.rounded()
        let isWhole = abs(product - nearest) <= 2 * product.ulp
        return min(total, max(1, Int(isWhole ? nearest : product.rounded(.up))))
    }
}

/// Quantiles whose distance to 1 is halved again and again, each half in equal steps. The first is above 0.
private struct SpectrumLevels {
    let pointsPerHalving: Int
    private var step = 0
    private var distance = 1.0

    init(pointsPerHalving: Int) { self.pointsPerHalving = pointsPerHalving }

    mutating func next() -> Double {
        step += 1
        let level = 1 - distance * (1 - Double(step) / Double(2 * pointsPerHalving))
        if step == pointsPerHalving {
            step = 0
            distance /= 2
        }
        return level
    }
}
