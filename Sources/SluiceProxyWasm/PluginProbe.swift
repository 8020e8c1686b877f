import SluiceEngine
package import SluiceModel

/// Sizes of the memories of a VM at the steps of its start-up; `nil` for a step that it did not come to.
package struct StartBaseline: Sendable, Equatable {
    /// Once instantiated, before any code of the module has run but its start function.
    package internal(set) var instantiatedBytes: Int?
    /// After `_initialize`, `main` or `_start`.
    package internal(set) var startedBytes: Int?
    /// After `proxy_on_configure`: what every VM costs before the first stream.
    package internal(set) var configuredBytes: Int?
}

/// What one plugin made of one stream.
package struct ProbeResult: Sendable {
    /// Sizes of the memory while it started.
    package var baseline = StartBaseline()
    /// Size of the linear memory after the stream; `nil` when the VM is dead.
    package var finalBytes: Int?
    /// Why the VM died, if it did.
    package var failure: VMFailure?
    /// Of the response; `nil` without one, and for anything but HTTP.
    package var status: Int?
    /// The plugin held the stream and waited for something that a single stream does not bring about.
    package var isPaused = false
    /// The last lines that the plugin wrote.
    package var logLines: [String] = []

    package init() {}
}

/// Starts one VM of a plugin and lets one stream through it: what a smoke test does.
package enum PluginProbe {
    /// Runs on the calling thread, which needs `EngineSettings.requiredThreadStackBytes` of stack.
    package static func run(
        _ specification: PluginSpecification, module: LinkedPlugin, as kind: PluginType
    ) -> ProbeResult {
        // Nothing looks at the hash of a module that is linked already.
        let planned = PlannedPlugin(
            specification: specification, moduleHash: ContentHash(hexadecimal: String(repeating: "0", count: 64))!,
            environmentVariables: specification.environmentVariables)
        var result = ProbeResult()
        let now = Int64(SystemClock.monotonicNanoseconds())
        let chain = FilterChain(
            plugins: [ChainPlugin(planned: planned, module: module)], vmLife: .unlimited, shared: SharedHostState(),
            workerIndex: 0, nowNanoseconds: now)
        do throws(PluginStartError) {
            try chain.start(nowNanoseconds: now)
            switch kind {
            case .http: http(chain, now, &result)
            case .tcp: connection(chain, now, &result)
            case .service: service(chain, now)
            }
        } catch {
            result.failure = error.failure
        }
        let vm = chain.filters[0].vm
        result.baseline = vm?.baseline ?? StartBaseline()
        result.failure = result.failure ?? vm?.state.pointee.failure
        result.finalBytes = vm?.state.pointee.instance?.memorySizes.linearBytes
        result.logLines = chain.lastLogLines(plugin: 0)
        chain.shutDown(nowNanoseconds: now)
        result.failure = result.failure ?? vm?.state.pointee.failure
        return result
    }

    /// Queue messages can bring further ones without end; as many turns are enough to be told of those of the start.
    private static let mostServiceTurns = 100

    /// What the start has left behind, and then the first tick, for which nobody waits.
    private static func service(_ chain: FilterChain, _ now: Int64) {
        let clock = { now }
        var turns = 0
        while let next = chain.nextTimerNanoseconds, next <= now, turns < mostServiceTurns {
            chain.runTimers(nowNanoseconds: now, clock: clock)
            turns += 1
        }
        let roots = chain.filters[0].vm?.state.pointee.roots ?? []
        let ticks = roots.filter { $0.pointee.tickPeriodNanoseconds > 0 }.map { $0.pointee.nextTickNanoseconds }
        guard let tick = ticks.min() else { return }
        chain.runTimers(nowNanoseconds: max(now, tick), clock: clock)
    }

    private static func http(_ chain: FilterChain, _ now: Int64, _ result: inout ProbeResult) {
        let exchange = chain.makeExchange()
        for (name, value) in [
            (":method", "POST"), (":path", "/"), (":scheme", "http"), (":authority", "localhost"),
            ("content-type", "text/plain"), ("content-length", "\(body.count)"), ("user-agent", "sluice-check"),
        ] { exchange.requestHeaders.append(name: name, value: value) }
        exchange.requestHasBody = true
        exchange.requestBody = body
        exchange.begin(requestIndex: 0, nowNanoseconds: now)
        if exchange.state == .awaitingUpstream {
            exchange.responseHeaders.append(name: ":status", value: "200")
            exchange.responseHeaders.append(name: "content-type", value: "text/plain")
            exchange.responseBody = body
            exchange.upstreamResponded(nowNanoseconds: now)
        }
        result.isPaused = exchange.state == .paused
        if exchange.state != .complete { exchange.reset(nowNanoseconds: now) }
        result.status = exchange.result.status
    }

    private static let body = Array("hello\n".utf8)

    /// A few bytes each way, and both ends closed.
    private static func connection(_ chain: FilterChain, _ now: Int64, _ result: inout ProbeResult) {
        let connection = chain.makeConnection()
        connection.clientData = body
        connection.begin(requestIndex: 0, nowNanoseconds: now)
        if connection.state == .awaitingUpstream {
            connection.upstreamData = body
            connection.upstreamResponded(nowNanoseconds: now)
        }
        result.isPaused = connection.state == .paused
        if connection.state != .complete { connection.reset(nowNanoseconds: now) }
    }
}
