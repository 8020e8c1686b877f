import SluiceModel
import SluiceTrials
import Testing

struct MachineReadingTests {
    private func reading(
        _ ticks: String, pressure: String = "", group: String = "", seconds: Int64
    ) -> MachineReading {
        MachineReading(
            stat: "cpu  \(ticks)\ncpu0 1 2 3 4 5 6 7 8 9 10\nintr 5\n", pressure: pressure, group: group,
            instantNanoseconds: seconds * 1_000_000_000)
    }

    @Test func `what happened between two readings`() {
        let before = reading(
            "100 0 50 800 50 0 0 10 7 0", pressure: "some avg10=0.71 avg60=0.40 avg300=2.37 total=1000000\nfull x=1\n",
            group: "nr_periods 5\nnr_throttled 2\n", seconds: 10)
        let after = reading(
            "200 0 100 1540 60 0 0 110 7 0",
            pressure: "some avg10=0.71 avg60=0.40 avg300=2.37 total=1500000\nfull x=1\n",
            group: "nr_periods 50\nnr_throttled 5\n", seconds: 20)
        // 1,000 ticks: 100 user, 50 system, 740 idle, 10 waiting for a disk, 100 stolen.
        #expect(
            after.load(since: before)
                == MachineLoad(
                    busyFraction: 0.25, stealFraction: 0.1, pressureFraction: 0.05, throttledPeriods: 3))
    }

    @Test func `what the kernel does not tell is unknown`() {
        let nothing = MachineReading(stat: "", pressure: "", group: "", instantNanoseconds: 0)
        #expect(nothing.load(since: nothing) == MachineLoad())
        let cut = MachineReading(stat: "cpu 1 2 3\n", pressure: "some", group: "nr_throttled\n", instantNanoseconds: 1)
        #expect(cut.load(since: nothing) == MachineLoad())
    }

    @Test func `this machine tells how busy it is`() {
        let now = MachineReading.now()
        #expect(now.totalTicks ?? 0 > 0)
        #expect((now.idleTicks ?? 0) + (now.stolenTicks ?? 0) <= (now.totalTicks ?? 0))
    }
}
