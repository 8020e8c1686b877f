package import SluiceEngine

/// Why a module cannot be loaded as a plugin. The descriptions are the texts that Envoy prints where it has one.
package enum PluginLoadError: Error, Sendable, Equatable {
    /// No export declares an ABI version that any host knows.
    case unknownABIVersion
    /// An ABI version that exists but cannot be hosted yet.
    case unsupportedABIVersion(ABIVersion)
    /// A name that is no profile of this host.
    case unsupportedProfile(String, supported: [String])
    /// Every import that the host does not offer under the ABI version and profile, in the module's order.
    case missingImports([ImportName])
    /// `want` and `have` list parameters and results as the C++ host prints them.
    case importTypeMismatch(ImportName, want: String, have: String)
    /// A callback or an allocator is exported with a type that the host cannot call.
    case badExportSignature(export: String, want: String, have: String)
    /// Neither `malloc` nor `proxy_on_memory_allocate` is exported.
    case missingAllocator
    case engine(EngineError)

    /// `MODULE.NAME`.
    package struct ImportName: Sendable, Equatable, CustomStringConvertible {
        /// The import module, `env` for example.
        package var module: String
        /// The name within the import module.
        package var name: String
        package var description: String { "\(module).\(name)" }
    }
}

extension PluginLoadError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownABIVersion: "Missing or unknown Proxy-Wasm ABI version"
        case .unsupportedABIVersion(let version): "Proxy-Wasm ABI \(version.rawValue) is not yet supported"
        case .unsupportedProfile(let name, let supported):
            "Envoy profile \"\(name)\" is not yet supported (supported: \(supported.joined(separator: ", ")))"
        case .missingImports(let imports):
            imports.map { "Failed to load Wasm module due to a missing import: \($0)" }.joined(separator: "\n")
        case .importTypeMismatch(let name, let want, let have):
            "Failed to load Wasm module due to an import type mismatch: \(name), want: \(want), "
                + "but host exports: \(have)"
        case .badExportSignature(let export, let want, let have):
            "Bad function signature for: \(export), want: \(want), but the module exports: \(have)"
        case .missingAllocator: "Wasm module is missing malloc function."
        case .engine(let error): "\(error)"
        }
    }
}

/// The checks of the C++ host's V8 engine between a module's imports and exports and what the host offers and calls.
enum LinkRules {
    /// Throws `missingImports` with all of them, else the first `importTypeMismatch`.
    static func checkImports(
        _ imports: [ModuleImport], against offered: [HostFunction]
    ) throws(PluginLoadError) {
        var missing: [PluginLoadError.ImportName] = []
        var mismatch: PluginLoadError?
        for entry in imports {
            let name = PluginLoadError.ImportName(module: entry.module, name: entry.name)
            switch entry.type {
            case .memory, .table: continue
            case .global, .tag: missing.append(name)
            case .function(let type):
                guard let function = offered.first(where: { $0.module == entry.module && $0.name == entry.name })
                else {
                    missing.append(name)
                    continue
                }
                if function.type != type, mismatch == nil {
                    mismatch = .importTypeMismatch(name, want: text(of: type), have: text(of: function.type))
                }
            }
        }
        if !missing.isEmpty { throw .missingImports(missing) }
        if let mismatch { throw mismatch }
    }

    /// Every callback that is exported has to have the type that its ABI version gives it.
    static func checkExports(_ exports: [ModuleExport], version: ABIVersion) throws(PluginLoadError) {
        for callback in Callback.allCases {
            guard let want = callback.type(in: version) else { continue }
            try check(export: callback.exportName, want: want, in: exports)
        }
    }

    /// The export through which the host allocates: `malloc` before `proxy_on_memory_allocate`.
    static func allocator(in exports: [ModuleExport]) throws(PluginLoadError) -> AllocatorExport {
        for candidate in AllocatorExport.allCases {
            if try check(export: candidate.rawValue, want: AllocatorExport.type, in: exports) { return candidate }
        }
        throw .missingAllocator
    }

    /// Whether a function of this name is exported; throws when it is, with another type.
    @discardableResult
    private static func check(
        export name: String, want: FunctionType, in exports: [ModuleExport]
    ) throws(PluginLoadError) -> Bool {
        guard let export = exports.first(where: { $0.name == name }), case .function(let type) = export.type
        else { return false }
        guard type == want else {
            throw .badExportSignature(export: name, want: text(of: want), have: text(of: type))
        }
        return true
    }

    /// `i32 i32 -> i32`, `void -> void`.
    static func text(of type: FunctionType) -> String {
        func list(_ types: [ValueType]) -> String {
            types.isEmpty ? "void" : types.map(\.description).joined(separator: " ")
        }
        return "\(list(type.parameters)) -> \(list(type.results))"
    }
}
