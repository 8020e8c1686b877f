import CWasmtime
import SluiceModel

/// A module whose imports are resolved once for every store.
///
/// `@unchecked`: a `wasmtime_instance_pre_t` may be used by all threads.
final class WasmtimeLinkedModule: LinkedBackend, @unchecked Sendable {
    private let module: WasmtimeModule
    private let prelinked: OpaquePointer

    init(module: WasmtimeModule, functions: [HostFunction]) throws(EngineError) {
        self.module = module
        let library = module.backend.library
        let linker = try module.makeLinker(functions)
        defer { library.functions.pointee.wasmtime_linker_delete(linker) }
        var result: OpaquePointer?
        let error = library.functions.pointee.wasmtime_linker_instantiate_pre(linker, module.module, &result)
        guard error == nil, let result else {
            throw .instantiation(reason: error.map(library.consume) ?? "the library gave no reason")
        }
        prelinked = result
    }

    deinit { module.backend.library.functions.pointee.wasmtime_instance_pre_delete(prelinked) }

    func instantiate(
        context: UnsafeMutableRawPointer, vmOrdinal: Int, beforeStart: ((WasmInstance) -> Void)?
    ) throws(EngineError) -> WasmInstance {
        let instance = WasmtimeInstance(module: module, context: context, vmOrdinal: vmOrdinal)
        beforeStart?(instance)
        try instance.start(prelinked)
        return instance
    }
}
