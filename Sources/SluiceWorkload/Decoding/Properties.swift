import SluiceModel

/// `properties`: Envoy's attributes with values of the workload.
extension Decoding {
    private static let deepestProperty = 16

    /// Keys are paths with dots; the keys of a mapping below are single segments, whatever is in them.
    func properties(_ value: YAMLValue) -> [Property] {
        guard let entries = mapping(value, what: "`properties`") else { return [] }
        return entries.flatMap { entry -> [Property] in
            let path = entry.key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            guard !path.contains(where: \.isEmpty), !entry.key.unicodeScalars.contains("\0") else {
                report(
                    entry.keyPosition, "`\(entry.key)` cannot be the path of a property",
                    "say `source.address`, for example")
                return []
            }
            return property(path, entry.value)
        }
    }

    private func property(_ path: [String], _ value: YAMLValue) -> [Property] {
        guard let kind = AttributeKind.of(path) else {
            return propertyValue(value, depth: 0).map { [Property(path: path, value: $0)] } ?? []
        }
        switch kind {
        case .group, .message:
            let what = kind == .group ? "a group of attributes" : "a message"
            guard let entries = mapping(value, what: what) else { return [] }
            return entries.flatMap { entry -> [Property] in
                kind == .group ? property(path + [entry.key], entry.value) : leaves(path + [entry.key], entry.value, 0)
            }
        case .map:
            guard mapping(value, what: "of names to values") != nil else { return [] }
            return propertyValue(value, depth: 0).map { [Property(path: path, value: $0)] } ?? []
        default:
            return scalar(value, kind, path.joined(separator: ".")).map { [Property(path: path, value: $0)] } ?? []
        }
    }

    /// A message as a whole has a form that only its definition gives: what can be read of it are its fields.
    private func leaves(_ path: [String], _ value: YAMLValue, _ depth: Int) -> [Property] {
        guard case .mapping(let entries) = value.content, depth < Self.deepestProperty else {
            return propertyValue(value, depth: depth).map { [Property(path: path, value: $0)] } ?? []
        }
        return entries.flatMap { leaves(path + [$0.key], $0.value, depth + 1) }
    }

    private func scalar(_ value: YAMLValue, _ kind: AttributeKind, _ name: String) -> PropertyValue? {
        switch kind {
        case .integer: return whole(value, what: "`\(name)`", in: .min ... .max).map { .integer($0) }
        case .duration:
            return duration(value, what: "`\(name)`", in: 0...Self.longestRunNanoseconds).map { .integer($0) }
        case .boolean:
            if case .scalar("true", _) = value.content { return .boolean(true) }
            if case .scalar("false", _) = value.content { return .boolean(false) }
            report(value.position, "`\(name)` is neither `true` nor `false`", "")
            return nil
        default: return text(value, what: "`\(name)`").map { .text($0) }
        }
    }

    /// What is written without quotes is a number or a truth value where it looks like one.
    private func propertyValue(_ value: YAMLValue, depth: Int) -> PropertyValue? {
        guard depth < Self.deepestProperty else {
            report(value.position, "a property is nested too deeply", "up to \(Self.deepestProperty) levels are read")
            return nil
        }
        switch value.content {
        case .mapping(let entries):
            return .map(
                entries.compactMap { entry in
                    propertyValue(entry.value, depth: depth + 1).map { PropertyValue.Entry(key: entry.key, value: $0) }
                })
        case .sequence(let values): return .list(values.compactMap { propertyValue($0, depth: depth + 1) })
        case .scalar(let text, isPlain: true):
            if text == "true" || text == "false" { return .boolean(text == "true") }
            if text.wholeMatch(of: /[-+]?[0-9]+/) != nil, let number = Int64(text) { return .integer(number) }
            if text.wholeMatch(of: /[-+]?[0-9]+\.[0-9]+/) != nil, let number = Double(text) { return .number(number) }
            return .text(text)
        case .scalar: return text(value, what: "a property").map { .text($0) }
        }
    }
}

/// What kind of value an attribute of Envoy has.
private enum AttributeKind {
    case text, integer, boolean, duration, map, message, group

    /// `nil` for a path that Envoy does not define.
    static func of(_ path: [String]) -> AttributeKind? { table[path.joined(separator: ".")] }

    private static let table: [String: AttributeKind] = {
        var table: [String: AttributeKind] = [:]
        func add(_ group: String, _ kind: AttributeKind, _ names: String) {
            table[group] = .group
            for name in names.split(separator: " ") { table["\(group).\(name)"] = kind }
        }
        let certificate =
            "tls_version subject_local_certificate subject_peer_certificate dns_san_local_certificate "
            + "dns_san_peer_certificate uri_san_local_certificate uri_san_peer_certificate "
            + "sha256_peer_certificate_digest transport_failure_reason"
        add("request", .text, "path url_path host scheme method referer useragent id protocol query")
        add("request", .integer, "size total_size time")
        add("request", .duration, "duration")
        add("request", .map, "headers")
        add("response", .integer, "code flags grpc_status size total_size")
        add("response", .text, "code_details")
        add("response", .duration, "backend_latency")
        add("response", .map, "headers trailers")
        for side in ["source", "destination", "upstream"] {
            add(side, .text, "address")
            add(side, .integer, "port")
        }
        add("upstream", .text, "local_address " + certificate)
        add("connection", .integer, "id")
        add("connection", .boolean, "mtls")
        add("connection", .text, "requested_server_name termination_details " + certificate)
        add("xds", .text, "cluster_name route_name filter_chain_name")
        add("xds", .integer, "listener_direction")
        add("xds", .message, "node cluster_metadata listener_metadata route_metadata upstream_host_metadata")
        for (name, kind) in [
            ("metadata", AttributeKind.message), ("filter_state", .map), ("upstream_filter_state", .map),
            ("plugin_name", .text), ("plugin_root_id", .text), ("plugin_vm_id", .text), ("connection_id", .integer),
            ("node", .message), ("cluster_name", .text), ("cluster_metadata", .message),
            ("listener_direction", .integer), ("listener_metadata", .message), ("route_name", .text),
            ("route_metadata", .message), ("upstream_host_metadata", .message),
        ] {
            table[name] = kind
        }
        return table
    }()
}
