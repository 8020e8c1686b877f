package import SluiceModel

/// A Wasm engine with fixed limits; shared by all threads.
package final class WasmEngine: Sendable {
    package let description: EngineDescription
    /// The limits that hold for each of its instances.
    package let settings: EngineSettings
    private let backend: any EngineBackend

    init(description: EngineDescription, settings: EngineSettings, backend: any EngineBackend) {
        self.description = description
        self.settings = settings
        self.backend = backend
    }

    /// The engine's name and the version of the library behind it, for reports.
    package var identity: EngineIdentity { EngineIdentity(name: description.name, version: backend.version) }

    /// What the memories of its instances are.
    package var memoryKind: GuestMemoryKind { backend.memoryKind }

    /// Engine, exact library build, configuration and CPU architecture: together with the hash of the module it names
    /// compiled code in a cache. Limits are not part of it, as code does not depend on them.
    package var artifactKey: String { "\(description.name.rawValue);\(backend.artifactKey)" }

    /// Compiles a core module in binary or text form.
    ///
    /// - Parameter name: of the module's file, for errors with a place in its text.
    package func compile(_ bytes: [UInt8], name: String = "module") throws(EngineError) -> WasmModule {
        let binary = try binary(of: bytes, name: name)
        var surface = try ModuleSurface(reading: binary)
        try surface.check(for: description)
        let rewritten = try ModuleRewriting.rewrite(binary, surface: surface)
        surface.codeOffset = binary.count - rewritten.count
        let module = try backend.compile(
            DataSegmentMerging.merge(rewritten, memory: surface.memories.first), surface: surface)
        return WasmModule(surface: surface, artifactKey: artifactKey, backend: module)
    }

    /// Binary form of a module: `bytes` themselves, or what the text in them says. `name` as for `compile`.
    package func binary(of bytes: [UInt8], name: String = "module") throws(EngineError) -> [UInt8] {
        guard try Self.form(of: bytes) == .text else { return bytes }
        do throws(EngineError) { return try backend.binary(ofText: bytes) } catch {
            guard case .invalidModule(let reason) = error else { throw error }
            // The parser knows no file.
            throw .invalidModule(reason: reason.replacing("<anon>", with: name))
        }
    }

    /// A module from what `WasmModule.serialise` gave.
    ///
    /// The bytes are native code that will run in this process with all its rights, and their contents are not
    /// verified: give it only bytes from a place that nobody but this user can write to. Never from the network.
    ///
    /// Throws `artifact` for bytes of another engine, library or CPU: compile the module again then.
    package func load(artifact: [UInt8]) throws(EngineError) -> WasmModule {
        let parts = try ModuleArtifact(reading: artifact, expectedKey: artifactKey)
        var surface = try ModuleSurface(reading: parts.declarations)
        surface.codeOffset = parts.codeOffset
        try surface.check(for: description)
        let module = try backend.load(parts.code, surface: surface)
        return WasmModule(surface: surface, artifactKey: artifactKey, backend: module)
    }

    private enum Form { case binary, text }

    private static func form(of bytes: [UInt8]) throws(EngineError) -> Form {
        if bytes.starts(with: [0x00, 0x61, 0x73, 0x6d]) { return .binary }
        let first = bytes.first { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }
        if first == UInt8(ascii: "(") || first == UInt8(ascii: ";") { return .text }
        throw .invalidModule(
            reason: bytes.isEmpty
                ? "the file is empty" : "it begins neither with the Wasm magic number nor with a text module")
    }
}

/// A compiled module; shared by all threads.
package final class WasmModule: Sendable {
    private let surface: ModuleSurface
    private let artifactKey: String
    private let backend: any ModuleBackend

    init(surface: ModuleSurface, artifactKey: String, backend: any ModuleBackend) {
        self.surface = surface
        self.artifactKey = artifactKey
        self.backend = backend
    }

    /// In the order of the import section.
    package var imports: [ModuleImport] { surface.imports }
    /// In the order of the export section.
    package var exports: [ModuleExport] { surface.exports }

    /// Native code and what is needed to use it without the module's bytes, for `WasmEngine.load(artifact:)`.
    package func serialise() throws(EngineError) -> [UInt8] {
        ModuleArtifact.write(key: artifactKey, surface: surface, code: try backend.serialise())
    }

    /// Resolves every function import among `functions`; an imported memory or table is made for every instance.
    ///
    /// Throws the first of `missingImport`, `importTypeMismatch`, in the order of the imports.
    package func link(_ functions: [HostFunction]) throws(EngineError) -> LinkedModule {
        var resolved: [HostFunction] = []
        for entry in imports {
            let candidate = functions.first { $0.module == entry.module && $0.name == entry.name }
            switch entry.type {
            case .function(let type):
                guard let candidate else { throw .missingImport(module: entry.module, name: entry.name) }
                guard candidate.type == type else {
                    throw .importTypeMismatch(
                        module: entry.module, name: entry.name, expected: entry.type.description,
                        found: ExternType.function(candidate.type).description)
                }
                resolved.append(candidate)
            case .memory, .table:
                guard let candidate else { continue }
                throw .importTypeMismatch(
                    module: entry.module, name: entry.name, expected: entry.type.description,
                    found: ExternType.function(candidate.type).description)
            case .global, .tag:
                throw .missingImport(module: entry.module, name: entry.name)
            }
        }
        return LinkedModule(backend: try backend.link(resolved))
    }
}

/// A module with its imports resolved, ready to make instances; shared by all threads.
package final class LinkedModule: Sendable {
    private let backend: any LinkedBackend
    init(backend: any LinkedBackend) { self.backend = backend }

    /// Makes an instance in a store of its own and runs its start function, if it has one.
    ///
    /// `context` is handed to every host function and must outlive the instance. A start function already calls host
    /// functions; a host that needs the instance there takes it in `beforeStart`, which runs before the memory exists.
    package func instantiate(
        context: UnsafeMutableRawPointer, vmOrdinal: Int, beforeStart: ((WasmInstance) -> Void)? = nil
    ) throws(EngineError) -> WasmInstance {
        try backend.instantiate(context: context, vmOrdinal: vmOrdinal, beforeStart: beforeStart)
    }
}
