import SluiceEngine
import SluiceModel
import SluiceProxyWasm

/// One input: a chain of plugins, what happens to it from outside, and what the guest does with the host meanwhile.
final class FuzzSession {
    /// The one that is running: host functions are handed nothing but their VM. `HostFuzzing` lets one run at a time.
    nonisolated(unsafe) static var running: FuzzSession!

    var input: FuzzInput
    var arguments = FuzzArguments()
    var oracle = BoundsOracle()
    /// What the host has done wrong, one sentence each.
    private(set) var findings: [String] = []
    let module: FuzzModule
    /// More than any function has parameters: what is behind those must stay as it is.
    static let slotCount = 24

    private let chain: FilterChain
    private let isConnections: Bool
    private var exchanges: [HTTPExchange] = []
    private var connections: [TCPConnection] = []
    private var callOuts: [CallOutRequest] = []
    private var now: Int64 = 1_000_000_000_000
    private var requests: Int64 = 0
    private var events = VMEventCounts()
    /// Where the guest's allocator goes on.
    var heap = FuzzGuest.heap.lowerBound
    var hasPolled = false
    let fault: PlantedFault?

    init(_ bytes: [UInt8], fault: PlantedFault?) {
        self.fault = fault
        var input = FuzzInput(bytes)
        let version = ABIVersion.allCases[Int(input.byte()) % ABIVersion.allCases.count]
        let profile = EnvoyProfile.allCases[Int(input.byte()) % EnvoyProfile.allCases.count]
        let module = FuzzModules.module(version, profile)
        self.module = module
        let kind = input.byte()
        let types = Self.chains[Int(kind & 0x0f) % Self.chains.count]
        isConnections = types[0] == .tcp
        let life: VMLife = kind & 0x10 != 0 ? .requests(2) : .unlimited
        chain = FilterChain(
            plugins: types.map { Self.plugin($0, module, policyByte: kind) }, vmLife: life,
            shared: SharedHostState(limits: Self.limits), services: Self.services, workerIndex: 0,
            bodyPieceBytes: 32, nowNanoseconds: now)
        self.input = input
    }

    private static let chains: [[PluginType]] = [
        [.http], [.http, .http], [.tcp], [.tcp, .tcp], [.http, .service], [.service],
    ]
    /// Such as a few calls meet.
    private static let limits = GuestLimits(
        logLinesPerSecond: 100, queueMessages: 8, queueBytes: 4096, queues: 4, callOuts: 4, callOutBytes: 16_384,
        callOutMessages: 16, metrics: 8, metricBytes: 2048, sharedDataKeys: 8, sharedDataBytes: 8192,
        streamBytes: 200_000)

    private static let services = HostServices(
        clusters: ["cluster", "grpc"],
        properties: [Property(path: ["attribute"], value: .map([.init(key: "list", value: .list([.integer(1)]))]))],
        foreignFunctions: [ForeignFunction(name: "canned", result: [1, 2, 3])], limits: limits,
        logObserver: FuzzLogReader())

    private static func plugin(_ type: PluginType, _ module: FuzzModule, policyByte: UInt8) -> ChainPlugin {
        let policies: [FailurePolicy] = [.closed, .open, .reload, .reload]
        let specification = PluginSpecification(
            name: FuzzTexts.pluginName, type: type, rootID: "root", configuration: Array("plugin".utf8),
            vmID: "vm", vmConfiguration: Array("configuration".utf8), environmentVariables: [],
            failurePolicy: policies[Int(policyByte >> 5) % policies.count],
            reloadBaseIntervalNanoseconds: 1_000_000, module: nil,
            headersStop: policyByte & 0x80 != 0 ? .headersOnly : .wholeMessage)
        let variables = FuzzTexts.environment.map { text in
            let parts = text.split(separator: "=")
            return EnvironmentVariable(name: String(parts[0]), value: String(parts[1]))
        }
        return ChainPlugin(
            planned: PlannedPlugin(
                specification: specification,
                moduleHash: ContentHash(hexadecimal: String(repeating: "0", count: 64))!,
                environmentVariables: variables),
            module: module.linked)
    }

    func report(_ finding: String) {
        if findings.count < 20 { findings.append(finding) }
    }

    // MARK: What happens outside

    /// More than any input needs; callbacks that nobody orders do not end by themselves.
    private static let mostTurns = 200

    func run() {
        do throws(PluginStartError) {
            try chain.start(nowNanoseconds: now)
            for _ in 0..<Self.mostTurns where !input.isUsedUp { takeTurn() }
            chain.shutDown(nowNanoseconds: now)
            drain()
            checkCallOuts()
        } catch {
            drain()
        }
    }

    private func takeTurn() {
        let choice = input.byte()
        switch choice & 7 {
        case 0, 1: begin(choice)
        case 2: respond(choice)
        case 3: answer(choice)
        case 4: fail(choice)
        case 5:
            now += Int64(input.byte()) * 1_000_000
            chain.runTimers(nowNanoseconds: now) { self.now }
        case 6: drain()
        default: reset(choice)
        }
    }

