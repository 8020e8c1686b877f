/// Instants at which requests go on, soonest first: a binary heap that keeps its capacity.
struct DeadlineHeap {
    struct Entry {
        var deadlineNanoseconds: Int64
        var slot: Int
        /// Tells an entry of a request that has ended from one of the slot's next request.
        var generation: UInt32
    }

    private var entries: [Entry] = []
    var count: Int { entries.count }

    /// The first entry's deadline; `.max` without any.
    private(set) var soonestNanoseconds = Int64.max

    /// The one with that deadline.
    var first: Entry? { entries.first }

    mutating func insert(_ entry: Entry) {
        soonestNanoseconds = min(soonestNanoseconds, entry.deadlineNanoseconds)
        entries.append(entry)
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].deadlineNanoseconds < entries[parent].deadlineNanoseconds else { break }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    /// The heap must not be empty.
    mutating func removeFirst() -> Entry {
        let result = entries[0]
        let last = entries.removeLast()
        defer { soonestNanoseconds = entries.first?.deadlineNanoseconds ?? .max }
        guard !entries.isEmpty else { return result }
        entries[0] = last
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < entries.count else { break }
            let right = left + 1
            let least =
                right < entries.count && entries[right].deadlineNanoseconds < entries[left].deadlineNanoseconds
                ? right : left
            guard entries[least].deadlineNanoseconds < entries[parent].deadlineNanoseconds else { break }
            entries.swapAt(least, parent)
            parent = least
        }
        return result
    }
}
