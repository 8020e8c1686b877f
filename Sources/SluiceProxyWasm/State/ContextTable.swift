/// Where a context lives: nowhere (the VM or a root context), or at one filter of a stream.
struct ContextReference {
    /// 0 for the VM itself.
    var id: UInt32
    /// `nil` for the VM and for root contexts.
    var stream: UnsafeMutablePointer<StreamState>?
    /// The filter's index in the stream, when there is one.
    var filter: Int

    static var vm: ContextReference { ContextReference(id: 0, stream: nil, filter: 0) }
}

/// The contexts of one VM by their ids: open addressing over a table that only grows.
struct ContextTable: ~Copyable {
    private var entries: UnsafeMutablePointer<ContextReference>
    private var mask: Int
    private(set) var count = 0

    init() {
        entries = Self.makeEntries(count: 64)
        mask = 63
    }

    deinit { entries.deallocate() }

    private static func makeEntries(count: Int) -> UnsafeMutablePointer<ContextReference> {
        let entries = UnsafeMutablePointer<ContextReference>.allocate(capacity: count)
        entries.initialize(repeating: .vm, count: count)
        return entries
    }

    subscript(id: UInt32) -> ContextReference? {
        guard id != 0 else { return nil }
        let slot = slot(of: id)
        return entries[slot].id == id ? entries[slot] : nil
    }

    /// The id is not in the table and not 0.
    @inline(__always)
    mutating func insert(_ context: ContextReference) {
        if 2 * (count + 1) > mask { grow() }
        entries[slot(of: context.id)] = context
        count += 1
    }

    /// Moves every entry behind the gap that could not be found over it, so that no markers are needed.
    @inline(__always)
    mutating func remove(_ id: UInt32) {
        var gap = slot(of: id)
        guard id != 0, entries[gap].id == id else { return }
        count -= 1
        var candidate = gap
        while true {
            candidate = (candidate + 1) & mask
            let entry = entries[candidate]
            guard entry.id != 0 else { break }
            let home = Int(entry.id) & mask
            if (candidate - home) & mask >= (candidate - gap) & mask {
                entries[gap] = entry
                gap = candidate
            }
        }
        entries[gap] = .vm
    }

    /// Ids are consecutive numbers, so that the number itself spreads them evenly.
    @inline(__always)
    private func slot(of id: UInt32) -> Int {
        var slot = Int(id) & mask
        while entries[slot].id != 0, entries[slot].id != id { slot = (slot + 1) & mask }
        return slot
    }

    @inline(never)
    private mutating func grow() {
        let old = entries
        let oldCount = mask + 1
        entries = Self.makeEntries(count: 2 * oldCount)
        mask = 2 * oldCount - 1
        for index in 0..<oldCount where old[index].id != 0 { entries[slot(of: old[index].id)] = old[index] }
        old.deallocate()
    }
}
