import CLinux
import Glibc

/// The clock of every measurement: CLOCK_MONOTONIC, the same for all processes of a host.
package enum MonotonicClock {
    /// Nanoseconds since some instant before now.
    package static func nowNanoseconds() -> Int64 { sluice_monotonic_nanoseconds() }

    /// Unix time in nanoseconds, for records that people read.
    package static func wallNanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Sleeps until an absolute instant, through interruptions by signals. The kernel wakes a thread late rather than
    /// early.
    package static func sleep(untilNanoseconds instant: Int64) {
        var time = timespec(tv_sec: Int(instant / 1_000_000_000), tv_nsec: Int(instant % 1_000_000_000))
        while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
    }
}
