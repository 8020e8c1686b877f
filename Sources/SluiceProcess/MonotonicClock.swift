import Glibc

/// The clock of every measurement: CLOCK_MONOTONIC, the same for all processes of a host.
package enum MonotonicClock {
    /// Nanoseconds since some instant before now.
    package static func nowNanoseconds() -> Int64 { read(CLOCK_MONOTONIC) }

    /// Unix time in nanoseconds, for records that people read.
    package static func wallNanoseconds() -> Int64 { read(CLOCK_REALTIME) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
