internal import Glibc

/// The regularised incomplete beta function I(x; a, ½), which the t distribution is made of.
enum IncompleteBeta {
    private static let mostIterations = 100_000
    private static let smallest = 1e-300
    private static let tolerance = 1e-16

    /// I(x; a, b), from 0 to 1.
    ///
    /// - Parameters:
    ///   - x: 0 to 1.
    ///   - complement: 1 − x, given apart because a subtraction would lose its digits where x is near 1.
    ///   - logBeta: ln B(a, b).
    static func regularised(x: Double, complement: Double, a: Double, b: Double, logBeta: Double) -> Double {
        if x <= 0 { return 0 }
        if complement <= 0 { return 1 }
        let front = exp(a * log(x) + b * log(complement) - logBeta)
        // The fraction converges quickly on one side of the mean only; the other side is the mirror image.
        return x < (a + 1) / (a + b + 2)
            ? front * fraction(x, a, b) / a : 1 - front * fraction(complement, b, a) / b
    }

    /// ln B(a, ½). The difference of two large logarithms of the gamma function would lose its digits.
    static func logBetaOfHalf(_ a: Double) -> Double {
        let logGammaOfHalf = 0.5 * log(Double.pi)
        guard a > 100 else { return lgamma(a) + logGammaOfHalf - lgamma(a + 0.5) }
        let inverse = 1 / a
        return logGammaOfHalf - 0.5 * log(a) + inverse / 8 - inverse * inverse * inverse / 192
    }

    /// The continued fraction by Lentz's method: W. Press and others, Numerical Recipes, section 6.4.
    private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        func away(_ value: Double) -> Double { abs(value) < smallest ? smallest : value }
        var c = 1.0
        var d = 1 / away(1 - (a + b) * x / (a + 1))
        var result = d
        for step in 1...mostIterations {
            let m = Double(step)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = 1 / away(1 + even * d)
            c = away(1 + even / c)
            result *= d * c
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 / away(1 + odd * d)
            c = away(1 + odd / c)
            let change = d * c
            result *= change
            if abs(change - 1) < tolerance { break }
        }
        return result
    }
}
