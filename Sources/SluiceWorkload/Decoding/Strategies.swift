import SluiceModel

/// `strategies` and which plugin of the chain they are about.
extension Decoding {
    private static let mostStrategies = 64
    private static let mostRequestsPerVM: Int64 = 1_000_000_000

    /// With `strategies`, one plugin at least says `module: ${strategy}`; several run the same module. Without them
    /// there is one strategy, `default`, and every plugin names its module; the first plugin's becomes the strategy's,
    /// which comes to the same.
    func strategies(_ value: YAMLValue?, _ plugins: inout [PlacedPlugin]) -> [Strategy] {
        guard let value else { return defaultStrategy(&plugins) }
        guard let entries = mapping(value, what: "`strategies`", example: "{ name: { module: plugin.wasm } }") else {
            return []
        }
        if entries.isEmpty || entries.count > Self.mostStrategies {
            report(
                value.position, "there are \(entries.count) strategies",
                entries.isEmpty ? "name one, or leave `strategies` out" : "up to \(Self.mostStrategies) are compared")
        }
        let users = plugins.filter(\.usesStrategy)
        if users.isEmpty, let plugin = plugins.first {
            report(
                plugin.modulePosition, "no plugin runs the modules of the `strategies`",
                "say `module: ${strategy}` in the plugin that they are about")
        }
        return entries.compactMap(strategy)
    }

    private func defaultStrategy(_ plugins: inout [PlacedPlugin]) -> [Strategy] {
        for plugin in plugins where plugin.usesStrategy {
            report(
                plugin.modulePosition, "`${strategy}` without `strategies`",
                "name the module's file, or add `strategies`")
        }
        guard let module = plugins.first?.specification.module else { return [] }
        plugins[0].specification.module = nil
        return [Strategy(name: "default", module: module, environmentVariables: [], vmLife: .unlimited)]
    }

    private func strategy(_ entry: YAMLValue.Entry) -> Strategy? {
        let isNamed = checkName(entry.key, entry.keyPosition, what: "the name of a strategy")
        guard
            let fields = fields(
                entry.value, .strategy, what: "the strategy `\(entry.key)`", example: "{ module: plugin.wasm }")
        else { return nil }
        let life = fields["vm_life"].map(vmLife)
        let engine: EngineName? = fields["engine"].flatMap { choice($0, what: "an engine") }
        let environment = fields["environment"].map(environment) ?? []
        let body = fields["body"].flatMap { self.body($0) }
        guard isNamed, let module = fields["module"].flatMap({ module($0, allowsStrategy: false) })?.reference else {
            return nil
        }
        return Strategy(
            name: entry.key, module: module, environmentVariables: environment, vmLife: life ?? .unlimited,
            engine: engine, body: body)
    }

    /// A body that replaces nothing would make two strategies the same without a word.
    func checkBodies(of value: YAMLValue?, requests: [RequestTemplate]) {
        guard let value, !requests.isEmpty, requests.allSatisfy({ $0.body == nil }),
            case .mapping(let strategies) = value.content
        else { return }
        for strategy in strategies {
            guard case .mapping(let entries) = strategy.value.content else { continue }
            for entry in entries where entry.key == "body" {
                report(
                    entry.keyPosition, "no request has a body that the strategy's could replace",
                    "give a request a `body`, or remove this one")
            }
        }
    }

    private func vmLife(_ value: YAMLValue) -> VMLife {
        guard let (key, value) = alternative(value, .vmLife, what: "the life of a VM") else { return .unlimited }
        if key == "until_heap" {
            let bytes = size(value, what: "the heap that ends a VM's life", in: 1 << 16...1 << 32)
            return bytes.map { .heap(bytes: Int($0)) } ?? .unlimited
        }
        let requests = whole(value, what: "the number of requests in a VM's life", in: 1...Self.mostRequestsPerVM)
        guard let requests = requests.map(Int.init) else { return .unlimited }
        return key == "recompiled_requests" ? .recompiled(requests: requests) : .requests(requests)
    }
}
