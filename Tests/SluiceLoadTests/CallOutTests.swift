import SluiceGenerate
import SluiceLoad
import SluiceModel
import Testing

/// Simulated clusters and upstreams of the `in-process` target.
struct CallOutTests {
    private func cluster(_ upstream: Upstream, _ change: (inout Cluster) -> Void = { _ in }) -> Cluster {
        var cluster = Cluster(name: "auth", upstream: upstream)
        change(&cluster)
        return cluster
    }

    @Test func `a stream waits for its call-out, whose latency it takes`() throws {
        let plugin = try PluginTarget(
            CallingPlugin.http(), clusters: [cluster(.answering(status: 204, .constant(5e6)))])
        plugin.begin(0)
        plugin.begin(1)
        plugin.advance(toMilliseconds: 4.9)
        #expect(!plugin.isComplete(0) && plugin.log.isEmpty)
        plugin.advance(toMilliseconds: 5)
        #expect(plugin.isComplete(0) && plugin.isComplete(1))
        #expect(plugin.log == ["204", "A", "204", "A"])
        let events = plugin.events()
        #expect(events.callOuts == 2 && events.callOutsAnswered == 2)
    }

    @Test func `a call-out that takes too long gets Envoy's 504 at its timeout`() throws {
        let plugin = try PluginTarget(
            CallingPlugin.http(timeoutMilliseconds: 20), clusters: [cluster(.answering(.constant(1e9)))])
        plugin.begin(0)
        plugin.advance(toMilliseconds: 19.9)
        #expect(plugin.log.isEmpty)
        plugin.advance(toMilliseconds: 20)
        #expect(plugin.log == ["504", "A"] && plugin.isComplete(0))
        // The answer that would have come is forgotten.
        plugin.advance(toMilliseconds: 2000)
        #expect(plugin.log.count == 2 && plugin.events().callOutsAnswered == 1)
    }

    @Test func `resets and missing hosts come as often as the workload says`() throws {
        let failures = UpstreamFailures(resetShare: 0.2, unavailableShare: 0.1)
        let plugin = try PluginTarget(
            CallingPlugin.http(), clusters: [cluster(.answering(.constant(1e6), failures: failures))])
        var counts: [String: Int] = [:]
        for round in 0..<2000 {
            plugin.begin(0)
            plugin.advance(toMilliseconds: Double(round + 1))
            #expect(plugin.isComplete(0))
            counts[plugin.log.suffix(2).first ?? "", default: 0] += 1
        }
        // A reset has no status; its line is the letter of the one before.
        let events = plugin.events()
        #expect(events.callOuts == 2000 && events.callOutsAnswered + events.callOutsFailed == 2000)
        // Four standard deviations of a binomial distribution.
        #expect(abs(events.callOutsFailed - 400) < 72)
        #expect(abs((counts["503"] ?? 0) - 200) < 54)
    }

    @Test func `the same seed gives the same latencies, another one others`() throws {
        func ends(_ seed: UInt64) throws -> [Int] {
            let plugin = try PluginTarget(
                CallingPlugin.http(), clusters: [cluster(.answering(.exponential(mean: 1e7)))], seed: seed)
            for slot in 0..<50 { plugin.begin(slot) }
            return (1...40).map { step in
                plugin.advance(toMilliseconds: Double(step))
                return (0..<50).count { plugin.isComplete($0) }
            }
        }
        let first = try ends(1)
        #expect(try ends(1) == first)
        #expect(try ends(2) != first)
        // Half of an exponential distribution lies below 0.69 means.
        #expect((10...40).contains(first[6]))
    }

    @Test func `a gRPC call gets a message, or the status that ends it`() throws {
        let answering = cluster(.answering(.constant(1e6), body: "abc"))
        for (cluster, timeout, expected) in [
            (answering, 0, ["rD"]),
            (self.cluster(.immediate) { $0.grpcStatus = 7 }, 0, ["cH"]),
            (self.cluster(.answering(status: 404, .constant(0))), 0, ["cM"]),
            (self.cluster(.answering(.constant(1e9))), 10, ["cO"]),
            (self.cluster(.answering(.constant(0), failures: UpstreamFailures(resetShare: 1))), 0, ["cN"]),
            (self.cluster(.answering(.constant(0), failures: UpstreamFailures(unavailableShare: 1))), 0, ["cO"]),
        ] {
            let plugin = try PluginTarget(
                CallingPlugin.grpc(stream: false, timeoutMilliseconds: timeout), clusters: [cluster])
            plugin.begin(0)
            plugin.advance(toMilliseconds: 100)
            #expect(plugin.log == expected)
        }
    }

