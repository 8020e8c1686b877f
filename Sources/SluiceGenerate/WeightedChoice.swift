import SluiceModel

/// Chooses one of some weighted things by the hash of (seed, index).
struct WeightedChoice: Sendable {
    /// Ascending shares of the unit interval; the last is taken when no other is.
    private let bounds: [Double]
    private let key: UInt64

    /// Every weight above 0 and finite. Without any, nothing may be chosen.
    init(weights: [Double], key: UInt64) {
        precondition(weights.allSatisfy { $0 > 0 && $0.isFinite })
        let total = weights.reduce(0, +)
        var sum = 0.0
        bounds = weights.dropLast().map { weight in
            sum += weight
            return sum / total
        }
        self.key = key
    }

    func choose(index: Int64) -> Int {
        guard !bounds.isEmpty else { return 0 }
        var random = SeededRandom(key: StreamKey.index(index, of: key))
        let draw = random.nextUnit()
        var low = 0
        var high = bounds.count
        while low < high {
            let middle = (low + high) / 2
            if draw < bounds[middle] { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
