import SluiceModel

/// Writes a workload file.
struct WorkloadText {
    private var lines: [String] = []

    /// - Parameters:
    ///   - source: of the import, for the first line.
    ///   - notes: what is left out, with places in the source.
    static func write(
        name: String, source: String, notes: [ImportNote], plugins: [ImportedPlugin], requests: [ImportedRequest],
        upstream: ImportedUpstream?
    ) -> String {
        var text = WorkloadText()
        text.lines = ["# Imported from \(oneLine(source)) by sluice import."]
        if !notes.isEmpty {
            text.lines.append("# Not carried over:")
            text.lines += notes.map { "#   \(oneLine($0.description))" }
        }
        let takesRequests = plugins.contains { $0.kind != .service }
        let rate = takesRequests ? ", rate: 100/s" : ""
        text.lines += ["sluice: 1", "name: \(name)", ""]
        text.lines += [
            "# A first guess: set the rate that the plugin meets, and the time that its collector needs to settle.",
            "load:", "  phases:", "    - { kind: warmup, duration: 5s\(rate) }",
            "    - { kind: hold, duration: 30s\(rate) }", "  agents: 1", "  workers: 1",
            "",
        ]
        if let upstream { text.append(upstream) }
        if takesRequests { text.lines.append("requests:") }
        if takesRequests, requests.isEmpty {
            let guess = plugins.contains { $0.kind == .tcp } ? "{ body: hello }" : "{ method: GET, path: / }"
            text.lines.append("  - \(guess)  # a first guess")
        }
        for request in requests { text.append(request) }
        text.lines += takesRequests ? ["", "plugins:"] : ["plugins:"]
        for plugin in plugins { text.append(plugin) }
        return text.lines.joined(separator: "\n") + "\n"
    }

    // MARK: - Requests

    private mutating func append(_ upstream: ImportedUpstream) {
        lines += ["target:", "  upstream:", "    status: \(upstream.status)"]
        appendHeaders(upstream.headers, indent: 4)
        if let body = upstream.body { lines.append("    body: \(Self.template(body))") }
        lines.append("")
    }

    private mutating func append(_ request: ImportedRequest) {
        let head = "  - method: \(Self.quote(request.method ?? "GET"))"
        lines.append(request.name.isEmpty ? head : "\(head)  # \(Self.oneLine(request.name))")
        lines.append("    path: \(Self.template(request.path ?? "/"))")
        if let authority = request.authority { lines.append("    authority: \(Self.quote(authority))") }
        appendHeaders(request.headers, indent: 4)
        if let body = request.body { lines.append("    body: \(Self.template(body))") }
        var expectation: [String] = []
        if let status = request.expectedStatus { expectation.append("status: \(status)") }
        if !request.expectedHeaders.isEmpty {
            let headers = request.expectedHeaders.map { header in
                "\(Self.quote(header.name)): \(header.value.map(Self.quote) ?? "{ absent: true }")"
            }
            expectation.append("headers: { \(headers.joined(separator: ", ")) }")
        }
        switch request.expectedBody {
        case .equals(let text): expectation.append("body: { equals: \(Self.quote(text)) }")
        case .contains(let text): expectation.append("body: { contains: \(Self.quote(text)) }")
        case .matches(let pattern): expectation.append("body: { matches: \(Self.quote(pattern)) }")
        case nil: break
        }
        if !expectation.isEmpty { lines.append("    expect: { \(expectation.joined(separator: ", ")) }") }
    }

    /// A name that is given several times has a list of values.
    private mutating func appendHeaders(_ headers: [(name: String, value: String)], indent: Int) {
        guard !headers.isEmpty else { return }
        let margin = String(repeating: " ", count: indent)
        lines.append("\(margin)headers:")
        var names: [String] = []
        for header in headers where !names.contains(header.name) { names.append(header.name) }
        for name in names {
            let values = headers.filter { $0.name == name }.map { Self.template($0.value) }
            let text = values.count == 1 ? values[0] : "[\(values.joined(separator: ", "))]"
            lines.append("\(margin)  \(Self.quote(name)): \(text)")
        }
    }

