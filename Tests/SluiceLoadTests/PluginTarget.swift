import SluiceEngine
import SluiceGenerate
import SluiceLoad
import SluiceModel
import SluiceProcess
import SluiceProxyWasm

/// A chain of one plugin in the text format with the workload's upstreams around it, under a clock of its own, or under
/// CLOCK_MONOTONIC for a load worker.
final class PluginTarget {
    let target: SluiceLoad.InProcessTarget
    let chain: FilterChain
    let shared = SharedHostState()
    /// Has the target do its own work apart from the plugin's, as a load worker does.
    var preparesAhead = true
    private(set) var now: Int64
    private(set) var progress: [Int: TargetProgress] = [:]
    private let clock: Clock

    private final class Clock {
        var now: Int64 = 1_000_000_000_000
    }

    init(
        _ module: String, upstream: Upstream = .immediate, clusters: [Cluster] = [], seed: UInt64 = 1,
        isReal: Bool = false
    )
        throws
    {
        now = isReal ? MonotonicClock.nowNanoseconds() : 1_000_000_000_000
        let engine = try Engines.make(
            .cranelift,
            settings: EngineSettings(
                memoryCapBytes: 1 << 24, gcHeapCapBytes: 1 << 24, deadlineNanoseconds: 5_000_000_000))
        let plugin = ChainPlugin(
            planned: PlannedPlugin(
                specification: PluginSpecification(
                    name: "test", rootID: "", configuration: [], vmID: "", vmConfiguration: [],
                    environmentVariables: [], failurePolicy: .closed, reloadBaseIntervalNanoseconds: 1_000_000_000,
                    module: nil), moduleHash: ContentHash(hexadecimal: String(repeating: "0", count: 64))!,
                environmentVariables: []),
            module: try PluginLinker.link(try engine.compile(Array(module.utf8)), profile: "1.39"))
        chain = FilterChain(
            plugins: [plugin], vmLife: .unlimited, shared: shared,
            services: HostServices(clusters: clusters.map(\.name)), workerIndex: 0, nowNanoseconds: now)
        try chain.start(nowNanoseconds: now)
        let clock = Clock()
        self.clock = clock
        target = SluiceLoad.InProcessTarget(
            chain: chain, target: SluiceModel.InProcessTarget(upstream: upstream, clusters: clusters), variables: [],
            seed: seed, worker: 0, clock: { isReal ? MonotonicClock.nowNanoseconds() : clock.now })
    }

    func begin(_ slot: Int) {
        var request = GeneratedRequest()
        for (name, value) in [(":method", "GET"), (":path", "/"), (":authority", "a"), (":scheme", "http")] {
            request.headers.append(name: name, value: value)
        }
        if preparesAhead { _ = target.prepareRequest(index: Int64(slot)) }
        progress[slot] = target.begin(slot: slot, request: &request, index: Int64(slot), nowNanoseconds: now)
    }

    func resume(_ slot: Int) { progress[slot] = target.resume(slot: slot, nowNanoseconds: now) }

    /// Fields and body of a response, for comparison.
    func response(_ slot: Int) -> [[UInt8]] {
        var parts: [[UInt8]] = []
        target.withResponse(slot: slot) { headers, body in
            for index in headers.indices { headers.withField(at: index) { parts += [Array($0), Array($1)] } }
            parts.append(body)
        }
        return parts
    }

    /// Goes on to a time after the start, and does what is due on the way.
    func advance(toMilliseconds milliseconds: Double) {
        let end = 1_000_000_000_000 + Int64(milliseconds * 1e6)
        while let due = target.nextTimerNanoseconds, due <= end {
            now = max(now, due)
            clock.now = now
            if preparesAhead, target.prepareTimers() { continue }
            _ = target.runTimers(nowNanoseconds: now) { progress[$0] = $1 }
        }
        now = end
        clock.now = now
    }

