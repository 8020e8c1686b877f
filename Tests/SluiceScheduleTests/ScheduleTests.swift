import Glibc
import SluiceModel
import SluiceSchedule
import Testing

@Suite("Schedules of several phases, seeds and workers")
struct ScheduleTests {
    /// A load with everything in it, derived from a seed.
    private static func mixed(seed: UInt64) -> Load {
        var random = SeededRandom(key: seed)
        func rate() -> Double { 1 + (random.nextUnit() * 4_000).rounded() / 4 }
        return TestLoads.load(
            seed: seed, TestLoads.phase(.warmup, seconds: 0.5 + random.nextUnit(), rate: rate(), .poisson),
            TestLoads.phase(seconds: 1, rate: rate()),
            TestLoads.phase(.ramp, seconds: 1 + random.nextUnit(), rate: rate(), to: rate()),
            TestLoads.phase(.ramp, seconds: 1, rate: rate(), to: 0, .poisson),
            TestLoads.phase(seconds: 2, rate: rate(), .poisson))
    }

    @Test("Workers share the same arrivals, whatever their number", arguments: [1, 2, 3, 7, 64])
    func shares(workers: Int) {
        for seed in UInt64(1)...8 {
            let load = Self.mixed(seed: seed)
            let expected = TestLoads.all(ArrivalSchedule(load: load, workerCount: 1))
            let schedule = ArrivalSchedule(load: load, workerCount: workers)
            let shares = (0..<workers).map { TestLoads.all(schedule, worker: $0) }
            for (worker, share) in shares.enumerated() {
                #expect(share.allSatisfy { Int($0.index) % workers == worker }, "seed \(seed)")
                for role in LoadRole.allCases {
                    #expect(
                        schedule.plannedRequests(role: role, workers: worker..<worker + 1)
                            == Int64(share.count { $0.role == role }), "seed \(seed)")
                }
            }
            #expect(shares.joined().sorted { $0.index < $1.index } == expected, "seed \(seed)")
        }
    }

    @Test("An arrival reached at random is the one reached in order", arguments: 1...20 as ClosedRange<UInt64>)
    func randomAccess(seed: UInt64) {
        let schedule = ArrivalSchedule(load: Self.mixed(seed: seed), workerCount: 1)
        let arrivals = TestLoads.all(schedule)
        #expect(Int64(arrivals.count) == schedule.totalRequests)
        var random = SeededRandom(key: seed)
        for _ in 0..<300 {
            let index = Int(random.next(below: UInt64(arrivals.count)))
            #expect(schedule.arrival(at: Int64(index)) == arrivals[index], "seed \(seed), index \(index)")
        }
        #expect(schedule.arrival(at: -1) == nil)
        #expect(schedule.arrival(at: schedule.totalRequests) == nil)
    }

    @Test(
        "Arrivals ascend, keep inside their phases and follow the integral of the rate",
        arguments: 1...40 as ClosedRange<UInt64>)
    func followsRate(seed: UInt64) {
        let load = Self.mixed(seed: seed)
        let arrivals = TestLoads.all(ArrivalSchedule(load: load, workerCount: 1))
        #expect(zip(arrivals, arrivals.dropFirst()).allSatisfy { $0.offsetNanoseconds <= $1.offsetNanoseconds })
        #expect(arrivals.allSatisfy { $0.offsetNanoseconds >= 0 && $0.offsetNanoseconds < load.durationNanoseconds })
        #expect(
            arrivals.allSatisfy { ($0.role == .warmup) == ($0.offsetNanoseconds < load.phases[0].durationNanoseconds) })
        for quarter in 1...4 {
            let seconds = Double(load.durationNanoseconds) / 1e9 * Double(quarter) / 4
            let count = Double(arrivals.count { Double($0.offsetNanoseconds) < seconds * 1e9 })
            let expected = load.expectedArrivals(beforeSeconds: seconds)
            // Four and a half standard deviations of a Poisson number, and one arrival per phase of rounding.
            #expect(abs(count - expected) < 4.5 * expected.squareRoot() + 5, "seed \(seed), quarter \(quarter)")
        }
    }

    @Test("Constant arrivals on a ramp are where the integral of the rate is a whole number")
    func rampInverse() throws {
        for (start, end) in [(0.0, 100.0), (100, 0), (10, 5_000), (5_000, 10), (1, 1.0001)] {
            let seconds = 60.0
            let schedule = ArrivalSchedule(
                load: TestLoads.load(TestLoads.phase(.ramp, seconds: seconds, rate: start, to: end)), workerCount: 1)
            let arrivals = TestLoads.all(schedule)
            let expected = (start + end) / 2 * seconds
            #expect(arrivals.count == Int(expected.rounded(.up)), "\(start) to \(end)")
            for arrival in arrivals {
                let time = Double(arrival.offsetNanoseconds) / 1e9
                let integral = start * time + (end - start) * time * time / (2 * seconds)
                let rate = start + (end - start) * time / seconds
                // Half a nanosecond of rounding moves the integral by the rate times it.
                #expect(abs(integral - Double(arrival.index)) <= rate * 1e-9 + 1e-8, "\(start) to \(end), \(arrival)")
            }
        }
    }

    @Test("A ramp to 0 is the mirror image of a ramp from 0")
    func mirroredRamp() throws {
        let seconds = 3600.0
        let up = ArrivalSchedule(
            load: TestLoads.load(TestLoads.phase(.ramp, seconds: seconds, rate: 0, to: 500)), workerCount: 1)
        let down = ArrivalSchedule(
            load: TestLoads.load(TestLoads.phase(.ramp, seconds: seconds, rate: 500, to: 0)), workerCount: 1)
        #expect(up.totalRequests == 900_000)
        for index: Int64 in [1, 2, 3, 1_000, 449_999, 450_000, 450_001, 899_999] {
            let rising = try #require(up.arrival(at: index)).offsetNanoseconds
            let falling = try #require(down.arrival(at: 900_000 - index)).offsetNanoseconds
            #expect(abs(rising + falling - 3_600_000_000_000) <= 1, "index \(index)")
            // t = D·√(n/N), from the other formula.
            #expect(abs(Double(rising) - 3.6e12 * (Double(index) / 900_000).squareRoot()) <= 1, "index \(index)")
        }
    }

    @Test("Seeds change Poisson arrivals and nothing else")
    func seeds() {
        let constant = (1...2 as ClosedRange<UInt64>).map { seed in
            TestLoads.all(
                ArrivalSchedule(load: TestLoads.load(seed: seed, TestLoads.phase(seconds: 1, rate: 99)), workerCount: 1)
            )
        }
        #expect(constant[0] == constant[1])
        let random = (1...2 as ClosedRange<UInt64>).map { seed in
            TestLoads.all(
                ArrivalSchedule(
                    load: TestLoads.load(seed: seed, TestLoads.phase(seconds: 1, rate: 99, .poisson)), workerCount: 1))
        }
        #expect(random[0] != random[1])
    }

    @Test("The first Poisson arrivals of seed 42 stay what they are")
    func golden() {
        let schedule = ArrivalSchedule(
            load: TestLoads.load(seed: 42, TestLoads.phase(seconds: 10, rate: 100, .poisson)), workerCount: 1)
        #expect(schedule.totalRequests == 992)
        #expect(
            (0..<4).map { schedule.arrival(at: $0)?.offsetNanoseconds }
                == [14_389_966, 20_888_869, 35_560_255, 35_855_269])
    }
}
