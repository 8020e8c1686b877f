/// Where a value lies in the counts array of an HdrHistogram for 1 ns to 1 h at 3 significant digits.
///
/// The first 2048 slots are one nanosecond wide each; after them every 1024 slots are twice as wide as the 1024 before.
/// It is the layout that every HdrHistogram implementation uses for these settings, and therefore the meaning of an
/// index in the V2 encoding. See <http://hdrhistogram.org>.
///
/// What recording needs is inlinable: a call and the constants' accessors would cost as much as the counting.
@usableFromInline enum HistogramLayout {
    static let lowestDiscernibleNanoseconds: UInt64 = 1
    @inlinable static var highestTrackableNanoseconds: UInt64 { 3_600_000_000_000 }
    static let significantDigits: UInt32 = 3
    /// Slots from 0 up to and including the one of `highestTrackableNanoseconds`.
    static let slotCount = index(of: highestTrackableNanoseconds) + 1

    @inlinable static var subBucketHalfCountMagnitude: Int { 10 }
    @inlinable static var subBucketMask: UInt64 { 2047 }
    @inlinable static var leadingZerosOfFirstBucket: Int { 53 }

    /// The slot of a value; 0 to `slotCount` - 1 up to the highest trackable one.
    @inlinable @inline(__always)
    static func index(of nanoseconds: UInt64) -> Int {
        // From 0 to 53, so that nothing can overflow.
        let bucket = leadingZerosOfFirstBucket &- (nanoseconds | subBucketMask).leadingZeroBitCount
        return (bucket &<< subBucketHalfCountMagnitude)
            &+ Int(truncatingIfNeeded: nanoseconds &>> UInt64(truncatingIfNeeded: bucket))
    }

    /// The lowest value of the slot.
    static func lowestNanoseconds(at index: Int) -> UInt64 {
        let bucket = bucket(of: index)
        return UInt64(index - (bucket << subBucketHalfCountMagnitude)) << UInt64(bucket)
    }

    /// The highest value that is counted in the same slot. Every figure that is read off a histogram is one of these,
    /// so that a figure is never below the sample it stands for, and by at most 0.1 % above.
    static func highestNanoseconds(at index: Int) -> UInt64 {
        lowestNanoseconds(at: index) + (1 << UInt64(bucket(of: index))) - 1
    }

    private static func bucket(of index: Int) -> Int {
        max(0, (index >> subBucketHalfCountMagnitude) - 1)
    }
}