    func events() -> VMEventCounts {
        var observations = TargetObservations()
        target.drain(into: &observations, startNanoseconds: 0)
        return observations.vmEvents
    }

    var log: [String] { chain.lastLogLines(plugin: 0) }

    func isComplete(_ slot: Int) -> Bool { if case .complete = progress[slot] { true } else { false } }
}

extension Upstream {
    static let immediate = answering(.constant(0))

    static func answering(
        status: Int = 200, _ latency: Distribution, body: String = "", failures: UpstreamFailures = UpstreamFailures()
    ) -> Upstream {
        Upstream(
            status: status, headers: [], body: .text(Template(literal: body)), latencyNanoseconds: latency,
            failures: failures)
    }
}

/// Modules that call out for each request and let it go with the answer.
enum CallingPlugin {
    fileprivate static let allocator = """
        (global $heap (mut i32) (i32.const 8192))
        (func (export "malloc") (param i32) (result i32)
          (local i32) (local.set 1 (global.get $heap))
          (global.set $heap (i32.add (global.get $heap) (i32.and (i32.add (local.get 0) (i32.const 7)) (i32.const -8))))
          (if (i32.gt_u (global.get $heap) (i32.const 60000)) (then (global.set $heap (i32.const 8192))))
          (local.get 1))
        """

    private static func escaped(_ pairs: [(String, String)]) -> String {
        func word(_ value: Int) -> String {
            (0..<4).map { "\\" + String(value >> (8 * $0) & 0xff | 0x100, radix: 16).dropFirst() }.joined()
        }
        var text = word(pairs.count)
        for (name, value) in pairs { text += word(name.utf8.count) + word(value.utf8.count) }
        for (name, value) in pairs { text += "\(name)\\00\(value)\\00" }
        return text
    }

    private static let headers = [(":method", "GET"), (":path", "/"), (":authority", "a")]
    private static let headersSize = 4 + 24 + headers.reduce(0) { $0 + $1.0.utf8.count + $1.1.utf8.count + 2 }

    /// The token of a call-out finds the context in a table at 65536. `:status` of the answer goes into the log, and
    /// so does `get_status`, as a letter.
    static func http(timeoutMilliseconds: Int = 0) -> String {
        """
        (module
          (import "env" "proxy_http_call" (func $call
            (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
          (import "env" "proxy_set_effective_context" (func $effective (param i32) (result i32)))
          (import "env" "proxy_continue_stream" (func $continue (param i32) (result i32)))
          (import "env" "proxy_get_header_map_value" (func $get (param i32 i32 i32 i32 i32) (result i32)))
          (import "env" "proxy_get_status" (func $status (param i32 i32 i32) (result i32)))
          (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
          (memory (export "memory") 8)
          (func (export "proxy_abi_version_0_2_1"))
          \(allocator)
          (data (i32.const 1024) "auth")
          (data (i32.const 1032) ":status")
          (data (i32.const 1040) "\(escaped(headers))")
          (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
            (drop (call $call (i32.const 1024) (i32.const 4) (i32.const 1040) (i32.const \(headersSize))
              (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const \(timeoutMilliseconds))
              (i32.const 16)))
            (i32.store (i32.add (i32.const 65536) (i32.load (i32.const 16))) (local.get 0))
            (i32.const 1))
          (func (export "proxy_on_http_call_response") (param i32 i32 i32 i32 i32)
            (i32.store (i32.const 36) (i32.const 0))
            (drop (call $get (i32.const 6) (i32.const 1032) (i32.const 7) (i32.const 32) (i32.const 36)))
            (drop (call $log (i32.const 2) (i32.load (i32.const 32)) (i32.load (i32.const 36))))
            (drop (call $status (i32.const 24) (i32.const 32) (i32.const 36)))
            (i32.store8 (i32.const 20) (i32.add (i32.const 65) (i32.load (i32.const 24))))
            (drop (call $log (i32.const 2) (i32.const 20) (i32.const 1)))
            (drop (call $effective (i32.load (i32.add (i32.const 65536) (local.get 1)))))
            (drop (call $continue (i32.const 0))))
        )
        """
    }

