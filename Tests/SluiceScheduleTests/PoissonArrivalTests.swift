import Glibc
import SluiceModel
import SluiceSchedule
import Testing

@Suite("Poisson arrivals")
struct PoissonArrivalTests {
    /// Fixed seeds: at a level of 1 % one of a hundred honest seeds fails, so these are known to pass.
    @Test("Gaps are exponential (KS, α = 0.01)", arguments: [1, 2, 3, 42, 4711] as [UInt64])
    func gaps(seed: UInt64) {
        let rate = 2_000.0
        let arrivals = TestLoads.all(
            ArrivalSchedule(
                load: TestLoads.load(seed: seed, TestLoads.phase(seconds: 20, rate: rate, .poisson)), workerCount: 1))
        let gaps = zip(arrivals.dropFirst(), arrivals).map {
            Double($0.offsetNanoseconds - $1.offsetNanoseconds) / 1e9
        }
        let distance = Statistics.kolmogorovSmirnov(gaps) { 1 - exp(-rate * $0) }
        #expect(distance < Statistics.criticalDistance(count: gaps.count), "seed \(seed)")
    }

    @Test("Evenly spaced gaps fail the same test, so that it can fail")
    func gapsOfConstant() {
        let arrivals = TestLoads.all(
            ArrivalSchedule(load: TestLoads.load(TestLoads.phase(seconds: 20, rate: 2_000)), workerCount: 1))
        let gaps = zip(arrivals.dropFirst(), arrivals).map {
            Double($0.offsetNanoseconds - $1.offsetNanoseconds) / 1e9
        }
        let distance = Statistics.kolmogorovSmirnov(gaps) { 1 - exp(-2_000 * $0) }
        #expect(distance > 10 * Statistics.criticalDistance(count: gaps.count))
    }

    @Test("Counts have a Fano factor of 1 in bins below, at and above a cell", arguments: [1, 32, 320] as [Int64])
    func fano(binMilliseconds: Int64) {
        // A cell of 64 arrivals is 32 ms long: a wrong number per cell shows in the bins of 320 ms.
        let seconds = 320
        let arrivals = TestLoads.all(
            ArrivalSchedule(
                load: TestLoads.load(seed: 7, TestLoads.phase(seconds: Double(seconds), rate: 2_000, .poisson)),
                workerCount: 1))
        let bins = Double(seconds) * 1000 / Double(binMilliseconds)
        let fano = Statistics.fano(arrivals, binNanoseconds: binMilliseconds * 1_000_000, seconds: seconds)
        // The standard deviation of the factor is √(2/bins).
        #expect(abs(fano - 1) < 4 * (2 / bins).squareRoot())
    }

    @Test("Counts of neighbouring cells are not correlated")
    func correlation() {
        let cells = 20_000
        let arrivals = TestLoads.all(
            ArrivalSchedule(
                load: TestLoads.load(seed: 3, TestLoads.phase(seconds: Double(cells) / 1000, rate: 64_000, .poisson)),
                workerCount: 1))
        var counts = [Double](repeating: -64, count: cells)
        for arrival in arrivals { counts[Int(arrival.offsetNanoseconds / 1_000_000)] += 1 }
        let variance = counts.reduce(0) { $0 + $1 * $1 }
        let covariance = zip(counts, counts.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(covariance / variance) < 4 / Double(cells).squareRoot())
    }

    @Test("A ramp of Poisson arrivals is uniform in operational time (KS, α = 0.01)")
    func ramp() {
        let load = TestLoads.load(seed: 5, TestLoads.phase(.ramp, seconds: 30, rate: 100, to: 1_500, .poisson))
        let arrivals = TestLoads.all(ArrivalSchedule(load: load, workerCount: 1))
        let expected = load.expectedArrivals(beforeSeconds: 30)
        #expect(abs(Double(arrivals.count) - expected) < 4 * expected.squareRoot())
        let distance = Statistics.kolmogorovSmirnov(arrivals.map { Double($0.offsetNanoseconds) / 1e9 }) {
            (100 * $0 + 1_400 * $0 * $0 / 60) / expected
        }
        #expect(distance < Statistics.criticalDistance(count: arrivals.count))
    }

    @Test("A phase shorter than a cell has its Poisson number of arrivals")
    func shortPhase() {
        var total = 0.0
        var squares = 0.0
        let trials = 4_000
        for seed in 0..<UInt64(trials) {
            let count = Double(
                ArrivalSchedule(
                    load: TestLoads.load(seed: seed, TestLoads.phase(seconds: 0.5, rate: 6, .poisson)), workerCount: 1
                ).totalRequests)
            total += count
            squares += count * count
        }
        let mean = total / Double(trials)
        let variance = squares / Double(trials) - mean * mean
        #expect(abs(mean - 3) < 4 * (3 / Double(trials)).squareRoot())
        #expect(abs(variance / mean - 1) < 0.1)
    }
}
