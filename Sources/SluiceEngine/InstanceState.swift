import SluiceModel

/// One memory of an instance as host code sees it.
@usableFromInline struct MemoryRegion {
    /// Address of guest address 0; it never moves once the memory exists.
    @usableFromInline var base: UnsafeMutableRawPointer?
    /// Present size; the growth callback keeps it.
    @usableFromInline var byteCount = 0
}

/// What the engine's C callbacks know of an instance: a plain struct behind a pointer, so that reaching it costs a
/// load.
struct InstanceState {
    /// The host's own, handed to every host function.
    let context: UnsafeMutableRawPointer
    var linear = MemoryRegion()
    var gcHeap = MemoryRegion()
    var ledger: GrowthLedger
    /// Where the library puts the trap that ended a call.
    var trap: OpaquePointer?
    /// Guest calls on the stack.
    var depth = 0
    /// Memories that the library has created; the first may turn out to be the GC heap.
    var createdMemories = 0
    /// Size that the module's memory begins with; `nil` when it has none.
    let minimumBytes: Int?
    /// What the module itself allows its linear memory.
    let maximumBytes: Int
    /// Set when a memory could not be created because the system, not the cap, refused.
    var systemErrorCode: Int32 = 0
    /// A host function has just raised a trap.
    var hostRaisedTrap = false
    /// Creation of a memory that the cap refused.
    var refusedCreation: (memory: MemoryKind, bytes: Int)?

    init(context: UnsafeMutableRawPointer, vmOrdinal: Int, memories: [DeclaredMemory]) {
        self.context = context
        ledger = GrowthLedger(vmOrdinal: vmOrdinal)
        minimumBytes = memories.first?.minimumBytes
        maximumBytes = memories.first?.maximumBytes ?? 0
    }

    mutating func setRegion(_ kind: MemoryKind, _ region: MemoryRegion) {
        switch kind {
        case .linear: linear = region
        case .gcHeap: gcHeap = region
        }
    }

    /// The library does not tell which memory it asks for. It makes both before any guest code runs: the GC heap, where
    /// it sees that the module needs one, and then the module's. So a second one of the size that the module declares
    /// makes the first one the GC heap.
    mutating func kindOfNextMemory(minimumBytes: Int) -> MemoryKind {
        createdMemories += 1
        guard self.minimumBytes != nil else { return .gcHeap }
        if createdMemories == 1 { return .linear }
        guard createdMemories == 2, minimumBytes == self.minimumBytes else { return .gcHeap }
        gcHeap = linear
        linear = MemoryRegion()
        ledger.attributeToGCHeap()
        return .linear
    }
}
