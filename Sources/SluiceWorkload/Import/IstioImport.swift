import SluiceModel

/// Plugins of Istio's `WasmPlugin` and `TrafficExtension` resources.
struct IstioImport {
    private let importing: Importing
    private var found: [Resource] = []

    private struct Resource {
        var phase: Phase
        var priority: Int
        var plugin: ImportedPlugin
    }

    /// In the order of the filter chain; a plugin without a phase stands before the router.
    private enum Phase: String, CaseIterable {
        case authentication = "AUTHN"
        case authorisation = "AUTHZ"
        case statistics = "STATS"
        case unspecified = "UNSPECIFIED_PHASE"

        var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    init(_ importing: Importing) { self.importing = importing }

    /// In the order of the chain: by phase, then by falling priority, then as in the file.
    var plugins: [ImportedPlugin] {
        found.enumerated().sorted { first, second in
            (first.element.phase.place, -first.element.priority, first.offset)
                < (second.element.phase.place, -second.element.priority, second.offset)
        }.map(\.element.plugin)
    }

    /// - Returns: whether the document is such a resource.
    mutating func read(_ document: YAMLValue) -> Bool {
        guard var fields = ProtoFields(document), let kind = fields.takeText("kind"),
            fields.takeText("apiVersion")?.hasPrefix("extensions.istio.io/") == true
        else { return false }
        guard kind == "WasmPlugin" || kind == "TrafficExtension" else { return false }
        var metadata = fields.takeFields("metadata")
        let name = metadata?.takeText("name") ?? ""
        guard var spec = fields.takeFields("spec") else {
            importing.report(document.position, "a \(kind) without `spec`", "it says which module runs")
            return true
        }
        let phase = phase(&spec)
        let priority = spec.takeText("priority").flatMap { Int($0) } ?? 0
        var plugin: ImportedPlugin?
        if kind == "WasmPlugin" {
            plugin = self.plugin(&spec, name: name)
        } else if var wasm = spec.takeFields("wasm") {
            plugin = self.plugin(&wasm, name: name)
            importing.leaveOutRest(of: wasm, in: "`wasm`")
        } else {
            importing.leaveOut(spec.position, "the TrafficExtension `\(name)` runs no Wasm")
            return true
        }
        importing.leaveOutRest(of: spec, in: "the \(kind) `\(name)`")
        if let plugin { found.append(Resource(phase: phase, priority: priority, plugin: plugin)) }
        return true
    }

    private func phase(_ spec: inout ProtoFields) -> Phase {
        guard let value = spec.take("phase"), let text = value.scalarText else { return .unspecified }
        guard let phase = Phase(rawValue: text) else {
            importing.report(value.position, "`\(text)` is not a phase", "it is one of `AUTHN`, `AUTHZ`, `STATS`")
            return .unspecified
        }
        return phase
    }

    private func plugin(_ spec: inout ProtoFields, name: String) -> ImportedPlugin? {
        guard let module = module(&spec) else { return nil }
        var plugin = ImportedPlugin(position: spec.position, name: name, module: module)
        plugin.rootID = spec.takeText("pluginName") ?? ""
        if let configuration = spec.take("pluginConfig"), !configuration.isNothing {
            plugin.configuration = .structure(configuration)
        }
        switch spec.takeText("type") ?? "HTTP" {
        case "NETWORK": plugin.kind = .tcp
        default: plugin.kind = .http
        }
        if let value = spec.take("failStrategy") {
            switch value.scalarText {
            case "FAIL_CLOSE": plugin.failurePolicy = .closed
            case "FAIL_OPEN": plugin.failurePolicy = .open
            case "FAIL_RELOAD": plugin.failurePolicy = .reload
            default:
                importing.report(
                    value.position, "`\(value.scalarText ?? "")` is not a fail strategy",
                    "it is one of `FAIL_CLOSE`, `FAIL_OPEN`, `FAIL_RELOAD`")
            }
        }
        if var vm = spec.takeFields("vmConfig") {
            plugin.environment = vm.takeAll("env").compactMap(variable)
            importing.leaveOutRest(of: vm, in: "`vmConfig`")
        }
        return plugin
    }

    private func variable(_ value: YAMLValue) -> (name: String, value: String)? {
        guard var fields = ProtoFields(value), let name = fields.takeText("name") else { return nil }
        if fields.takeText("valueFrom") == "HOST" {
            importing.leaveOut(value.position, "the environment variable `\(name)` comes from the host")
            return nil
        }
        return (name, fields.takeText("value") ?? "")
    }

    /// Without a scheme an address is that of an image.
    private func module(_ spec: inout ProtoFields) -> ImportedPlugin.Module? {
        let hash = spec.take("sha256")
        guard let value = spec.take("url"), let url = value.scalarText, !url.isEmpty else {
            importing.report(spec.position, "a plugin without `url`", "it says where the module is")
            return nil
        }
        if url.hasPrefix("file://") {
            if let hash { importing.leaveOut(hash.position, "a file's `sha256` is not checked") }
            return .file(importing.place(String(url.dropFirst("file://".count)), in: importing.directory))
        }
        if url.hasPrefix("http://") || url.hasPrefix("https://") {
            return importing.download(url, hash, position: value.position)
        }
        let address = url.hasPrefix(ImageReference.scheme) ? String(url.dropFirst(ImageReference.scheme.count)) : url
        return image(address, hash, value.position).map { .image($0) }
    }

    private func image(_ address: String, _ hash: YAMLValue?, _ position: Position) -> ImageReference? {
        let last = address.split(separator: "/").last ?? ""
        let isLatest = !address.contains("@") && !last.contains(":")
        do throws(ImageReference.Malformed) {
            var image = try ImageReference(parsing: isLatest ? address + ":latest" : address)
            guard let hash, let text = hash.scalarText, !text.isEmpty else { return image }
            guard let digest = importing.contentHash(text, hash.position) else { return nil }
            guard image.digest == nil || image.digest == digest else {
                importing.report(hash.position, "`sha256` is not the digest of `url`", "remove one of the two")
                return nil
            }
            image.digest = digest
            if isLatest { image.tag = nil }
            return image
        } catch {
            importing.report(position, error.message, error.help)
            return nil
        }
    }
}
