import SluiceModel

/// Plugins of an Envoy configuration: wherever in it a Wasm filter or a Wasm service stands.
struct EnvoyImport {
    private let importing: Importing
    /// Each with the place of the list that it stands in; `nil` for one that stands alone.
    private(set) var plugins: [(chain: Position?, plugin: ImportedPlugin)] = []
    private(set) var otherFilters: [(chain: Position, position: Position, name: String)] = []

    private static let types: [(suffix: String, kind: PluginType)] = [
        ("envoy.extensions.filters.http.wasm.v3.Wasm", .http),
        ("envoy.extensions.filters.network.wasm.v3.Wasm", .tcp),
        ("envoy.extensions.wasm.v3.WasmService", .service),
    ]
    private static let router = "envoy.filters.http.router"

    init(_ importing: Importing) { self.importing = importing }

    /// Looks through a document.
    mutating func search(_ value: YAMLValue, chain: Position? = nil) {
        switch value.content {
        case .scalar: return
        case .sequence(let values): for value in values { search(value, chain: chain) }
        case .mapping(let entries):
            if let (kind, name, configuration) = Self.extensionOf(value) {
                if let plugin = plugin(configuration, kind, name) { plugins.append((chain, plugin)) }
                return
            }
            for entry in entries {
                let isFilters = ["http_filters", "httpFilters", "filters"].contains(entry.key)
                if isFilters, case .sequence(let filters) = entry.value.content {
                    noteOthers(filters, chain: entry.keyPosition)
                    search(entry.value, chain: entry.keyPosition)
                } else {
                    search(entry.value, chain: chain)
                }
            }
        }
    }

    private mutating func noteOthers(_ filters: [YAMLValue], chain: Position) {
        for filter in filters where Self.extensionOf(filter) == nil {
            var fields = ProtoFields(filter)
            guard let name = fields?.takeText("name"), name != Self.router, !name.hasSuffix("http_connection_manager")
            else { continue }
            otherFilters.append((chain, filter.position, name))
        }
    }

    /// The kind of a Wasm extension, its name, and its own configuration; `nil` for anything else.
    private static func extensionOf(
        _ value: YAMLValue
    ) -> (kind: PluginType, name: String, configuration: YAMLValue)? {
        guard var fields = ProtoFields(value) else { return nil }
        let name = fields.takeText("name") ?? ""
        let typed = fields.take("typed_config") ?? value
        guard var inner = ProtoFields(typed), let type = inner.takeText("@type") else { return nil }
        // A configuration of a control plane names its type a second time.
        if type.hasSuffix("type.v1.TypedStruct") || type.hasSuffix("type.v3.TypedStruct") {
            guard let url = inner.takeText("type_url"), let value = inner.take("value"),
                let kind = types.first(where: { url.hasSuffix($0.suffix) })?.kind
            else { return nil }
            return (kind, name, value)
        }
        return types.first { type.hasSuffix($0.suffix) }.map { ($0.kind, name, typed) }
    }

    private func plugin(_ value: YAMLValue, _ kind: PluginType, _ filterName: String) -> ImportedPlugin? {
        guard var outer = ProtoFields(value) else { return nil }
        _ = outer.take("@type")
        guard var config = outer.takeFields("config") else {
            importing.report(value.position, "a Wasm extension without `config`", "it holds a `PluginConfig`")
            return nil
        }
        let isSingleton = kind == .service && outer.takeFlag("singleton")
        importing.leaveOutRest(of: outer, in: "the Wasm extension")
        let name = config.takeText("name") ?? ""
        guard var vm = config.takeFields("vm_config") else {
            importing.report(config.position, "a plugin without `vm_config`", "it says where the module is")
            return nil
        }
        guard let module = module(&vm) else { return nil }
        var plugin = ImportedPlugin(
            position: config.position, name: name.isEmpty ? filterName : name, kind: kind, module: module)
        plugin.isSingleton = isSingleton
        plugin.rootID = config.takeText("root_id") ?? ""
        plugin.configuration = config.take("configuration").flatMap { any($0, of: "the configuration") }
        plugin.failurePolicy = failurePolicy(&config)
        plugin.reloadBaseInterval = reloadInterval(&config)
        plugin.allowsStopIteration = config.takeFlag("allow_on_headers_stop_iteration")
        if var restriction = config.takeFields("capability_restriction_config") {
            plugin.capabilityRestriction = restriction.takeFields("allowed_capabilities")?.all.map(\.key) ?? []
            importing.leaveOutRest(of: restriction, in: "`capability_restriction_config`")
        }
        plugin.vmID = vm.takeText("vm_id") ?? ""
        plugin.vmConfiguration = vm.take("configuration").flatMap { any($0, of: "the VM's configuration") }
        if var environment = vm.takeFields("environment_variables") {
            let variables = environment.takeFields("key_values")?.all ?? []
            plugin.environment = variables.map { ($0.key, $0.value.scalarText ?? "") }
            importing.leaveOutRest(of: environment, in: "`environment_variables`")
        }
        importing.leaveOutRest(of: config, in: "the plugin")
        importing.leaveOutRest(of: vm, in: "`vm_config`")
        return plugin
    }

