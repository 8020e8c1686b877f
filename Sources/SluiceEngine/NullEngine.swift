import CWasmtime
import SluiceModel

/// An engine without an engine: instances have no memory and run nothing; every exported function returns a constant.
/// What a load test costs on it is what the harness itself costs.
enum NullEngine {
    static let description = EngineDescription(
        name: .null,
        capabilities: EngineCapabilities(garbageCollection: true, nativeCode: false, executes: false),
        makeBackend: { (_, libraryPath) throws(EngineError) in NullBackend(libraryPath: libraryPath) })

    /// Exports that must answer 1 for a host to go on; all others answer 0.
    static let affirmative: Set<String> = ["proxy_on_vm_start", "proxy_on_configure", "proxy_on_done"]
}

private struct NullBackend: EngineBackend {
    let libraryPath: String?
    var version: String { "none" }
    var memoryKind: GuestMemoryKind { .none }
    var artifactKey: String { "none" }

    func compile(_ bytes: [UInt8], surface: ModuleSurface) -> any ModuleBackend { NullModule(surface: surface) }
    func load(_ code: ArraySlice<UInt8>, surface: ModuleSurface) -> any ModuleBackend { NullModule(surface: surface) }
    func binary(ofText text: [UInt8]) throws(EngineError) -> [UInt8] {
        try WasmtimeLibrary.find(path: libraryPath).binary(ofText: text)
    }
}

private struct NullModule: ModuleBackend, LinkedBackend {
    let surface: ModuleSurface

    func serialise() -> [UInt8] { [] }
    func link(_ functions: [HostFunction]) -> any LinkedBackend { self }

    func instantiate(
        context: UnsafeMutableRawPointer, vmOrdinal: Int, beforeStart: ((WasmInstance) -> Void)?
    ) -> WasmInstance {
        let instance = NullInstance(surface: surface, context: context, vmOrdinal: vmOrdinal)
        beforeStart?(instance)
        return instance
    }
}

private final class NullInstance: WasmInstance {
    private let surface: ModuleSurface

    init(surface: ModuleSurface, context: UnsafeMutableRawPointer, vmOrdinal: Int) {
        self.surface = surface
        let state = UnsafeMutablePointer<InstanceState>.allocate(capacity: 1)
        state.initialize(to: InstanceState(context: context, vmOrdinal: vmOrdinal, memories: []))
        super.init(state: state)
    }

    override func function(named name: String, type: FunctionType) -> GuestFunction? {
        guard surface.exportedFunction(name) == type else { return nil }
        return GuestFunction(
            target: wasmtime_func_t(), slotCount: type.slotCount,
            constant: NullEngine.affirmative.contains(name) ? 1 : 0)
    }

    override func run(_ function: UnsafePointer<GuestFunction>, _ slots: UnsafeMutablePointer<ValueSlot>) -> Bool {
        if function.pointee.slotCount > 0 { slots[0] = ValueSlot(u64: function.pointee.constant) }
        return true
    }
}
