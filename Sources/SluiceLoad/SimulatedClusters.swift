import SluiceGenerate
import SluiceModel
import SluiceProxyWasm

/// Answers the call-outs of one chain in the place of the clusters that the workload describes: what each answers is a
/// function of the seed and the call-out's number, when it answers of its latency.
struct SimulatedClusters: ~Copyable {
    /// Something that a call-out will hear.
    private enum Answer {
        /// HTTP response, or message of a gRPC call.
        case whole
        case failed(Failure)
        case initialMetadata
        case message
        /// Trailing metadata and the end of a gRPC stream.
        case end
    }

    private enum Failure { case reset, unavailable, timeout }

    private struct Scheduled {
        var deadlineNanoseconds: Int64
        var answer: Answer
    }

    /// The answers of one call-out, in the order in which they come.
    private struct Line {
        var callOut: CallOut?
        var answers: [Scheduled] = []
        var head = 0
        var lastDeadlineNanoseconds: Int64 = 0
        var messages: Int64 = 0
        /// What the cluster answers, if `isPrepared`.
        var response = PreparedResponse()
        var isPrepared = false

        var next: Scheduled? { head < answers.count ? answers[head] : nil }

        mutating func removeFirst() {
            head += 1
            guard head == answers.count else { return }
            answers.removeAll(keepingCapacity: true)
            head = 0
        }

        mutating func removeAll() {
            answers.removeAll(keepingCapacity: true)
            head = 0
            lastDeadlineNanoseconds = 0
            messages = 0
            isPrepared = false
        }
    }

    private let chain: FilterChain
    private let clusters: [SimulatedCluster]
    private let clock: () -> Int64
    /// By the call-outs' slots.
    private var lines: [Line] = []
    private var deadlines = DeadlineHeap()
    private var requests: [CallOutRequest] = []

    /// `clock` reads CLOCK_MONOTONIC: the latency of an answer counts from the end of the call that asked for it.
    init(chain: FilterChain, clusters: [SimulatedCluster], clock: @escaping () -> Int64) {
        self.chain = chain
        self.clusters = clusters
        self.clock = clock
    }

    /// When the next answer is due.
    var nextDeadlineNanoseconds: Int64? {
        deadlines.soonestNanoseconds == .max ? nil : deadlines.soonestNanoseconds
    }

    // MARK: Requests

    /// Takes up what plugins have asked for in the call into the chain that has just ended.
    mutating func takeRequests() {
        let now = clock()
        chain.takeCallOuts(into: &requests)
        for request in requests where request.callOut.generation == request.generation { take(request, now: now) }
        requests.removeAll(keepingCapacity: true)
        chain.waitingAnswers = deadlines.count
    }

    private mutating func take(_ request: CallOutRequest, now: Int64) {
        let callOut = request.callOut
        while lines.count <= callOut.slot { lines.append(Line()) }
        let cluster = clusters[callOut.cluster]
        switch request.kind {
        case .opened:
            lines[callOut.slot].removeAll()
            lines[callOut.slot].callOut = callOut
            open(callOut, cluster, now: now)
        // What a plugin sent before it heard of the end finds nobody there.
        case _ where callOut.isRemoteClosed: break
        case .message:
            for _ in 0..<cluster.cluster.messagesForEach { schedule(.message, callOut, after: cluster, now: now) }
        case .endOfStream: schedule(.end, callOut, after: cluster, now: now)
        }
    }

    private mutating func open(_ callOut: CallOut, _ cluster: SimulatedCluster, now: Int64) {
        let latency = cluster.latencyNanoseconds(index: callOut.number)
        let limit = callOut.timeoutNanoseconds
        if limit > 0, latency >= limit {
            return schedule(.failed(.timeout), callOut, at: now + limit)
        }
        switch cluster.failure(index: callOut.number) {
        case .reset: schedule(.failed(.reset), callOut, at: now + latency)
        case .unavailable: schedule(.failed(.unavailable), callOut, at: now)
        case nil: schedule(callOut.kind == .grpcStream ? .initialMetadata : .whole, callOut, at: now + latency)
        }
    }

