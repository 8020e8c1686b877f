internal import SluiceModel

/// Which plugins of a strategy are in one VM of each worker.
struct SharedVMs {
    /// In the order of the chain: the plugins of each VM.
    private let vms: [[String]]

    /// Before the modules of a strategy are known, every plugin is taken to have a VM of its own.
    init(_ run: RunRecord, _ strategy: Strategy) {
        let plugins = run.workload.plugins
        guard let hashes = run.moduleHashes[strategy.name], hashes.count == plugins.count else {
            vms = plugins.map { [$0.name] }
            return
        }
        var keys: [VMKey] = []
        var vms: [[String]] = []
        for (plugin, hash) in zip(plugins, hashes) {
            let key = VMKey(plugin, moduleHash: hash)
            if let index = keys.firstIndex(of: key) {
                vms[index].append(plugin.name)
            } else {
                keys.append(key)
                vms.append([plugin.name])
            }
        }
        self.vms = vms
    }

    /// VMs that a worker has at once.
    var count: Int { vms.count }

    /// Those with more than one plugin; `nil` without any.
    var names: [[String]]? {
        let shared = vms.filter { $0.count > 1 }
        return shared.isEmpty ? nil : shared
    }
}
