import CWasmtime
package import SluiceModel

/// An exported function of one instance, resolved once.
package struct GuestFunction {
    /// First, so that a pointer to this is one to what the library calls a function.
    let target: wasmtime_func_t
    let slotCount: Int
    let constant: UInt64
}

/// Sizes of the memories of one instance, in bytes.
package struct MemorySizes: Sendable, Equatable {
    /// Size of the linear memory, whole pages of 64 KiB, touched or not.
    package var linearBytes: Int
    /// The engine doubles a GC heap, so that it ends at the largest power of two below its cap.
    package var gcHeapBytes: Int
    /// Memories of an instance never shrink.
    package var linearHighWaterBytes: Int { linearBytes }
    /// The same of the Wasm GC heap, which never shrinks either.
    package var gcHeapHighWaterBytes: Int { gcHeapBytes }

    package init(linearBytes: Int, gcHeapBytes: Int) {
        self.linearBytes = linearBytes
        self.gcHeapBytes = gcHeapBytes
    }
}

/// One instance with a store of its own; used by one thread at a time, which needs
/// `EngineSettings.requiredThreadStackBytes` of stack.
///
/// Its memories reserve 4 GiB of address space each, so that they never move; resident is what the guest touched.
@usableFromInline package class WasmInstance {
    let state: UnsafeMutablePointer<InstanceState>
    /// The linear memory; valid as long as the instance.
    package final let memory: GuestMemory
    /// In `state`.
    @usableFromInline final let stamp: UnsafeMutablePointer<GrowthStamp>
    /// What ended the call that has just returned `false`.
    final var trap: Trap?

    /// The instance owns what `state` points to.
    init(state: UnsafeMutablePointer<InstanceState>) {
        self.state = state
        let region = UnsafeMutableRawPointer(state) + MemoryLayout<InstanceState>.offset(of: \.linear)!
        memory = GuestMemory(region: region.assumingMemoryBound(to: MemoryRegion.self))
        let stamp = UnsafeMutableRawPointer(state) + MemoryLayout<InstanceState>.offset(of: \.ledger.stamp)!
        self.stamp = stamp.assumingMemoryBound(to: GrowthStamp.self)
    }

    deinit {
        state.pointee.ledger.deallocate()
        state.deinitialize(count: 1)
        state.deallocate()
    }

    /// An export as a function that can be called. `nil` when it is absent or has another type: the module's `exports`
    /// tell which.
    package func function(named name: String, type: FunctionType) -> GuestFunction? {
        preconditionFailure("every engine resolves its own functions")
    }

    /// Calls the guest. `slots` holds the parameters and receives the results, and must have room for the greater
    /// number of them. `false` when the call ended in a trap, which `takeTrap` gives.
    ///
    /// The deadline is armed for the outermost call only: calls out of a host function (an allocator) share its time.
    package func run(_ function: UnsafePointer<GuestFunction>, _ slots: UnsafeMutablePointer<ValueSlot>) -> Bool {
        preconditionFailure("every engine makes its own calls")
    }

    /// The trap of the call that has just returned `false`; once for each.
    package final func takeTrap() -> Trap {
        guard let taken = trap else { preconditionFailure("no call has ended in a trap") }
        trap = nil
        return taken
    }

    /// `run` for callers that are in no hurry: `nil` when the function returned, else its trap.
    package final func call(_ function: GuestFunction, _ slots: UnsafeMutablePointer<ValueSlot>) -> Trap? {
        withUnsafePointer(to: function) { run($0, slots) } ? nil : takeTrap()
    }

    /// What growth events are stamped with: index of the request (-1 for none) and requests begun in this VM.
    package final var attribution: (requestIndex: Int64, vmRequestNumber: Int) {
        get { (stamp.pointee.requestIndex, stamp.pointee.vmRequestNumber) }
        set { _ = attribute(requestIndex: newValue.requestIndex, vmRequestNumber: newValue.vmRequestNumber) }
    }

    /// Sets `attribution`; returns how many growths have been refused so far, as `lastRefusal` does. In line, because
    /// every call of the guest needs both and they are three instructions.
    @inlinable @inline(__always)
    package final func attribute(requestIndex: Int64, vmRequestNumber: Int) -> Int {
        stamp.pointee.requestIndex = requestIndex
        stamp.pointee.vmRequestNumber = vmRequestNumber
        return stamp.pointee.refusalCount
    }

    /// Moves the growth events since the last drain to the end of `events`, oldest first, with times relative to
    /// `startNanoseconds` (CLOCK_MONOTONIC).
    package final func drainGrowth(into events: inout [GrowthEvent], startNanoseconds: Int64) {
        state.pointee.ledger.drain(into: &events, startNanoseconds: startNanoseconds)
    }

    /// The sizes now; reading them costs two loads, no call into the engine.
    package final var memorySizes: MemorySizes {
        MemorySizes(linearBytes: state.pointee.linear.byteCount, gcHeapBytes: state.pointee.gcHeap.byteCount)
    }

    /// Growth events of the whole life of the instance that were counted, but did not fit into the ledger.
    package final var growthEventsWithoutDetail: Int { state.pointee.ledger.withoutDetail }

    /// Refused growths of the whole life of the instance, and the size that the last one asked for (0 without one).
    package final var lastRefusal: (bytes: Int, count: Int) {
        (state.pointee.ledger.refusedBytes, state.pointee.ledger.refusalCount)
    }
}