    private func begin(_ choice: UInt8) {
        requests += 1
        guard !isConnections else { return beginConnection(choice) }
        let reused = exchanges.first { $0.state == .complete || $0.state == .idle }
        let exchange = reused ?? chain.makeExchange(tag: exchanges.count)
        if reused == nil { exchanges.append(exchange) }
        exchange.requestHeaders.removeAll()
        exchange.requestTrailers.removeAll()
        for (name, value) in [(":method", "POST"), (":path", "/a?b"), (":authority", "a"), ("name", "1")] {
            exchange.requestHeaders.append(name: name, value: value)
        }
        if choice & 8 != 0 { exchange.requestHeaders.append(name: "name", value: "2") }
        if choice & 16 != 0 { exchange.requestTrailers.append(name: "t", value: "1") }
        if choice & 32 != 0 { exchange.requestHeaders.append(name: "content-type", value: "application/grpc") }
        exchange.requestHasBody = choice & 64 != 0
        exchange.requestBody = Array(repeating: 0x62, count: choice & 64 != 0 ? Int(input.byte()) : 0)
        exchange.begin(requestIndex: requests, nowNanoseconds: now)
    }

    private func beginConnection(_ choice: UInt8) {
        let reused = connections.first { $0.state == .complete || $0.state == .idle }
        let connection = reused ?? chain.makeConnection(tag: connections.count)
        if reused == nil { connections.append(connection) }
        connection.clientData = Array(repeating: 0x62, count: Int(input.byte()))
        let ends = ConnectionTemplate.End.allCases
        connection.begin(
            requestIndex: requests,
            template: ConnectionTemplate(chunkBytes: 32, end: ends[Int(choice >> 4) % ends.count]),
            isUpstreamAvailable: choice & 8 == 0, nowNanoseconds: now)
    }

    private func pick<Stream>(_ streams: [Stream], _ choice: UInt8) -> Stream? {
        streams.isEmpty ? nil : streams[Int(choice >> 3) % streams.count]
    }

    private func respond(_ choice: UInt8) {
        if let connection = pick(connections.filter { $0.state == .awaitingUpstream }, choice) {
            connection.upstreamData = Array(repeating: 0x75, count: Int(input.byte()))
            return connection.upstreamResponded(nowNanoseconds: now)
        }
        guard let exchange = pick(exchanges.filter({ $0.state == .awaitingUpstream }), choice) else { return }
        exchange.responseHeaders.append(name: ":status", value: "200")
        exchange.responseBody = Array(repeating: 0x75, count: Int(input.byte()))
        if choice & 0x80 != 0 { exchange.responseTrailers.append(name: "grpc-status", value: "0") }
        exchange.upstreamResponded(nowNanoseconds: now)
    }

    private func fail(_ choice: UInt8) {
        let failures: [ExchangeResult.UpstreamFailure] = [.reset, .unavailable, .timeout]
        let failure = failures[Int(choice >> 6) % failures.count]
        pick(connections.filter { $0.state == .awaitingUpstream }, choice)?
            .upstreamFailed(failure, nowNanoseconds: now)
        pick(exchanges.filter { $0.state == .awaitingUpstream }, choice)?.upstreamFailed(failure, nowNanoseconds: now)
    }

    private func reset(_ choice: UInt8) {
        pick(connections, choice)?.reset(nowNanoseconds: now)
        pick(exchanges, choice)?.reset(nowNanoseconds: now)
    }

    /// Whatever a target can have for a call-out, in any order.
    private func answer(_ choice: UInt8) {
        chain.takeCallOuts(into: &callOuts)
        callOuts.removeAll { $0.callOut.generation != $0.generation }
        guard let callOut = pick(callOuts, choice)?.callOut else { return }
        let kind = input.byte()
        if kind & 8 == 0 { callOut.responseHeaders.append(name: ":status", value: "200") }
        if kind & 16 != 0 { callOut.responseTrailers.append(name: "t", value: "1") }
        if kind & 32 != 0 { callOut.responseBody = Array(repeating: 0x63, count: Int(kind)) }
        let events: [CallOutEvent]
        switch callOut.kind {
        case .http: events = [.response, .reset]
        case .grpcCall: events = [.message, .close(status: UInt32(kind >> 4))]
        case .grpcStream: events = [.initialMetadata, .message, .trailingMetadata, .close(status: UInt32(kind >> 4))]
        }
        chain.deliver(events[Int(kind & 7) % events.count], to: callOut, nowNanoseconds: now)
    }

    // MARK: What has been seen

    private func drain() {
        var observations = ChainObservations()
        chain.drain(into: &observations, startNanoseconds: 0)
        events += observations.vmEvents
    }

    /// Nothing is under way any more: every call-out has ended in one way.
    private func checkCallOuts() {
        let ended = events.callOutsAnswered + events.callOutsFailed + events.callOutsCancelled
        if ended != events.callOuts { report("\(events.callOuts) call-outs, and \(ended) have ended") }
    }
}

/// Reads what it is shown, so that something outside the memory would be met.
private final class FuzzLogReader: LogObserver {
    func observe(_ text: UnsafeRawBufferPointer) {
        let sum = text.reduce(UInt64(0)) { $0 &+ UInt64($1) }
        precondition(sum <= 255 * UInt64(text.count))
    }
}
