package import SluiceEngine
package import SluiceModel

/// Makes a plugin of a compiled module.
package enum PluginLinker {
    /// Checks ABI version, imports, callbacks and allocator as Envoy does with V8, and resolves the imports. `profile`
    /// is a text as `EnvoyProfile.resolve` takes it. `added` are functions that are offered beside those of the tables.
    package static func link(
        _ module: WasmModule, profile: String, mode: LinkMode = .strict, allocator: AllocatorChoice = .malloc,
        capabilities: CapabilityRestriction = .none, beside added: [HostFunction] = []
    ) throws(PluginLoadError) -> LinkedPlugin {
        let profile = try WASIProfile.named(profile)
        guard let version = ABIVersion.detect(in: module.exports) else { throw .unknownABIVersion }
        var offered = HostFunctionTable.functions(for: version) + profile.functions + added
        var leniences: [String] = []
        switch mode {
        case .strict:
            let problems =
                LinkRules.importProblems(module.imports, against: offered)
                + LinkRules.exportProblems(module.exports, version: version)
            if let first = problems.first { throw first }
        case .lenient:
            leniences = try LenientLink.complete(&offered, for: module.imports)
            leniences += LinkRules.exportProblems(module.exports, version: version).map {
                "\($0); the export is taken for absent"
            }
        }
        let allocator = try LinkRules.allocator(in: module.exports, mode: mode, choice: allocator)
        do {
            return LinkedPlugin(
                abiVersion: version, allocator: allocator, profile: profile.profile.rawValue, leniences: leniences,
                restrictsStartUp: profile.restrictsStartUp && mode == .strict,
                callbacks: LinkedCallback.all(
                    in: module.exports, version: version, capabilities: capabilities),
                module: try module.link(capabilities.apply(to: offered)))
        } catch {
            throw .engine(error)
        }
    }

    /// Everything that keeps a module from being linked strictly, in the order in which a host meets it.
    package static func problems(
        imports: [ModuleImport], exports: [ModuleExport], profile: EnvoyProfile
    ) -> [PluginLoadError] {
        guard let version = ABIVersion.detect(in: exports) else { return [.unknownABIVersion] }
        var problems =
            LinkRules.importProblems(
                imports, against: HostFunctionTable.functions(for: version) + WASIProfile(profile).functions)
            + LinkRules.exportProblems(exports, version: version)
        do throws(PluginLoadError) { _ = try LinkRules.allocator(in: exports, mode: .strict) } catch {
            problems.append(error)
        }
        return problems
    }
}
