/// The ranks between whose samples a quantile of the population lies: a distribution-free interval.
///
/// Of n independent samples the number below the population's q-quantile is binomial (n, q). With l and u − 1 its
/// α/2 and 1 − α/2 quantiles, the samples of rank l and u enclose the quantile with a probability of at least 1 − α.
/// See H. A. David, H. N. Nagaraja, Order Statistics, section 7.1.
package struct BinomialRanks: Sendable, Equatable {
    /// From 0; 0: no sample is a lower bound.
    package let lower: Int
    /// Up to n + 1, which means that no sample is an upper bound.
    package let upper: Int

    /// Terms that are smaller than this part of the largest one do not change any sum.
    private static let negligible = 1e-30

    /// Exact up to rounding: the terms are summed relative to the largest one, so that nothing has to be approximated.
    ///
    /// - Parameters:
    ///   - samples: 1 or more.
    ///   - quantile: above 0, below 1.
    ///   - confidence: 1 − α, above 0, below 1.
    package init(samples: Int, quantile: Double, confidence: Double) {
        precondition(samples > 0 && quantile > 0 && quantile < 1 && confidence > 0 && confidence < 1)
        let odds = quantile / (1 - quantile)
        /// The term of `count` over the one before it.
        func ratio(_ count: Int) -> Double { Double(samples - count + 1) / Double(count) * odds }
        let mode = min(samples, Int(Double(samples + 1) * quantile))
        var first = mode
        var firstTerm = 1.0
        var total = 1.0
        while first > 0, firstTerm > Self.negligible {
            firstTerm /= ratio(first)
            first -= 1
            total += firstTerm
        }
        var last = mode
        var term = 1.0
        while last < samples, term > Self.negligible {
            last += 1
            term *= ratio(last)
            total += term
        }
        let tail = (1 - confidence) / 2 * total
        term = firstTerm
        var sum = term
        var count = first
        while sum < tail, count < last {
            count += 1
            term *= ratio(count)
            sum += term
        }
        lower = count
        while sum < total - tail, count < last {
            count += 1
            term *= ratio(count)
            sum += term
        }
        upper = count + 1
    }
}
