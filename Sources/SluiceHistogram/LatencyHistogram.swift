/// Counts of latencies from 1 ns to 1 h at 3 significant digits, after Gil Tene's HdrHistogram.
///
/// Every figure that is read off it is the highest value of a sample's slot: never below the sample, at most 0.1 %
/// above it, and the same before and after `encoded()`. 0 ns is counted as 0. A histogram takes 264 KiB.
package struct LatencyHistogram: Sendable, Equatable {
    /// The longest latency that can be recorded: 1 h.
    package static let longestNanoseconds = Int64(HistogramLayout.highestTrackableNanoseconds)

    /// By slot. 64 bits, because with 32 a soak test could wrap a slot unseen.
    private var counts = [Int](repeating: 0, count: HistogramLayout.slotCount)

    /// All slots with samples are in it: the rest is not looked at. Empty without samples.
    private var occupied = 0..<0

    /// Number of samples.
    package private(set) var count = 0

    package init() {}

    /// `counts` has every slot, and `count` is their sum.
    init(counts: UnsafeBufferPointer<Int>, count: Int) {
        self.counts = Array(counts)
        self.count = count
        if count > 0, let first = counts.firstIndex(where: { $0 > 0 }), let last = counts.lastIndex(where: { $0 > 0 }) {
            occupied = first..<last + 1
        }
    }

    /// Whether nothing has been recorded.
    package var isEmpty: Bool { count == 0 }

    /// The slowest sample, in nanoseconds; `nil` when there is none.
    package var maximumNanoseconds: Int64? {
        isEmpty ? nil : Int64(HistogramLayout.highestNanoseconds(at: occupied.upperBound - 1))
    }

    /// Counts one sample. `false`: it is negative or above 1 h and was not counted; that is for the caller to count.
    package mutating func record(nanoseconds: Int64) -> Bool {
        // A negative number is far above the highest one once it is taken as unsigned.
        guard UInt64(bitPattern: nanoseconds) <= HistogramLayout.highestTrackableNanoseconds else { return false }
        let index = HistogramLayout.index(of: UInt64(bitPattern: nanoseconds))
        counts[index] &+= 1
        count &+= 1
        include(index..<index + 1)
        return true
    }

    /// Adds the samples of another histogram. This, and never an average, is how quantiles of several workers, trials
    /// or agents are joined.
    package mutating func add(_ other: LatencyHistogram) {
        for index in other.occupied { counts[index] &+= other.counts[index] }
        count += other.count
        include(other.occupied)
    }

    /// Forgets every sample and keeps the memory.
    package mutating func reset() {
        let range = occupied
        counts.withUnsafeMutableBufferPointer { $0[range].update(repeating: 0) }
        count = 0
        occupied = 0..<0
    }

    /// Counts samples in slots, which exist and ascend; `number` is their sum.
    mutating func add(_ slots: [SparseHistogram.Slot], count number: Int) {
        guard let first = slots.first, let last = slots.last else { return }
        counts.withUnsafeMutableBufferPointer { counts in for slot in slots { counts[slot.index] &+= slot.count } }
        count += number
        include(first.index..<last.index + 1)
    }

    private mutating func include(_ range: Range<Int>) {
        if occupied.isEmpty {
            occupied = range
        } else if !range.isEmpty, range.lowerBound < occupied.lowerBound || range.upperBound > occupied.upperBound {
            occupied =
                min(occupied.lowerBound, range.lowerBound)..<max(occupied.upperBound, range.upperBound)
        }
    }

    /// Calls with each slot that has samples, in ascending order, until the body returns `false`.
    func forEachSlot(_ body: (_ index: Int, _ count: Int) -> Bool) {
        var rest = count
        var index = occupied.lowerBound
        while rest > 0 {
            let number = counts[index]
            if number > 0 {
                guard body(index, number) else { return }
                rest -= number
            }
            index += 1
        }
    }
}