    @Test func `a gRPC stream answers each message, and ends after the plugin's end`() throws {
        let cluster = cluster(.answering(.uniform(1e6, 9e6), body: "ab")) {
            $0.messagesForEach = 2
            $0.trailers = [HeaderTemplate(name: "t", value: Template(literal: "1"))]
        }
        let plugin = try PluginTarget(CallingPlugin.grpc(stream: true), clusters: [cluster])
        plugin.begin(0)
        plugin.advance(toMilliseconds: 100)
        #expect(plugin.log == ["iB", "rC", "rC", "rC", "rC", "tB", "cA"])
        #expect(plugin.target.nextTimerNanoseconds == nil)
        #expect(plugin.events().callOutsAnswered == 1)
    }

    @Test func `a gRPC stream hears nothing after its end`() throws {
        for (cluster, letters) in [
            (self.cluster(.answering(.constant(1e6), failures: UpstreamFailures(resetShare: 1))), ["cN"]),
            (self.cluster(.answering(.constant(0), failures: UpstreamFailures(unavailableShare: 1))), ["cO"]),
            (self.cluster(.answering(status: 404, .constant(1e6))), ["cM"]),
        ] {
            // Its own side stays open, so that the plugin still knows it.
            let plugin = try PluginTarget(CallingPlugin.grpc(stream: true, ends: false), clusters: [cluster])
            plugin.begin(0)
            plugin.advance(toMilliseconds: 100)
            #expect(plugin.log == letters)
            #expect(plugin.target.nextTimerNanoseconds == nil)
            #expect(plugin.events().callOutsFailed == 1)
        }
    }

    @Test func `an upstream that fails gives a response of the gateway, and a request that counts as failed`() throws {
        let silent =
            "(module (func (export \"proxy_abi_version_0_2_1\")) (memory (export \"memory\") 1) "
            + "(func (export \"malloc\") (param i32) (result i32) (i32.const 0)))"
        for (failures, status) in [
            (UpstreamFailures(resetShare: 1), 503), (UpstreamFailures(unavailableShare: 1), 503),
            (UpstreamFailures(timeoutNanoseconds: 3_000_000), 504),
        ] {
            let plugin = try PluginTarget(silent, upstream: .answering(.constant(5e6), failures: failures))
            plugin.begin(0)
            // Without a host there is nothing to wait for.
            if failures.unavailableShare == 0 {
                guard case .wait(let nanoseconds) = plugin.progress[0] else {
                    Issue.record("no wait")
                    continue
                }
                #expect(nanoseconds == (status == 504 ? 3_000_000 : 5_000_000))
                plugin.advance(toMilliseconds: 5)
                plugin.resume(0)
            }
            guard case .complete(let result) = plugin.progress[0] else {
                Issue.record("not complete")
                continue
            }
            #expect(result.status == status)
            if case .reset = result.end {} else { Issue.record("\(result.end)") }
        }
    }

    @Test func `a stream that another stream's callback moves on is reported at once`() throws {
        // Holds the first request, and lets it go from the callback of the second.
        let module = """
            (module
              (import "env" "proxy_set_effective_context" (func $effective (param i32) (result i32)))
              (import "env" "proxy_continue_stream" (func $continue (param i32) (result i32)))
              (memory (export "memory") 1)
              (func (export "proxy_abi_version_0_2_1"))
              (func (export "malloc") (param i32) (result i32) (i32.const 0))
              (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
                (if (i32.eq (local.get 0) (i32.const 2)) (then (return (i32.const 1))))
                (drop (call $effective (i32.const 2)))
                (drop (call $continue (i32.const 0)))
                (i32.const 0))
            )
            """
        let plugin = try PluginTarget(module)
        plugin.begin(0)
        #expect(plugin.target.nextTimerNanoseconds == nil)
        plugin.begin(1)
        #expect(plugin.isComplete(1) && !plugin.isComplete(0))
        plugin.advance(toMilliseconds: 0)
        #expect(plugin.isComplete(0))
    }

    @Test func `work that is late is counted for the plugin or for the harness`() {
        var observations = TargetObservations()
        observations.note(.callOut(dueNanoseconds: 1), lagNanoseconds: 900_000, harnessLagNanoseconds: 900_000)
        observations.note(.callOut(dueNanoseconds: 1), lagNanoseconds: 3_000_000, harnessLagNanoseconds: 200_000)
        observations.note(.tick(dueNanoseconds: 1), lagNanoseconds: 3_000_000, harnessLagNanoseconds: 2_000_000)
        observations.note(.nothing, lagNanoseconds: 3_000_000, harnessLagNanoseconds: 2_000_000)
        var expected = VMEventCounts()
        expected.callOutsLateByPlugin = 1
        expected.ticksLateByHarness = 1
        #expect(observations.vmEvents == expected)
    }
}
