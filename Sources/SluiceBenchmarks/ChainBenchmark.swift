import SluiceGenerate
import SluiceModel
import SluiceProcess
import SluiceProxyWasm

/// The filter chain alone, without schedule, clock and histograms, against the C host's bare request: context creation,
/// request headers with three look-ups and one added header, response headers, log, done, deletion.
///
/// Each request brings its headers anew, since the plugin adds one; the C host's are constants of the program.
enum ChainBenchmark {
    private static let requests = 200_000

    static func run() throws {
        let host = try MinimalHost()
        let plugin = try BenchmarkPlugin(engine: .cranelift)
        let medians = try Rounds.medians([
            { try nanosecondsPerRequest(plugin, requests: requests) },
            { host.request(count: UInt32(requests)) },
        ])
        Rounds.report("chain alone", medians[0], against: medians[1], named: "C host's bare request", limit: 1.5)
    }

    /// What a fresh VM for each request costs beside the request: its store, memory and instance, exports, and its
    /// start and end as a plugin. Against the C host's bare store and instance, in the same kind of memory.
    static func runFreshInstances() throws {
        let (host, plugin) = (try MinimalHost(), try BenchmarkPlugin(engine: .cranelift))
        let medians = try Rounds.medians([
            { try nanosecondsPerRequest(plugin, requests: freshInstances, vmLife: .requests(1)) },
            { try nanosecondsPerRequest(plugin, requests: freshInstances) },
            { host.freshInstance(count: UInt32(freshInstances)) },
        ])
        Rounds.report(
            "fresh instance", medians[0] - medians[1], against: medians[2], named: "C host's store and instance",
            limit: 1.5)
    }

    private static let freshInstances = 10_000

    static func nanosecondsPerRequest(
        _ plugin: BenchmarkPlugin, requests: Int, vmLife: VMLife = .unlimited
    ) throws -> Double {
        let start = MonotonicClock.nowNanoseconds()
        let chain = FilterChain(
            plugins: [plugin.plugin], vmLife: vmLife, shared: SharedHostState(), workerIndex: 0,
            nowNanoseconds: start)
        try chain.start(nowNanoseconds: start)
        defer { chain.shutDown(nowNanoseconds: start) }
        var generator = RequestGenerator(requests: [BenchmarkPlugin.request], variables: [], seed: 1)
        var request = GeneratedRequest()
        generator.generate(index: 0, into: &request)
        let (requestHeaders, responseHeaders) = (request.headers, HeaderBlock.status200)
        let exchange = chain.makeExchange()
        let response = exchange.responseBuffers
        let nanoseconds = Rounds.time {
            for index in 0..<requests {
                requestHeaders.withFields { request.headers.replaceAll(bytes: $0, entries: $1) }
                exchange.swapRequest(headers: &request.headers, body: &request.body, trailers: &request.trailers)
                exchange.begin(requestIndex: Int64(index), nowNanoseconds: start, kind: request.kind)
                responseHeaders.withFields { response.headers.pointee.replaceAll(bytes: $0, entries: $1) }
                exchange.upstreamResponded(nowNanoseconds: start)
            }
        }
        precondition(exchange.result.status == 200 && exchange.result.vmState == .ok, "the last request failed")
        return nanoseconds / Double(requests)
    }
}

extension HeaderBlock {
    fileprivate static var status200: HeaderBlock {
        var headers = HeaderBlock()
        headers.append(name: ":status", value: "200")
        return headers
    }
}
