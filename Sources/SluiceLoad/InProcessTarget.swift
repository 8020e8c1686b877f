package import SluiceGenerate
package import SluiceModel
package import SluiceProxyWasm

/// The worker's own Proxy-Wasm host with a simulated upstream behind it: no socket, no other thread.
package final class InProcessTarget: RequestTarget {
    private struct Slot {
        /// The chain keeps it, and this target the chain.
        let exchange: Unmanaged<HTTPExchange>
        var index: Int64
    }

    private let chain: FilterChain
    private var responses: ResponseGenerator
    private var slots: UnsafeMutablePointer<Slot>
    private var slotCount = 0
    private var slotCapacity = 64
    private var progressed: [HTTPExchange] = []
    private var observed = ChainObservations()

    package init(chain: FilterChain, responses: consuming ResponseGenerator) {
        self.chain = chain
        self.responses = responses
        slots = .allocate(capacity: slotCapacity)
    }

    deinit { slots.deallocate() }

    /// Slots are taken in order: the next one is new.
    private func addSlot() {
        if slotCount == slotCapacity {
            let larger = UnsafeMutablePointer<Slot>.allocate(capacity: 2 * slotCapacity)
            larger.moveInitialize(from: slots, count: slotCount)
            slots.deallocate()
            slots = larger
            slotCapacity *= 2
        }
        (slots + slotCount).initialize(to: Slot(exchange: .passUnretained(chain.makeExchange()), index: 0))
        slotCount += 1
    }

    @inline(__always)
    private func withExchange<Result>(_ slot: Int, _ body: (HTTPExchange) -> Result) -> Result {
        precondition(slot < slotCount, "no request has begun in this slot")
        return slots[slot].exchange._withUnsafeGuaranteedRef(body)
    }

    /// Sends a request through the chain; an upstream without latency answers within this call.
    package func begin(slot: Int, request: inout GeneratedRequest, index: Int64, nowNanoseconds: Int64)
        -> TargetProgress
    {
        while slotCount <= slot { addSlot() }
        slots[slot].index = index
        return withExchange(slot) { exchange in
            exchange.swapRequest(headers: &request.headers, body: &request.body, trailers: &request.trailers)
            exchange.requestHasBody = request.hasBody
            exchange.begin(requestIndex: index, nowNanoseconds: nowNanoseconds)
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

    private func respond(_ exchange: HTTPExchange, _ slot: Int, nowNanoseconds: Int64) {
        let index = slots[slot].index
        exchange.fillResponse { responses.generate(index: index, headers: &$0, body: &$1) }
        exchange.upstreamResponded(nowNanoseconds: nowNanoseconds)
    }

    /// An upstream without latency answers at once, in the same call.
    private func progress(of exchange: HTTPExchange, _ slot: Int, nowNanoseconds: Int64) -> TargetProgress {
        if case .awaitingUpstream = exchange.state {
            let latency = responses.latencyNanoseconds(index: slots[slot].index)
            guard latency <= 0 else { return .wait(nanoseconds: latency) }
            respond(exchange, slot, nowNanoseconds: nowNanoseconds)
        }
        if case .complete = exchange.state { return .complete }
        return .pending
    }

    /// Resets the stream, which ends without a response; without effect on a complete one.
    package func cancel(slot: Int, nowNanoseconds: Int64) {
        withExchange(slot) { $0.reset(nowNanoseconds: nowNanoseconds) }
    }

    /// Puts a VM's failure before everything else: a stream that a trap reset is `trapped`, not `reset`.
    package func result(slot: Int) -> TargetResult {
        let result = withExchange(slot) { $0.result }
        let end: TargetResult.End =
            switch result.vmState {
            case .trapped: .trapped
            case .refused: .refused
            case .ok, .bypassed: result.streamReset ? .reset : .answered
            }
        return TargetResult(end: end, status: result.status)
    }

    /// What came out of the chain towards the client.
    package func withResponse(slot: Int, _ body: (_ headers: HeaderBlock, _ bytes: [UInt8]) -> Void) {
        withExchange(slot) { body($0.responseHeaders, $0.responseBody) }
    }

    /// When the chain's VMs have work of their own next; in the past when they have it already, `nil` without any.
    package var nextTimerNanoseconds: Int64? { chain.nextTimerNanoseconds }

    /// Runs what is due in the VMs, and reports each stream that a plugin moved on meanwhile.
    package func runTimers(nowNanoseconds: Int64, progressed report: (_ slot: Int, TargetProgress) -> Void) {
        chain.runTimers(nowNanoseconds: nowNanoseconds)
        chain.takeProgressed(into: &progressed)
        for exchange in progressed {
            if let slot = (0..<slotCount).first(where: {
                slots[$0].exchange.toOpaque() == Unmanaged.passUnretained(exchange).toOpaque()
            }) {
                report(slot, progress(of: exchange, slot, nowNanoseconds: nowNanoseconds))
            }
        }
        progressed.removeAll(keepingCapacity: true)
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
