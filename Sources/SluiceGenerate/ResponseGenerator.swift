package import SluiceModel

/// What the simulated upstream answers: bytes and latency as a function of (seed, request index).
///
/// Variables have the same values as in the request of the same index. Not to be shared between threads, and without
/// an allocation per response in the steady state, as `RequestGenerator`.
package struct ResponseGenerator: ~Copyable {
    private let headers: HeaderPlan
    private let length: LengthHeader
    private let body: BodyPlan
    private let arena: TemplateArena
    private let latency: Draw
    private let messageLatency: Draw
    private let failures: UpstreamFailures
    private let failureKey: UInt64
    /// Set when these headers are all of the response, and the same every time.
    private let fixed: FixedFields?
    private var values: VariableValues
    private var workspace = BodyWorkspace()
    private var scratch: [UInt8] = []

    package init(upstream: Upstream, variables: [Variable], seed: UInt64) {
        var arena = TemplateArena()
        let status = HeaderTemplate(name: ":status", value: Template(literal: String(upstream.status)))
        body = BodyPlan(
            upstream.body, sizePurpose: Purpose.responseBodySize, bytesPurpose: Purpose.responseBodyBytes, seed: seed,
            &arena)
        length = LengthHeader(of: body, headers: upstream.headers)
        headers = arena.add([status] + upstream.headers + length.constant)
        failures = upstream.failures
        failureKey = StreamKey.purpose(Purpose.responseFailure, seed: seed)
        latency = Draw(upstream.latencyNanoseconds, key: StreamKey.purpose(Purpose.responseLatency, seed: seed))
        messageLatency = Draw(
            upstream.latencyNanoseconds, key: StreamKey.purpose(Purpose.messageLatency, seed: seed))
        values = VariableValues(variables, seed: seed, &arena)
        arena.freeze()
        fixed = body.constantCount == 0 ? arena.fixedFields(of: headers) : nil
        self.arena = arena
    }

    /// All responses are the same and cost a copy of memory.
    package var isFixed: Bool { fixed != nil }

    /// Replaces the content of both by the response to this index: `:status` first, `content-length` last, unless
    /// the upstream's headers say `content-length` or `transfer-encoding` themselves.
    package mutating func generate(index: Int64, headers block: inout HeaderBlock, body bytes: inout [UInt8]) {
        guard let fixed else { return assemble(index: index, &block, &bytes) }
        block.replaceAll(bytes: fixed.bytes, entries: fixed.entries)
        if !bytes.isEmpty { bytes.removeAll(keepingCapacity: true) }
    }

    /// A response that differs from the one before. Apart, because a borrow of the arena copies it.
    @inline(never)
    private mutating func assemble(index: Int64, _ block: inout HeaderBlock, _ bytes: inout [UInt8]) {
        values.draw(index: index, arena)
        block.removeAll()
        headers.append(to: &block, arena, values, scratch: &scratch)
        body.generate(index: index, arena, values, &workspace, body: &bytes)
        length.append(bodyCount: bytes.count, to: &block)
    }

    /// The generator of a cluster, whose streams have nothing in common with those of the others.
    package init(cluster: Cluster, position: Int, variables: [Variable], seed: UInt64) {
        self.init(
            upstream: cluster.upstream, variables: variables,
            seed: StreamKey.purpose(Purpose.cluster + UInt64(position), seed: seed))
    }

    /// How an upstream can fail to answer.
    package enum Failure: Sendable { case reset, unavailable }

    /// Whether this index is one of those that fail. Changes nothing; see `latencyNanoseconds`.
    package mutating func failure(index: Int64) -> Failure? {
        guard failures.resetShare > 0 || failures.unavailableShare > 0 else { return nil }
        var random = SeededRandom(key: StreamKey.index(index, of: failureKey))
        let place = random.nextUnit()
        if place < failures.resetShare { return .reset }
        return place < failures.resetShare + failures.unavailableShare ? .unavailable : nil
    }

    /// From the end of the request to the response, in nanoseconds, 0 or more. Changes nothing, but a borrow of a
    /// large value would copy it.
    package mutating func latencyNanoseconds(index: Int64) -> Int64 { latency.whole(index: index) }

    /// From a message of a gRPC stream to its answer, in nanoseconds, 0 or more: draws of their own, apart from those
    /// for requests and for the messages of other streams. Changes nothing, as `latencyNanoseconds`.
    package mutating func latencyNanoseconds(stream: Int64, message: Int64) -> Int64 {
        messageLatency.whole(index: Int64(bitPattern: StreamKey.index(message, of: UInt64(bitPattern: stream))))
    }
}
