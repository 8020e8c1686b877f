import CWasmtime
import Glibc
import SluiceModel

/// `@unchecked`: a `wasmtime_module_t` may be used by all threads.
final class WasmtimeModule: ModuleBackend, @unchecked Sendable {
    let backend: WasmtimeBackend
    let module: OpaquePointer
    let surface: ModuleSurface

    /// Owns `module`.
    init(backend: WasmtimeBackend, module: OpaquePointer, surface: ModuleSurface) {
        self.backend = backend
        self.module = module
        self.surface = surface
    }

    deinit { backend.library.functions.pointee.wasmtime_module_delete(module) }

    func serialise() throws(EngineError) -> [UInt8] {
        let functions = backend.library.functions.pointee
        var bytes = wasm_byte_vec_t()
        if let error = functions.wasmtime_module_serialize(module, &bytes) {
            throw .artifact(reason: backend.library.consume(error))
        }
        defer { functions.wasm_byte_vec_delete(&bytes) }
        return Array(UnsafeBufferPointer(start: bytes.data, count: bytes.size))
    }

    func link(_ functions: [HostFunction]) throws(EngineError) -> any LinkedBackend {
        try WasmtimeLinkedModule(module: self, functions: functions)
    }

    /// A linker that offers `functions`; the caller deletes it.
    func makeLinker(_ functions: [HostFunction]) throws(EngineError) -> OpaquePointer {
        let library = backend.library
        guard let linker = library.functions.pointee.wasmtime_linker_new(backend.engine) else {
            throw .instantiation(reason: "the library made no linker")
        }
        // A module may import the same function more than once.
        var defined: Set<String> = []
        for function in functions where defined.insert("\(function.module)\0\(function.name)").inserted {
            if let error = define(function, in: linker) {
                library.functions.pointee.wasmtime_linker_delete(linker)
                throw .instantiation(reason: library.consume(error))
            }
        }
        return linker
    }

    private func define(_ function: HostFunction, in linker: OpaquePointer) -> OpaquePointer? {
        let table = backend.library.functions
        let type = makeFunctionType(function.type)
        defer { table.pointee.wasm_functype_delete(type) }
        var record = HostFunctionRecord(callback: function.callback, functions: table)
        let trampoline: wasmtime_func_unchecked_callback_t
        if let message = function.trapMessage {
            record.text = strdup(message)
            trampoline = HostFunctionRecord.trap
        } else if let replacement = function.replacement {
            record.replacement = replacement
            record.text = strdup(function.name)
            trampoline = HostFunctionRecord.namedTrampoline
        } else {
            trampoline = HostFunctionRecord.trampoline
        }
        let environment = UnsafeMutablePointer<HostFunctionRecord>.allocate(capacity: 1)
        environment.initialize(to: record)
        var module = function.module
        var name = function.name
        return module.withUTF8 { module in
            name.withUTF8 { name in
                module.withMemoryRebound(to: CChar.self) { module in
                    name.withMemoryRebound(to: CChar.self) { name in
                        table.pointee.wasmtime_linker_define_func_unchecked(
                            linker, module.baseAddress, module.count, name.baseAddress, name.count, type,
                            trampoline, environment, { HostFunctionRecord.delete($0) })
                    }
                }
            }
        }
    }

    private func makeFunctionType(_ type: FunctionType) -> OpaquePointer? {
        let functions = backend.library.functions.pointee
        func vector(_ types: [ValueType]) -> wasm_valtype_vec_t {
            let elements: [OpaquePointer?] = types.map { functions.wasm_valtype_new($0.wasmtimeKind) }
            var result = wasm_valtype_vec_t()
            functions.wasm_valtype_vec_new(&result, elements.count, elements)
            return result
        }
        var parameters = vector(type.parameters)
        var results = vector(type.results)
        return functions.wasm_functype_new(&parameters, &results)
    }
}

extension ValueType {
    /// Host functions take and return numbers.
    fileprivate var wasmtimeKind: wasm_valkind_t {
        switch self {
        case .i32: wasm_valkind_t(WASM_I32.rawValue)
        case .i64: wasm_valkind_t(WASM_I64.rawValue)
        case .f32: wasm_valkind_t(WASM_F32.rawValue)
        case .f64: wasm_valkind_t(WASM_F64.rawValue)
        case .v128, .reference: preconditionFailure("a host function takes and returns i32, i64, f32 and f64")
        }
    }
}

/// A host function as the library knows it.
struct HostFunctionRecord {
    let callback: HostCallback
    let functions: UnsafePointer<sluice_wasmtime_t>
    var replacement: NamedHostCallback?
    /// The name that a replacement is given, or the message of a function that only traps.
    var text: UnsafeMutablePointer<CChar>?

    static func delete(_ record: UnsafeMutableRawPointer?) {
        guard let record = record?.assumingMemoryBound(to: HostFunctionRecord.self) else { return }
        free(record.pointee.text)
        record.deallocate()
    }

    /// For functions that only trap.
    static let trap: wasmtime_func_unchecked_callback_t = { environment, caller, _, _ in
        let record = environment.unsafelyUnwrapped.assumingMemoryBound(to: HostFunctionRecord.self)
        let functions = record.pointee.functions
        let state = functions.pointee.wasmtime_context_get_data(functions.pointee.wasmtime_caller_context(caller))
            .unsafelyUnwrapped.assumingMemoryBound(to: InstanceState.self)
        state.pointee.hostRaisedTrap = true
        let message = record.pointee.text
        return functions.pointee.wasmtime_trap_new(message, message.map { strlen($0) } ?? 0)
    }

    /// From the library's calling convention to ours.
    static let trampoline: wasmtime_func_unchecked_callback_t = { environment, caller, slots, _ in
        let record = environment.unsafelyUnwrapped.assumingMemoryBound(to: HostFunctionRecord.self)
        return record.pointee.call(caller, slots) { record.pointee.callback($0, $1) }
    }

    /// As `trampoline`, for a function with a replacement.
    static let namedTrampoline: wasmtime_func_unchecked_callback_t = { environment, caller, slots, _ in
        let record = environment.unsafelyUnwrapped.assumingMemoryBound(to: HostFunctionRecord.self)
        return record.pointee.call(caller, slots) {
            record.pointee.replacement.unsafelyUnwrapped($0, $1, record.pointee.text.unsafelyUnwrapped)
        }
    }

    @inline(__always)
    private func call(
        _ caller: OpaquePointer?, _ slots: UnsafeMutablePointer<wasmtime_val_raw_t>?,
        _ body: (UnsafeMutableRawPointer, UnsafeMutablePointer<ValueSlot>) -> Int32
    ) -> OpaquePointer? {
        let state = functions.pointee.wasmtime_context_get_data(functions.pointee.wasmtime_caller_context(caller))
            .unsafelyUnwrapped.assumingMemoryBound(to: InstanceState.self)
        let ownSlots = UnsafeMutableRawPointer(slots.unsafelyUnwrapped).assumingMemoryBound(to: ValueSlot.self)
        guard body(state.pointee.context, ownSlots) != 0 else { return nil }
        state.pointee.hostRaisedTrap = true
        return HostTrap.make(functions)
    }
}
