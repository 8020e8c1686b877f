import SluiceModel

/// The requests that a worker has in flight. Slots are reused, so that a worker allocates only while its number of
/// open requests is still growing.
struct RequestSlots: ~Copyable {
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
        /// Of a closed slot: the one that was closed before it and is still closed, or -1.
        var nextFree = -1
    }

    private let limit: Int
    private var requests: UnsafeMutablePointer<Request>
    private var count = 0
    private var capacity = 64
    /// The slot that was closed last, and from there on `nextFree`; -1 for none.
    private var firstFree = -1
    private(set) var openCount = 0

    init(limit: Int) {
        self.limit = limit
        requests = .allocate(capacity: capacity)
    }

    deinit { requests.deallocate() }

    /// The request in a slot; the pointer is valid until the next `open`.
    @inline(__always)
    subscript(slot: Int) -> UnsafeMutablePointer<Request> {
        precondition(slot >= 0 && slot < count, "no slot of this number")
        return requests + slot
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

    /// A slot for a new request, whose fields are the caller's to fill; `nil` when the limit is reached.
    @inline(__always)
    mutating func open() -> Int? {
        var slot = firstFree
        if slot >= 0 {
            firstFree = requests[slot].nextFree
        } else {
            guard let added = addSlot() else { return nil }
            slot = added
        }
        requests[slot].isOpen = true
        requests[slot].generation &+= 1
        openCount &+= 1
        return slot
    }

    private mutating func addSlot() -> Int? {
        guard count < limit else { return nil }
        if count == capacity { grow() }
        (requests + count).initialize(to: Request())
        count += 1
        return count - 1
    }

    @inline(__always)
    mutating func close(_ slot: Int) {
        let request = self[slot]
        request.pointee.isOpen = false
        request.pointee.nextFree = firstFree
        firstFree = slot
        openCount &-= 1
    }

    func isCurrent(slot: Int, generation: UInt32) -> Bool {
        self[slot].pointee.isOpen && self[slot].pointee.generation == generation
    }
}
