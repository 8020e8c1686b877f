package import SluiceGenerate
package import SluiceModel
package import SluiceProxyWasm

/// The worker's own Proxy-Wasm host with a simulated upstream behind it: no socket, no other thread.
package final class InProcessTarget: RequestTarget {
    private let chain: FilterChain
    private var responses: ResponseGenerator
    /// By slot.
    private var exchanges: [HTTPExchange] = []
    private var indices: [Int64] = []
    private var progressed: [HTTPExchange] = []
    private var observed = ChainObservations()

    package init(chain: FilterChain, responses: consuming ResponseGenerator) {
        self.chain = chain
        self.responses = responses
    }

    /// Sends a request through the chain; an upstream without latency answers within this call.
    package func begin(slot: Int, request: inout GeneratedRequest, index: Int64, nowNanoseconds: Int64)
        -> TargetProgress
    {
        while exchanges.count <= slot {
            exchanges.append(chain.makeExchange())
            indices.append(0)
        }
        let exchange = exchanges[slot]
        indices[slot] = index
        swap(&exchange.requestHeaders, &request.headers)
        swap(&exchange.requestBody, &request.body)
        swap(&exchange.requestTrailers, &request.trailers)
        exchange.requestHasBody = request.hasBody
        exchange.begin(requestIndex: index, nowNanoseconds: nowNanoseconds)
        return progress(of: slot, nowNanoseconds: nowNanoseconds)
    }

    /// Lets the upstream answer, as its latency has passed.
    package func resume(slot: Int, nowNanoseconds: Int64) -> TargetProgress {
        respond(slot, nowNanoseconds: nowNanoseconds)
        return progress(of: slot, nowNanoseconds: nowNanoseconds)
    }

    private func respond(_ slot: Int, nowNanoseconds: Int64) {
        let exchange = exchanges[slot]
        responses.generate(
            index: indices[slot], headers: &exchange.responseHeaders, body: &exchange.responseBody)
        exchange.upstreamResponded(nowNanoseconds: nowNanoseconds)
    }

    /// An upstream without latency answers at once, in the same call.
    private func progress(of slot: Int, nowNanoseconds: Int64) -> TargetProgress {
        if exchanges[slot].state == .awaitingUpstream {
            let latency = responses.latencyNanoseconds(index: indices[slot])
            guard latency <= 0 else { return .wait(nanoseconds: latency) }
            respond(slot, nowNanoseconds: nowNanoseconds)
        }
        return exchanges[slot].state == .complete ? .complete : .pending
    }

    /// Resets the stream, which ends without a response; without effect on a complete one.
    package func cancel(slot: Int, nowNanoseconds: Int64) { exchanges[slot].reset(nowNanoseconds: nowNanoseconds) }

    /// Puts a VM's failure before everything else: a stream that a trap reset is `trapped`, not `reset`.
    package func result(slot: Int) -> TargetResult {
        let result = exchanges[slot].result
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
        body(exchanges[slot].responseHeaders, exchanges[slot].responseBody)
    }

    /// When the chain's VMs have work of their own next; in the past when they have it already, `nil` without any.
    package var nextTimerNanoseconds: Int64? { chain.nextTimerNanoseconds }

    /// Runs what is due in the VMs, and reports each stream that a plugin moved on meanwhile.
    package func runTimers(nowNanoseconds: Int64, progressed report: (_ slot: Int, TargetProgress) -> Void) {
        chain.runTimers(nowNanoseconds: nowNanoseconds)
        chain.takeProgressed(into: &progressed)
        for exchange in progressed {
            if let slot = exchanges.firstIndex(where: { $0 === exchange }) {
                report(slot, progress(of: slot, nowNanoseconds: nowNanoseconds))
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