    // MARK: - Parts of a plugin

    /// A `google.protobuf.Any`: the content of a text, the bytes of a text, or a structure as JSON.
    private func any(_ value: YAMLValue, of what: String) -> ImportedPlugin.Configuration? {
        if let text = value.scalarText { return text.isEmpty ? nil : .text(text) }
        guard var fields = ProtoFields(value) else { return nil }
        let type = fields.takeText("@type") ?? ""
        let content = fields.take("value")
        switch type.split(separator: ".").last {
        case "StringValue": return content?.scalarText.map { .text($0) }
        case "BytesValue":
            guard let bytes = content?.scalarText.flatMap(Base64.decode),
                let text = String(validating: bytes, as: UTF8.self), !text.unicodeScalars.contains("\0")
            else {
                importing.leaveOut(value.position, "\(what) is binary, and a workload is text")
                return nil
            }
            return .text(text)
        case "Struct": return content.map { .structure($0) }
        default:
            importing.leaveOut(
                value.position, "\(what) is a message of type `\(type)`, which the plugin gets in binary")
            return nil
        }
    }

    private func failurePolicy(_ config: inout ProtoFields) -> FailurePolicy? {
        let isOpen = config.takeFlag("fail_open")
        guard let value = config.take("failure_policy"), let text = value.scalarText else {
            return isOpen ? .open : nil
        }
        switch text {
        case "FAIL_RELOAD", "1": return .reload
        case "FAIL_CLOSED", "2": return .closed
        case "FAIL_OPEN", "3": return .open
        case "UNSPECIFIED", "0": return nil
        default:
            importing.report(
                value.position, "`\(text)` is not a failure policy",
                "it is one of `FAIL_RELOAD`, `FAIL_CLOSED`, `FAIL_OPEN`")
            return nil
        }
    }

    private func reloadInterval(_ config: inout ProtoFields) -> String? {
        guard var reload = config.takeFields("reload_config") else { return nil }
        var backoff = reload.takeFields("backoff")
        let interval = backoff?.takeText("base_interval")
        if let backoff { importing.leaveOutRest(of: backoff, in: "`backoff`") }
        importing.leaveOutRest(of: reload, in: "`reload_config`")
        return interval
    }

    private func module(_ vm: inout ProtoFields) -> ImportedPlugin.Module? {
        guard let codeValue = vm.take("code"), var code = ProtoFields(codeValue) else {
            importing.report(vm.position, "`vm_config` without `code`", "it says where the module is")
            return nil
        }
        if var local = code.takeFields("local") {
            if let path = local.takeText("filename") {
                return .file(importing.place(path, in: importing.directory))
            }
            importing.report(
                local.position, "a module that is no file", "put the module into a file and say `filename`")
            return nil
        }
        guard var remote = code.takeFields("remote"), var address = remote.takeFields("http_uri"),
            let uri = address.takeText("uri")
        else {
            importing.report(codeValue.position, "`code` names no module", "it has `local` or `remote`")
            return nil
        }
        let hash = remote.take("sha256")
        importing.leaveOutRest(of: address, in: "`http_uri`")
        importing.leaveOutRest(of: remote, in: "`remote`")
        return importing.download(uri, hash, position: remote.position)
    }
}

extension Importing {
    /// A download, which a workload accepts with its hash only.
    func download(_ url: String, _ hash: YAMLValue?, position: Position) -> ImportedPlugin.Module? {
        guard let text = hash?.scalarText, !text.isEmpty else {
            report(
                position, "the download `\(url)` has no `sha256`", "add the one that `sha256sum` prints for the module")
            return nil
        }
        guard let contentHash = contentHash(text, hash?.position ?? position) else { return nil }
        return .download(url: url, contentHash: contentHash)
    }

    func contentHash(_ text: String, _ position: Position) -> ContentHash? {
        guard let hash = ContentHash(hexadecimal: text.lowercased()) else {
            report(position, "`\(text)` is not a SHA-256", "it is 64 hexadecimal digits")
            return nil
        }
        return hash
    }
}

/// RFC 4648, section 4.
enum Base64 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// `nil` when the text is none; padding may be missing.
    static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var (bits, count) = (0, 0)
        for digit in text.utf8 where digit != UInt8(ascii: "=") {
            guard let value = digits.firstIndex(of: digit) else { return nil }
            bits = (bits << 6 | value) & 0xffff
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> count))
            }
        }
        return count < 6 ? bytes : nil
    }
}
