/// Arrival n of the phase is where the integral of the rate reaches n: evenly spaced under a flat rate,
/// the first at the beginning of the phase.
struct EvenArrivals: Sendable {
    private let line: RateLine
    /// Arrivals before the end of the phase.
    let count: Int64

    init(line: RateLine) {
        self.line = line
        // The end of the phase belongs to the next one. Rounding to nanoseconds decides, not the real number.
        var count = Int64(line.expectedArrivals.rounded(.up))
        while count > 0, line.nanoseconds(atWhole: count - 1) >= line.durationNanoseconds { count -= 1 }
        while line.expectedArrivals > Double(count), line.nanoseconds(atWhole: count) < line.durationNanoseconds {
            count += 1
        }
        self.count = count
    }

    /// Nanoseconds since the beginning of the phase; `ordinal` from 0 up to `count` − 1.
    @inline(__always)
    func offsetNanoseconds(ordinal: Int64) -> Int64 { line.nanoseconds(atWhole: ordinal) }
}
