import SluiceModel

/// The requests that a worker has in flight. Slots are reused, so that a worker allocates only while its number of
/// open requests is still growing.
struct RequestSlots: ~Copyable {
    /// More open requests than this mean that the target has stopped answering: the rest is not started.
    static let limit = 65_536

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

    private var requests: UnsafeMutablePointer<Request>
    private var count = 0
    private var capacity = 64
    private var free: [Int] = []
    private(set) var openCount = 0

    init() { requests = .allocate(capacity: capacity) }

    deinit { requests.deallocate() }

    subscript(slot: Int) -> Request {
        _read {
            precondition(slot >= 0 && slot < count, "no slot of this number")
            yield requests[slot]
        }
        _modify {
            precondition(slot >= 0 && slot < count, "no slot of this number")
            yield &requests[slot]
        }
    }

    /// All slots, open or not.
    var indices: Range<Int> { 0..<count }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<Request>.allocate(capacity: 2 * capacity)
        larger.moveInitialize(from: requests, count: count)
        requests.deallocate()
        requests = larger
        capacity *= 2
    }

    /// A slot for a new request, or `nil` when the limit is reached.
    mutating func open() -> Int? {
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
        } else if count < Self.limit {
            if count == capacity { grow() }
            slot = count
            (requests + slot).initialize(to: Request())
            count += 1
        } else {
            return nil
        }
        requests[slot].isOpen = true
        requests[slot].generation &+= 1
        openCount += 1
        return slot
    }

    mutating func close(_ slot: Int) {
        self[slot].isOpen = false
        free.append(slot)
        openCount -= 1
    }

    func isCurrent(slot: Int, generation: UInt32) -> Bool {
        self[slot].isOpen && self[slot].generation == generation
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
