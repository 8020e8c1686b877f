/// When the reload policy may build the next VM: at most one attempt per interval of 1 to 1.5 times the base, each
/// drawn anew from a seed, counted from the last attempt, as in Envoy.
struct ReloadBackoff {
    private let baseNanoseconds: Int64
    private var random: UInt64
    private var lastLoadNanoseconds: Int64
    private var intervalNanoseconds: Int64

    /// `seed` decides every interval.
    init(baseNanoseconds: Int64, seed: UInt64, nowNanoseconds: Int64) {
        self.baseNanoseconds = baseNanoseconds
        random = seed
        lastLoadNanoseconds = nowNanoseconds
        intervalNanoseconds = 0
        intervalNanoseconds = drawInterval()
    }

    func mayLoad(atNanoseconds now: Int64) -> Bool { now - lastLoadNanoseconds >= intervalNanoseconds }

    /// An attempt was made, successful or not.
    mutating func noteLoad(atNanoseconds now: Int64) {
        lastLoadNanoseconds = now
        intervalNanoseconds = drawInterval()
    }

    /// SplitMix64 gives the fraction.
    private mutating func drawInterval() -> Int64 {
        random &+= 0x9e37_79b9_7f4a_7c15
        var mixed = random
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        mixed ^= mixed >> 31
        let fraction = Double(mixed >> 11) / Double(1 << 53)
        return baseNanoseconds + Int64(Double(baseNanoseconds) * 0.5 * fraction)
    }
}
