package import SluiceModel
import SluiceProcess

/// The kernel's counters of what the whole machine has done, at one instant.
package struct MachineReading: Sendable, Equatable {
    /// Clock ticks of all CPUs together.
    package var totalTicks: Int?
    /// Of these, the ones in which a CPU had nothing to do, or waited for a disk.
    package var idleTicks: Int?
    /// Of these, the ones that a hypervisor gave to others.
    package var stolenTicks: Int?
    /// Time in which something waited for a CPU.
    package var pressureMicroseconds: Int?
    /// Periods in which the group's CPU limit stopped it.
    package var throttledPeriods: Int?
    /// On CLOCK_MONOTONIC.
    package var instantNanoseconds: Int64

    /// From the text of `/proc/stat`, `/proc/pressure/cpu` and a group's `cpu.stat`; empty where there is none.
    package init(stat: String, pressure: String, group: String, instantNanoseconds: Int64) {
        self.instantNanoseconds = instantNanoseconds
        // user nice system idle iowait irq softirq steal; guest time is in user time already.
        let ticks = (stat.split(separator: "\n").first { $0.hasPrefix("cpu ") } ?? "").split(separator: " ")
            .dropFirst().prefix(8).compactMap { Int($0) }
        if ticks.count == 8 {
            totalTicks = ticks.reduce(0, +)
            idleTicks = ticks[3] + ticks[4]
            stolenTicks = ticks[7]
        }
        let some = pressure.split(separator: "\n").first { $0.hasPrefix("some ") } ?? ""
        pressureMicroseconds = some.split(separator: "=").last.flatMap { Int($0) }
        throttledPeriods = group.split(separator: "\n").first { $0.hasPrefix("nr_throttled ") }
            .flatMap { $0.split(separator: " ").last }.flatMap { Int($0) }
    }

    /// Of this machine, and of the group of processes that this one is in.
    package static func now() -> MachineReading {
        MachineReading(
            stat: content("/proc/stat"), pressure: content("/proc/pressure/cpu"), group: content(groupFile),
            instantNanoseconds: MonotonicClock.nowNanoseconds())
    }

    /// What happened between two readings; a counter that either of them lacks is unknown.
    package func load(since earlier: MachineReading) -> MachineLoad {
        func difference(_ counter: (MachineReading) -> Int?) -> Int? {
            counter(self).flatMap { now in counter(earlier).map { max(0, now - $0) } }
        }
        func fraction(_ part: Int?, of whole: Int?) -> Double? {
            guard let part, let whole, whole > 0 else { return nil }
            return min(1, Double(part) / Double(whole))
        }
        let ticks = difference(\.totalTicks)
        let microseconds = Int((instantNanoseconds - earlier.instantNanoseconds) / 1_000)
        return MachineLoad(
            busyFraction: fraction(difference(\.idleTicks), of: ticks).map { 1 - $0 },
            stealFraction: fraction(difference(\.stolenTicks), of: ticks),
            pressureFraction: fraction(difference(\.pressureMicroseconds), of: microseconds),
            throttledPeriods: difference(\.throttledPeriods))
    }

    /// The line `0::` names the group in the unified hierarchy.
    private static var groupFile: String {
        let line = content("/proc/self/cgroup").split(separator: "\n").first { $0.hasPrefix("0::") }
        return "/sys/fs/cgroup\(line?.dropFirst(3) ?? "")/cpu.stat"
    }

    private static func content(_ path: String) -> String {
        (try? PrivateFile.read(path, limit: 1 << 20)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
