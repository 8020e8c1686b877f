import SluiceEngine
import SluiceModel

/// What became of a call into the guest.
enum GuestCallResult {
    /// The module does not export the callback.
    case absent
    case returned(UInt32)
    /// The guest trapped, and the VM is dead; `failure` says why.
    case failed
}

/// Which request a call into the guest is made for.
struct Attribution {
    /// -1 outside requests.
    var requestIndex: Int64
    var vmRequestNumber: Int
    var isStartUp = false

    static func startUp() -> Attribution { Attribution(requestIndex: -1, vmRequestNumber: 0, isStartUp: true) }
}

/// Calls into the guest.
extension UnsafeMutablePointer<VMState> {
    func call(
        _ callback: Callback, _ context: ContextReference, _ attribution: Attribution, _ first: UInt32,
        _ second: UInt32 = 0, _ third: UInt32 = 0
    ) -> GuestCallResult {
        guard !pointee.hasFailed else { return .failed }
        guard let function = pointee.functions[callback.rawValue], let instance = pointee.unmanagedInstance
        else { return .absent }
        pointee.active = context
        pointee.allocatorReturnedNull = false
        let slots = pointee.slots
        slots[0] = ValueSlot(u32: first)
        slots[1] = ValueSlot(u32: second)
        slots[2] = ValueSlot(u32: third)
        // `callRoot` has set the others.
        let (hasReturned, refusals) = instance._withUnsafeGuaranteedRef { instance in
            let refusals = instance.attribute(
                requestIndex: attribution.requestIndex, vmRequestNumber: attribution.vmRequestNumber)
            return (instance.run(function, slots), refusals)
        }
        guard hasReturned else {
            failInCall(callback, attribution, refusalsBefore: refusals)
            return .failed
        }
        pointee.active = .vm
        return .returned(slots[0].u32)
    }

    /// The VM died in the call that has just ended.
    @inline(never)
    private func failInCall(_ callback: Callback, _ attribution: Attribution, refusalsBefore: Int) {
        guard let instance = pointee.instance else { preconditionFailure("a call needs an instance") }
        fail(instance.takeTrap(), callback: callback.exportName, attribution, refusalsBefore: refusalsBefore)
    }

    /// A call for a root context.
    @discardableResult
    func callRoot(
        _ root: UnsafeMutablePointer<RootState>, _ callback: Callback, _ second: UInt32 = 0, _ third: UInt32 = 0,
        _ fourth: UInt32 = 0, _ fifth: UInt32 = 0
    ) -> GuestCallResult {
        pointee.slots[3] = ValueSlot(u32: fourth)
        pointee.slots[4] = ValueSlot(u32: fifth)
        let id = root.pointee.id
        return call(
            callback, ContextReference(id: id, stream: nil, filter: 0),
            Attribution(requestIndex: -1, vmRequestNumber: pointee.requestsBegun), id, second, third)
    }

    /// Asks the guest for memory. `nil` when it gave none, or when its allocator trapped (then `allocatorTrap` is set).
    func allocate(_ byteCount: Int) -> UInt32? {
        guard let instance = pointee.unmanagedInstance, let allocator = pointee.allocator,
            byteCount <= Int(UInt32.max)
        else { return nil }
        // What the allocator may call asks for no context, so that the active one stays.
        let phase = pointee.phase
        let slots = pointee.allocationSlots
        pointee.phase = .allocating
        pointee.hostAllocations += 1
        pointee.hostAllocatedBytes += byteCount
        slots.pointee = ValueSlot(u32: UInt32(byteCount))
        let hasReturned = instance._withUnsafeGuaranteedRef { $0.run(allocator, slots) }
        pointee.phase = phase
        guard hasReturned else {
            pointee.allocatorTrap = instance._withUnsafeGuaranteedRef { $0.takeTrap() }
            return nil
        }
        let address = slots.pointee.u32
        if address == 0 {
            pointee.allocatorReturnedNull = true
            pointee.hostAllocationsRefused += 1
            return nil
        }
        return address
    }

    /// The end of the VM, not to be inlined into every call. `refusalsBefore`: growths that had been refused when the
    /// call began.
    @inline(never)
    func fail(
        _ outerTrap: Trap, callback: String, _ attribution: Attribution, refusalsBefore: Int,
        refusedAtCreation: Int? = nil
    ) {
        pointee.hasFailed = true
        pointee.phase = .running
        let inner = pointee.allocatorTrap
        let trap = inner.map { Self.join($0, outerTrap) } ?? outerTrap
        let refusal = pointee.instance?.lastRefusal ?? (bytes: 0, count: 0)
        let refusedBytes = refusedAtCreation ?? (refusal.count > refusalsBefore ? refusal.bytes : nil)
        let kind = FailureClassifier.kind(
            FailureClassifier.Evidence(
                trap: trap, growthRefused: refusedBytes != nil, allocatorReturnedNull: pointee.allocatorReturnedNull,
                inHostAllocation: inner != nil, isStartUp: attribution.isStartUp))
        let sizes = pointee.instance?.memorySizes
        let context = pointee.active
        let root = context.stream.map { $0.pointee.filters[context.filter].root } ?? pointee.root(context.id)
        pointee.active = .vm
        var failure = VMFailure(
            kind: kind, timeNanoseconds: Int64(SystemClock.monotonicNanoseconds()),
            plugin: root?.pointee.plugin.name ?? pointee.plugin.name,
            requestIndex: attribution.requestIndex < 0 ? nil : attribution.requestIndex,
            vmRequestNumber: attribution.vmRequestNumber, workerRequestNumber: pointee.clock.pointee.requestsBegun,
            vmOrdinal: pointee.ordinal, callback: callback, message: trap.message, backtrace: trap.backtrace,
            lastLogLines: pointee.log.text(), linearBytes: sizes?.linearBytes ?? 0,
            gcHeapBytes: sizes?.gcHeapBytes ?? 0, refusedToBytes: refusedBytes)
        failure.bound()
        pointee.failure = failure
        pointee.tallies.vmFailed(self)
    }

    /// The inner trap, with the frames of the outer call below its own if it does not show them already.
    private static func join(_ inner: Trap, _ outer: Trap) -> Trap {
        guard inner.backtrace.last != outer.backtrace.last else { return inner }
        var joined = inner
        joined.backtrace += outer.backtrace
        return joined
    }
}
