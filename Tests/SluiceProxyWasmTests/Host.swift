import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Synchronization
import Testing

/// The engines that run guest code.
let executing = Engines.all.filter(\.capabilities.executes).map(\.name)

let millisecond: Int64 = 1_000_000
let second: Int64 = 1_000_000_000

/// A chain of small plugins under a clock of its own.
final class Host {
    struct Plugin {
        var guest: Guest
        var name = "test"
        var type = PluginType.http
        var placement = ServicePlacement.everyWorker
        /// Plugins of the same code may be in one VM; `nil`: no other plugin has it.
        var code: Int?
        var rootID = ""
        var configuration = ""
        var vmID = ""
        var vmConfiguration = ""
        var policy = FailurePolicy.closed
        var environment: [EnvironmentVariable] = []
        var inherited: [InheritedVariable] = []
        var headersStop = HeadersStop.wholeMessage
        var capabilities: [String]?
        /// Of the guest, where several hosts have the same; by `Host.compile`.
        var module: WasmModule?

        init(_ guest: Guest, _ change: (inout Plugin) -> Void = { _ in }) {
            self.guest = guest
            change(&self)
        }
    }

    let chain: FilterChain
    let shared: SharedHostState
    let compilations: Compilations
    var now: Int64 = 1_000 * second
    private var nextRequest: Int64 = 0

    init(
        _ engine: EngineName, _ plugins: [Plugin], life: VMLife = .unlimited, memoryCapBytes: Int = 16 << 20,
        deadlineNanoseconds: Int64 = 2_000_000_000, pieceBytes: Int = 1 << 20, shared: SharedHostState? = nil,
        profile: String = "1.39", link: LinkMode = .strict, services: HostServices = HostServices(),
        mostCompilations: Int = .max
    ) throws {
        let compilations = Compilations(most: mostCompilations)
        self.compilations = compilations
        let settings = EngineSettings(
            memoryCapBytes: memoryCapBytes, gcHeapCapBytes: memoryCapBytes, deadlineNanoseconds: deadlineNanoseconds)
        let engine = try TestEngines.engine(engine, settings)
        let linked = try plugins.enumerated().map { index, plugin in
            let digits = String(plugin.code ?? 1000 + index)
            let hash = try #require(
                ContentHash(hexadecimal: String(repeating: "0", count: 64 - digits.count) + digits))
            let module = try plugin.module ?? engine.compile(plugin.guest.bytes)
            let specification = PluginSpecification(
                name: plugin.name, type: plugin.type, rootID: plugin.rootID,
                configuration: Array(plugin.configuration.utf8),
                vmID: plugin.vmID, vmConfiguration: Array(plugin.vmConfiguration.utf8), environmentVariables: [],
                inheritedVariables: plugin.inherited, failurePolicy: plugin.policy,
                reloadBaseIntervalNanoseconds: second, module: nil, headersStop: plugin.headersStop,
                placement: plugin.placement)
            let linked = { @Sendable (module: WasmModule) throws(PluginLoadError) -> LinkedPlugin in
                try PluginLinker.link(
                    module, profile: profile, mode: link,
                    capabilities: CapabilityRestriction(allowed: plugin.capabilities))
            }
            return ChainPlugin(
                planned: PlannedPlugin(
                    specification: specification, moduleHash: hash, environmentVariables: plugin.environment),
                module: try linked(module),
                recompile: { () throws(PluginLoadError) in
                    try linked(try compilations.compile(plugin.guest.bytes, engine))
                })
        }
        self.shared = shared ?? SharedHostState()
        chain = FilterChain(
            plugins: linked, vmLife: life, shared: self.shared, services: services, workerIndex: 0,
            bodyPieceBytes: pieceBytes,
            nowNanoseconds: now)
    }

    convenience init(_ engine: EngineName, _ guest: Guest, policy: FailurePolicy = .closed) throws {
        try self.init(engine, [Plugin(guest) { $0.policy = policy }])
    }

    /// A guest's module for hosts with limits as they are by default.
    static func compile(_ guest: Guest, _ engine: EngineName) throws -> WasmModule {
        let settings = EngineSettings(
            memoryCapBytes: 16 << 20, gcHeapCapBytes: 16 << 20, deadlineNanoseconds: 2_000_000_000)
        return try TestEngines.engine(engine, settings).compile(guest.bytes)
    }

    /// Starts the plugins.
    @discardableResult
    func start() throws -> Host {
        try chain.start(nowNanoseconds: now)
        return self
    }

    /// A new exchange, its request on the way.
    func send(
        _ method: String = "GET", path: String = "/path?a=1", headers: [(String, String)] = [], body: String? = nil,
        trailers: [(String, String)] = [], on reused: HTTPExchange? = nil
    ) -> HTTPExchange {
        let exchange = reused ?? chain.makeExchange()
        exchange.requestHeaders.removeAll()
        exchange.requestTrailers.removeAll()
        for (name, value) in [(":method", method), (":path", path), (":scheme", "http"), (":authority", "sluice.test")]
        {
            exchange.requestHeaders.append(name: name, value: value)
        }
        for (name, value) in headers { exchange.requestHeaders.append(name: name, value: value) }
        for (name, value) in trailers { exchange.requestTrailers.append(name: name, value: value) }
        exchange.requestHasBody = body != nil
        exchange.requestBody = Array((body ?? "").utf8)
        exchange.begin(requestIndex: takeRequestIndex(), nowNanoseconds: now)
        return exchange
    }

    /// Requests and connections are counted from 0.
    func takeRequestIndex() -> Int64 {
        defer { nextRequest += 1 }
        return nextRequest
    }

    /// The upstream's answer.
    func respond(
        _ exchange: HTTPExchange, status: Int = 200, headers: [(String, String)] = [], body: String = "",
        trailers: [(String, String)] = []
    ) {
        exchange.responseHeaders.append(name: ":status", value: "\(status)")
        for (name, value) in headers { exchange.responseHeaders.append(name: name, value: value) }
        for (name, value) in trailers { exchange.responseTrailers.append(name: name, value: value) }
        exchange.responseBody = Array(body.utf8)
        exchange.upstreamResponded(nowNanoseconds: now)
    }

    /// A whole request with the upstream's answer, if it comes that far.
    @discardableResult
    func exchange(headers: [(String, String)] = [], body: String? = nil) -> HTTPExchange {
        let exchange = send(headers: headers, body: body)
        if exchange.state == .awaitingUpstream { respond(exchange) }
        return exchange
    }

    /// Call-outs that plugins have started since the last time.
    func callOuts() -> [CallOutRequest] {
        var requests: [CallOutRequest] = []
        chain.takeCallOuts(into: &requests)
        return requests
    }

    func deliver(_ event: CallOutEvent, to callOut: CallOut) { chain.deliver(event, to: callOut, nowNanoseconds: now) }

    /// An HTTP response.
    func answer(
        _ callOut: CallOut, status: Int = 200, headers: [(String, String)] = [], body: String = "",
        trailers: [(String, String)] = []
    ) {
        callOut.responseHeaders.append(name: ":status", value: "\(status)")
        for (name, value) in headers { callOut.responseHeaders.append(name: name, value: value) }
        callOut.responseBody = Array(body.utf8)
        for (name, value) in trailers { callOut.responseTrailers.append(name: name, value: value) }
        deliver(.response, to: callOut)
    }

    func advance(_ nanoseconds: Int64) { now += nanoseconds }

    func runTimers() { chain.runTimers(nowNanoseconds: now, clock: { self.now }) }

    func log(_ plugin: Int = 0) -> [String] { chain.lastLogLines(plugin: plugin) }

    /// What the plugin wrote, one letter a record.
    var letters: String { log().joined() }

    func drain() -> ChainObservations {
        var observations = ChainObservations()
        chain.drain(into: &observations, startNanoseconds: 0)
        return observations
    }

    func progressed() -> [HTTPExchange] {
        var exchanges: [HTTPExchange] = []
        chain.takeProgressed(into: &exchanges)
        return exchanges
    }

    func shutDown() { chain.shutDown(nowNanoseconds: now) }
}

