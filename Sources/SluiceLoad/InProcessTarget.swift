package import SluiceGenerate
package import SluiceModel
import SluiceProcess
package import SluiceProxyWasm

/// The worker's own Proxy-Wasm host with simulated upstreams behind it: no socket, no other thread.
package final class InProcessTarget: RequestTarget {
    private struct Slot {
        /// The chain keeps it, and this target the chain.
        let exchange: Unmanaged<HTTPExchange>
        var index: Int64
        /// What the upstream will answer, if `isPrepared`; otherwise buffers for another time.
        var response = PreparedResponse()
        var isPrepared = false
    }

    private let chain: FilterChain
    private var responses: ResponseGenerator
    /// Those of `responses` differ, or have bodies.
    private let preparesResponses: Bool
    private var slots: UnsafeMutablePointer<Slot>
    private var slotCount = 0
    private var slotCapacity = 64
    /// The response to the request of this index; -1 for none.
    private var next = PreparedResponse()
    private var nextIndex: Int64 = -1
    private var progressed: [HTTPExchange] = []
    private var observed = ChainObservations()
    private var clusters: SimulatedClusters
    private let upstreamTimeoutNanoseconds: Int64
    private let clock: () -> Int64

    /// `clusters` are those whose names the chain knows, in the same order; `seed` and `worker`
    /// decide what they answer. `clock` reads CLOCK_MONOTONIC.
    package init(
        chain: FilterChain, target: SluiceModel.InProcessTarget, variables: [Variable], seed: UInt64, worker: Int,
        clock: @escaping () -> Int64 = MonotonicClock.nowNanoseconds
    ) {
        self.chain = chain
        self.clock = clock
        responses = ResponseGenerator(upstream: target.upstream, variables: variables, seed: seed)
        preparesResponses = !responses.isFixed
        upstreamTimeoutNanoseconds = target.upstream.failures.timeoutNanoseconds ?? .max
        clusters = SimulatedClusters(
            chain: chain,
            clusters: target.clusters.enumerated().map {
                SimulatedCluster($1, position: $0, variables: variables, seed: seed &+ UInt64(worker) << 32)
            }, clock: clock)
        slots = .allocate(capacity: slotCapacity)
    }

    deinit {
        slots.deinitialize(count: slotCount)
        slots.deallocate()
    }

    /// Slots are taken in order: the next one is new.
    private func addSlot() {
        if slotCount == slotCapacity {
            let larger = UnsafeMutablePointer<Slot>.allocate(capacity: 2 * slotCapacity)
            larger.moveInitialize(from: slots, count: slotCount)
            slots.deallocate()
            slots = larger
            slotCapacity *= 2
        }
        (slots + slotCount).initialize(
            to: Slot(exchange: .passUnretained(chain.makeExchange(tag: slotCount)), index: 0))
        slotCount += 1
    }

    @inline(__always)
    private func withExchange<Result>(_ slot: Int, _ body: (HTTPExchange) -> Result) -> Result {
        precondition(slot < slotCount, "no request has begun in this slot")
        return slots[slot].exchange._withUnsafeGuaranteedRef(body)
    }

    /// Generates the response that `index` will have, unless all responses are the same: those are a copy of memory.
    package func prepareRequest(index: Int64) -> Bool {
        guard preparesResponses, failure(index: index) == nil else { return false }
        responses.generate(index: index, headers: &next.headers, body: &next.body)
        nextIndex = index
        return true
    }

    /// The same for the answer of a cluster that is next.
    package func prepareTimers() -> Bool { chain.prepareDue(&clusters) }

    /// Sends a request through the chain; an upstream without latency answers within this call.
    package func begin(slot: Int, request: inout GeneratedRequest, index: Int64, nowNanoseconds: Int64)
        -> TargetProgress
    {
        while slotCount <= slot { addSlot() }
        slots[slot].index = index
        if preparesResponses { takePrepared(slot, index: index) }
        return withExchange(slot) { exchange in
            exchange.swapRequest(headers: &request.headers, body: &request.body, trailers: &request.trailers)
            exchange.requestHasBody = request.hasBody
            exchange.begin(requestIndex: index, nowNanoseconds: nowNanoseconds, kind: request.kind)
            return progress(of: exchange, slot, nowNanoseconds: nowNanoseconds)
        }
    }

    /// Lets the upstream answer, as its latency has passed.
    package func resume(slot: Int, nowNanoseconds: Int64) -> TargetProgress {
        withExchange(slot) { exchange in
            respond(exchange, slot, nowNanoseconds: nowNanoseconds)
            return progress(of: exchange, slot, nowNanoseconds: nowNanoseconds)
        }
    }

    private func takePrepared(_ slot: Int, index: Int64) {
        slots[slot].isPrepared = index == nextIndex
        guard index == nextIndex else { return }
        swap(&slots[slot].response, &next)
        nextIndex = -1
    }

    private func respond(_ exchange: HTTPExchange, _ slot: Int, nowNanoseconds: Int64) {
        let index = slots[slot].index
        if let failure = failure(index: index) {
            exchange.upstreamFailed(failure, nowNanoseconds: nowNanoseconds)
            return
        }
        let (headers, body) = exchange.responseBuffers
        if preparesResponses, slots[slot].isPrepared {
            swap(&slots[slot].response.headers, &headers.pointee)
            swap(&slots[slot].response.body, &body.pointee)
            slots[slot].isPrepared = false
        } else {
            responses.generate(index: index, headers: &headers.pointee, body: &body.pointee)
        }
        exchange.upstreamResponded(nowNanoseconds: nowNanoseconds)
    }

    private func failure(index: Int64) -> ExchangeResult.UpstreamFailure? {
        if upstreamTimeoutNanoseconds < .max, responses.latencyNanoseconds(index: index) > upstreamTimeoutNanoseconds {
            return .timeout
        }
        return switch responses.failure(index: index) {
        case .reset: .reset
        case .unavailable: .unavailable
        case nil: nil
        }
    }

    /// Without a host there is nothing to wait for.
    private func waitNanoseconds(index: Int64) -> Int64 {
        if case .unavailable? = responses.failure(index: index) { return 0 }
        return min(responses.latencyNanoseconds(index: index), upstreamTimeoutNanoseconds)
    }

    /// An upstream without latency answers at once, in the same call.
    @inline(__always)
    private func progress(of exchange: HTTPExchange, _ slot: Int, nowNanoseconds: Int64) -> TargetProgress {
        if case .awaitingUpstream = exchange.state {
            let wait = waitNanoseconds(index: slots[slot].index)
            guard wait <= 0 else {
                takeCallOuts()
                return .wait(nanoseconds: wait)
            }
            respond(exchange, slot, nowNanoseconds: nowNanoseconds)
        }
        takeCallOuts()
        if case .complete = exchange.state { return .complete(Self.result(of: exchange)) }
        return .pending
    }

    @inline(__always) private func takeCallOuts() {
        if chain.hasCallOuts { clusters.takeRequests() }
    }

    /// Resets the stream, which ends without a response; without effect on a complete one.
    package func cancel(slot: Int, nowNanoseconds: Int64) {
        withExchange(slot) { $0.reset(nowNanoseconds: nowNanoseconds) }
        takeCallOuts()
    }

    /// Puts a VM's failure before everything else: a stream that a trap reset is `trapped`, not `reset`.
    @inline(__always)
    private static func result(of exchange: HTTPExchange) -> TargetResult {
        let result = exchange.result
        let end: TargetResult.End =
            switch result.vmState {
            case .trapped: .trapped
            case .refused: .refused
            // A plugin may have answered in the place of the upstream.
            case .ok, .bypassed:
                result.streamReset || result.upstreamFailure != nil && result.origin == .host ? .reset : .answered
            }
        return TargetResult(end: end, status: result.status)
    }

    /// What came out of the chain towards the client.
    package func withResponse(slot: Int, _ body: (_ headers: HeaderBlock, _ bytes: [UInt8]) -> Void) {
        withExchange(slot) { body($0.responseHeaders, $0.responseBody) }
    }

    /// When the chain's VMs have work of their own next, or a call-out its answer; in the past when they have it
    /// already, `nil` without any.
    package var nextTimerNanoseconds: Int64? { chain.nextDue(answerNanoseconds: clusters.nextDeadlineNanoseconds) }

    /// Runs what is due in the VMs, or delivers one answer, and reports each stream that a plugin moved on meanwhile.
    package func runTimers(nowNanoseconds: Int64, progressed report: (_ slot: Int, TargetProgress) -> Void)
        -> TimerWork
    {
        let work = chain.runDue(&clusters, nowNanoseconds: nowNanoseconds, clock: clock)
        takeCallOuts()
        chain.takeProgressed(into: &progressed)
        for exchange in progressed {
            report(exchange.tag, progress(of: exchange, exchange.tag, nowNanoseconds: nowNanoseconds))
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

    /// Ends open streams and VMs, and gives the memories back.
    package func shutDown(nowNanoseconds: Int64) { chain.shutDown(nowNanoseconds: nowNanoseconds) }
}
