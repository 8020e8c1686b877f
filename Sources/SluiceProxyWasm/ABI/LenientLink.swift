import SluiceEngine
import SluiceModel

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