/// Modules that were compiled for one VM.
final class Compilations: Sendable {
    private let made = Atomic<Int>(0)
    private let most: Int

    init(most: Int) { self.most = most }

    var count: Int { made.load(ordering: .relaxed) }

    /// Fails after `most`.
    func compile(_ bytes: [UInt8], _ engine: WasmEngine) throws(PluginLoadError) -> WasmModule {
        guard made.add(1, ordering: .relaxed).newValue <= most else { throw .unknownABIVersion }
        do throws(EngineError) { return try engine.compile(bytes) } catch { throw .engine(error) }
    }
}

/// The engines of all tests, each made once.
private enum TestEngines {
    private struct Key: Hashable {
        let name: EngineName
        let settings: EngineSettings
    }

    private static let engines = Mutex<[Key: WasmEngine]>([:])

    static func engine(_ name: EngineName, _ settings: EngineSettings) throws -> WasmEngine {
        try engines.withLock { engines in
            let key = Key(name: name, settings: settings)
            if let engine = engines[key] { return engine }
            let engine = try Engines.make(name, settings: settings)
            engines[key] = engine
            return engine
        }
    }
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// The first failure of an attempt to start.
func startFailure(_ host: Host) throws -> VMFailure {
    do {
        try host.start()
    } catch let error as PluginStartError {
        return error.failure
    }
    throw NothingFailed()
}

struct NothingFailed: Error {}
