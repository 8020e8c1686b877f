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
