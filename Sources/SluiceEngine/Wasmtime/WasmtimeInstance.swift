import CWasmtime
import SluiceModel

/// An instance of libwasmtime in a store of its own.
final class WasmtimeInstance: WasmInstance {
    private let module: WasmtimeModule
    private let functions: UnsafePointer<sluice_wasmtime_t>
    private let store: OpaquePointer
    private let context: OpaquePointer
    /// In `state`.
    private let trapSlot: UnsafeMutablePointer<OpaquePointer?>
    private var handle: wasmtime_instance_t?

    init(module: WasmtimeModule, context: UnsafeMutableRawPointer, vmOrdinal: Int) {
        self.module = module
        functions = module.backend.library.functions
        let state = UnsafeMutablePointer<InstanceState>.allocate(capacity: 1)
        state.initialize(
            to: InstanceState(context: context, vmOrdinal: vmOrdinal, memories: module.surface.memories))
        // Neither is ever null: the library aborts the process where it cannot allocate.
        store = functions.pointee.wasmtime_store_new(module.backend.engine, state, nil)!
        self.context = functions.pointee.wasmtime_store_context(store)!
        // -1 leaves a limit at the library's own: memories have our creator's, and there is one instance.
        functions.pointee.wasmtime_store_limiter(
            store, -1, Int64(module.backend.settings.tableElements), -1, Int64(EngineSettings.tables), -1)
        let slot = UnsafeMutableRawPointer(state) + MemoryLayout<InstanceState>.offset(of: \.trap)!
        trapSlot = slot.assumingMemoryBound(to: OpaquePointer?.self)
        super.init(state: state)
    }

    deinit { functions.pointee.wasmtime_store_delete(store) }

    /// Makes the memories and runs the start function. Once.
    func start(_ prelinked: OpaquePointer) throws(EngineError) {
        var result = wasmtime_instance_t()
        var trap: OpaquePointer?
        let earlier = CurrentInstance.set(state)
        arm()
        state.pointee.depth += 1
        let error = functions.pointee.wasmtime_instance_pre_instantiate(prelinked, context, &result, &trap)
        state.pointee.depth -= 1
        _ = CurrentInstance.set(earlier)
        if error == nil && trap == nil {
            handle = result
            return
        }
        let failure = readTrap(error: error, trap: trap)
        if let refused = state.pointee.refusedCreation {
            let settings = module.backend.settings
            let cap = refused.memory == .linear ? settings.memoryCapBytes : settings.gcHeapCapBytes
            throw .memoryOverCap(memory: refused.memory, requestedBytes: refused.bytes, capBytes: cap)
        }
        if state.pointee.systemErrorCode != 0 { throw .system(call: "mmap", code: state.pointee.systemErrorCode) }
        if failure.code != .other || !failure.backtrace.isEmpty { throw .instantiationTrap(failure) }
        throw .instantiation(reason: failure.message)
    }

    override func function(named name: String, type: FunctionType) -> GuestFunction? {
        guard module.surface.exportedFunction(name) == type, var handle else { return nil }
        var item = wasmtime_extern_t()
        guard functions.pointee.wasmtime_instance_export_get(context, &handle, name, name.utf8.count, &item) else {
            return nil
        }
        return GuestFunction(target: item.of.func, slotCount: type.slotCount, constant: 0)
    }

    override func run(_ function: UnsafePointer<GuestFunction>, _ slots: UnsafeMutablePointer<ValueSlot>) -> Bool {
        let state = state
        if state.pointee.depth == 0 { arm() }
        state.pointee.depth &+= 1
        // Not on the stack, where the address of a variable makes the compiler guard the whole frame.
        let trap = trapSlot
        trap.pointee = nil
        let target = UnsafeRawPointer(function).assumingMemoryBound(to: wasmtime_func_t.self)
        let rawSlots = UnsafeMutableRawPointer(slots).assumingMemoryBound(to: wasmtime_val_raw_t.self)
        let error = functions.pointee.wasmtime_func_call_unchecked(
            context, target, rawSlots, function.pointee.slotCount, trap)
        state.pointee.depth &-= 1
        if error == nil && trap.pointee == nil { return true }
        keepTrap(error)
        return false
    }

    /// Empties the slot, which the call that this one was nested in shares.
    @inline(never)
    private func keepTrap(_ error: OpaquePointer?) {
        trap = readTrap(error: error, trap: trapSlot.pointee)
        trapSlot.pointee = nil
    }

    private func readTrap(error: OpaquePointer?, trap: OpaquePointer?) -> Trap {
        let raised = state.pointee.hostRaisedTrap
        state.pointee.hostRaisedTrap = false
        return module.backend.library.consumeTrap(
            error: error, trap: trap, hostRaised: raised, codeOffset: module.surface.codeOffset)
    }

    private func arm() {
        functions.pointee.wasmtime_context_set_epoch_deadline(context, EpochTicker.epochsPerDeadline)
    }
}
