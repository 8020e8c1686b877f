import SluiceEngine
import SluiceModel

/// One call of the guest into the host: its VM and its parameters. Every host function is a method of this type.
struct HostCall {
    let vm: UnsafeMutablePointer<VMState>
    let slots: UnsafeMutablePointer<ValueSlot>

    /// Parameter `index` as a number or an address.
    @inline(__always) subscript(index: Int) -> UInt32 { slots[index].u32 }

    // MARK: Entry

    /// A function that may be called while the guest runs, and not in start-up or from the allocator.
    @inline(__always)
    static func perform(
        _ context: UnsafeMutableRawPointer, _ slots: UnsafeMutablePointer<ValueSlot>, _ body: (HostCall) -> ResultCode
    ) -> Int32 {
        perform(context, slots, upTo: .running, body)
    }

    /// As `perform`, also in start-up (`.starting`) or in the allocator as well (`.allocating`).
    @inline(__always)
    static func perform(
        _ context: UnsafeMutableRawPointer, _ slots: UnsafeMutablePointer<ValueSlot>, upTo phase: VMState.Phase,
        _ body: (HostCall) -> ResultCode
    ) -> Int32 {
        let call = HostCall(vm: context.assumingMemoryBound(to: VMState.self), slots: slots)
        guard isAllowed(context, upTo: phase) else { return refuse() }
        let result = body(call)
        guard !call.vm.pointee.hasAllocatorTrap else { return HostTrap.raise("the allocator trapped") }
        slots.pointee = ValueSlot(i32: result.rawValue)
        return 0
    }

    /// Whether a function that may be called up to `phase` may be called now.
    @inline(__always)
    static func isAllowed(_ context: UnsafeMutableRawPointer, upTo phase: VMState.Phase) -> Bool {
        context.assumingMemoryBound(to: VMState.self).pointee.phase.rawValue <= phase.rawValue
    }

    /// Ends the guest's call as the V8 engine ends a call that is not allowed.
    @inline(never) static func refuse() -> Int32 { HostTrap.raise("restricted_callback") }

    // MARK: Guest memory

    @inline(__always) var memory: GuestMemory? { vm.pointee.memory }

    /// `nil` unless all of it lies within the memory. Valid until the guest runs again.
    @inline(__always) func bytes(at address: UInt32, count: UInt32) -> UnsafeRawBufferPointer? {
        guard let bytes = memory?.bytes(at: address, count: count) else { return nil }
        return UnsafeRawBufferPointer(bytes)
    }

    @inline(__always) func store(_ value: UInt32, at address: UInt32) -> ResultCode {
        memory?.store(value, at: address) == true ? .ok : .invalidMemoryAccess
    }

    @inline(__always) func store(_ value: UInt64, at address: UInt32) -> ResultCode {
        memory?.store(value, at: address) == true ? .ok : .invalidMemoryAccess
    }

    func isWritable(_ address: UInt32, count: UInt32) -> Bool { memory?.bytes(at: address, count: count) != nil }

    /// Gives the guest memory of `byteCount` bytes, lets `fill` write all of them, and stores address and size.
    /// Nothing is allocated for 0 bytes: address and size are 0 then.
    @inline(__always)
    func give(
        byteCount: Int, addressAt: UInt32, sizeAt: UInt32, _ fill: (UnsafeMutableRawBufferPointer) -> Void
    ) -> ResultCode {
        // The allocator runs guest code, which can grow the memory: what was found before it stays where it is.
        guard let memory, let addressTarget = memory.pointer(addressAt, 4), let sizeTarget = memory.pointer(sizeAt, 4)
        else { return .invalidMemoryAccess }
        var address: UInt32 = 0
        if byteCount > 0 {
            guard let allocated = vm.allocate(byteCount), let target = memory.pointer(allocated, byteCount)
            else { return .invalidMemoryAccess }
            fill(UnsafeMutableRawBufferPointer(start: target, count: byteCount))
            address = allocated
        }
        addressTarget.storeBytes(of: address.littleEndian, as: UInt32.self)
        sizeTarget.storeBytes(of: UInt32(truncatingIfNeeded: byteCount).littleEndian, as: UInt32.self)
        return .ok
    }

    @inline(__always)
    func give(_ bytes: UnsafeRawBufferPointer, addressAt: UInt32, sizeAt: UInt32) -> ResultCode {
        give(byteCount: bytes.count, addressAt: addressAt, sizeAt: sizeAt) { $0.copyMemory(from: bytes) }
    }

    func give(_ bytes: [UInt8], addressAt: UInt32, sizeAt: UInt32) -> ResultCode {
        bytes.withUnsafeBytes { give($0, addressAt: addressAt, sizeAt: sizeAt) }
    }

    // MARK: Context

    /// The stream that the call belongs to; `nil` for the VM and root contexts.
    @inline(__always) var stream: UnsafeMutablePointer<StreamState>? { vm.pointee.active.stream }

    /// Stream and filter that the call belongs to.
    @inline(__always)
    var streamAndFilter: (stream: UnsafeMutablePointer<StreamState>, filter: UnsafeMutablePointer<FilterSlot>)? {
        guard let stream = vm.pointee.active.stream else { return nil }
        return (stream, stream.pointee.filters + vm.pointee.active.filter)
    }

    /// The root context that the call belongs to: itself or that of the stream; `nil` for the VM's own context.
    var root: UnsafeMutablePointer<RootState>? {
        let context = vm.pointee.active
        guard let stream = context.stream else { return vm.pointee.root(context.id) }
        return stream.pointee.filters[context.filter].root
    }

    /// What the answer of a call-out that is being delivered offers to the context of the call.
    var delivery: CallOut? {
        guard let callOut = vm.pointee.delivery?.takeUnretainedValue(), callOut.root == root else { return nil }
        return callOut
    }

    /// Has the chain look at the stream's requests once the guest has returned.
    func noteRequest(_ stream: UnsafeMutablePointer<StreamState>) {
        stream.pointee.hasRequests = true
        guard !stream.pointee.isDriven, !stream.pointee.isListed else { return }
        stream.pointee.isListed = true
        stream.pointee.exchange?.noteRequest()
        stream.pointee.connection?.noteRequest()
    }
}
