import SluiceModel

/// The attributes that a plugin can read with `proxy_get_property`, in one table: path (segments joined by zero bytes)
/// and meaning. A path that is not in it is looked up in the stream's own properties.
enum PropertyTable {
    enum Attribute: Sendable {
        case path, urlPath, query
        /// A field of the request.
        case requestHeader(StaticString)
        case requestHeaders, responseHeaders, requestTrailers, responseTrailers
        case requestTime, requestProtocol, requestDuration, requestSize, requestTotalSize
        case responseCode, responseCodeDetails, responseFlags, responseGRPCStatus, responseSize, responseTotalSize
        case pluginName, pluginRootID, pluginVMID
        case connectionID, connectionMTLS, listenerDirection
        case responseBackendLatency
        case metadata
        case pluginVMMemory
    }

    struct Row: Sendable {
        let path: StaticString
        let attribute: Attribute
        init(_ path: StaticString, _ attribute: Attribute) {
            self.path = path
            self.attribute = attribute
        }
    }

    static let rows: [Row] = [
        Row("plugin_root_id", .pluginRootID),
        Row("plugin_name", .pluginName),
        Row("plugin_vm_id", .pluginVMID),
        Row("request\0path", .path),
        Row("request\0url_path", .urlPath),
        Row("request\0query", .query),
        Row("request\0host", .requestHeader(":authority")),
        Row("request\0scheme", .requestHeader(":scheme")),
        Row("request\0method", .requestHeader(":method")),
        Row("request\0referer", .requestHeader("referer")),
        Row("request\0useragent", .requestHeader("user-agent")),
        Row("request\0id", .requestHeader("x-request-id")),
        Row("request\0headers", .requestHeaders),
        Row("request\0time", .requestTime),
        Row("request\0protocol", .requestProtocol),
        Row("request\0duration", .requestDuration),
        Row("request\0size", .requestSize),
        Row("request\0total_size", .requestTotalSize),
        Row("response\0code", .responseCode),
        Row("response\0code_details", .responseCodeDetails),
        Row("response\0flags", .responseFlags),
        Row("response\0grpc_status", .responseGRPCStatus),
        Row("response\0headers", .responseHeaders),
        Row("response\0trailers", .responseTrailers),
        Row("response\0size", .responseSize),
        Row("response\0total_size", .responseTotalSize),
        Row("response\0backend_latency", .responseBackendLatency),
        Row("connection_id", .connectionID),
        Row("connection\0id", .connectionID),
        Row("connection\0mtls", .connectionMTLS),
        Row("xds\0listener_direction", .listenerDirection),
        Row("metadata", .metadata),
        Row("plugin_vm_memory", .pluginVMMemory),
    ]

    /// Header maps that can be indexed by a field's name: the path continues with it.
    static let maps: [Row] = [
        Row("request\0headers\0", .requestHeaders),
        Row("response\0headers\0", .responseHeaders),
        Row("response\0trailers\0", .responseTrailers),
    ]

    /// First segments that stand for attributes of their own: what a plugin stores below them it cannot read again. By
    /// themselves they have no form in the ABI.
    static let groups: [StaticString] = [
        "request", "response", "source", "destination", "connection", "upstream", "xds", "filter_state",
        "upstream_filter_state",
    ]

    /// What plugins store lies below this in the state of the stream.
    static let storedPrefix: StaticString = "filter_state\0wasm."
}

extension StaticString {
    @inline(__always)
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: utf8Start, count: utf8CodeUnitCount) }
}
