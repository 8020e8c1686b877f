import CWasmtime
import SluiceEngine
import SluiceModel
import Testing

/// What host functions of these tests reach through their context.
struct HostContext {
    var instance: Unmanaged<WasmInstance>?
    var allocator: GuestFunction?
    var calls = 0
    var seenByte: UInt8?
}

/// An instance together with the context it was made with.
final class Guest {
    let context: UnsafeMutablePointer<HostContext>
    let instance: WasmInstance

    init(_ linked: LinkedModule, vmOrdinal: Int = 0) throws {
        context = .allocate(capacity: 1)
        context.initialize(to: HostContext())
        let context = context
        instance = try linked.instantiate(context: context, vmOrdinal: vmOrdinal) {
            context.pointee.instance = Unmanaged.passUnretained($0)
        }
    }

    deinit { context.deallocate() }

    func function(_ name: String, _ type: FunctionType) throws -> GuestFunction {
        try #require(instance.function(named: name, type: type))
    }

    /// The first result, of a call that must return.
    @discardableResult
    func call(_ name: String, _ type: FunctionType, _ arguments: Int64...) throws -> ValueSlot {
        let (trap, result) = try attempt(name, type, arguments)
        if let trap { throw trap }
        return result
    }

    func trap(_ name: String, _ type: FunctionType = FunctionType(), _ arguments: Int64...) throws -> Trap {
        try #require(try attempt(name, type, arguments).0)
    }

    private func attempt(_ name: String, _ type: FunctionType, _ arguments: [Int64]) throws -> (Trap?, ValueSlot) {
        let function = try function(name, type)
        var slots = arguments.map { ValueSlot(i64: $0) }
        slots.append(contentsOf: repeatElement(ValueSlot(), count: 4))
        let trap = slots.withUnsafeMutableBufferPointer { instance.call(function, $0.baseAddress!) }
        return (trap, slots[0])
    }

    func growth() -> [GrowthEvent] {
        var events: [GrowthEvent] = []
        instance.drainGrowth(into: &events, startNanoseconds: 0)
        return events
    }
}

enum HostFunctions {
    static let add = HostFunction(
        module: "env", name: "add", type: FunctionType([.i32, .i32], [.i32]),
        callback: { _, slots in
            slots[0].i32 = slots[0].i32 &+ slots[1].i32
            return 0
        })

    static let refuse = HostFunction(
        module: "env", name: "refuse", type: FunctionType(),
        callback: { context, _ in
            context.assumingMemoryBound(to: HostContext.self).pointee.calls += 1
            return HostTrap.raise("not today")
        })

    /// Asks the guest for memory and stores its own parameter there.
    static let fill = HostFunction(
        module: "env", name: "fill", type: FunctionType([.i32], [.i32]),
        callback: { context, slots in
            let host = context.assumingMemoryBound(to: HostContext.self)
            let instance = host.pointee.instance!.takeUnretainedValue()
            let value = slots[0].u32
            var inner = ValueSlot(i32: 4)
            if let trap = instance.call(host.pointee.allocator!, &inner) { return HostTrap.raise(trap.message) }
            guard instance.memory.store(value, at: inner.u32) else { return HostTrap.raise("out of bounds") }
            slots[0].u32 = inner.u32
            return 0
        })

    static let seen = HostFunction(
        module: "env", name: "seen", type: FunctionType([.i32], []),
        callback: { context, slots in
            let host = context.assumingMemoryBound(to: HostContext.self)
            let memory = host.pointee.instance!.takeUnretainedValue().memory
            host.pointee.seenByte = memory.bytes(at: slots[0].u32, count: 1)?.first
            return 0
        })

    static let all = [add, refuse, fill, seen]
}

let page = 65536

func settings(
    memoryCapBytes: Int = 64 << 20, gcHeapCapBytes: Int = 64 << 20, deadlineNanoseconds: Int64 = 10_000_000_000,
    fixedMemoryBytes: Int? = nil
) -> EngineSettings {
    EngineSettings(
        memoryCapBytes: memoryCapBytes, gcHeapCapBytes: gcHeapCapBytes, deadlineNanoseconds: deadlineNanoseconds,
        fixedMemoryBytes: fixedMemoryBytes)
}

func link(_ text: String, _ engine: EngineName, _ settings: EngineSettings = settings()) throws -> LinkedModule {
    try Engines.make(engine, settings: settings).compile(Array(text.utf8)).link(HostFunctions.all)
}

/// The engines that run guest code.
let executing = Engines.all.filter(\.capabilities.executes).map(\.name)
/// Those among them that have Wasm GC.
let collecting = Engines.all.filter { $0.capabilities.executes && $0.capabilities.garbageCollection }.map(\.name)
