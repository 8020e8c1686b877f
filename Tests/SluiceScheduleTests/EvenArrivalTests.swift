import SluiceModel
import SluiceSchedule
import Testing

@Suite("Constant arrivals")
struct EvenArrivalTests {
    @Test(
        "Offsets are exact to the nanosecond after hours",
        arguments: [
            // rate, index, round(index · 10^9 / rate) computed by hand or with exact integers
            (50.0, Int64(0), Int64(0)), (50, 1, 20_000_000), (50, 179_999, 3_599_980_000_000),
            (3, 1, 333_333_333), (3, 2, 666_666_667), (3, 10_799, 3_599_666_666_667),
            (7, 25_199, 3_599_857_142_857), (0.5, 1_799, 3_598_000_000_000),
            (30_000, 1, 33_333), (30_000, 107_999_999, 3_599_999_966_667),
            (12_345, 44_441_999, 3_599_999_918_996),
        ])
    func exactOffsets(rate: Double, index: Int64, offset: Int64) throws {
        let schedule = ArrivalSchedule(
            load: TestLoads.load(TestLoads.phase(seconds: 3600, rate: rate)), workerCount: 1)
        #expect(try #require(schedule.arrival(at: index)).offsetNanoseconds == offset)
    }

    @Test("A rate given per minute keeps to whole minutes although it is no binary fraction")
    func perMinute() throws {
        let rate = 100.0 / 60
        let schedule = ArrivalSchedule(
            load: TestLoads.load(TestLoads.phase(seconds: 36_000, rate: rate)), workerCount: 1)
        #expect(schedule.totalRequests == 60_000)
        for minute in Int64(0)..<600 {
            let arrival = try #require(schedule.arrival(at: minute * 100))
            #expect(abs(arrival.offsetNanoseconds - minute * 60_000_000_000) <= 1)
        }
    }

    @Test(
        "The number of arrivals is the integral of the rate, rounded up to the arrival at its beginning",
        arguments: [
            (1.0, 10.0, 10), (2.0, 50.0, 100), (13.0, 50.0, 650), (1.0, 0.5, 1), (1.5, 1.0, 2), (0.25, 1.0, 1),
            (0.1, 10_000.0, 1_000), (60.0, 1.0 / 60, 1), (60.0, 100.0 / 60, 100), (3.0, 1.0 / 3, 1),
        ] as [(Double, Double, Int64)])
    func counts(seconds: Double, rate: Double, count: Int64) {
        let schedule = ArrivalSchedule(
            load: TestLoads.load(TestLoads.phase(seconds: seconds, rate: rate)), workerCount: 1)
        #expect(schedule.totalRequests == count)
        #expect(schedule.plannedRequests(role: .measured) == count)
        #expect(TestLoads.all(schedule).count == Int(count))
    }

    @Test("Indices and roles go on over phases, and the end of a phase belongs to the next")
    func phases() {
        let load = TestLoads.load(
            TestLoads.phase(.warmup, seconds: 2, rate: 2), TestLoads.phase(seconds: 1, rate: 4),
            TestLoads.phase(.warmup, seconds: 1, rate: 1))
        let arrivals = TestLoads.all(ArrivalSchedule(load: load, workerCount: 1))
        #expect(arrivals.map(\.index) == Array(0..<9))
        #expect(
            arrivals.map(\.offsetNanoseconds)
                == [0, 500, 1000, 1500, 2000, 2250, 2500, 2750, 3000].map { $0 * 1_000_000 })
        #expect(
            arrivals.map(\.role) == [.warmup, .warmup, .warmup, .warmup] + Array(repeating: .measured, count: 4) + [
                .warmup
            ])
    }

    @Test("Evenly spaced arrivals have a Fano factor near 0", arguments: [997.0, 1_000, 9_973, 50_000.5])
    func fano(rate: Double) {
        let schedule = ArrivalSchedule(
            load: TestLoads.load(TestLoads.phase(seconds: 2, rate: rate)), workerCount: 1)
        #expect(Statistics.fano(TestLoads.all(schedule), binNanoseconds: 1_000_000, seconds: 2) < 0.26)
        // A whole number of arrivals a bin leaves no variance at all.
        if rate == 1_000 {
            #expect(Statistics.fano(TestLoads.all(schedule), binNanoseconds: 1_000_000, seconds: 2) == 0)
        }
    }
}
