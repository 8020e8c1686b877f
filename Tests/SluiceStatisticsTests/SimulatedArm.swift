import Foundation

/// SplitMix64 with the distributions that the simulations draw from: the same numbers for the same seed.
struct SimulationRandom {
    private var state: UInt64
    private var spare: Double?

    init(seed: UInt64) { state = seed }

    mutating func bits() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Above 0, up to 1.
    mutating func unit() -> Double { Double((bits() >> 11) + 1) * 0x1p-53 }

    mutating func exponential() -> Double { -log(unit()) }

    mutating func normal() -> Double {
        if let value = spare {
            spare = nil
            return value
        }
        let radius = (2 * exponential()).squareRoot()
        let angle = 2 * Double.pi * unit()
        spare = radius * sin(angle)
        return radius * cos(angle)
    }
}

/// How fast the machine is: a slow drift from trial to trial, and now and then a trial that goes wrong.
struct SimulatedMachine {
    /// Of the drift's logarithm.
    var drift = 0.04
    /// How much of the drift is left in the next trial.
    var memory = 0.9
    /// The share of trials that something else disturbs, by up to `outlierSize`.
    var outliers = 0.01
    var outlierSize = 0.3
    private var level = 0.0

    init(drift: Double) { self.drift = drift }

    /// The factor on every time of the next trial.
    mutating func next(_ random: inout SimulationRandom) -> Double {
        level = memory * level + (1 - memory * memory).squareRoot() * drift * random.normal()
        return exp(level + (random.unit() <= outliers ? outlierSize * random.unit() : 0))
    }
}

/// One worker that serves requests one after the other, while a collector stops it now and then: Lindley's recursion.
/// Pauses come in clusters: a full collection follows another more often than chance has it.
struct SimulatedTrial {
    var requests = 20_000
    var meanServiceMicroseconds = 60.0
    var gapMicroseconds = 200.0
    var pauseMicroseconds = 1200.0
    var requestsBetweenPauses = 250.0
    /// The chance that a pause is soon followed by another; the mean distance stays the same.
    var clustering = 0.25

    /// Response times in microseconds.
    ///
    /// - Parameter arrivals: the same seed gives the same arrivals.
    func responseTimes(speed: Double, arrivals: UInt64, _ random: inout SimulationRandom) -> [Double] {
        var schedule = SimulationRandom(seed: arrivals)
        var times: [Double] = []
        times.reserveCapacity(requests)
        var waiting = 0.0
        var untilPause = random.exponential() * requestsBetweenPauses
        for _ in 0..<requests {
            var service = meanServiceMicroseconds * speed * (0.8 + 0.2 * random.exponential())
            untilPause -= 1
            if untilPause <= 0 {
                service += pauseMicroseconds * speed * (0.9 + 0.1 * random.exponential())
                untilPause =
                    random.unit() < clustering
                    ? 20 * random.exponential() : requestsBetweenPauses * 1.3 * random.exponential()
            }
            let response = waiting + service
            times.append(response)
            waiting = max(0, response - gapMicroseconds * schedule.exponential())
        }
        return times
    }
}

/// The value of rank ⌈q n⌉ of unsorted values, which are reordered.
func quantile(_ quantile: Double, of values: inout [Double]) -> Double {
    let rank = min(values.count, max(1, Int((quantile * Double(values.count)).rounded(.up)))) - 1
    var low = 0
    var high = values.count - 1
    while low < high {
        let pivot = values[(low + high) / 2]
        var left = low
        var right = high
        while left <= right {
            while values[left] < pivot { left += 1 }
            while values[right] > pivot { right -= 1 }
            if left <= right {
                values.swapAt(left, right)
                left += 1
                right -= 1
            }
        }
        if rank <= right { high = right } else if rank >= left { low = left } else { return values[rank] }
    }
    return values[rank]
}
