import Glibc
import SluiceModel

/// The offered rate of one phase as a line over time, and the inverse of its integral.
///
/// The integral of the rate from the beginning of the phase to t is the expected number of arrivals until t; it serves
/// as the phase's own ("operational") time. `expectedArrivals` is its value at the end of the phase.
struct RateLine: Sendable {
    let durationNanoseconds: Int64
    let expectedArrivals: Double
    private let inverse: Inverse

    private enum Inverse: Sendable {
        case flat(FlatRate)
        case sloping(startRate: Double, endRate: Double)
    }

    init(_ phase: Phase) {
        durationNanoseconds = phase.durationNanoseconds
        expectedArrivals =
            (phase.startRatePerSecond + phase.endRatePerSecond) / 2 * Double(phase.durationNanoseconds) / 1e9
        inverse =
            phase.startRatePerSecond == phase.endRatePerSecond
            ? .flat(FlatRate(perSecond: phase.startRatePerSecond, durationNanoseconds: phase.durationNanoseconds))
            : .sloping(startRate: phase.startRatePerSecond, endRate: phase.endRatePerSecond)
    }

    /// When `arrivals` arrivals are expected to have happened, rounded to the nearest nanosecond since the beginning
    /// of the phase. Exact for a flat rate; within a nanosecond on a ramp of up to 10^6 arrivals in an hour.
    @inline(__always)
    func nanoseconds(atWhole arrivals: Int64) -> Int64 {
        switch inverse {
        case .flat(let rate): rate.nanoseconds(at: arrivals)
        case .sloping(let startRate, let endRate):
            Int64(slopingNanoseconds(at: Double(arrivals), startRate: startRate, endRate: endRate).rounded())
        }
    }

    /// The same for a real number of arrivals in `[0, expectedArrivals]`.
    func nanoseconds(at arrivals: Double) -> Int64 {
        let nanoseconds =
            switch inverse {
            case .flat(let rate): arrivals / rate.perSecond * 1e9
            case .sloping(let startRate, let endRate):
                slopingNanoseconds(at: arrivals, startRate: startRate, endRate: endRate)
            }
        return Int64(nanoseconds.rounded())
    }

    /// Solves r0·t + (r1 − r0)·t²/(2D) = n without cancellation.
    ///
    /// The square of the rate runs linearly in n, from r0² to r1², so the rate at the answer is a weighted mean of two
    /// squares. From there the time is twice the arrivals over the sum of two rates, counted from the nearer end of
    /// the phase: a ramp down to 0 is then as exact at its end as a ramp up from 0 at its beginning.
    private func slopingNanoseconds(at arrivals: Double, startRate: Double, endRate: Double) -> Double {
        let duration = Double(durationNanoseconds)
        let remaining = expectedArrivals - arrivals
        guard arrivals > 0 else { return 0 }
        guard remaining > 0 else { return duration }
        let squaredRate =
            (startRate * startRate * remaining + endRate * endRate * arrivals) / expectedArrivals
        let rate = squaredRate.squareRoot()
        return arrivals <= remaining
            ? 2 * arrivals / (startRate + rate) * 1e9
            : duration - 2 * remaining / (endRate + rate) * 1e9
    }
}

/// A constant rate as an exact fraction of nanoseconds per arrival, so that nothing drifts however long the phase is.
struct FlatRate: Sendable {
    let perSecond: Double
    /// Nanoseconds per arrival = `numerator` / `denominator`, in lowest terms: the exact value of 10^9 / rate.
    private let numerator: UInt128
    private let denominator: UInt128
    /// All products fit into 64 bits for the whole phase.
    private let isNarrow: Bool

    /// `perSecond` from 10^-9 to 10^12: the fraction and its products with any offset then fit into 128 bits.
    init(perSecond: Double, durationNanoseconds: Int64) {
        precondition(perSecond >= 1e-9 && perSecond <= 1e12)
        self.perSecond = perSecond
        // rate = significand · 2^exponent with a whole significand below 2^53.
        let significand = UInt128(perSecond.significand * 0x1p52)
        let exponent = Int(perSecond.exponent) - 52
        var numerator: UInt128 = 1_000_000_000
        var denominator = significand
        if exponent >= 0 { denominator <<= UInt128(exponent) } else { numerator <<= UInt128(-exponent) }
        let divisor = Self.greatestCommonDivisor(numerator, denominator)
        numerator /= divisor
        denominator /= divisor
        self.numerator = numerator
        self.denominator = denominator
        // ordinal · numerator ≈ offset · denominator, and an offset of one arrival past the end is asked for too.
        let largest = UInt128(durationNanoseconds).multipliedReportingOverflow(by: denominator)
        let room = largest.partialValue.addingReportingOverflow(2 * numerator + denominator)
        isNarrow = !largest.overflow && !room.overflow && room.partialValue <= UInt128(UInt64.max)
    }

    /// round(arrivals · 10^9 / rate), halves upwards.
    @inline(__always)
    func nanoseconds(at arrivals: Int64) -> Int64 {
        if isNarrow {
            let divisor = UInt64(truncatingIfNeeded: denominator)
            // Most rates divide a second, and a division is most of what the next arrival costs.
            if divisor == 1 { return arrivals &* Int64(truncatingIfNeeded: numerator) }
            let dividend = UInt64(bitPattern: arrivals) &* UInt64(truncatingIfNeeded: numerator) &+ divisor / 2
            return Int64(bitPattern: dividend / divisor)
        }
        return Int64((UInt128(arrivals) * numerator + denominator / 2) / denominator)
    }

    private static func greatestCommonDivisor(_ first: UInt128, _ second: UInt128) -> UInt128 {
        var (larger, smaller) = (first, second)
        while smaller != 0 { (larger, smaller) = (smaller, larger % smaller) }
        return larger
    }
}
