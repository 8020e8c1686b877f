package import SluiceEngine
package import SluiceModel

/// A module that passed the link rules, with its imports resolved; shared by all workers.
package struct LinkedPlugin: Sendable {
    /// The ABI version that the module declares by an export.
    package let abiVersion: ABIVersion
    /// The export through which the host asks for memory.
    package let allocator: AllocatorExport
    /// The Envoy profile whose WASI it was linked against.
    package let profile: String
    /// What was let pass in a lenient link: one sentence each, empty in a strict one.
    package let leniences: [String]
    /// Start-up may call few host functions.
    let restrictsStartUp: Bool
    /// What its VMs can be called back with.
    let callbacks: [LinkedCallback]
    let module: LinkedModule
}

/// A callback that a module exports with the type that it is called with, and may use.
struct LinkedCallback: Sendable {
    let callback: Callback
    let exportName: String
    let type: FunctionType

    /// Looked up once for all VMs of a module: most modules have few of the callbacks that there are.
    static func all(
        in exports: [ModuleExport], version: ABIVersion, capabilities: CapabilityRestriction
    ) -> [LinkedCallback] {
        Callback.allCases.compactMap { callback in
            guard let type = callback.type(in: version), capabilities.allows(callback: callback) else { return nil }
            let name = callback.exportName
            guard exports.contains(where: { $0.name == name && $0.type == .function(type) }) else { return nil }
            return LinkedCallback(callback: callback, exportName: name, type: type)
        }
    }
}

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

/// What a lenient link does about imports that do not fit.
enum LenientLink {
    /// Replaces what does not fit by functions that trap when they are called, and says so. Throws `missingImports` for
    /// what no function can stand in for: globals, tags, and functions on vectors and references.
    static func complete(
        _ offered: inout [HostFunction], for imports: [ModuleImport]
    ) throws(PluginLoadError) -> [String] {
        var leniences: [String] = []
        var missing: [PluginLoadError.ImportName] = []
        for entry in imports {
            guard let problem = LinkRules.problem(with: entry, offered: offered) else { continue }
            let name = PluginLoadError.ImportName(module: entry.module, name: entry.name)
            let message =
                switch problem {
                case .missing: "the host has no \(name): a lenient link put a trap in its place"
                case .otherType: "the host's \(name) has another type: a lenient link put a trap in its place"
                }
            guard case .function(let type) = entry.type,
                let trap = HostFunction.trapping(
                    module: entry.module, name: entry.name, type: type, message: message)
            else {
                missing.append(name)
                continue
            }
            offered.removeAll { $0.module == entry.module && $0.name == entry.name }
            offered.append(trap)
            leniences.append(message)
        }
        if !missing.isEmpty { throw .missingImports(missing) }
        return leniences
    }
}
