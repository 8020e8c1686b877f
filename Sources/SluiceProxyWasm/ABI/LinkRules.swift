import SluiceEngine
import SluiceModel

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
