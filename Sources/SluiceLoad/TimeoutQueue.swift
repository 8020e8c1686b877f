/// Timeouts of open requests. Intended starts only ever increase and all have the same timeout, so a queue keeps
/// them in order.
struct TimeoutQueue {
    struct Entry {
        var deadlineNanoseconds: Int64
        var slot: Int
        var generation: UInt32
    }

    private var entries: [Entry] = []
    private var head = 0

    /// No request has been given a timeout since the last one was found to be over.
    var isEmpty: Bool { entries.isEmpty }

    mutating func append(_ entry: Entry) {
        if head > 1024, head * 2 > entries.count {
            entries.removeSubrange(0..<head)
            head = 0
        }
        entries.append(entry)
    }

    /// The earliest timeout of a request that is still open.
    mutating func first(in slots: borrowing RequestSlots) -> Entry? {
        guard !entries.isEmpty else { return nil }
        while head < entries.count {
            let entry = entries[head]
            if slots.isCurrent(slot: entry.slot, generation: entry.generation) { return entry }
            head += 1
        }
        entries.removeAll(keepingCapacity: true)
        head = 0
        return nil
    }

    mutating func removeFirst() { head += 1 }
}
