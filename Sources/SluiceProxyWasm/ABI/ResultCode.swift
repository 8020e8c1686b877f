/// What a host function returns to the guest: `proxy_status_t`, with the three codes that only the C++ host has.
enum ResultCode: Int32, Sendable {
    case ok = 0
    case notFound = 1
    case badArgument = 2
    case serializationFailure = 3
    case parseFailure = 4
    case badExpression = 5
    case invalidMemoryAccess = 6
    case empty = 7
    case casMismatch = 8
    case resultMismatch = 9
    case internalFailure = 10
    case brokenConnection = 11
    case unimplemented = 12
}

/// Levels of `proxy_log`.
enum LogLevel: UInt32, Sendable {
    case trace = 0
    case debug, info, warn, error, critical
}

/// Header maps by their number in the ABI.
enum MapType: UInt32, Sendable {
    case requestHeaders = 0
    case requestTrailers, responseHeaders, responseTrailers
    case grpcReceiveInitialMetadata, grpcReceiveTrailingMetadata
    case httpCallResponseHeaders, httpCallResponseTrailers
}

/// Buffers by their number in the ABI.
enum BufferType: UInt32, Sendable {
    case requestBody = 0
    case responseBody, downstreamData, upstreamData
    case httpCallResponseBody, grpcReceiveBuffer
    case vmConfiguration, pluginConfiguration, callData
}

/// Streams that a plugin can continue or close, by their number in the ABI.
enum StreamType: UInt32, Sendable {
    case request = 0
    case response, downstream, upstream
}

/// What a headers callback asks for.
enum HeadersAction: Sendable {
    case proceed
    /// The headers wait; body callbacks follow, and the first that lets its data pass lets the headers go before it.
    case stop
    /// No callbacks of this direction for this plugin until it continues; the host keeps the body.
    case stopAll

    /// 1 (stop iteration) acts as 4 (stop all, with flow control), as in the C++ host without
    /// `allow_on_headers_stop_iteration`; values above the maximum act as 4; Envoy takes 2 for "continue".
    init(returned value: UInt32, allowsStop: Bool) {
        switch value {
        case 0, 2: self = .proceed
        case 1 where allowsStop: self = .stop
        default: self = .stopAll
        }
    }
}

/// What a body callback asks for.
enum DataAction: Sendable {
    case proceed
    /// The next callback sees these bytes and the new ones. Values 1 and 2 differ in flow control only.
    case buffer
    /// These bytes are gone.
    case discard

    init(returned value: UInt32) {
        switch value {
        case 0: self = .proceed
        case 1, 2: self = .buffer
        default: self = .discard
        }
    }
}

/// What a trailers callback asks for.
enum TrailersAction: Sendable {
    case proceed, stop

    init(returned value: UInt32) { self = value == 0 ? .proceed : .stop }
}
