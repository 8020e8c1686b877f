import SluiceModel

/// Plugins that are in one VM, as far as a file shows it without its modules: by the modules' names.
extension Decoding {
    /// The host gives a VM the environment and the capabilities of its first plugin, as Envoy does without a word. What
    /// is written at another one would have no effect.
    func checkSharedVMs(of plugins: [PlacedPlugin]) {
        for (index, plugin) in plugins.enumerated() {
            guard let first = plugins[..<index].first(where: { $0.isInOneVM(with: plugin) }) else { continue }
            let sharing =
                "the plugins `\(first.specification.name)` and `\(plugin.specification.name)` are in one VM"
            if !first.specification.hasEnvironment(of: plugin.specification) {
                report(
                    plugin.modulePosition, "\(sharing), which has one environment",
                    "give both the same `environment_variables`, or each a `vm_id` of its own")
            }
            if first.specification.allowedCapabilities.map(Set.init)
                != plugin.specification.allowedCapabilities.map(Set.init)
            {
                report(
                    plugin.modulePosition, "\(sharing), which has one set of capabilities",
                    "give both the same `capability_restriction_config`, or each a `vm_id` of its own")
            }
        }
    }
}

extension Decoding.PlacedPlugin {
    fileprivate func isInOneVM(with other: Decoding.PlacedPlugin) -> Bool {
        specification.vmID == other.specification.vmID
            && specification.vmConfiguration == other.specification.vmConfiguration
            && specification.placement == other.specification.placement
            && specification.module?.source == other.specification.module?.source
    }
}

extension PluginSpecification {
    fileprivate func hasEnvironment(of other: PluginSpecification) -> Bool {
        Set(environmentVariables.map { [$0.name, $0.value] })
            == Set(other.environmentVariables.map { [$0.name, $0.value] })
            && Set(inheritedVariables.map(\.name)) == Set(other.inheritedVariables.map(\.name))
    }
}
