import Glibc
import SluiceModel

/// Numbers from a distribution of the workload.
struct Draw: Sendable {
    /// Bodies are never larger, whatever the tail of their distribution says.
    static let largestBodyBytes = 1 << 30

    private let distribution: Distribution
    private let key: UInt64
    /// Of a constant distribution.
    private let constant: Int64

    /// `key`: of the purpose.
    init(_ distribution: Distribution, key: UInt64) {
        self.distribution = distribution
        self.key = key
        if case .constant(let value) = distribution { constant = Self.whole(value) } else { constant = 0 }
    }

    /// A body's size when every index draws the same.
    var constantBodyBytes: Int? {
        if case .constant = distribution { bodyBytes(index: 0) } else { nil }
    }

    /// A whole number, 0 or more; every whole number of a uniform range is equally likely, both ends included.
    func whole(index: Int64) -> Int64 {
        switch distribution {
        case .constant: return constant
        case .uniform(let low, let high):
            var random = SeededRandom(key: StreamKey.index(index, of: key))
            let first = Self.whole(low)
            let span = UInt64(bitPattern: max(first, Self.whole(high)) - first) + 1
            return first + Int64(bitPattern: random.next(below: span))
        case .exponential(let mean):
            var random = SeededRandom(key: StreamKey.index(index, of: key))
            return Self.whole(-mean * log1p(-random.nextUnit()))
        case .logNormal(let median, let sigma):
            var random = SeededRandom(key: StreamKey.index(index, of: key))
            return Self.whole(median * exp(sigma * Self.normal(&random)))
        case .percentiles(let percentiles):
            var random = SeededRandom(key: StreamKey.index(index, of: key))
            return Self.whole(Self.value(at: random.nextUnit(), of: percentiles))
        }
    }

    /// Box and Muller, "A note on the generation of random normal deviates" (1958).
    private static func normal(_ random: inout SeededRandom) -> Double {
        let radius = (-2 * log1p(-random.nextUnit())).squareRoot()
        return radius * cos(2 * Double.pi * random.nextUnit())
    }

    private static func value(at share: Double, of percentiles: [Distribution.Percentile]) -> Double {
        guard var low = percentiles.first else { return 0 }
        for high in percentiles {
            if share < high.share {
                guard high.share > low.share else { return high.value }
                return low.value + (high.value - low.value) * (share - low.share) / (high.share - low.share)
            }
            low = high
        }
        return low.value
    }

    /// A body's size, at most `largestBodyBytes`.
    func bodyBytes(index: Int64) -> Int { Int(min(whole(index: index), Int64(Self.largestBodyBytes))) }

    /// Rounded, and kept within what 62 bits hold.
    private static func whole(_ value: Double) -> Int64 { Int64(min(max(value.rounded(), 0), 0x1p62)) }
}
