import CWasmtime
import SluiceModel

/// The engines that libwasmtime has in it.
enum WasmtimeEngine {
    static let cranelift = EngineDescription(
        name: .cranelift,
        capabilities: EngineCapabilities(garbageCollection: true, nativeCode: true, executes: true),
        makeBackend: { (settings, path) throws(EngineError) in
            try WasmtimeBackend(settings: settings, libraryPath: path, strategy: .cranelift)
        })

    static let winch = EngineDescription(
        name: .winch,
        capabilities: EngineCapabilities(garbageCollection: false, nativeCode: true, executes: true),
        makeBackend: { (settings, path) throws(EngineError) in
            try WasmtimeBackend(settings: settings, libraryPath: path, strategy: .winch)
        })

    static let pulley = EngineDescription(
        name: .pulley,
        capabilities: EngineCapabilities(garbageCollection: true, nativeCode: false, executes: true),
        makeBackend: { (settings, path) throws(EngineError) in
            try WasmtimeBackend(settings: settings, libraryPath: path, strategy: .pulley)
        })
}

/// How libwasmtime turns a module into something that runs.
enum WasmtimeStrategy: String {
    case cranelift, winch, pulley

    func configure(_ configuration: OpaquePointer, library: WasmtimeLibrary) throws(EngineError) {
        let functions = library.functions.pointee
        switch self {
        case .cranelift:
            functions.wasmtime_config_strategy_set(configuration, strategy(WASMTIME_STRATEGY_CRANELIFT))
        case .winch:
            functions.wasmtime_config_strategy_set(configuration, strategy(WASMTIME_STRATEGY_WINCH))
            // With any of these enabled the library aborts the process when it makes the engine.
            functions.wasmtime_config_wasm_gc_set(configuration, false)
            functions.wasmtime_config_wasm_function_references_set(configuration, false)
            functions.wasmtime_config_wasm_exceptions_set(configuration, false)
            functions.wasmtime_config_wasm_tail_call_set(configuration, false)
        case .pulley:
            functions.wasmtime_config_strategy_set(configuration, strategy(WASMTIME_STRATEGY_CRANELIFT))
            if let error = functions.wasmtime_config_target_set(configuration, "pulley64") {
                throw .unsupported(engine: .pulley, reason: library.consume(error))
            }
        }
    }

    private func strategy(_ value: wasmtime_strategy_enum) -> wasmtime_strategy_t {
        wasmtime_strategy_t(value.rawValue)
    }
}

/// One engine of libwasmtime with its epochs.
///
/// `@unchecked`: a `wasm_engine_t` may be used by all threads; everything here is constant.
final class WasmtimeBackend: EngineBackend, @unchecked Sendable {
    let library: WasmtimeLibrary
    let engine: OpaquePointer
    let settings: EngineSettings
    private let strategy: WasmtimeStrategy
    private let ticker: EpochTicker

    init(settings: EngineSettings, libraryPath: String?, strategy: WasmtimeStrategy) throws(EngineError) {
        library = try WasmtimeLibrary.find(path: libraryPath)
        self.settings = settings
        self.strategy = strategy
        let functions = library.functions.pointee
        guard let configuration = functions.wasm_config_new() else {
            throw .libraryUnusable(path: library.path, reason: "it made no configuration")
        }
        try strategy.configure(configuration, library: library)
        functions.wasmtime_config_epoch_interruption_set(configuration, true)
        functions.wasmtime_config_max_wasm_stack_set(configuration, EngineSettings.guestStackBytes)
        // Copy-on-write images need memories that the library made itself.
        functions.wasmtime_config_memory_init_cow_set(configuration, false)
        functions.wasmtime_config_wasm_memory64_set(configuration, false)
        functions.wasmtime_config_wasm_multi_memory_set(configuration, false)
        MemoryCreator.install(
            MemoryCreator(
                functions: library.functions, memoryCapBytes: settings.memoryCapBytes,
                gcHeapCapBytes: settings.gcHeapCapBytes, fixedMemoryBytes: settings.fixedMemoryBytes),
            in: configuration)
        guard let engine = functions.wasm_engine_new_with_config(configuration) else {
            throw .libraryUnusable(path: library.path, reason: "it made no engine")
        }
        self.engine = engine
        do throws(EngineError) {
            ticker = try EpochTicker(
                engine: engine, functions: library.functions, deadlineNanoseconds: settings.deadlineNanoseconds)
        } catch {
            functions.wasm_engine_delete(engine)
            throw error
        }
    }

    deinit {
        ticker.stop()
        library.functions.pointee.wasm_engine_delete(engine)
    }

    var version: String { library.version }

    var memoryKind: GuestMemoryKind { .own }

    /// The configuration is fixed by this build of ours, whose own number is the last part.
    var artifactKey: String {
        "wasmtime-\(library.version);\(library.buildIdentifier);\(Self.architecture);configuration-1"
    }

    private static var architecture: String {
        #if arch(x86_64)
            "x86_64"
        #elseif arch(arm64)
            "aarch64"
        #else
            #error("libwasmtime is built for x86-64 and aarch64 here")
        #endif
    }

    func compile(_ bytes: [UInt8], surface: ModuleSurface) throws(EngineError) -> any ModuleBackend {
        var module: OpaquePointer?
        let error = library.functions.pointee.wasmtime_module_new(engine, bytes, bytes.count, &module)
        guard error == nil, let module else {
            throw .invalidModule(reason: error.map(library.consume) ?? "the library gave no reason")
        }
        return WasmtimeModule(backend: self, module: module, surface: surface)
    }

    func load(_ code: ArraySlice<UInt8>, surface: ModuleSurface) throws(EngineError) -> any ModuleBackend {
        var module: OpaquePointer?
        let error = code.withUnsafeBufferPointer {
            library.functions.pointee.wasmtime_module_deserialize(engine, $0.baseAddress, $0.count, &module)
        }
        guard error == nil, let module else {
            throw .artifact(reason: error.map(library.consume) ?? "the library gave no reason")
        }
        return WasmtimeModule(backend: self, module: module, surface: surface)
    }

    func binary(ofText text: [UInt8]) throws(EngineError) -> [UInt8] { try library.binary(ofText: text) }
}

extension WasmtimeLibrary {
    /// The binary form of a module in text form.
    func binary(ofText text: [UInt8]) throws(EngineError) -> [UInt8] {
        var bytes = wasm_byte_vec_t()
        let error = text.withUnsafeBytes {
            functions.pointee.wasmtime_wat2wasm(
                $0.bindMemory(to: CChar.self).baseAddress, $0.count, &bytes)
        }
        if let error { throw .invalidModule(reason: consume(error)) }
        defer { functions.pointee.wasm_byte_vec_delete(&bytes) }
        return Array(UnsafeBufferPointer(start: bytes.data, count: bytes.size))
    }
}
