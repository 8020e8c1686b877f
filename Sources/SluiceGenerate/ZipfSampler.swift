import Glibc
import SluiceModel

/// Ranks 1…count, rank k with a probability in proportion to k^-exponent, in constant time and memory.
///
/// Rejection-inversion, Hörmann and Derflinger, "Rejection-inversion to generate variates from monotone discrete
/// distributions" (1996). H is the integral of h(x) = x^-exponent; the functions below keep their precision for
/// exponents near 1, where H is a logarithm.
struct ZipfSampler: Sendable {
    private let count: Int64
    private let exponent: Double
    private let integralAtFirst: Double
    private let integralAtEnd: Double
    /// How far a draw may lie from its rank without a second look.
    private let acceptance: Double

    /// `count` 1 or more, `exponent` above 0.
    init(count: Int64, exponent: Double) {
        precondition(count >= 1 && exponent > 0)
        self.count = count
        self.exponent = exponent
        integralAtFirst = Self.integral(1.5, exponent) - 1
        integralAtEnd = Self.integral(Double(count) + 0.5, exponent)
        acceptance = 2 - Self.inverseIntegral(Self.integral(2.5, exponent) - Self.density(2, exponent), exponent)
    }

    func sample(_ random: inout SeededRandom) -> Int64 {
        while true {
            let area = integralAtEnd + random.nextUnit() * (integralAtFirst - integralAtEnd)
            let place = Self.inverseIntegral(area, exponent)
            let rank = min(max(Int64((place + 0.5).rounded(.down)), 1), count)
            if Double(rank) - place <= acceptance
                || area >= Self.integral(Double(rank) + 0.5, exponent) - Self.density(Double(rank), exponent)
            {
                return rank
            }
        }
    }

    /// x^-exponent.
    private static func density(_ place: Double, _ exponent: Double) -> Double { exp(-exponent * log(place)) }

    /// (x^(1−exponent) − 1) / (1 − exponent), log x at exponent 1.
    private static func integral(_ place: Double, _ exponent: Double) -> Double {
        let logarithm = log(place)
        return expm1OverArgument((1 - exponent) * logarithm) * logarithm
    }

    private static func inverseIntegral(_ area: Double, _ exponent: Double) -> Double {
        // Rounding must not carry the argument beyond the pole at −1.
        let argument = max(area * (1 - exponent), -1)
        return exp(log1pOverArgument(argument) * area)
    }

    private static func log1pOverArgument(_ x: Double) -> Double {
        abs(x) > 1e-8 ? log1p(x) / x : 1 - x * (0.5 - x * (1 / 3 - 0.25 * x))
    }

    private static func expm1OverArgument(_ x: Double) -> Double {
        abs(x) > 1e-8 ? expm1(x) / x : 1 + x * 0.5 * (1 + x / 3 * (1 + 0.25 * x))
    }
}
