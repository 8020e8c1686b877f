extension LatencyHistogram {
    /// The latencies that occur, ascending, each with its number of samples: the highest value of every slot that has
    /// any.
    package var occupiedSlots: [(nanoseconds: Int64, count: Int)] {
        var slots: [(nanoseconds: Int64, count: Int)] = []
        forEachSlot { index, slotCount in
            slots.append((nanoseconds: Int64(HistogramLayout.highestNanoseconds(at: index)), count: slotCount))
            return true
        }
        return slots
    }

    /// The sample of a rank, counted from 1 in ascending order; `nil` when there is none of that rank.
    package func nanoseconds(ofRank rank: Int) -> Int64? {
        guard rank >= 1, rank <= count else { return nil }
        return nanoseconds(atRank: rank)
    }
}
