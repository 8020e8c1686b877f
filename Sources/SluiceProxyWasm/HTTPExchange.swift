package import SluiceModel

/// How a stream ended.
package struct ExchangeResult: Sendable, Equatable {
    /// Who made the response.
    package enum Origin: Sendable, Equatable {
        case upstream
        /// `proxy_send_local_response`.
        case plugin
        /// The host itself, for a VM or an upstream that has failed.
        case host
        /// There is no response.
        case none
    }

    /// What the VMs had to do with it.
    package enum VMState: Sendable, Equatable {
        case ok
        /// A VM died while this stream was in it.
        case trapped
        /// 503 without the plugin, as its VM had failed before.
        case refused
        /// The stream passed as if the plugin were not there, as its VM had failed before.
        case bypassed
    }

    /// How an upstream failed that did not answer.
    package enum UpstreamFailure: Sendable, Equatable {
        /// The connection was reset before the response.
        case reset
        /// There was no host to connect to.
        case unavailable
        /// The response did not come in time.
        case timeout
    }

    /// `nil` without a response, or when `:status` is not a number.
    package var status: Int?
    /// Who made the response.
    package var origin: Origin
    /// What the VMs had to do with the end.
    package var vmState: VMState
    /// The stream ended without a complete response.
    package var streamReset: Bool
    /// Why the response is the host's own and not the upstream's.
    package var upstreamFailure: UpstreamFailure?

    package init(
        status: Int?, origin: Origin, vmState: VMState, streamReset: Bool, upstreamFailure: UpstreamFailure? = nil
    ) {
        self.status = status
        self.origin = origin
        self.vmState = vmState
        self.streamReset = streamReset
        self.upstreamFailure = upstreamFailure
    }

    static let none = ExchangeResult(status: nil, origin: .none, vmState: .ok, streamReset: false)
}

