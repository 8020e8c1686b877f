package import SluiceModel

/// Limits of every instance that an engine makes.
package struct EngineSettings: Sendable, Equatable, Hashable {
    /// Largest size of a linear memory, 1 byte to 4 GiB; growth beyond it gives the guest -1.
    package var memoryCapBytes: Int
    /// Largest size of a Wasm GC heap, 1 byte to 4 GiB; an allocation beyond it traps. As the engine doubles a GC heap,
    /// what can be used is the largest power of two up to this.
    package var gcHeapCapBytes: Int
    /// Size of every linear memory from its creation on, so that it never grows: as if each module declared it as its
    /// minimum and its maximum. A multiple of 64 KiB up to `memoryCapBytes`; `nil`: as the module declares.
    package var fixedMemoryBytes: Int?
    /// Longest run of one outermost call, above 0. A call is stopped between this and twice this.
    package var deadlineNanoseconds: Int64
    /// Most elements of each table; growth beyond it gives the guest -1, and a module that declares more does not
    /// instantiate.
    package var tableElements: Int

    package init(
        memoryCapBytes: Int, gcHeapCapBytes: Int, deadlineNanoseconds: Int64, fixedMemoryBytes: Int? = nil,
        tableElements: Int = GuestLimits().tableElements
    ) {
        self.tableElements = tableElements
        self.memoryCapBytes = memoryCapBytes
        self.fixedMemoryBytes = fixedMemoryBytes
        self.gcHeapCapBytes = gcHeapCapBytes
        self.deadlineNanoseconds = deadlineNanoseconds
    }

    /// Those of a host whose plugins have no limits of their own.
    package init(_ host: HostSettings) {
        self.init(
            memoryCapBytes: host.memoryCapBytes, gcHeapCapBytes: host.memoryCapBytes,
            deadlineNanoseconds: host.deadlineNanoseconds, tableElements: host.limits.tableElements)
    }

    /// Tables of one instance; with `tableElements` the bound of what they take together.
    package static let tables = 100
    /// Native stack that guest code may use before it traps with `stackOverflow`.
    package static let guestStackBytes = 1 << 20
    /// Stack that a thread must have that calls into an instance: the guest's share, and several times as much for host
    /// functions, which run on the same stack above it, and for whoever calls. A main thread has what `ulimit -s` says.
    package static let requiredThreadStackBytes = 16 << 20
}
