import Glibc

/// CLOCK_MONOTONIC, the one clock of every schedule and every latency.
package enum MonotonicClock {
    /// Nanoseconds since an arbitrary instant, the same for all processes of this machine.
    @inline(__always)
    package static func nowNanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Sleeps until an absolute instant, through interruptions by signals. The kernel wakes the thread late rather
    /// than early, typically by 50 µs.
    static func sleep(untilNanoseconds deadline: Int64) {
        var time = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
        while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
    }
}
