package import SluiceEngine
import SluiceModel

/// A module that passed the link rules, with its imports resolved; shared by all workers.
package struct LinkedPlugin: Sendable {
    /// The ABI version that the module declares by an export.
    package let abiVersion: ABIVersion
    /// The export through which the host asks for memory.
    package let allocator: AllocatorExport
    /// The Envoy profile whose WASI it was linked against.
    package let profile: String
    let module: LinkedModule
}

/// Makes a plugin of a compiled module.
package enum PluginLinker {
    /// Checks ABI version, imports, callbacks and allocator as Envoy does with V8, and resolves the imports.
    package static func link(_ module: WasmModule, profile: String) throws(PluginLoadError) -> LinkedPlugin {
        let profile = try WASIProfile.named(profile)
        guard let version = ABIVersion.detect(in: module.exports) else { throw .unknownABIVersion }
        guard version != .v0_1_0 else { throw .unsupportedABIVersion(version) }
        let offered = HostFunctionTable.functions(for: version) + profile.functions
        try LinkRules.checkImports(module.imports, against: offered)
        try LinkRules.checkExports(module.exports, version: version)
        let allocator = try LinkRules.allocator(in: module.exports)
        do {
            return LinkedPlugin(
                abiVersion: version, allocator: allocator, profile: profile.name, module: try module.link(offered))
        } catch {
            throw .engine(error)
        }
    }
}
