/// One kind of request of a workload.
package struct RequestTemplate: Sendable, Codable, Equatable {
    /// Relative to the other templates of the workload, above 0.
    package var weight: Double
    package var method: String
    package var path: Template
    /// `:authority`, `sluice.test` unless the workload says otherwise.
    package var authority: String
    package var headers: [HeaderTemplate]
    /// `nil`: the headers end the stream.
    package var body: BodyGenerator?
    package var trailers: [HeaderTemplate]
    package var expectation: Expectation
    /// Under network filters, where the body is what the client sends, and nothing else of a request is sent.
    package var connection: ConnectionTemplate

    package init(
        weight: Double, method: String, path: Template, authority: String, headers: [HeaderTemplate],
        body: BodyGenerator?, trailers: [HeaderTemplate], expectation: Expectation,
        connection: ConnectionTemplate = ConnectionTemplate()
    ) {
        self.connection = connection
        self.weight = weight
        self.method = method
        self.path = path
        self.authority = authority
        self.headers = headers
        self.body = body
        self.trailers = trailers
        self.expectation = expectation
    }
}

/// How the data of a connection come, and how it ends.
package struct ConnectionTemplate: Sendable, Codable, Equatable {
    /// Which side ends its sending first.
    package enum End: String, Sendable, Codable, Equatable, CaseIterable {
        /// The client, once it has all that the upstream sends.
        case client
        /// The client with its last data; the upstream then with its own.
        case half
        /// The upstream with its last data; the client then.
        case upstream
    }

    package static let defaultChunkBytes = 16 * Units.kibibyte

    /// Data arrive in pieces of up to so many bytes, from both sides; 1 or more.
    package var chunkBytes: Int
    package var end: End

    package init(chunkBytes: Int = ConnectionTemplate.defaultChunkBytes, end: End = .client) {
        self.chunkBytes = chunkBytes
        self.end = end
    }
}

/// A header or trailer to send; the name is lower case.
package struct HeaderTemplate: Sendable, Codable, Equatable {
    package var name: String
    package var value: Template
    package init(name: String, value: Template) {
        self.name = name
        self.value = value
    }
}

/// Text with `${variable}` in it, already split.
package struct Template: Sendable, Codable, Equatable {
    /// A piece of the text: fixed, or put in for each request.
    package enum Segment: Sendable, Codable, Equatable {
        case literal(String)
        /// The index of a variable of the workload.
        case variable(Int)
    }
    package var segments: [Segment]
    package init(segments: [Segment]) { self.segments = segments }
    /// Text without variables.
    package init(literal: String) { self.segments = literal.isEmpty ? [] : [.literal(literal)] }
}

/// A value drawn once for each request and used wherever a template names it.
package struct Variable: Sendable, Codable, Equatable {
    /// How the value is drawn from the seed and the request's index.
    package enum Kind: Sendable, Codable, Equatable {
        /// A whole number, both ends included.
        case uniform(Int64, Int64)
        /// Ranks 1 to `count`; rank k with a probability in proportion to k^-exponent.
        case zipf(count: Int64, exponent: Double)
        /// `start` plus the request's index.
        case sequence(start: Int64)
        case choice([String])
        /// Version 4 layout, from the seed.
        case uuid
    }
    package var name: String
    package var kind: Kind
    package init(name: String, kind: Kind) {
        self.name = name
        self.kind = kind
    }
}

/// How body bytes come about: a named function of (seed, request index).
package indirect enum BodyGenerator: Sendable, Codable, Equatable {
    case text(Template)
    /// Printable ASCII; every 32-bit word of it is at least 0x20202020.
    case ascii(sizeBytes: Distribution)
    case randomBytes(sizeBytes: Distribution)
    /// Little-endian 32-bit words that lie within `[0, spanBytes)`, aligned to 8: what a conservative collector
    /// takes for pointers.
    case pointerLike(sizeBytes: Distribution, spanBytes: UInt32)
    /// A JSON document of about the size.
    case json(sizeBytes: Distribution)
    /// The gzip stream of another generator's bytes.
    case gzipOf(BodyGenerator)
    /// The content of a file, read when the workload was read.
    case file(written: String, content: FileContent)
}

/// What a response must look like; a response that does not is a failed check.
package struct Expectation: Sendable, Codable, Equatable {
    package var status: Int?
    package var headers: [HeaderExpectation]
    package var body: TextMatcher?
    /// Of a connection: bytes that the client gets in all.
    package var clientBytes: Int?
    /// Of a connection: bytes that the upstream gets in all.
    package var upstreamBytes: Int?
    /// Of a connection: whether a plugin closes it; `nil`: it must not, and a connection that it closes is reset.
    package var closedByPlugin: Bool?

    package init(
        status: Int?, headers: [HeaderExpectation], body: TextMatcher?, clientBytes: Int? = nil,
        upstreamBytes: Int? = nil, closedByPlugin: Bool? = nil
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.clientBytes = clientBytes
        self.upstreamBytes = upstreamBytes
        self.closedByPlugin = closedByPlugin
    }
    package static let nothing = Expectation(status: nil, headers: [], body: nil)
}

/// What one header of a response must look like.
package struct HeaderExpectation: Sendable, Codable, Equatable {
    /// Lower case.
    package var name: String
    /// `nil`: the header must be absent.
    package var value: TextMatcher?
    package init(name: String, value: TextMatcher?) {
        self.name = name
        self.value = value
    }
}

/// What a text, a header's value or a body, must look like. Compared as bytes.
package enum TextMatcher: Sendable, Codable, Equatable {
    case equals(String)
    case contains(String)
    /// A PCRE2 pattern that must match somewhere.
    case matches(String)
}
