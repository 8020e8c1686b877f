package import SluiceGenerate
package import SluiceModel
import SluiceProcess
package import SluiceProxyWasm

/// The worker's own Proxy-Wasm host under network filters: each request is a connection, its body what the client
/// sends, and the body of the simulated upstream's response what the upstream sends.
package final class ConnectionTarget: RequestTarget {
    private struct Slot {
        let connection: TCPConnection
        var index: Int64 = 0
        var template = 0
        /// What the upstream will send, when `isPrepared`.
        var response = PreparedResponse()
        var isPrepared = false
    }

    private let chain: FilterChain
    private let templates: [RequestTemplate]
    private var responses: ResponseGenerator
    private var slots: [Slot] = []
    private var progressed: [TCPConnection] = []
    private var observed = ChainObservations()
    private var clusters: SimulatedClusters
    private let upstreamTimeoutNanoseconds: Int64
    private let clock: () -> Int64
    /// Of the next connection, which has this index; -1 for none.
    private var next = PreparedResponse()
    private var nextIndex: Int64 = -1
    /// A connection has no headers.
    private var headers = HeaderBlock()

    /// As `InProcessTarget`; `requests` are those that the worker sends.
    package init(
        chain: FilterChain, target: SluiceModel.InProcessTarget, requests: [RequestTemplate], variables: [Variable],
        seed: UInt64, worker: Int, clock: @escaping () -> Int64 = MonotonicClock.nowNanoseconds
    ) {
        self.chain = chain
        self.clock = clock
        templates = requests
        responses = ResponseGenerator(upstream: target.upstream, variables: variables, seed: seed)
        upstreamTimeoutNanoseconds = target.upstream.failures.timeoutNanoseconds ?? .max
        clusters = SimulatedClusters(
            chain: chain,
            clusters: target.clusters.enumerated().map {
                SimulatedCluster($1, position: $0, variables: variables, seed: seed &+ UInt64(worker) << 32)
            }, clock: clock)
    }

    /// As that of `InProcessTarget`.
    package func prepareRequest(index: Int64) -> Bool {
        guard !responses.isFixed, failure(index: index) == nil else { return false }
        responses.generate(index: index, headers: &next.headers, body: &next.body)
        nextIndex = index
        return true
    }

    /// As that of `InProcessTarget`.
    package func prepareTimers() -> Bool { chain.prepareDue(&clusters) }

    /// Opens a connection; an upstream without latency answers within this call.
    package func begin(slot: Int, request: inout GeneratedRequest, index: Int64, nowNanoseconds: Int64)
        -> TargetProgress
    {
        while slots.count <= slot { slots.append(Slot(connection: chain.makeConnection(tag: slots.count))) }
        slots[slot].index = index
        slots[slot].template = request.templateIndex
        slots[slot].isPrepared = index == nextIndex
        if index == nextIndex {
            swap(&slots[slot].response, &next)
            nextIndex = -1
        }
        let connection = slots[slot].connection
        swap(&connection.clientData, &request.body)
        var isAvailable = true
        if case .unavailable? = responses.failure(index: index) { isAvailable = false }
        connection.begin(
            requestIndex: index, template: templates[request.templateIndex].connection,
            isUpstreamAvailable: isAvailable, nowNanoseconds: nowNanoseconds)
        return progress(of: connection, nowNanoseconds: nowNanoseconds)
    }

    /// Lets the upstream answer, as its latency has passed.
    package func resume(slot: Int, nowNanoseconds: Int64) -> TargetProgress {
        let connection = slots[slot].connection
        respond(connection, nowNanoseconds: nowNanoseconds)
        return progress(of: connection, nowNanoseconds: nowNanoseconds)
    }

    private func respond(_ connection: TCPConnection, nowNanoseconds: Int64) {
        let slot = connection.tag
        let index = slots[slot].index
        if let failure = failure(index: index) {
            return connection.upstreamFailed(failure, nowNanoseconds: nowNanoseconds)
        }
        if slots[slot].isPrepared {
            swap(&slots[slot].response.body, &connection.upstreamData)
            slots[slot].isPrepared = false
        } else {
            responses.generate(index: index, headers: &headers, body: &connection.upstreamData)
        }
        connection.upstreamResponded(nowNanoseconds: nowNanoseconds)
    }

    /// A connection without a host to connect to never gets so far.
    private func failure(index: Int64) -> ExchangeResult.UpstreamFailure? {
        if responses.latencyNanoseconds(index: index) > upstreamTimeoutNanoseconds { return .timeout }
        return if case .reset? = responses.failure(index: index) { .reset } else { nil }
    }

    private func progress(of connection: TCPConnection, nowNanoseconds: Int64) -> TargetProgress {
        if case .awaitingUpstream = connection.state {
            let latency = responses.latencyNanoseconds(index: slots[connection.tag].index)
            let wait = min(latency, upstreamTimeoutNanoseconds)
            guard wait <= 0 else {
                takeCallOuts()
                return .wait(nanoseconds: wait)
            }
            respond(connection, nowNanoseconds: nowNanoseconds)
        }
        takeCallOuts()
        return connection.state == .complete ? .complete(result(of: connection)) : .pending
    }

    private func takeCallOuts() {
        if chain.hasCallOuts { clusters.takeRequests() }
    }

    /// The client closes; without effect on a connection that has ended.
    package func cancel(slot: Int, nowNanoseconds: Int64) {
        slots[slot].connection.reset(nowNanoseconds: nowNanoseconds)
        takeCallOuts()
    }

    private func result(of connection: TCPConnection) -> TargetResult {
        let end: TargetResult.End =
            switch connection.result.vmState {
            case .trapped: .trapped
            case .refused: .refused
            case .ok, .bypassed:
                switch connection.result.end {
                case .peers: .answered
                // What a plugin is there for is an answer.
                case .plugin:
                    templates[slots[connection.tag].template].expectation.closedByPlugin == true ? .answered : .reset
                case .open, .host, .upstream, .client: .reset
                }
            }
        return TargetResult(end: end, status: nil)
    }

    /// What came out of the chain towards the client.
    package func withResponse(slot: Int, _ body: (_ headers: HeaderBlock, _ bytes: [UInt8]) -> Void) {
        headers.removeAll()
        body(headers, slots[slot].connection.receivedData)
    }

    /// What came out towards the upstream, and whether a plugin closed it.
    package func connectionEnd(slot: Int) -> ConnectionEnd? {
        let result = slots[slot].connection.result
        return ConnectionEnd(upstreamBytes: result.upstreamBytes, isClosedByPlugin: result.end == .plugin)
    }

    /// As that of `InProcessTarget`.
    package var nextTimerNanoseconds: Int64? { chain.nextDue(answerNanoseconds: clusters.nextDeadlineNanoseconds) }

    /// As that of `InProcessTarget`.
    package func runTimers(nowNanoseconds: Int64, progressed report: (_ slot: Int, TargetProgress) -> Void)
        -> TimerWork
    {
        let work = chain.runDue(&clusters, nowNanoseconds: nowNanoseconds, clock: clock)
        takeCallOuts()
        chain.takeProgressed(into: &progressed)
        for connection in progressed {
            report(connection.tag, progress(of: connection, nowNanoseconds: nowNanoseconds))
        }
        progressed.removeAll(keepingCapacity: true)
        return work
    }

    /// Adds what the chain saw since the last drain.
    package func drain(into observations: inout TargetObservations, startNanoseconds: Int64) {
        chain.drain(into: &observed, startNanoseconds: startNanoseconds)
        observations.add(
            heap: observed.heap, growth: observed.growth, failures: observed.failures, vmEvents: observed.vmEvents)
    }

    /// Ends open connections and VMs, and gives the memories back.
    package func shutDown(nowNanoseconds: Int64) { chain.shutDown(nowNanoseconds: nowNanoseconds) }
}
