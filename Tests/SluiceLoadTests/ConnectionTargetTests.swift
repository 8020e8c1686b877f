import SluiceEngine
import SluiceHistogram
import SluiceLoad
import SluiceModel
import SluiceProcess
import SluiceProxyWasm
import Testing

/// Connections under load: outcomes, checks and waiting.
@Suite struct ConnectionTargetTests {
    /// Holds what a client sends until it is 5 bytes or more; closes connections that begin with an X; traps at a T.
    private static let plugin = """
        (module
          (import "env" "proxy_get_buffer_bytes" (func $get (param i32 i32 i32 i32 i32) (result i32)))
          (import "env" "proxy_close_stream" (func $close (param i32) (result i32)))
          (memory (export "memory") 2)
          (func (export "proxy_abi_version_0_2_1"))
          (func (export "malloc") (param i32) (result i32) (i32.const 1024))
          (func (export "proxy_on_downstream_data") (param i32 i32 i32) (result i32)
            (local i32)
            (if (i32.eqz (local.get 1)) (then (return (i32.const 0))))
            (drop (call $get (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 16) (i32.const 20)))
            (local.set 3 (i32.load8_u (i32.load (i32.const 16))))
            (if (i32.eq (local.get 3) (i32.const 84)) (then (unreachable)))
            (if (i32.eq (local.get 3) (i32.const 88)) (then (drop (call $close (i32.const 2)))))
            (i32.lt_u (local.get 1) (i32.const 5))))
        """

    private func chain(_ policy: FailurePolicy) throws -> FilterChain {
        let engine = try Engines.make(
            .cranelift,
            settings: EngineSettings(
                memoryCapBytes: 1 << 24, gcHeapCapBytes: 1 << 24, deadlineNanoseconds: 5_000_000_000))
        let planned = PlannedPlugin(
            specification: PluginSpecification(
                name: "test", type: .tcp, rootID: "", configuration: [], vmID: "", vmConfiguration: [],
                environmentVariables: [], failurePolicy: policy, reloadBaseIntervalNanoseconds: 1_000_000_000,
                module: nil), moduleHash: try #require(ContentHash(hexadecimal: String(repeating: "0", count: 64))),
            environmentVariables: [])
        let module = try PluginLinker.link(try engine.compile(Array(Self.plugin.utf8)), profile: "1.39")
        let now = MonotonicClock.nowNanoseconds()
        let chain = FilterChain(
            plugins: [ChainPlugin(planned: planned, module: module)], vmLife: .unlimited, shared: SharedHostState(),
            workerIndex: 0, nowNanoseconds: now)
        try chain.start(nowNanoseconds: now)
        return chain
    }

    /// A hundred connections of one kind.
    private func run(
        _ body: String, chunk: Int = 2, expect: SluiceModel.Expectation = .nothing,
        upstream: Upstream = .answering(.constant(1_000_000), body: "answer"), timeoutMilliseconds: Int64 = 10_000
    ) throws -> WorkerRun {
        var request = RequestTemplate.expecting(expect)
        request.body = .text(Template(literal: body))
        request.connection = ConnectionTemplate(chunkBytes: chunk)
        let target = ConnectionTarget(
            chain: try chain(.closed), target: SluiceModel.InProcessTarget(upstream: upstream), requests: [request],
            variables: [], seed: 1, worker: 0)
        return try WorkerRun.run(
            .constant(ratePerSecond: 1000, milliseconds: 100, timeoutMilliseconds: timeoutMilliseconds),
            target: target, requests: [request])
    }

    private func expecting(_ client: Int?, _ upstream: Int?, closed: Bool? = nil) -> SluiceModel.Expectation {
        SluiceModel.Expectation(
            status: nil, headers: [], body: nil, clientBytes: client, upstreamBytes: upstream, closedByPlugin: closed)
    }

    @Test func `connections wait for the upstream and are checked by their bytes`() throws {
        // 2 and 4 bytes are held, 6 pass.
        let right = try run("client", expect: expecting(6, 6))
        #expect(right.counts().succeeded == 100)
        let response = try right.histogram(\.responseTime)
        #expect(response.count == 100)
        #expect(try #require(response.quantile(0.5).nanoseconds) >= 990_000)
        #expect(try run("client", expect: expecting(7, 6)).counts().checkFailed == 100)
        let wrong = try run("client", expect: expecting(6, 5))
        #expect(wrong.counts().checkFailed == 100)
        #expect(
            wrong.batches.flatMap(\.checkFailures).first?.message == "expected 5 bytes for the upstream, got 6")
    }

    @Test func `a connection that a plugin closes is reset unless that is expected`() throws {
        #expect(try run("X").counts().reset == 100)
        #expect(try run("X", expect: expecting(0, 0, closed: true)).counts().succeeded == 100)
        #expect(try run("client", expect: expecting(nil, nil, closed: true)).counts().checkFailed == 100)
    }

    @Test func `a connection that nothing moves on times out`() throws {
        #expect(try run("abc", timeoutMilliseconds: 50).counts().timedOut == 100)
    }

    @Test func `a trap and what follows it are told apart`() throws {
        let counts = try run("T").counts()
        #expect(counts.trapped == 1)
        #expect(counts.refused == 99)
    }

    @Test func `an upstream that fails resets connections`() throws {
        for failures in [
            UpstreamFailures(resetShare: 1), UpstreamFailures(unavailableShare: 1),
            UpstreamFailures(timeoutNanoseconds: 500_000),
        ] {
            let upstream = Upstream.answering(.constant(1_000_000), failures: failures)
            #expect(try run("client", upstream: upstream).counts().reset == 100)
        }
    }
}