    /// Answers of a stream keep their order, whatever their latencies.
    private mutating func schedule(_ answer: Answer, _ callOut: CallOut, after cluster: SimulatedCluster, now: Int64) {
        let slot = callOut.slot
        lines[slot].messages += 1
        let latency = cluster.latencyNanoseconds(callOut: callOut.number, message: lines[slot].messages)
        schedule(answer, callOut, at: max(now + latency, lines[slot].lastDeadlineNanoseconds))
    }

    private mutating func schedule(_ answer: Answer, _ callOut: CallOut, at deadline: Int64) {
        lines[callOut.slot].lastDeadlineNanoseconds = deadline
        lines[callOut.slot].answers.append(Scheduled(deadlineNanoseconds: deadline, answer: answer))
        deadlines.insert(
            DeadlineHeap.Entry(deadlineNanoseconds: deadline, slot: callOut.slot, generation: callOut.generation))
    }

    // MARK: Answers

    /// Generates the answer that is due first, unless it is there or all are the same. Apart from `deliverNext`, which
    /// is part of a call that plugins are charged for.
    ///
    /// - Returns: false when there was nothing to generate.
    mutating func prepareNext() -> Bool {
        guard let entry = deadlines.first, let callOut = lines[entry.slot].callOut,
            callOut.generation == entry.generation, !lines[entry.slot].isPrepared,
            let next = lines[entry.slot].next
        else { return false }
        if case .failed = next.answer { return false }
        let cluster = clusters[callOut.cluster]
        guard !cluster.isFixed else { return false }
        cluster.generate(callOut.number, into: &lines[entry.slot].response)
        lines[entry.slot].isPrepared = true
        return true
    }

    /// Delivers the answer that is due first.
    ///
    /// - Returns: false when it was for a call-out that is over.
    mutating func deliverNext(nowNanoseconds: Int64) -> Bool {
        let entry = deadlines.removeFirst()
        chain.waitingAnswers = deadlines.count
        guard let callOut = lines[entry.slot].callOut, callOut.generation == entry.generation,
            let answer = lines[entry.slot].next?.answer
        else { return false }
        lines[entry.slot].removeFirst()
        switch callOut.kind {
        case .http: answerHTTP(callOut, answer, nowNanoseconds)
        case .grpcCall, .grpcStream: answerGRPC(callOut, answer, nowNanoseconds)
        }
        return true
    }

    /// Gives a call-out all that its cluster answers. Messages of a stream, which are all the same, are copies.
    private mutating func fill(_ callOut: CallOut) {
        let slot = callOut.slot
        let cluster = clusters[callOut.cluster]
        guard lines[slot].isPrepared else { return cluster.fill(callOut) }
        if callOut.kind == .grpcStream {
            callOut.responseHeaders.removeAll()
            callOut.responseHeaders.append(contentsOf: lines[slot].response.headers)
            callOut.responseBody.removeAll(keepingCapacity: true)
            callOut.responseBody.append(contentsOf: lines[slot].response.body)
        } else {
            swap(&callOut.responseHeaders, &lines[slot].response.headers)
            swap(&callOut.responseBody, &lines[slot].response.body)
            lines[slot].isPrepared = false
        }
        cluster.fillTrailers(callOut)
    }

    private mutating func answerHTTP(_ callOut: CallOut, _ answer: Answer, _ now: Int64) {
        switch answer {
        case .failed(.reset): return chain.deliver(.reset, to: callOut, nowNanoseconds: now)
        // As Envoy's router answers, to plugins as to clients.
        case .failed(.unavailable): callOut.fillLocalResponse(503, "no healthy upstream")
        case .failed(.timeout): callOut.fillLocalResponse(504, "upstream request timeout")
        default: fill(callOut)
        }
        chain.deliver(.response, to: callOut, nowNanoseconds: now)
    }

    private mutating func answerGRPC(_ callOut: CallOut, _ answer: Answer, _ now: Int64) {
        let cluster = clusters[callOut.cluster]
        switch answer {
        case .initialMetadata:
            fill(callOut)
            callOut.keepInitialMetadata()
            guard cluster.cluster.upstream.status == 200 else { return end(callOut, nil, now) }
            chain.deliver(.initialMetadata, to: callOut, nowNanoseconds: now)
        case .message:
            fill(callOut)
            chain.deliver(.message, to: callOut, nowNanoseconds: now)
        case .whole:
            guard cluster.cluster.upstream.status == 200, cluster.cluster.grpcStatus == 0
            else { return end(callOut, nil, now) }
            fill(callOut)
            chain.deliver(.message, to: callOut, nowNanoseconds: now)
        case .end:
            fill(callOut)
            let generation = callOut.generation
            chain.deliver(.trailingMetadata, to: callOut, nowNanoseconds: now)
            // The plugin may have given the stream up meanwhile.
            if callOut.generation == generation { end(callOut, nil, now) }
        case .failed(let failure): end(callOut, failure, now)
        }
    }

