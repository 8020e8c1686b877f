import CLinux
import SluiceProcess

/// Waits for instants on the clock: sleeps to shortly before, and spins the rest.
///
/// How long the kernel takes to wake a thread differs between machines and moments, from 10 µs to several 100. The
/// margin that is spun follows it: a wake-up after the instant widens it at once, wake-ups in time narrow it slowly.
struct Pacer {
    private static let leastMarginNanoseconds: Int64 = 50_000
    private static let mostMarginNanoseconds: Int64 = 1_000_000
    /// How long a sleeping worker takes at most to notice a stop.
    private static let longestSleepNanoseconds: Int64 = 100_000_000
    /// Two looks at the clock lie tens of nanoseconds apart. When it is more than this, the thread did not run in
    /// between, and what did not run cost no CPU time.
    private static let longestSpinStepNanoseconds: Int64 = 5_000

    private var marginNanoseconds: Int64 = 200_000
    /// CPU time that went into waiting: of the harness, not of the plugin.
    private(set) var spunNanoseconds: Int64 = 0

    /// To be called once by the thread that waits.
    func prepareThread() { _ = sluice_set_least_timer_slack() }

    /// Returns the time at which it stopped waiting: not before the instant, except after a part of a long wait, so
    /// that the caller can look around.
    mutating func wait(until instant: Int64, from start: Int64) -> Int64 {
        let wakeUp = instant - marginNanoseconds
        var now = start
        if wakeUp > now {
            let isPart = wakeUp - now > Self.longestSleepNanoseconds
            let target = isPart ? now + Self.longestSleepNanoseconds : wakeUp
            MonotonicClock.sleep(untilNanoseconds: target)
            now = MonotonicClock.nowNanoseconds()
            adapt(latenessNanoseconds: now - target)
            if isPart { return now }
        }
        while now < instant {
            let next = MonotonicClock.nowNanoseconds()
            if next - now <= Self.longestSpinStepNanoseconds { spunNanoseconds += next - now }
            now = next
        }
        return now
    }

    private mutating func adapt(latenessNanoseconds: Int64) {
        if latenessNanoseconds > marginNanoseconds - Self.leastMarginNanoseconds / 2 {
            marginNanoseconds = min(Self.mostMarginNanoseconds, marginNanoseconds * 2)
        } else {
            marginNanoseconds = max(Self.leastMarginNanoseconds, marginNanoseconds - marginNanoseconds / 512)
        }
    }
}
