import SluiceModel

/// `requests`.
extension Decoding {
    /// Requests are there if a plugin takes them.
    func checkRequests(_ fields: Fields) {
        switch (requestType, fields["requests"]) {
        case (.service, let value?):
            report(value.position, "`requests` without a plugin that takes them", "all plugins are of type `service`")
        case (.http, nil), (.tcp, nil):
            report(fields.position, "`requests` is missing in a workload", "")
        default: break
        }
    }

    func requests(_ value: YAMLValue) -> [RequestTemplate] {
        guard let values = list(value, what: "of requests") else { return [] }
        if values.isEmpty {
            report(
                value.position, "the list of requests is empty",
                "one request at least, as in `{ method: GET, path: / }`")
        }
        return values.compactMap(request)
    }

    private func request(_ value: YAMLValue) -> RequestTemplate? {
        guard let fields = fields(value, .request, what: "a request") else { return nil }
        checkKeys(
            fields, ofHTTP: ["method", "path", "authority", "headers", "trailers"], ofConnections: ["connection"])
        let weight = fields["weight"].flatMap { positive($0, what: "a weight", upTo: 1e9) }
        let path = fields["path"].flatMap { value in
            fieldText(value, what: "a path").flatMap { template($0, value.position) }
        }
        if let value = fields["path"], case .scalar(let text, _) = value.content, !text.hasPrefix("/"),
            !text.hasPrefix("${"), text != "*"
        {
            report(value.position, "the path `\(text)` does not begin with `/`", "say `/\(text)`")
        }
        return RequestTemplate(
            weight: weight ?? 1, method: fields["method"].flatMap { token($0, what: "a method") } ?? "GET",
            path: path ?? Template(literal: "/"),
            authority: fields["authority"].flatMap { fieldText($0, what: "an authority") } ?? "sluice.test",
            headers: fields["headers"].map { headers($0, what: "`headers`") } ?? [],
            body: fields["body"].flatMap { self.body($0) },
            trailers: fields["trailers"].map { headers($0, what: "`trailers`") } ?? [],
            expectation: fields["expect"].map(expectation) ?? .nothing,
            connection: fields["connection"].map(connection) ?? ConnectionTemplate())
    }

    /// Says of each key that has no meaning for what passes the chain that it has none.
    func checkKeys(_ fields: Fields, ofHTTP: [String], ofConnections: [String]) {
        // Where nothing is sent, something else is said about that.
        guard requestType != .service else { return }
        let isHTTP = requestType == .http
        for key in isHTTP ? ofConnections : ofHTTP {
            guard let value = fields[key] else { continue }
            report(
                value.position, isHTTP ? "`\(key)` is of connections only" : "a connection has no `\(key)`",
                isHTTP ? "no plugin of the workload is of type `tcp`" : "the plugins of the workload are of type `tcp`")
        }
    }

    private func connection(_ value: YAMLValue) -> ConnectionTemplate {
        var connection = ConnectionTemplate()
        guard let fields = fields(value, .connection, what: "`connection`") else { return connection }
        if let bytes = fields["chunk"].flatMap({ size($0, what: "the size of a chunk", in: 1...1 << 20) }) {
            connection.chunkBytes = Int(bytes)
        }
        if let end: ConnectionTemplate.End = fields["close"].flatMap({ choice($0, what: "who closes a connection") }) {
            connection.end = end
        }
        return connection
    }

    func status(_ value: YAMLValue) -> Int? {
        whole(value, what: "a status", in: 200...599).map { Int($0) }
    }

    /// A list of values gives a header several times.
    func headers(_ value: YAMLValue, what: String) -> [HeaderTemplate] {
        guard let entries = mapping(value, what: what, example: "{ content-type: text/plain }") else { return [] }
        var names: Set<String> = []
        return entries.flatMap { entry -> [HeaderTemplate] in
            guard let name = headerName(entry, &names) else { return [] }
            let values: [YAMLValue] =
                if case .sequence(let several) = entry.value.content { several } else { [entry.value] }
            return values.compactMap { value in
                guard fieldText(value, what: "a header's value") != nil else { return nil }
                return template(value, what: "a header's value").map { HeaderTemplate(name: name, value: $0) }
            }
        }
    }