    /// Ends a call or a stream with the status that Envoy's gRPC client gives a plugin, and drops the answers that were
    /// to come.
    private mutating func end(_ callOut: CallOut, _ failure: Failure?, _ now: Int64) {
        lines[callOut.slot].removeAll()
        let cluster = clusters[callOut.cluster].cluster
        let (status, message): (Int, String) =
            switch failure {
            case .reset: (13, "")
            case .unavailable: (14, "no healthy upstream")
            case .timeout: (14, "upstream request timeout")
            case nil:
                cluster.upstream.status == 200
                    ? (cluster.grpcStatus, cluster.grpcStatus == 0 ? "" : cluster.grpcMessage)
                    : (Int(HTTPStatus.grpcStatus(of: UInt32(cluster.upstream.status))), "")
            }
        callOut.statusMessage.append(contentsOf: message.utf8)
        chain.deliver(.close(status: UInt32(status)), to: callOut, nowNanoseconds: now)
    }
}

/// A cluster and what it draws from. Not to be shared between threads.
final class SimulatedCluster {
    let cluster: Cluster
    private var responses: ResponseGenerator
    private let trailers: HeaderBlock

    /// Trailers with variables have no request to take them from, so that the reader refuses them.
    init(_ cluster: Cluster, position: Int, variables: [Variable], seed: UInt64) {
        self.cluster = cluster
        responses = ResponseGenerator(cluster: cluster, position: position, variables: variables, seed: seed)
        var block = HeaderBlock()
        for trailer in cluster.trailers {
            let text = trailer.value.segments.map { if case .literal(let text) = $0 { text } else { "" } }.joined()
            block.append(name: trailer.name, value: text)
        }
        trailers = block
    }

    func latencyNanoseconds(index: Int64) -> Int64 { responses.latencyNanoseconds(index: index) }

    func latencyNanoseconds(callOut: Int64, message: Int64) -> Int64 {
        responses.latencyNanoseconds(stream: callOut, message: message)
    }

    func failure(index: Int64) -> ResponseGenerator.Failure? { responses.failure(index: index) }

    /// All answers are the same and cost a copy of memory.
    var isFixed: Bool { responses.isFixed }

    /// What the call-out of this number will be answered, but for the trailers.
    func generate(_ number: Int64, into response: inout PreparedResponse) {
        responses.generate(index: number, headers: &response.headers, body: &response.body)
    }

    /// Puts the whole answer into the response properties.
    func fill(_ callOut: CallOut) {
        responses.generate(
            index: callOut.number, headers: &callOut.responseHeaders, body: &callOut.responseBody)
        fillTrailers(callOut)
    }

    func fillTrailers(_ callOut: CallOut) {
        callOut.responseTrailers.removeAll()
        if !trailers.isEmpty { callOut.responseTrailers.append(contentsOf: trailers) }
    }
}

extension CallOut {
    /// Leaves what a gRPC stream has before its first message.
    fileprivate func keepInitialMetadata() {
        let length: StaticString = "content-length"
        let name = UnsafeRawBufferPointer(start: length.utf8Start, count: length.utf8CodeUnitCount)
        if let index = responseHeaders.firstIndex(ofName: name) { responseHeaders.remove(at: index) }
        responseBody.removeAll(keepingCapacity: true)
        responseTrailers.removeAll()
    }

    /// A response that no cluster gave.
    fileprivate func fillLocalResponse(_ status: Int, _ text: String) {
        responseHeaders.removeAll()
        responseHeaders.append(name: ":status", value: String(status))
        responseHeaders.append(name: "content-length", value: String(text.utf8.count))
        responseHeaders.append(name: "content-type", value: "text/plain")
        responseBody.removeAll(keepingCapacity: true)
        responseBody.append(contentsOf: text.utf8)
        responseTrailers.removeAll()
    }
}
