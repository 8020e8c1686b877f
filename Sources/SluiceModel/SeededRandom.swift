/// Keys of random streams: pure functions of a seed, a purpose and an index, so that whatever is drawn does not depend
/// on who draws it, in which order, or on how many agents and workers there are.
package enum StreamKey {
    /// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014): the finaliser of SplitMix64,
    /// a bijection that changes half of the output bits for every input bit.
    package static func mix(_ value: UInt64) -> UInt64 {
        var bits = value
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        return bits ^ (bits >> 31)
    }

    /// The key of one purpose under a seed. Numbers of purposes are fixed: changing one changes all data.
    package static func purpose(_ purpose: UInt64, seed: UInt64) -> UInt64 {
        mix(mix(seed &+ 0x9e37_79b9_7f4a_7c15) ^ purpose)
    }

    /// The key of one index (a request, a cell of arrivals) under the key of a purpose.
    package static func index(_ index: Int64, of key: UInt64) -> UInt64 {
        mix(key ^ mix(UInt64(bitPattern: index) &+ 0x9e37_79b9_7f4a_7c15))
    }
}

/// A deterministic stream of random numbers (SplitMix64) from a key of `StreamKey`, or from any seed.
package struct SeededRandom: Sendable {
    private var state: UInt64

    package init(key: UInt64) { state = key }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        return StreamKey.mix(state)
    }

    /// In [0, 1), a multiple of 2^-53.
    package mutating func nextUnit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Below `bound`, every value equally likely (Lemire 2019, multiplication with rejection); `bound` 0 means 2^64.
    package mutating func next(below bound: UInt64) -> UInt64 {
        guard bound != 0 else { return next() }
        var product = next().multipliedFullWidth(by: bound)
        if product.low < bound {
            let threshold = (0 &- bound) % bound
            while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
        }
        return product.high
    }
}
