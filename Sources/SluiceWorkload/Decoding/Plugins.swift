import SluiceModel

/// `plugins` and `host`. A plugin keeps its place in the file beside it until strategies are known.
extension Decoding {
    struct PlacedPlugin {
        var specification: PluginSpecification
        var modulePosition: Position
        var usesStrategy: Bool
    }

    func plugins(_ value: YAMLValue) -> [PlacedPlugin] {
        guard let values = list(value, what: "of plugins") else { return [] }
        if values.isEmpty { report(value.position, "the list of plugins is empty", "one plugin at least") }
        var names: Set<String> = []
        let plugins = values.compactMap { plugin($0, &names) }
        checkTypes(zip(plugins.map(\.specification.type), values.map(\.position)))
        checkSharedVMs(of: plugins)
        return plugins
    }

    /// Requests pass plugins of one type only.
    private func checkTypes(_ plugins: Zip2Sequence<[PluginType], [Position]>) {
        let filters = plugins.filter { $0.0 != .service }
        guard let (type, _) = filters.first else {
            if plugins.first(where: { _ in true }) != nil { requestType = .service }
            return
        }
        requestType = type
        if let (other, position) = filters.first(where: { $0.0 != type }) {
            report(
                position, "a plugin of type `\(other.rawValue)` behind one of type `\(type.rawValue)`",
                "what passes a chain is either requests (`http`) or connections (`tcp`)")
        }
    }

    private func plugin(_ value: YAMLValue, _ names: inout Set<String>) -> PlacedPlugin? {
        guard let fields = fields(value, .plugin, what: "a plugin") else { return nil }
        let name = fields["name"].flatMap { self.name($0, what: "the name of a plugin") }
        if let name, let value = fields["name"], !names.insert(name).inserted {
            report(value.position, "two plugins are called `\(name)`", "give each its own name")
        }
        let type: PluginType? = fields["type"].flatMap { choice($0, what: "a type of plugin") }
        let isSingleton = fields["singleton"].flatMap { truth($0, what: "`singleton`") } ?? false
        if let value = fields["singleton"], type != .service {
            let word = (type ?? .http).rawValue
            report(value.position, "`singleton` is of services only", "the plugin's type is `\(word)`")
        }
        let policy = fields["failure_policy"].flatMap { value -> FailurePolicy? in
            choice(value, what: "a failure policy")
        }
        let vm = fields["vm_config"].flatMap { self.fields($0, .vmConfig, what: "`vm_config`") }
        let environment = vm?["environment_variables"].flatMap {
            self.fields($0, .environment, what: "`environment_variables`")
        }
        guard let moduleValue = fields["module"], let module = module(moduleValue, allowsStrategy: true) else {
            return nil
        }
        let specification = PluginSpecification(
            name: name ?? "", type: type ?? .http,
            rootID: fields["root_id"].flatMap { text($0, what: "`root_id`") } ?? "",
            configuration: fields["configuration"].map(configuration) ?? [],
            vmID: vm?["vm_id"].flatMap { text($0, what: "`vm_id`") } ?? "",
            vmConfiguration: vm?["configuration"].map(configuration) ?? [],
            environmentVariables: environment?["key_values"].map { self.environment($0) } ?? [],
            inheritedVariables: environment.map(inheritedVariables) ?? [],
            failurePolicy: policy ?? .closed,
            reloadBaseIntervalNanoseconds: fields["reload_config"].flatMap(reloadInterval) ?? 1_000_000_000,
            module: module.reference,
            headersStop: fields["allow_on_headers_stop_iteration"].flatMap {
                truth($0, what: "`allow_on_headers_stop_iteration`")
            } == true ? .headersOnly : .wholeMessage,
            allowedCapabilities: fields["capability_restriction_config"].flatMap(allowedCapabilities),
            placement: isSingleton ? .firstWorker : .everyWorker)
        return PlacedPlugin(
            specification: specification, modulePosition: moduleValue.position, usesStrategy: module.reference == nil)
    }

