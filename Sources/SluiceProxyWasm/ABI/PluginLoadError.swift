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
