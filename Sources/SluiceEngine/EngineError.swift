import Glibc
package import SluiceModel

/// Why an engine, a module or an instance could not be made.
package enum EngineError: Error, Sendable, Equatable {
    /// No libwasmtime was found in any of these places.
    case libraryMissing(searched: [String])
    /// The file is there, but it is not the library that this build was written for.
    case libraryUnusable(path: String, reason: String)
    /// The engine cannot run this module, or does not run on this machine.
    case unsupported(engine: EngineName, reason: String)
    /// Not a core Wasm module, or one that does not validate.
    case invalidModule(reason: String)
    case missingImport(module: String, name: String)
    /// `expected` is the module's side, `found` the host's.
    case importTypeMismatch(module: String, name: String, expected: String, found: String)
    /// A memory needs more bytes to begin with than the cap allows.
    case memoryOverCap(memory: MemoryKind, requestedBytes: Int, capBytes: Int)
    /// The start function trapped, or a data or element segment was out of bounds.
    case instantiationTrap(Trap)
    /// The instance could not be made for another reason than a trap.
    case instantiation(reason: String)
    /// Serialised code that was damaged or made by another engine, version or configuration.
    case artifact(reason: String)
    /// The operating system refused memory or a thread.
    case system(call: String, code: Int32)
}

extension EngineError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .libraryMissing(let searched):
            "libwasmtime was not found; run scripts/bootstrap, or name the file in SLUICE_WASMTIME_LIB. Looked for: "
                + searched.joined(separator: ", ")
        case .libraryUnusable(let path, let reason): "libwasmtime at \(path) cannot be used: \(reason)"
        case .unsupported(let engine, let reason): "engine \(engine.rawValue): \(reason)"
        case .invalidModule(let reason): "not a valid Wasm module: \(reason)"
        case .missingImport(let module, let name): "missing import: \(module).\(name)"
        case .importTypeMismatch(let module, let name, let expected, let found):
            "import type mismatch: \(module).\(name): the module wants \(expected), the host offers \(found)"
        case .memoryOverCap(let memory, let requested, let cap):
            "the \(memory == .linear ? "linear memory" : "GC heap") needs \(Units.bytes(requested)) to begin with, "
                + "the cap is \(Units.bytes(cap))"
        case .instantiationTrap(let trap): "at instantiation: \(trap.message)"
        case .instantiation(let reason): "instantiation failed: \(reason)"
        case .artifact(let reason): "compiled module cannot be loaded: \(reason)"
        case .system(let call, let code): "\(call): \(String(cString: strerror(code)))"
        }
    }
}