    // MARK: - Plugins

    private mutating func append(_ plugin: ImportedPlugin) {
        lines.append("  - name: \(plugin.name)")
        if plugin.kind != .http { lines.append("    type: \(plugin.kind.rawValue)") }
        if plugin.isSingleton { lines.append("    singleton: true") }
        if !plugin.rootID.isEmpty { lines.append("    root_id: \(Self.quote(plugin.rootID))") }
        append(plugin.configuration, key: "configuration", indent: 4)
        if !plugin.vmID.isEmpty || plugin.vmConfiguration != nil || !plugin.environment.isEmpty {
            lines.append("    vm_config:")
            if !plugin.vmID.isEmpty { lines.append("      vm_id: \(Self.quote(plugin.vmID))") }
            append(plugin.vmConfiguration, key: "configuration", indent: 6)
            if !plugin.environment.isEmpty { lines += ["      environment_variables:", "        key_values:"] }
            for (name, value) in plugin.environment {
                lines.append("          \(Self.quote(name)): \(Self.quote(value))")
            }
        }
        if let policy = plugin.failurePolicy { lines.append("    failure_policy: \(policy.rawValue)") }
        if let interval = plugin.reloadBaseInterval {
            lines.append("    reload_config: { backoff: { base_interval: \(Self.quote(interval)) } }")
        }
        if let names = plugin.capabilityRestriction {
            let list = names.map(Self.quote).joined(separator: ", ")
            lines.append("    capability_restriction_config: { allowed_capabilities: [\(list)] }")
        }
        if plugin.allowsStopIteration { lines.append("    allow_on_headers_stop_iteration: true") }
        switch plugin.module {
        case .file(let path): lines.append("    module: \(Self.quote(path))")
        case .image(let image): lines.append("    module: \(Self.quote(image.description))")
        case .download(let url, let hash):
            lines.append("    module: { url: \(Self.quote(url)), sha256: \"\(hash)\" }")
        }
    }

    private mutating func append(_ configuration: ImportedPlugin.Configuration?, key: String, indent: Int) {
        let margin = String(repeating: " ", count: indent)
        switch configuration {
        case nil: return
        case .text(let text): lines.append("\(margin)\(key): \(Self.quote(text))")
        case .structure(let value): append(value, after: "\(margin)\(key):", indent: indent + 2)
        }
    }

    /// A value in the lines after its key; what is empty, or single, stands in the key's line.
    private mutating func append(_ value: YAMLValue, after head: String, indent: Int) {
        let margin = String(repeating: " ", count: indent)
        switch value.content {
        case .mapping(let entries) where !entries.isEmpty:
            lines.append(head)
            for entry in entries {
                append(entry.value, after: "\(margin)\(Self.quote(entry.key)):", indent: indent + 2)
            }
        case .sequence(let values) where !values.isEmpty:
            lines.append(head)
            for value in values { append(value, after: "\(margin)-", indent: indent + 2) }
        // JSON is YAML, and the reader makes the same JSON of it again.
        default: lines.append("\(head) \(Self.escaped(JSONText.write(value)))")
        }
    }

    // MARK: - Text

    /// Plain where that cannot be misread, otherwise in double quotes.
    private static func quote(_ text: String) -> String {
        let isPlain = text.wholeMatch(of: #/[A-Za-z/][A-Za-z0-9_./-]*/#) != nil
        let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
        return isPlain && !words.contains(text.lowercased()) ? text : escaped(JSONText.quote(text))
    }

    /// Characters that JSON has as they are, and YAML only as escapes.
    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar.value {
            case 0x7f...0x9f, 0x2028, 0x2029, 0xfeff:
                let digits = String(scalar.value, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: return String(scalar)
            }
        }.joined()
    }

    /// Text in which the workload would look for variables.
    private static func template(_ text: String) -> String { quote(text.replacing("${", with: "$${")) }

    private static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? " " : $0 }))
    }
}
