package import SluiceEngine
import SluiceModel

/// Why a module cannot be loaded as a plugin. The descriptions are the texts that Envoy prints where it has one.
package enum PluginLoadError: Error, Sendable, Equatable {
    /// No export declares an ABI version that any host knows.
    case unknownABIVersion
    /// A name that is neither a profile nor a release of Envoy whose behaviour is known.
    case unknownProfile(String, known: [String])
    /// Every import that the host does not offer under the ABI version and profile, in the module's order.
    case missingImports([ImportName])
    /// `want` and `have` list parameters and results as the C++ host prints them.
    case importTypeMismatch(ImportName, want: String, have: String)
    /// A callback or an allocator is exported with a type that the host cannot call.
    case badExportSignature(export: String, want: String, have: String)
    /// No export through which the host could ask for memory; it is named after the one that is looked for first.
    case missingAllocator(AllocatorExport)
    case engine(EngineError)

    /// `MODULE.NAME`.
    package struct ImportName: Sendable, Equatable, CustomStringConvertible {
        /// The import module, `env` for example.
        package var module: String
        /// The name within the import module.
        package var name: String
        package var description: String { "\(module).\(name)" }

        package init(module: String, name: String) {
            self.module = module
            self.name = name
        }
    }
}

extension PluginLoadError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownABIVersion: "Missing or unknown Proxy-Wasm ABI version"
        case .unknownProfile(let name, let known):
            "the behaviour of Envoy \"\(name)\" is not known (known: \(known.joined(separator: ", ")))"
        case .missingImports(let imports):
            imports.map { "Failed to load Wasm module due to a missing import: \($0)" }.joined(separator: "\n")
        case .importTypeMismatch(let name, let want, let have):
            "Failed to load Wasm module due to an import type mismatch: \(name), want: \(want), "
                + "but host exports: \(have)"
        case .badExportSignature(let export, let want, let have):
            "Bad function signature for: \(export), want: \(want), but the module exports: \(have)"
        case .missingAllocator(let export): "Wasm module is missing \(export.rawValue) function."
        case .engine(let error): "\(error)"
        }
    }
}

/// The checks of the C++ host's V8 engine between a module's imports and exports and what the host offers and calls.
enum LinkRules {
    /// An import that the host does not offer as the module wants it.
    enum ImportProblem {
        case missing
        /// The host's function has another type, this one.
        case otherType(FunctionType)
    }

    /// `nil` when the host offers the import. Imported memories and tables are made by the host.
    static func problem(with entry: ModuleImport, offered: [HostFunction]) -> ImportProblem? {
        switch entry.type {
        case .memory, .table: return nil
        case .global, .tag: return .missing
        case .function(let type):
            guard let function = offered.first(where: { $0.module == entry.module && $0.name == entry.name }) else {
                return .missing
            }
            return function.type == type ? nil : .otherType(function.type)
        }
    }

    /// `missingImports` with all that are missing, then every `importTypeMismatch`.
    static func importProblems(_ imports: [ModuleImport], against offered: [HostFunction]) -> [PluginLoadError] {
        var missing: [PluginLoadError.ImportName] = []
        var mismatches: [PluginLoadError] = []
        for entry in imports {
            let name = PluginLoadError.ImportName(module: entry.module, name: entry.name)
            switch problem(with: entry, offered: offered) {
            case nil: continue
            case .missing: missing.append(name)
            case .otherType(let offeredType):
                guard case .function(let type) = entry.type else { continue }
                mismatches.append(.importTypeMismatch(name, want: text(of: type), have: text(of: offeredType)))
            }
        }
        return (missing.isEmpty ? [] : [.missingImports(missing)]) + mismatches
    }

    /// Every callback that is exported has to have the type that its ABI version gives it.
    static func exportProblems(_ exports: [ModuleExport], version: ABIVersion) -> [PluginLoadError] {
        Callback.allCases.compactMap { callback in
            guard let want = callback.type(in: version) else { return nil }
            return problem(withExport: callback.exportName, want: want, in: exports)
        }
    }

    /// The export through which the host allocates: `malloc` before `proxy_on_memory_allocate`. Where types do not
    /// matter, an export of another type is as good as none.
    static func allocator(
        in exports: [ModuleExport], mode: LinkMode, choice: AllocatorChoice = .malloc
    ) throws(PluginLoadError) -> AllocatorExport {
        let candidates: [AllocatorExport] =
            switch choice {
            case .malloc: AllocatorExport.allCases
            case .proxyOnMemoryAllocate: [.proxyOnMemoryAllocate]
            }
        for candidate in candidates {
            guard functionType(of: candidate.rawValue, in: exports) != nil else { continue }
            guard let problem = problem(withExport: candidate.rawValue, want: AllocatorExport.type, in: exports) else {
                return candidate
            }
            if mode == .strict { throw problem }
        }
        throw .missingAllocator(candidates[0])
    }

    private static func functionType(of name: String, in exports: [ModuleExport]) -> FunctionType? {
        guard let export = exports.first(where: { $0.name == name }), case .function(let type) = export.type
        else { return nil }
        return type
    }

    private static func problem(
        withExport name: String, want: FunctionType, in exports: [ModuleExport]
    ) -> PluginLoadError? {
        guard let type = functionType(of: name, in: exports), type != want else { return nil }
        return .badExportSignature(export: name, want: text(of: want), have: text(of: type))
    }

    /// `i32 i32 -> i32`, `void -> void`.
    static func text(of type: FunctionType) -> String {
        func list(_ types: [ValueType]) -> String {
            types.isEmpty ? "void" : types.map(\.description).joined(separator: " ")
        }
        return "\(list(type.parameters)) -> \(list(type.results))"
    }
}
