import SluiceGenerate
import SluiceHistogram
import SluiceLoad
import SluiceModel
import Testing

/// What the simulated upstreams do themselves is no plugin's time.
@Suite(.serialized) struct OwnWorkTests {
    /// Some milliseconds of work.
    private static let body = BodyGenerator.gzipOf(.randomBytes(sizeBytes: .constant(300_000)))

    private func upstream(_ latencyNanoseconds: Double, _ body: BodyGenerator = Self.body) -> Upstream {
        Upstream(
            status: 200, headers: [], body: body, latencyNanoseconds: .constant(latencyNanoseconds),
            failures: UpstreamFailures())
    }

    private static let silent =
        "(module (func (export \"proxy_abi_version_0_2_1\")) (memory (export \"memory\") 1) "
        + "(func (export \"malloc\") (param i32) (result i32) (i32.const 0)))"

    /// How long it takes to generate one response, here and now.
    private func generationNanoseconds() -> Int64 {
        var generator = ResponseGenerator(upstream: upstream(0), variables: [], seed: 1)
        var (headers, body) = (HeaderBlock(), [UInt8]())
        let times = (0..<5).map { index in
            ContinuousClock().measure { generator.generate(index: index, headers: &headers, body: &body) }
        }
        return Int64(times.sorted()[2] / .nanoseconds(1))
    }

    @Test(
        "responses and answers are generated outside of service time and of plugin time",
        arguments: ["no wait", "a wait", "a call-out"])
    func generation(what: String) throws {
        // There is time enough for the answer to a call-out, and none for the next response, which has to wait.
        let wait: Int64 = ["no wait": 0, "a wait": 5_000_000, "a call-out": 60_000_000][what] ?? 0
        let plugin =
            what == "a call-out"
            ? try PluginTarget(
                CallingPlugin.http(), clusters: [Cluster(name: "auth", upstream: upstream(Double(wait)))], isReal: true)
            : try PluginTarget(Self.silent, upstream: upstream(Double(wait)), isReal: true)
        let run = try WorkerRun.run(.constant(ratePerSecond: 10, milliseconds: 2500), target: plugin.target)
        #expect(run.counts().succeeded == 25)
        let service = try #require(try run.histogram(\.serviceTime).quantile(0.5).nanoseconds)
        #expect(service >= wait)
        let generation = generationNanoseconds()
        #expect(service - wait < generation / 3, "generation takes \(generation) ns, the service \(service) ns")
    }

    @Test("a prepared response is the one that comes otherwise", arguments: [0.0, 2e6])
    func sameBytes(latency: Double) throws {
        let random = BodyGenerator.randomBytes(sizeBytes: .uniform(10, 1000))
        func responses(prepared: Bool) throws -> [[[UInt8]]] {
            let plugin = try PluginTarget(Self.silent, upstream: upstream(latency, random))
            plugin.preparesAhead = prepared
            for slot in 0..<3 { plugin.begin(slot) }
            if latency > 0 { for slot in [2, 0, 1] { plugin.resume(slot) } }
            return (0..<3).map(plugin.response)
        }
        let prepared = try responses(prepared: true)
        #expect(try responses(prepared: false) == prepared)
        #expect(Set(prepared.map(\.last)).count == 3 && prepared.allSatisfy { $0.count == 5 })
    }

    @Test("a prepared answer of a cluster is the one that comes otherwise", arguments: [true, false])
    func sameAnswers(isStream: Bool) throws {
        func log(prepared: Bool) throws -> [String] {
            var cluster = Cluster(
                name: "auth", upstream: upstream(1e6, .randomBytes(sizeBytes: .uniform(1, 20))))
            cluster.messagesForEach = 2
            let plugin = try PluginTarget(CallingPlugin.grpc(stream: isStream), clusters: [cluster])
            plugin.preparesAhead = prepared
            for slot in 0..<5 { plugin.begin(slot) }
            plugin.advance(toMilliseconds: 10)
            return plugin.log
        }
        // Every message says its length.
        let prepared = try log(prepared: true)
        #expect(try log(prepared: false) == prepared)
        #expect(Set(prepared).count > 2)
    }

    @Test("answers that take longer to generate than their latency are late by the harness")
    func lateAnswers() throws {
        let plugin = try PluginTarget(
            CallingPlugin.http(), clusters: [Cluster(name: "auth", upstream: upstream(0))], isReal: true)
        let run = try WorkerRun.run(.constant(ratePerSecond: 10, milliseconds: 1000), target: plugin.target)
        #expect(run.counts().succeeded == 10)
        let events = run.batches.reduce(into: VMEventCounts()) { $0 += $1.vmEvents }
        #expect(events.callOutsLateByHarness == 10 && events.callOutsLateByPlugin == 0)
    }

    /// A target that is asked to prepare what nobody waits for any more would never catch up.
    @Test("requests that are over before they begin are not prepared")
    func expired() throws {
        let target = ScriptedTarget { $0 == 0 ? .block(nanoseconds: 300_000_000) : .answer(status: 200) }
        let run = try WorkerRun.run(
            .constant(ratePerSecond: 1000, milliseconds: 200, timeoutMilliseconds: 50), target: target)
        #expect(run.counts().neverStarted >= 100)
        #expect(target.prepared.count < 200 - run.counts().neverStarted + 10)
        #expect(Set(target.begun).isSubset(of: target.prepared))
    }
}
