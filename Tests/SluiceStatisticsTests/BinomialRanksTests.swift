import RunFixtures
import SluiceStatistics
import Testing

@Suite struct `Binomial ranks` {
    /// Computed once with SciPy 1.17.1: `binom.ppf(0.025, n, q)` and `binom.ppf(0.975, n, q) + 1`.
    @Test(arguments: [
        (1, 0.5, 0, 2), (2, 0.99, 2, 3), (10, 0.5, 2, 9), (20, 0.9, 15, 21), (99, 0.99, 96, 100), (100, 0.99, 97, 101),
        (750, 0.9, 659, 692), (1_000, 0.99, 983, 997), (1_500, 0.99, 1_477, 1_493), (1_500, 0.999, 1_496, 1_501),
        (10_000, 0.99, 9_880, 9_920), (10_000, 0.999, 9_983, 9_997), (50_000, 0.99, 49_456, 49_544),
        (100_000, 0.999, 99_880, 99_920), (1_234_567, 0.5, 616_195, 618_373),
        (10_000_000, 0.9999, 9_998_938, 9_999_062), (60_000_000, 0.99, 59_398_489, 59_401_511),
    ]) func `are those of SciPy`(samples: Int, quantile: Double, lower: Int, upper: Int) {
        let ranks = BinomialRanks(samples: samples, quantile: quantile, confidence: 0.95)
        #expect(ranks.lower == lower)
        #expect(ranks.upper == upper)
    }

    @Test func `enclose the quantile as often as they say`() {
        var random = SeededGenerator(seed: 11)
        for (samples, quantile) in [(40, 0.5), (300, 0.99), (2_000, 0.999)] {
            let ranks = BinomialRanks(samples: samples, quantile: quantile, confidence: 0.95)
            // The quantile lies between the two samples when so many uniform draws lie below it.
            let rounds = 2_000
            let hits = (0..<rounds).count { _ in
                let below = (0..<samples).count { _ in random.unit() < quantile }
                return ranks.lower <= below && below < ranks.upper
            }
            // Three standard errors below 95 %.
            #expect(Double(hits) / Double(rounds) >= 0.935, "\(samples) \(quantile)")
        }
    }

    @Test func `a wider confidence never gives a narrower interval`() {
        for samples in [1, 7, 100, 5_000] {
            let narrow = BinomialRanks(samples: samples, quantile: 0.9, confidence: 0.8)
            let wide = BinomialRanks(samples: samples, quantile: 0.9, confidence: 0.99)
            #expect(wide.lower <= narrow.lower && narrow.upper <= wide.upper)
            #expect(wide.lower >= 0 && wide.upper <= samples + 1)
        }
    }
}
