/// What a latency histogram counts, in plain memory of its own: for the path of every request, where an array's check
/// whether it is shared costs more than the counting. `histogram` is what has been recorded.
///
/// Takes 264 KiB, as a histogram.
@usableFromInline package struct LatencyRecorder: ~Copyable {
    /// By slot.
    @usableFromInline let counts: UnsafeMutablePointer<Int>
    /// Number of samples.
    @usableFromInline package internal(set) var count = 0

    package init() {
        counts = .allocate(capacity: HistogramLayout.slotCount)
        counts.initialize(repeating: 0, count: HistogramLayout.slotCount)
    }

    deinit { counts.deallocate() }

    /// Counts one sample. `false`: it is negative or above 1 h and was not counted; that is for the caller to count.
    @inlinable @inline(__always)
    package mutating func record(nanoseconds: Int64) -> Bool {
        // A negative number is far above the highest one once it is taken as unsigned.
        guard UInt64(bitPattern: nanoseconds) <= HistogramLayout.highestTrackableNanoseconds else { return false }
        counts[HistogramLayout.index(of: UInt64(bitPattern: nanoseconds))] &+= 1
        count &+= 1
        return true
    }

    /// The samples so far.
    package var histogram: LatencyHistogram {
        LatencyHistogram(counts: UnsafeBufferPointer(start: counts, count: HistogramLayout.slotCount), count: count)
    }

    /// Forgets every sample and keeps the memory.
    package mutating func reset() {
        counts.update(repeating: 0, count: HistogramLayout.slotCount)
        count = 0
    }
}