    /// The text itself, or a mapping or list as JSON.
    private func configuration(_ value: YAMLValue) -> [UInt8] {
        if case .scalar(let text, _) = value.content { return Array(text.utf8) }
        return Array(JSONText.write(value).utf8)
    }

    private func reloadInterval(_ value: YAMLValue) -> Int64? {
        guard let reload = fields(value, .reloadConfig, what: "`reload_config`"),
            let backoff = reload["backoff"].flatMap({ fields($0, .backoff, what: "`backoff`") })
        else { return nil }
        return backoff["base_interval"].flatMap {
            duration($0, what: "the base interval", in: 1_000_000...3_600_000_000_000)
        }
    }

    /// Names of variables of the agent; Envoy refuses a name that `key_values` has as well.
    private func inheritedVariables(_ fields: Fields) -> [InheritedVariable] {
        guard let value = fields["host_env_keys"] else { return [] }
        var names: Set<String> = []
        if case .mapping(let entries) = fields["key_values"]?.content { names = Set(entries.map(\.key)) }
        return (list(value, what: "of names of environment variables") ?? []).compactMap { value in
            guard let name = word(value, what: "the name of an environment variable") else { return nil }
            guard names.insert(name).inserted else {
                report(value.position, "the environment variable `\(name)` is given twice", "")
                return nil
            }
            return InheritedVariable(name: name)
        }
    }

    /// Names in a list, or as the keys of a mapping as Envoy has them.
    private func allowedCapabilities(_ value: YAMLValue) -> [String]? {
        guard let fields = fields(value, .capabilityRestriction, what: "`capability_restriction_config`"),
            let value = fields["allowed_capabilities"]
        else { return nil }
        if case .mapping(let entries) = value.content { return entries.map(\.key) }
        return list(value, what: "of capabilities")?.compactMap { word($0, what: "a capability") }
    }

    func truth(_ value: YAMLValue, what: String) -> Bool? {
        switch value.content {
        case .scalar("true", _): return true
        case .scalar("false", _): return false
        default:
            report(value.position, "\(what) is neither `true` nor `false`", "")
            return nil
        }
    }

    private func foreignFunctions(_ value: YAMLValue) -> [ForeignFunction] {
        (mapping(value, what: "of foreign functions") ?? []).compactMap { entry in
            if case .scalar = entry.value.content {
                return text(entry.value, what: "a result").map {
                    ForeignFunction(name: entry.key, result: Array($0.utf8))
                }
            }
            guard let fields = fields(entry.value, .foreignFunction, what: "the function `\(entry.key)`") else {
                return nil
            }
            let status = fields["status"].flatMap { whole($0, what: "a status of the ABI", in: 0...12) }
            let result = fields["result"].flatMap { text($0, what: "a result") }
            return ForeignFunction(name: entry.key, status: Int(status ?? 0), result: Array((result ?? "").utf8))
        }
    }

    /// A mapping of names to values.
    func environment(_ value: YAMLValue) -> [EnvironmentVariable] {
        guard let entries = mapping(value, what: "of environment variables") else { return [] }
        return entries.compactMap { entry in
            guard !entry.key.isEmpty, !entry.key.contains("="), !entry.key.unicodeScalars.contains("\0") else {
                report(entry.keyPosition, "`\(entry.key)` cannot be the name of an environment variable", "")
                return nil
            }
            return text(entry.value, what: "the value of an environment variable").map {
                EnvironmentVariable(name: entry.key, value: $0)
            }
        }
    }

    // MARK: - host

