import SluiceHistogram
import Testing

@Suite struct QuantileTests {
    /// ⌈q·n⌉ in whole numbers, for quantiles of at most four decimals.
    private func exactRank(tenThousandths: Int, of count: Int) -> Int {
        max(1, (tenThousandths * count + 9_999) / 10_000)
    }

    @Test("Quantiles are those of the sorted samples, failures last", arguments: 0..<20 as Range<UInt64>)
    func sortedArray(seed: UInt64) {
        var generator = SeededGenerator(seed: seed ^ 0xfeed)
        let samples = randomSamples(seed: seed, count: Int.random(in: 1...3_000, using: &generator))
        let infiniteCount = seed.isMultiple(of: 2) ? 0 : Int.random(in: 1...300, using: &generator)
        let sorted = samples.sorted()
        let histogram = histogram(of: samples)
        let total = samples.count + infiniteCount
        for tenThousandths in [1, 700, 2_500, 5_000, 9_000, 9_500, 9_900, 9_990, 9_999, 10_000] {
            let rank = exactRank(tenThousandths: tenThousandths, of: total)
            let quantile = Double(tenThousandths) / 10_000
            let figure = histogram.quantile(quantile, infiniteCount: infiniteCount)
            #expect(histogram.samplesBeyond(quantile, infiniteCount: infiniteCount) == total - rank)
            switch figure {
            case .notAvailable(let absence):
                #expect(total - rank < 10 && tenThousandths < 10_000, "seed \(seed)")
                #expect(absence == .tooFewSamples(beyond: total - rank, needed: 10))
            case .infinite:
                #expect(rank > samples.count, "seed \(seed), quantile \(quantile)")
            case .value(let nanoseconds):
                #expect(rank <= samples.count && (total - rank >= 10 || tenThousandths == 10_000))
                #expect(stands(nanoseconds, for: sorted[rank - 1]), "seed \(seed), quantile \(quantile)")
            }
        }
    }

    @Test("Without samples there is no quantile, not 0")
    func noSamples() {
        #expect(LatencyHistogram().quantile(0.5) == .notAvailable(.noSamples))
        #expect(LatencyHistogram().quantile(1) == .notAvailable(.noSamples))
        #expect(LatencyHistogram().samplesBeyond(0.5) == 0)
    }

    @Test("A p99 needs 1000 samples, a maximum one")
    func sampleSize() {
        let enough = histogram(of: (1...1_000).map { $0 })
        #expect(enough.quantile(0.99) == .value(nanoseconds: 990))
        let tooFew = histogram(of: (1...999).map { $0 })
        #expect(tooFew.quantile(0.99) == .notAvailable(.tooFewSamples(beyond: 9, needed: 10)))
        #expect(tooFew.quantile(0.99, samplesNeededBeyond: 0) == .value(nanoseconds: 990))
        #expect(histogram(of: [7]).quantile(1) == .value(nanoseconds: 7))
    }

    @Test("More than 1 % of failures make p99 infinite, exactly 1 % do not")
    func failures() {
        let samples = histogram(of: [Int64](repeating: 5, count: 9_900))
        #expect(samples.quantile(0.99, infiniteCount: 100) == .value(nanoseconds: 5))
        #expect(samples.quantile(0.99, infiniteCount: 101) == .infinite)
        #expect(samples.quantile(1, infiniteCount: 1) == .infinite)
        #expect(LatencyHistogram().quantile(0.5, infiniteCount: 100) == .infinite)
    }

    @Test("The spectrum rises to the slowest sample and agrees with the quantiles", arguments: [0, 50])
    func spectrum(infiniteCount: Int) throws {
        let histogram = histogram(of: randomSamples(seed: 9, count: 5_000))
        let points = histogram.spectrum(infiniteCount: infiniteCount)
        for (point, next) in zip(points, points.dropFirst()) {
            #expect(point.quantile < next.quantile && point.nanoseconds <= next.nanoseconds)
        }
        for point in points {
            let figure = histogram.quantile(point.quantile, infiniteCount: infiniteCount, samplesNeededBeyond: 0)
            #expect(figure == .value(nanoseconds: point.nanoseconds))
        }
        let last = try #require(points.last)
        #expect(last.nanoseconds == histogram.maximumNanoseconds)
        #expect(last.quantile == 5_000 / Double(5_000 + infiniteCount) && last.rank == 5_000)
        // Half of them up to the median, and so on: five points a halving until a point is less than a sample.
        #expect(points.count > (infiniteCount == 0 ? 50 : 30) && points.count < 75)
        #expect(LatencyHistogram().spectrum(infiniteCount: infiniteCount).isEmpty)
    }
}
