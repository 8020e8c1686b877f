package import SluiceModel

/// How a connection ended.
package struct ConnectionResult: Sendable, Equatable {
    /// Who ended it.
    package enum End: Sendable, Equatable {
        /// Nobody has.
        case open
        /// Client and upstream, each after its last data.
        case peers
        /// `proxy_close_stream`.
        case plugin
        /// The host, for a VM that has failed.
        case host
        /// The upstream, which failed.
        case upstream(ExchangeResult.UpstreamFailure)
        /// The client, which gave up.
        case client
    }

    /// Who ended it.
    package internal(set) var end = End.open
    /// What the VMs had to do with it.
    package internal(set) var vmState = ExchangeResult.VMState.ok
    /// What has come out of the chain towards the upstream.
    package internal(set) var upstreamBytes = 0

    init() {}
}

/// One connection through a chain of network filters, and the next one after it: the client's data towards the
/// upstream, and the upstream's towards the client. Nothing is allocated for a connection once the buffers have grown
/// to their sizes.
///
/// Data arrive in pieces. As in Envoy, what a filter does not let go stays in the one buffer of its direction, and the
/// next piece shows it to all filters again.
package final class TCPConnection {
    /// What the connection waits for.
    package enum State: Sendable, Equatable {
        /// Nothing has begun.
        case idle
        /// A plugin holds it.
        case paused
        /// The upstream has all of the client's data: its answer is wanted.
        case awaitingUpstream
        /// `result` says how it ended.
        case complete
    }

    /// What the target calls it.
    package let tag: Int
    /// What the connection waits for now.
    package private(set) var state = State.idle
    /// How the connection ended; final when `state` is `complete`.
    package internal(set) var result = ConnectionResult()
    unowned(unsafe) let chain: FilterChain
    let clock: UnsafeMutablePointer<ChainClock>
    private let admissions: UnsafeMutablePointer<Admission>
    let stream: UnsafeMutablePointer<StreamState>

    /// Whose data are on their way, whoever the connection waits for.
    enum Phase { case idle, request, upstream, response, complete }
    var phase = Phase.idle
    private var template = ConnectionTemplate()
    /// Bytes of each side that have arrived.
    private var arrived = InlineArray<2, Int>(repeating: 0)
    var isUpstreamAvailable = true
    /// All filters have seen the connection, and the upstream has been connected to.
    var isConnected = false
    /// The client has ended its sending, and the filters have let that pass.
    var hasReadEnd = false
    var hasForwardedEnd = false
    /// The upstream has ended its sending.
    var hasWriteEnd = false

    init(chain: FilterChain, tag: Int) {
        self.chain = chain
        self.tag = tag
        clock = chain.tallies.clock
        admissions = chain.admissions
        stream = .allocate(capacity: 1)
        stream.initialize(to: StreamState(filterCount: chain.filters.count, connection: self))
    }

    deinit {
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    // MARK: Data

    /// What the client sends; set before `begin`.
    package var clientData: [UInt8] {
        _read { yield stream.pointee.body(.request, .source).pointee }
        _modify { yield &stream.pointee.body(.request, .source).pointee }
    }
    /// What the upstream answers; set when it is awaited.
    package var upstreamData: [UInt8] {
        _read { yield stream.pointee.body(.response, .source).pointee }
        _modify { yield &stream.pointee.body(.response, .source).pointee }
    }
    /// What has come out of the chain towards the client.
    package var receivedData: [UInt8] { stream.pointee.body(.response, .message).pointee }

    // MARK: What the target does

    /// Opens the connection and lets the client's data, which have been put into `clientData`, arrive. `requestIndex`
    /// is 0 or more. Without an available upstream the connection ends where it would be connected to.
    package func begin(
        requestIndex: Int64, template: ConnectionTemplate = ConnectionTemplate(), isUpstreamAvailable: Bool = true,
        nowNanoseconds: Int64
    ) {
        precondition(state == .idle || state == .complete, "the connection is still open")
        clock.pointee.nowNanoseconds = nowNanoseconds
        clock.pointee.requestsBegun += 1
        self.template = template
        self.isUpstreamAvailable = isUpstreamAvailable
        prepare(requestIndex: requestIndex, nowNanoseconds: nowNanoseconds)
        for index in 0..<stream.pointee.filterCount
        where !admissions[index].admit(stream.pointee.filters + index) {
            chain.filters[index].admit(stream.pointee.filters + index)
        }
        phase = .request
        drive {
            $0.passRead(from: 0)
            $0.goOn()
        }
        if chain.hasListed { chain.settle(for: self) }
    }

    /// Lets the answer, which has been put into `upstreamData`, arrive.
    package func upstreamResponded(nowNanoseconds: Int64) {
        precondition(state == .awaitingUpstream, "no answer is wanted")
        clock.pointee.nowNanoseconds = nowNanoseconds
        phase = .response
        stream.pointee.responseNanoseconds = nowNanoseconds
        drive {
            $0.receive(.response)
            $0.endAfterAnswer()
        }
        if chain.hasListed { chain.settle(for: self) }
    }

    /// Ends the connection as Envoy's TCP proxy does when its upstream fails.
    package func upstreamFailed(_ failure: ExchangeResult.UpstreamFailure, nowNanoseconds: Int64) {
        precondition(state == .awaitingUpstream, "no answer is wanted")
        clock.pointee.nowNanoseconds = nowNanoseconds
        drive { $0.close(.upstream(failure), by: .local) }
        if chain.hasListed { chain.settle(for: self) }
    }

    /// The client closes, after a timeout for example; without effect on a connection that is not open.
    package func reset(nowNanoseconds: Int64) {
        guard state == .paused || state == .awaitingUpstream else { return }
        clock.pointee.nowNanoseconds = nowNanoseconds
        drive { $0.close(.client, by: .remote) }
        if chain.hasListed { chain.settle(for: self) }
    }

    // MARK: Running

    private func prepare(requestIndex: Int64, nowNanoseconds: Int64) {
        result = ConnectionResult()
        arrived[0] = 0
        arrived[1] = 0
        isConnected = false
        hasReadEnd = false
        hasForwardedEnd = false
        hasWriteEnd = false
        stream.pointee.releaseAdded(clock)
        stream.pointee.prepare(requestIndex: requestIndex, nowNanoseconds: nowNanoseconds)
        stream.pointee.requestBodyBytes = 0
        stream.pointee.body(.request, .work).pointee.emptyForReuse()
        stream.pointee.body(.response, .work).pointee.emptyForReuse()
        stream.pointee.body(.response, .source).pointee.emptyForReuse()
    }

    /// Runs a part of the connection, and everything that plugins ask of it meanwhile; then `state` is right again.
    private func drive(_ body: (TCPConnection) -> Void) {
        stream.pointee.isDriven = true
        body(self)
        resumeReading()
        stream.pointee.isDriven = false
        switch phase {
        case .idle: state = .idle
        case .request, .response: state = .paused
        case .upstream: state = .awaitingUpstream
        case .complete: state = .complete
        }
    }

    /// A plugin asked something of this connection while the host was not in it.
    func noteRequest() { chain.list(self) }

    /// `true` when the connection waits for something else now.
    func carryOutRequests() -> Bool {
        stream.pointee.isListed = false
        guard stream.pointee.hasRequests, isOpen else { return false }
        let before = phase
        drive { _ = $0.carryOutClose() }
        return phase != before
    }

    /// `proxy_continue_stream` of filters outside their own data callbacks.
    private func resumeReading() {
        stream.pointee.hasRequests = false
        for index in 0..<stream.pointee.filterCount where stream.pointee.filters[index][.request].continueRequested {
            stream.pointee.filters[index][.request].continueRequested = false
            guard isOpen else { continue }
            passRead(from: index + 1)
            goOn()
        }
    }

    /// The connection goes on as far as its filters let it.
    private func goOn() {
        switch phase {
        case .request:
            receive(.request)
            guard phase == .request, isConnected, stream.pointee.body(.request, .work).pointee.isEmpty,
                arrived[0] == clientData.count, template.end != .half || hasForwardedEnd
            else { return }
            stream.pointee.upstreamNanoseconds = clock.pointee.nowNanoseconds
            phase = .upstream
        case .response: endAfterForwarding()
        case .idle, .upstream, .complete: return
        }
    }

    // MARK: Arrival

    /// Lets the rest of a side's data arrive, as long as what is held stays below the connection's buffer limit.
    private func receive(_ direction: Direction) {
        let source = stream.pointee.body(direction, .source)
        let work = stream.pointee.body(direction, .work)
        let side = direction.rawValue
        let endsSending = direction == .request ? template.end == .half : template.end != .client
        while isOpen, arrived[side] < source.pointee.count, work.pointee.count < chain.bodyPieceBytes {
            let piece = arrived[side]..<min(source.pointee.count, arrived[side] + template.chunkBytes)
            source.pointee.withUnsafeBytes {
                work.pointee.append(contentsOf: UnsafeRawBufferPointer(rebasing: $0[piece]))
            }
            arrived[side] = piece.upperBound
            pass(direction, endsSending: endsSending && piece.upperBound == source.pointee.count)
        }
        if isOpen, source.pointee.isEmpty, endsSending, !hasEnd(direction) { pass(direction, endsSending: true) }
    }

    private func hasEnd(_ direction: Direction) -> Bool { direction == .request ? hasReadEnd : hasWriteEnd }

    private func pass(_ direction: Direction, endsSending: Bool) {
        switch direction {
        case .request:
            stream.pointee.requestBodyBytes = arrived[0]
            if endsSending { hasReadEnd = true }
            passRead(from: 0)
        case .response:
            if endsSending { hasWriteEnd = true }
            passWrite()
        }
    }

    // MARK: The end

    /// The answer has arrived, all of it unless a filter holds too much.
    private func endAfterAnswer() {
        guard isOpen, arrived[1] == upstreamData.count else { return }
        switch template.end {
        // Both sides have ended: what a filter still holds is lost.
        case .half: close(.peers, by: .local)
        case .client, .upstream:
            // Nothing can let an answer go on that a filter holds.
            guard stream.pointee.body(.response, .work).pointee.isEmpty else { return }
            hasReadEnd = true
            passRead(from: 0)
            if template.end == .upstream { close(.peers, by: .remote) } else { endAfterForwarding() }
        }
    }

    /// The upstream has heard that the client is done, and ends its sending as well.
    private func endAfterForwarding() {
        guard isOpen, template.end == .client, hasForwardedEnd, !hasWriteEnd else { return }
        hasWriteEnd = true
        passWrite()
        close(.peers, by: .local)
    }
}