    func host(_ value: YAMLValue?) -> HostSettings {
        var settings = HostSettings(
            envoyProfile: EnvoyProfile.latest.rawValue, memoryCapBytes: 1 << 30, deadlineNanoseconds: 5_000_000_000,
            engine: .cranelift)
        guard let fields = value.flatMap({ fields($0, .host, what: "`host`") }) else { return settings }
        if let profile = fields["envoy"].flatMap(envoyProfile) { settings.envoyProfile = profile.rawValue }
        if let mode: LinkMode = fields["link"].flatMap({ choice($0, what: "a way to link") }) { settings.link = mode }
        if let allocator: AllocatorChoice = fields["allocator"].flatMap({ choice($0, what: "an allocator") }) {
            settings.allocator = allocator
        }
        if let bytes = fields["memory"].flatMap({ size($0, what: "the memory cap", in: 1 << 16...1 << 32) }) {
            settings.memoryCapBytes = Int(bytes)
        }
        // A worker in a callback sends nothing; one that is silent for half a minute is taken for lost.
        if let deadline = fields["deadline"].flatMap({
            duration($0, what: "the deadline", in: 1_000_000...10_000_000_000)
        }) {
            settings.deadlineNanoseconds = deadline
        }
        if let engine: EngineName = fields["engine"].flatMap({ choice($0, what: "an engine") }) {
            settings.engine = engine
        }
        settings.foreignFunctions = fields["foreign_functions"].map(foreignFunctions) ?? []
        settings.limits = fields["limits"].map(limits) ?? GuestLimits()
        return settings
    }

    private func limits(_ value: YAMLValue) -> GuestLimits {
        var limits = GuestLimits()
        guard let fields = fields(value, .limits, what: "`limits`") else { return limits }
        func count(_ key: String, _ what: String, to most: Int64, _ limit: WritableKeyPath<GuestLimits, Int>) {
            guard let number = fields[key].flatMap({ whole($0, what: what, in: 1...most) }) else { return }
            limits[keyPath: limit] = Int(number)
        }
        count("table_elements", "the number of elements of a table", to: 10_000_000, \.tableElements)
        count("log_lines_per_second", "the number of log lines in a second", to: 1_000_000_000, \.logLinesPerSecond)
        count("queue_messages", "the number of messages in a queue", to: 1_000_000_000, \.queueMessages)
        count("queues", "the number of queues", to: 1_000_000, \.queues)
        count("call_outs", "the number of call-outs under way", to: 10_000_000, \.callOuts)
        count("call_out_messages", "the number of messages of call-outs", to: 1_000_000_000, \.callOutMessages)
        count("metrics", "the number of metrics", to: 10_000_000, \.metrics)
        count("shared_data_keys", "the number of keys of shared data", to: 1_000_000_000, \.sharedDataKeys)
        func bytes(_ key: String, _ what: String, _ limit: WritableKeyPath<GuestLimits, Int>) {
            guard let bytes = fields[key].flatMap({ size($0, what: what, in: 1 << 10...1 << 32) }) else { return }
            limits[keyPath: limit] = Int(bytes)
        }
        bytes("queue_bytes", "the size of all queues", \.queueBytes)
        bytes("call_out_bytes", "the size of the call-outs under way", \.callOutBytes)
        bytes("metric_bytes", "the size of the names of metrics", \.metricBytes)
        bytes("shared_data_bytes", "the size of shared data", \.sharedDataBytes)
        bytes("stream_bytes", "the size of what plugins add to streams", \.streamBytes)
        return limits
    }

    private func envoyProfile(_ value: YAMLValue) -> EnvoyProfile? {
        guard let version = word(value, what: "the release of Envoy") else { return nil }
        if case .scalar(_, isPlain: true) = value.content, Double(version) != nil {
            report(value.position, "the version \(version) is a number", "versions are text: say `\"\(version)\"`")
            return nil
        }
        let newest = EnvoyProfile.newestMinor
        let oldest = EnvoyProfile.ofEnvoy.compactMap(\.firstMinor).min() ?? newest
        let known = "say `\"1.\(oldest)\"` to `\"1.\(newest)\"`, `latest` or `full`"
        switch EnvoyProfile.resolve(version) {
        case .profile(let profile): return profile
        case .tooOld: report(value.position, "the behaviour of Envoy \(version) is not known, it is too old", known)
        case .tooNew: report(value.position, "Envoy \(version) is not known yet", known)
        case .notARelease: report(value.position, "`\(version)` is not a release of Envoy", known)
        }
        return nil
    }
}