/// One HTTP stream through a chain, both ways, and the next one after it: nothing is allocated for a stream once the
/// buffers have grown to their sizes.
package final class HTTPExchange {
    /// What the stream waits for.
    package enum State: Sendable, Equatable {
        /// Nothing has begun.
        case idle
        /// A plugin holds it.
        case paused
        /// The request has passed the chain: the response is wanted.
        case awaitingUpstream
        /// `result` says how it ended.
        case complete
    }

    /// What the target calls it.
    package let tag: Int
    /// What the stream waits for now.
    @exclusivity(unchecked) package internal(set) var state = State.idle
    /// How the stream ended; final when `state` is `complete`.
    @exclusivity(unchecked) package internal(set) var result = ExchangeResult.none
    unowned(unsafe) let chain: FilterChain
    let clock: UnsafeMutablePointer<ChainClock>
    /// By filter.
    private let admissions: UnsafeMutablePointer<Admission>
    let stream: UnsafeMutablePointer<StreamState>

    /// Which part of its life the stream is in, whoever it waits for.
    enum Phase { case idle, request, upstream, response, complete }
    @exclusivity(unchecked) var phase = Phase.idle
    /// The response headers have passed all filters: the client has them.
    @exclusivity(unchecked) var responseHeadersSent = false
    /// As the client sent it.
    @exclusivity(unchecked) private(set) var requestKind = RequestKind(HeaderBlock())

    init(chain: FilterChain, tag: Int) {
        self.chain = chain
        self.tag = tag
        clock = chain.tallies.clock
        admissions = chain.admissions
        stream = .allocate(capacity: 1)
        stream.initialize(to: StreamState(filterCount: chain.filters.count, exchange: self))
    }

    deinit {
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    // MARK: The messages

    /// Before `begin` what the client sends; when the upstream is awaited what has come out of the chain.
    package var requestHeaders: HeaderBlock {
        _read { yield stream.pointee.maps[0] }
        _modify { yield &stream.pointee.maps[0] }
    }
    /// Like `requestHeaders`; empty without trailers.
    package var requestTrailers: HeaderBlock {
        _read { yield stream.pointee.maps[1] }
        _modify { yield &stream.pointee.maps[1] }
    }
    /// Like `requestHeaders`; empty without a body.
    package var requestBody: [UInt8] {
        _read { yield stream.pointee.bodies[0] }
        _modify { yield &stream.pointee.bodies[0] }
    }
    /// Whether the request has a body, which may be empty. Set before `begin`.
    @exclusivity(unchecked) package var requestHasBody = false
    /// When the upstream is awaited what it answers, with `:status`; when complete what the client gets.
    package var responseHeaders: HeaderBlock {
        _read { yield stream.pointee.maps[2] }
        _modify { yield &stream.pointee.maps[2] }
    }
    /// Like `responseHeaders`; empty without trailers.
    package var responseTrailers: HeaderBlock {
        _read { yield stream.pointee.maps[3] }
        _modify { yield &stream.pointee.maps[3] }
    }
    /// Like `responseHeaders`; empty without a body.
    package var responseBody: [UInt8] {
        _read { yield stream.pointee.bodies[3] }
        _modify { yield &stream.pointee.bodies[3] }
    }

    /// Exchanges the request's buffers: a swap of each, in one call.
    package func swapRequest(headers: inout HeaderBlock, body: inout [UInt8], trailers: inout HeaderBlock) {
        swap(&stream.pointee.maps[0], &headers)
        swap(&stream.pointee.bodies[0], &body)
        swap(&stream.pointee.maps[1], &trailers)
    }

    /// Where the response that the upstream gives is filled in: for callers that do so for every request. Both live as
    /// long as the exchange.
    package var responseBuffers: (headers: UnsafeMutablePointer<HeaderBlock>, body: UnsafeMutablePointer<[UInt8]>) {
        (stream.pointee.maps + 2, stream.pointee.bodies + 3)
    }

    // MARK: What the target does

    /// Sends the request, which has been put into `requestHeaders` and so on, through the chain. The response
    /// properties are emptied. `requestIndex` is 0 or more. `kind` is that of the request's headers, for callers that
    /// know it without looking.
    package func begin(requestIndex: Int64, nowNanoseconds: Int64, kind: RequestKind? = nil) {
        precondition(state == .idle || state == .complete, "the stream is still open")
        clock.pointee.nowNanoseconds = nowNanoseconds
        clock.pointee.requestsBegun += 1
        prepare(requestIndex: requestIndex, nowNanoseconds: nowNanoseconds)
        requestKind = kind ?? RequestKind(requestHeaders)
        for index in 0..<stream.pointee.filterCount {
            if !admissions[index].admit(stream.pointee.filters + index) {
                chain.filters[index].admit(stream.pointee.filters + index)
            }
        }
        phase = .request
        drive { $0.run(.request) }
        if chain.hasListed { chain.settle(for: self) }
    }

    /// Sends the response, which has been put into `responseHeaders` and so on, back through the chain.
    package func upstreamResponded(nowNanoseconds: Int64) {
        precondition(state == .awaitingUpstream, "no response is wanted")
        clock.pointee.nowNanoseconds = nowNanoseconds
        phase = .response
        result.origin = .upstream
        stream.pointee.hasResponseHeaders = true
        stream.pointee.hasResponseTrailers = !stream.pointee.map(.responseTrailers).pointee.isEmpty
        stream.pointee.isViaUpstream = true
        stream.pointee.responseNanoseconds = nowNanoseconds
        drive { $0.run(.response) }
        if chain.hasListed { chain.settle(for: self) }
    }

    /// Sends the host's own response for an upstream that gave none back through the chain, as Envoy's router does.
    package func upstreamFailed(_ failure: ExchangeResult.UpstreamFailure, nowNanoseconds: Int64) {
        precondition(state == .awaitingUpstream, "no response is wanted")
        clock.pointee.nowNanoseconds = nowNanoseconds
        result.upstreamFailure = failure
        drive { $0.replyForUpstream(failure) }
        if chain.hasListed { chain.settle(for: self) }
    }

    /// Ends the stream without a response, after a timeout for example; without effect on one that is not open.
    package func reset(nowNanoseconds: Int64) {
        guard state == .paused || state == .awaitingUpstream else { return }
        clock.pointee.nowNanoseconds = nowNanoseconds
        drive { $0.resetStream() }
        if chain.hasListed { chain.settle(for: self) }
    }

    // MARK: Running

    private func prepare(requestIndex: Int64, nowNanoseconds: Int64) {
        result = .none
        responseHeadersSent = false
        stream.pointee.releaseAdded(clock)
        stream.pointee.prepare(requestIndex: requestIndex, nowNanoseconds: nowNanoseconds)
        stream.pointee.hasRequestTrailers = !stream.pointee.map(.requestTrailers).pointee.isEmpty
        stream.pointee.requestBodyBytes = stream.pointee.body(.request, .message).pointee.count
    }

    /// Runs a part of the stream, and everything that plugins ask of it meanwhile; then `state` is right again.
    private func drive(_ body: (HTTPExchange) -> Void) {
        stream.pointee.isDriven = true
        body(self)
        stream.pointee.isDriven = false
        switch phase {
        case .idle: state = .idle
        case .request, .response: state = .paused
        case .upstream: state = .awaitingUpstream
        case .complete: state = .complete
        }
    }

    /// A plugin asked something of this stream while the host was not in it.
    func noteRequest() { chain.list(self) }

    /// `true` when the stream waits for something else now.
    func carryOutRequests() -> Bool {
        stream.pointee.isListed = false
        guard stream.pointee.hasRequests, phase != .idle, phase != .complete else { return false }
        let before = phase
        drive { $0.takeUpRequests() }
        return phase != before
    }
}

extension StreamState {
    mutating func prepare(requestIndex: Int64, nowNanoseconds: Int64) {
        map(.responseHeaders).pointee.removeAll()
        map(.responseTrailers).pointee.removeAll()
        body(.response, .message).pointee.emptyForReuse()
        properties.removeAll()
        if localResponse.isRequested { localResponse.reset() }
        isViaUpstream = false
        resetRequested = false
        hasRequests = false
        isFinishing = false
        isLogging = false
        hasResponseHeaders = false
        hasResponseTrailers = false
        self.requestIndex = requestIndex
        beginNanoseconds = nowNanoseconds
        endNanoseconds = 0
        responseBodyBytes = 0
        if !responseDetails.isEmpty { responseDetails.removeAll(keepingCapacity: true) }
        for index in 0..<filterCount {
            filters[index] = FilterSlot()
            held(.request, at: index).pointee.emptyForReuse()
            held(.response, at: index).pointee.emptyForReuse()
        }
    }
}
