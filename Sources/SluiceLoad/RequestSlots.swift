import SluiceModel

/// The requests that a worker has in flight. Slots are reused, so that a worker allocates only while its number of
/// open requests is still growing.
struct RequestSlots {
    /// More open requests than this mean that the target has stopped answering: the rest is not started.
    static let capacity = 65_536

    struct Request {
        var index: Int64 = 0
        var role = LoadRole.measured
        var template = 0
        var intendedNanoseconds: Int64 = 0
        var startedNanoseconds: Int64 = 0
        var harnessLagNanoseconds: Int64 = 0
        /// When the target wants to go on with it.
        var resumeNanoseconds = Int64.max
        var isOpen = false
        var generation: UInt32 = 0
    }

    private var requests: [Request] = []
    private var free: [Int] = []
    private(set) var openCount = 0

    subscript(slot: Int) -> Request {
        get { requests[slot] }
        set { requests[slot] = newValue }
    }

    /// All slots, open or not.
    var indices: Range<Int> { requests.indices }

    /// A slot for a new request, or `nil` when the limit is reached.
    mutating func open() -> Int? {
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
        } else if requests.count < Self.capacity {
            slot = requests.count
            requests.append(Request())
        } else {
            return nil
        }
        requests[slot].isOpen = true
        requests[slot].generation &+= 1
        openCount += 1
        return slot
    }

    mutating func close(_ slot: Int) {
        requests[slot].isOpen = false
        free.append(slot)
        openCount -= 1
    }

    func isCurrent(slot: Int, generation: UInt32) -> Bool {
        requests[slot].isOpen && requests[slot].generation == generation
    }
}

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

    mutating func append(_ entry: Entry) {
        if head > 1024, head * 2 > entries.count {
            entries.removeSubrange(0..<head)
            head = 0
        }
        entries.append(entry)
    }

    /// The earliest timeout of a request that is still open.
    mutating func first(in slots: RequestSlots) -> Entry? {
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
