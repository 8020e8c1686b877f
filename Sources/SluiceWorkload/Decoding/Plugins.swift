import SluiceModel

/// `plugins` and `host`. A plugin keeps its place in the file beside it until strategies are known.
extension Decoding {
    struct PlacedPlugin {
        var specification: PluginSpecification
        var modulePosition: Position
        var usesStrategy: Bool
    }

    private enum PluginType: String, CaseIterable { case http }

    func plugins(_ value: YAMLValue) -> [PlacedPlugin] {
        guard let values = list(value, what: "of plugins") else { return [] }
        if values.isEmpty { report(value.position, "the list of plugins is empty", "one plugin at least") }
        var names: Set<String> = []
        return values.compactMap { plugin($0, &names) }
    }

    private func plugin(_ value: YAMLValue, _ names: inout Set<String>) -> PlacedPlugin? {
        guard let fields = fields(value, .plugin, what: "a plugin") else { return nil }
        let name = fields["name"].flatMap { self.name($0, what: "the name of a plugin") }
        if let name, let value = fields["name"], !names.insert(name).inserted {
            report(value.position, "two plugins are called `\(name)`", "give each its own name")
        }
        if let value = fields["type"] {
            let _: PluginType? = choice(value, what: "a type of plugin", notYet: ["tcp", "service"])
        }
        let policy = fields["failure_policy"].flatMap { value -> FailurePolicy? in
            choice(value, what: "a failure policy")
        }
        let vm = fields["vm_config"].flatMap { self.fields($0, .vmConfig, what: "`vm_config`") }
        guard let moduleValue = fields["module"], let module = module(moduleValue, allowsStrategy: true) else {
            return nil
        }
        let specification = PluginSpecification(
            name: name ?? "", rootID: fields["root_id"].flatMap { text($0, what: "`root_id`") } ?? "",
            configuration: fields["configuration"].map(configuration) ?? [],
            vmID: vm?["vm_id"].flatMap { text($0, what: "`vm_id`") } ?? "",
            vmConfiguration: vm?["configuration"].map(configuration) ?? [],
            environmentVariables: vm?["environment_variables"].map(pluginEnvironment) ?? [],
            failurePolicy: policy ?? .closed,
            reloadBaseIntervalNanoseconds: fields["reload_config"].flatMap(reloadInterval) ?? 1_000_000_000,
            module: module.reference)
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

    private func pluginEnvironment(_ value: YAMLValue) -> [EnvironmentVariable] {
        fields(value, .environment, what: "`environment_variables`")?["key_values"].map(environment) ?? []
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
        return settings
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
