import SluiceModel

/// What the plugins of one chain have in common whose keys are equal: one VM, and the next one after it.
final class SharedVM {
    private struct Member {
        unowned let filter: ChainFilter
    }

    /// The first of the plugins. Environment and capabilities are no part of the key, so that the VM has the first
    /// one's, as in Envoy.
    let founder: ChainPlugin
    private var members: [Member] = []
    /// It may have failed.
    private var newest: PluginVM?

    private init(founder: ChainPlugin) { self.founder = founder }

    /// One for each key that several of the plugins have.
    static func all(of plugins: [ChainPlugin]) -> [VMKey: SharedVM] {
        Dictionary(grouping: plugins, by: \.vmKey).filter { $0.value.count > 1 }.mapValues { SharedVM(founder: $0[0]) }
    }

    /// The VM that a plugin joins; `nil` when there is none that can take new root contexts.
    var joinable: PluginVM? {
        guard let newest, !newest.hasFailed, !newest.isShutDown else { return nil }
        return newest
    }

    /// The filter lives as long as this object.
    func add(_ filter: ChainFilter) { members.append(Member(filter: filter)) }

    /// Plugins join this VM from now on.
    func enter(_ vm: PluginVM) { newest = vm }

    /// The VM has been replaced, not by a failure: all plugins that were in it move on together, also those that wait
    /// for nothing but their ticks.
    func replace(_ old: PluginVM, by new: PluginVM) {
        for member in members where member.filter.vm === old { member.filter.moveOn(to: new) }
    }
}
