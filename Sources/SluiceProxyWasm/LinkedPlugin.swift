import SluiceEngine
import SluiceModel

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
