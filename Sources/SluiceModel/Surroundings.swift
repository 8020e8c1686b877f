/// What an HTTP or gRPC call-out of a plugin finds behind a name.
package struct Cluster: Sendable, Codable, Equatable {
    package var name: String
    /// What answers: status, headers, body, latency and failures. The body is also the message of a gRPC answer.
    package var upstream: Upstream
    /// Trailers of an HTTP response, or trailing metadata of a gRPC stream.
    package var trailers: [HeaderTemplate]
    /// The status that ends a gRPC call or stream, 0 to 16.
    package var grpcStatus: Int
    /// The text that goes with a status other than 0.
    package var grpcMessage: String
    /// Messages that a gRPC stream sends for each one that it gets, 0 or more.
    package var messagesForEach: Int

    package init(
        name: String, upstream: Upstream, trailers: [HeaderTemplate] = [], grpcStatus: Int = 0,
        grpcMessage: String = "", messagesForEach: Int = 1
    ) {
        self.name = name
        self.upstream = upstream
        self.trailers = trailers
        self.grpcStatus = grpcStatus
        self.grpcMessage = grpcMessage
        self.messagesForEach = messagesForEach
    }
}

/// An attribute of Envoy that the workload gives a value: what `proxy_get_property` answers for its path.
package struct Property: Sendable, Codable, Equatable {
    /// One segment or more.
    package var path: [String]
    package var value: PropertyValue

    package init(path: [String], value: PropertyValue) {
        self.path = path
        self.value = value
    }
}

/// The value of an attribute; each kind has an encoding of its own in the ABI.
package indirect enum PropertyValue: Sendable, Codable, Equatable {
    case text(String)
    case integer(Int64)
    case number(Double)
    case boolean(Bool)
    /// Every entry can also be read by its own path.
    case map([Entry])
    /// Every element can also be read by its position.
    case list([PropertyValue])

    /// A key of a map and what it stands for.
    package struct Entry: Sendable, Codable, Equatable {
        package var key: String
        package var value: PropertyValue

        package init(key: String, value: PropertyValue) {
            self.key = key
            self.value = value
        }
    }
}

/// A foreign function with an answer that is always the same.
package struct ForeignFunction: Sendable, Codable, Equatable {
    package var name: String
    /// What the plugin's call returns: 0 (Ok) to 12 (Unimplemented).
    package var status: Int
    /// The result of a call that returns 0.
    package var result: [UInt8]

    package init(name: String, status: Int = 0, result: [UInt8] = []) {
        self.name = name
        self.status = status
        self.result = result
    }
}
