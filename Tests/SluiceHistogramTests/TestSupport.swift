import SluiceHistogram

/// SplitMix64: the same numbers from the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// Every order of magnitude from 0 to 1 h is as likely as another.
    mutating func nanoseconds() -> Int64 {
        let limit = Int64(1) << Int64.random(in: 0...42, using: &self)
        return min(Int64.random(in: 0...limit, using: &self), LatencyHistogram.longestNanoseconds)
    }
}

func randomSamples(seed: UInt64, count: Int) -> [Int64] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in generator.nanoseconds() }
}

func histogram(of samples: [Int64]) -> LatencyHistogram {
    var histogram = LatencyHistogram()
    for sample in samples { precondition(histogram.record(nanoseconds: sample)) }
    return histogram
}

/// A figure stands for a sample when it is not below it and at most 0.1 % above.
func stands(_ figure: Int64, for sample: Int64) -> Bool {
    figure >= sample && Double(figure - sample) <= Double(sample) / 1000
}
