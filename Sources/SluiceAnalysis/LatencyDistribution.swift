internal import Foundation
internal import SluiceHistogram
internal import SluiceStatistics

/// A latency over many requests, from merged histograms: percentiles are never averaged.
package struct LatencyDistribution: Sendable, Codable, Equatable {
    /// Requests with a measured value.
    package var samples: Int
    /// Requests without a latency, which count as infinitely slow: they failed.
    package var infinite: Int
    /// In ascending order, the maximum (quantile 1) last.
    package var quantiles: [LatencyQuantile]
    /// The merged histogram: base64 of the HdrHistogram V2 compressed encoding; empty without samples.
    package var histogram: String

    /// What every table prints.
    package static let standardQuantiles = [0.5, 0.9, 0.99, 0.999, 1]

    /// All requests, with a latency and without.
    package var population: Int { samples + infinite }
    /// p50.
    package var median: LatencyFigure { tabulated(0.5) }
    /// The 99th percentile.
    package var p99: LatencyFigure { tabulated(0.99) }
    /// The 99.9th percentile.
    package var p999: LatencyFigure { tabulated(0.999) }
    /// The slowest; infinite as soon as one request failed.
    package var maximum: LatencyFigure { tabulated(1) }

    /// The figure of one of the quantiles that were asked for when the distribution was made.
    package func tabulated(_ quantile: Double) -> LatencyFigure {
        quantiles.first { $0.quantile == quantile }?.figure ?? .unavailable("not computed")
    }

    /// The figure of any quantile, read off the histogram when it has not been tabulated.
    package func figure(at quantile: Double) -> LatencyFigure {
        if let known = quantiles.first(where: { $0.quantile == quantile }) { return known.figure }
        guard let bytes = Data(base64Encoded: histogram),
            let decoded = try? LatencyHistogram(encoded: [UInt8](bytes))
        else { return .unavailable("the stored histogram cannot be read") }
        return SampleRule.figureWithInterval(of: quantile, in: decoded, infinite: infinite)
    }
}

extension LatencyDistribution {
    init(_ merged: LatencyHistogram, infinite: Int, quantiles: [Double] = standardQuantiles) {
        let wanted = Set(quantiles + Self.standardQuantiles).sorted()
        self.init(
            samples: merged.count, infinite: infinite,
            quantiles: wanted.map {
                LatencyQuantile(
                    quantile: $0, figure: SampleRule.figureWithInterval(of: $0, in: merged, infinite: infinite))
            },
            histogram: Data(merged.encoded()).base64EncodedString())
    }
}

/// How many samples a quantile needs before it is printed, and with what.
///
/// A quantile with k samples beyond it has a relative error of about 1/√k even when samples are independent,
/// and garbage collections make them cluster. With 100 beyond it, it is printed. With fewer it is marked, and stands
/// with the interval between whose ends it lies. With fewer than 10 the interval has no upper end that means anything,
/// and there is no figure.
package enum SampleRule {
    /// Below this a quantile is not available.
    package static let leastSamplesBeyond = 10
    /// Below this a quantile is marked.
    package static let enoughSamplesBeyond = 100

    static func figureWithInterval(
        of quantile: Double, in histogram: LatencyHistogram, infinite: Int
    ) -> LatencyFigure {
        var figure = figure(of: quantile, in: histogram, infinite: infinite)
        figure.interval = interval(of: quantile, in: histogram, infinite: infinite)
        return figure
    }

    /// `nil` for the maximum, and without samples.
    private static func interval(of quantile: Double, in histogram: LatencyHistogram, infinite: Int) -> LatencyInterval?
    {
        let population = histogram.count + infinite
        guard population > 0, quantile < 1 else { return nil }
        let ranks = BinomialRanks(samples: population, quantile: quantile, confidence: LatencyInterval.confidence)
        return LatencyInterval(
            lowerNanoseconds: histogram.nanoseconds(ofRank: ranks.lower),
            upperNanoseconds: histogram.nanoseconds(ofRank: ranks.upper), isInfinite: ranks.lower > histogram.count)
    }

    static func figure(of quantile: Double, in histogram: LatencyHistogram, infinite: Int) -> LatencyFigure {
        let population = histogram.count + infinite
        guard population > 0 else { return .unavailable("no samples") }
        if quantile >= 1 { return infinite > 0 ? .infinite() : .finite(histogram.maximumNanoseconds ?? 0) }
        let raw = histogram.quantile(quantile, infiniteCount: infinite, samplesNeededBeyond: 0)
        // Where the quantile is infinite, the failed requests are themselves the samples that support it.
        let support =
            raw == .infinite ? infinite : histogram.samplesBeyond(quantile, infiniteCount: infinite)
        guard support >= leastSamplesBeyond else {
            return .unavailable(
                "\(grouped(support)) of \(grouped(population)) samples beyond it, \(leastSamplesBeyond) needed")
        }
        let fewSamples = support < enoughSamplesBeyond
        return switch raw {
        case .value(let nanoseconds): .finite(nanoseconds, fewSamples: fewSamples)
        case .infinite: .infinite(fewSamples: fewSamples)
        case .notAvailable(let absence): .unavailable("\(absence)")
        }
    }
}

/// One point of a percentile spectrum.
package struct LatencySpectrumPoint: Sendable, Codable, Equatable {
    /// Above 0, up to 1, of all requests, failed ones included. The last one says where failures begin.
    package var quantile: Double
    /// The latency at that quantile.
    package var nanoseconds: Int64
    /// Requests up to and including this one.
    package var rank: Int
}
