import CLinux
import SluiceModel

/// What every call of the guest sets and reads of the ledger.
@usableFromInline struct GrowthStamp {
    @usableFromInline var requestIndex: Int64 = -1
    @usableFromInline var vmRequestNumber = 0
    @usableFromInline var refusalCount = 0
}

/// Every growth of an instance's memories since the last drain, in a ring that never allocates while the guest runs.
struct GrowthLedger {
    /// Enough for a memory that grows a page at a time by 64 MiB between two drains.
    static let capacity = 1024

    private struct Record {
        var timeNanoseconds: Int64
        var requestIndex: Int64
        var vmRequestNumber: Int
        var fromBytes: Int
        var toBytes: Int
        var memory: MemoryKind
        var granted: Bool
    }

    private let records: UnsafeMutablePointer<Record>
    private var first = 0
    private var count = 0
    /// Events since creation whose detail did not fit.
    private(set) var withoutDetail = 0
    private(set) var refusedBytes = 0
    var stamp = GrowthStamp()
    var refusalCount: Int { stamp.refusalCount }
    let vmOrdinal: Int

    init(vmOrdinal: Int) {
        self.vmOrdinal = vmOrdinal
        records = .allocate(capacity: Self.capacity)
    }

    func deallocate() { records.deallocate() }

    /// A memory that is created without a byte is no growth.
    mutating func record(_ memory: MemoryKind, from: Int, to: Int, granted: Bool) {
        guard from != to else { return }
        if !granted {
            refusedBytes = to
            stamp.refusalCount += 1
        }
        guard count < Self.capacity else {
            withoutDetail += 1
            return
        }
        let record = Record(
            timeNanoseconds: sluice_monotonic_nanoseconds(), requestIndex: stamp.requestIndex,
            vmRequestNumber: stamp.vmRequestNumber, fromBytes: from, toBytes: to, memory: memory, granted: granted)
        (records + (first + count) % Self.capacity).initialize(to: record)
        count += 1
    }

    /// Everything that was recorded so far happened to the GC heap.
    mutating func attributeToGCHeap() {
        for index in 0..<count { records[(first + index) % Self.capacity].memory = .gcHeap }
    }

    mutating func drain(into events: inout [GrowthEvent], startNanoseconds: Int64) {
        for index in 0..<count {
            let record = records[(first + index) % Self.capacity]
            events.append(
                GrowthEvent(
                    timeNanoseconds: record.timeNanoseconds - startNanoseconds,
                    requestIndex: record.requestIndex < 0 ? nil : record.requestIndex,
                    vmRequestNumber: record.vmRequestNumber, vmOrdinal: vmOrdinal, memory: record.memory,
                    fromBytes: record.fromBytes, toBytes: record.toBytes, granted: record.granted))
        }
        first = 0
        count = 0
    }
}