    private func headerName(_ entry: YAMLValue.Entry, _ names: inout Set<String>) -> String? {
        let name = entry.key.lowercased()
        if name.hasPrefix(":") {
            report(
                entry.keyPosition, "`\(entry.key)` is a pseudo header", "say `method`, `path`, `authority` or `status`")
            return nil
        }
        guard name.wholeMatch(of: Self.tokenPattern) != nil else {
            report(
                entry.keyPosition, "`\(entry.key)` cannot be the name of a header",
                "use letters, digits, `-` and `_`")
            return nil
        }
        guard names.insert(name).inserted else {
            report(
                entry.keyPosition, "the header `\(name)` is given twice",
                "names are the same in upper and lower case; give a list of values")
            return nil
        }
        return name
    }

    private func expectation(_ value: YAMLValue) -> Expectation {
        guard let fields = fields(value, .expectation, what: "`expect`") else { return .nothing }
        var expectation = Expectation.nothing
        checkKeys(
            fields, ofHTTP: ["status", "headers"],
            ofConnections: ["client_bytes", "upstream_bytes", "closed_by_plugin"])
        for (key, path) in [("client_bytes", \Expectation.clientBytes), ("upstream_bytes", \.upstreamBytes)] {
            expectation[keyPath: path] = fields[key].flatMap {
                size($0, what: "a number of bytes", in: 0...1 << 40)
            }.map { Int($0) }
        }
        expectation.closedByPlugin = fields["closed_by_plugin"].flatMap { truth($0, what: "`closed_by_plugin`") }
        expectation.status = fields["status"].flatMap { status($0) }
        expectation.body = fields["body"].flatMap { matcher($0, what: "an expected body") }
        if let entries = fields["headers"].flatMap({ mapping($0, what: "expected headers") }) {
            var names: Set<String> = []
            expectation.headers = entries.compactMap { entry in
                guard let name = headerName(entry, &names) else { return nil }
                return headerExpectation(name, entry.value)
            }
        }
        return expectation
    }

    private func headerExpectation(_ name: String, _ value: YAMLValue) -> HeaderExpectation? {
        if case .mapping = value.content {
            guard let (key, inner) = alternative(value, .headerMatcher, what: "an expected header") else { return nil }
            if key == "absent" {
                guard case .scalar("true", isPlain: true) = inner.content else {
                    report(inner.position, "`absent` is not `true`", "say `{ absent: true }`, or what the value is")
                    return nil
                }
                return HeaderExpectation(name: name, value: nil)
            }
        }
        return matcher(value, what: "an expected header").map { HeaderExpectation(name: name, value: $0) }
    }

    /// A single value is what the text equals.
    private func matcher(_ value: YAMLValue, what: String) -> TextMatcher? {
        if case .scalar = value.content { return text(value, what: what).map { .equals($0) } }
        guard let (key, value) = alternative(value, .matcher, what: what) else { return nil }
        switch key {
        case "equals": return text(value, what: what).map { .equals($0) }
        case "contains": return word(value, what: "a text to be contained").map { .contains($0) }
        default:
            guard let pattern = word(value, what: "a pattern") else { return nil }
            if let problem = patternError(pattern) {
                report(value.position, "`\(pattern)` is not a pattern: \(problem)", "PCRE2 syntax is expected")
                return nil
            }
            return .matches(pattern)
        }
    }

    private static var tokenPattern: Regex<Substring> { /[!#$%&'*+.^_`|~0-9A-Za-z-]+/ }

    private static let usualMethods: Set = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE",
    ]

    private func token(_ value: YAMLValue, what: String) -> String? {
        guard let text = word(value, what: what) else { return nil }
        guard text.wholeMatch(of: Self.tokenPattern) != nil else {
            report(value.position, "`\(text)` cannot be \(what)", "say `GET` or `POST`, for example")
            return nil
        }
        let upper = text.uppercased()
        guard text == upper || !Self.usualMethods.contains(upper) else {
            report(value.position, "`\(text)` is not `\(upper)`: methods are told apart by case", "say `\(upper)`")
            return nil
        }
        return text
    }

    /// Text that may stand in a header field.
    private func fieldText(_ value: YAMLValue, what: String) -> String? {
        guard let text = text(value, what: what) else { return nil }
        guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f || $0 == "\t" }) else {
            report(value.position, "\(what) contains a control character", "a header is one line")
            return nil
        }
        return text
    }
}