    /// Opens a stream (or makes a call) to `auth` for each request, sends two messages into a stream and, if `ends`,
    /// ends it; every callback writes a letter.
    static func grpc(stream: Bool, timeoutMilliseconds: Int = 0, ends: Bool = true) -> String {
        let open =
            stream
            ? """
            (drop (call $stream (i32.const 1024) (i32.const 4) (i32.const 1024) (i32.const 4) (i32.const 1024)
              (i32.const 4) (i32.const 0) (i32.const 0) (i32.const 16)))
            (drop (call $send (i32.load (i32.const 16)) (i32.const 1024) (i32.const 1) (i32.const 0)))
            (drop (call $send (i32.load (i32.const 16)) (i32.const 1024) (i32.const 2) (i32.const \(ends ? 1 : 0))))
            """
            : """
            (drop (call $unary (i32.const 1024) (i32.const 4) (i32.const 1024) (i32.const 4) (i32.const 1024)
              (i32.const 4) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
              (i32.const \(timeoutMilliseconds)) (i32.const 16)))
            """
        func letter(_ callback: String, _ parameters: String, _ letter: Int) -> String {
            """
            (func (export "proxy_on_grpc_\(callback)") (param i32 i32 \(parameters))
              (i32.store8 (i32.const 20) (i32.const \(letter)))
              (i32.store8 (i32.const 21) (i32.add (i32.const 65) (local.get 2)))
              (drop (call $log (i32.const 2) (i32.const 20) (i32.const 2))))
            """
        }
        return """
            (module
              (import "env" "proxy_grpc_call" (func $unary
                (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
              (import "env" "proxy_grpc_stream" (func $stream
                (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
              (import "env" "proxy_grpc_send" (func $send (param i32 i32 i32 i32) (result i32)))
              (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
              (memory (export "memory") 8)
              (func (export "proxy_abi_version_0_2_1"))
              \(allocator)
              (data (i32.const 1024) "auth")
              (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) \(open) (i32.const 0))
              \(letter("receive_initial_metadata", "i32", 0x69))
              \(letter("receive_trailing_metadata", "i32", 0x74))
              \(letter("receive", "i32", 0x72))
              \(letter("close", "i32", 0x63))
            )
            """
    }
}

/// A module that sends itself a queue message for each one that it is told of.
enum SelfSendingPlugin {
    static let text = """
        (module
          (import "env" "proxy_register_shared_queue" (func $register (param i32 i32 i32) (result i32)))
          (import "env" "proxy_enqueue_shared_queue" (func $enqueue (param i32 i32 i32) (result i32)))
          (import "env" "proxy_dequeue_shared_queue" (func $dequeue (param i32 i32 i32) (result i32)))
          (import "env" "proxy_define_metric" (func $define (param i32 i32 i32 i32) (result i32)))
          (import "env" "proxy_increment_metric" (func $increment (param i32 i64) (result i32)))
          (memory (export "memory") 1)
          (func (export "proxy_abi_version_0_2_1"))
          \(CallingPlugin.allocator)
          (data (i32.const 1024) "messages")
          (func (export "proxy_on_vm_start") (param i32 i32) (result i32)
            (drop (call $define (i32.const 0) (i32.const 1024) (i32.const 8) (i32.const 24)))
            (drop (call $register (i32.const 1024) (i32.const 8) (i32.const 16)))
            (drop (call $enqueue (i32.load (i32.const 16)) (i32.const 1024) (i32.const 8)))
            (i32.const 1))
          (func (export "proxy_on_queue_ready") (param i32 i32)
            (drop (call $increment (i32.load (i32.const 24)) (i64.const 1)))
            (drop (call $dequeue (local.get 1) (i32.const 32) (i32.const 36)))
            (drop (call $enqueue (local.get 1) (i32.const 1024) (i32.const 8))))
        )
        """
}
