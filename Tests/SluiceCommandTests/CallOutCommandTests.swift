import Foundation
import Testing

/// Call-outs from the workload file to the report.
struct CallOutCommandTests {
    /// Asks the cluster `auth` about each request: what it answers decides.
    private static let plugin = """
        (module
          (import "env" "proxy_http_call" (func $call (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
          (import "env" "proxy_set_effective_context" (func $effective (param i32) (result i32)))
          (import "env" "proxy_continue_stream" (func $continue (param i32) (result i32)))
          (import "env" "proxy_get_header_map_value" (func $get (param i32 i32 i32 i32 i32) (result i32)))
          (import "env" "proxy_send_local_response" (func $respond
            (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 4)
          (global $heap (mut i32) (i32.const 4096))
          (func (export "proxy_abi_version_0_2_1"))
          (func (export "malloc") (param i32) (result i32)
            (local i32)
            (local.set 1 (global.get $heap))
            (global.set $heap (i32.add (global.get $heap) (i32.const 64)))
            (if (i32.gt_u (global.get $heap) (i32.const 60000)) (then (global.set $heap (i32.const 4096))))
            (local.get 1))
          (data (i32.const 1024) "auth")
          (data (i32.const 1032) "x-allow")
          (data (i32.const 1040)
            "\\03\\00\\00\\00\\07\\00\\00\\00\\03\\00\\00\\00"
            "\\05\\00\\00\\00\\01\\00\\00\\00\\0a\\00\\00\\00\\01\\00\\00\\00"
            ":method\\00GET\\00:path\\00/\\00:authority\\00a\\00")
          (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
            (drop (call $call (i32.const 1024) (i32.const 4) (i32.const 1040) (i32.const 61)
              (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 1000) (i32.const 16)))
            (i32.store (i32.add (i32.const 65536) (i32.and (i32.load (i32.const 16)) (i32.const 0xffff)))
              (local.get 0))
            (i32.const 1))
          (func (export "proxy_on_http_call_response") (param i32 i32 i32 i32 i32)
            (drop (call $effective
              (i32.load (i32.add (i32.const 65536) (i32.and (local.get 1) (i32.const 0xffff))))))
            (if (call $get (i32.const 6) (i32.const 1032) (i32.const 7) (i32.const 32) (i32.const 36))
              (then (drop (call $respond (i32.const 403) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
                (i32.const 0) (i32.const 0) (i32.const -1))))
              (else (drop (call $continue (i32.const 0))))))
        )
        """

    private static func workload(cluster: String, status: Int) -> String {
        """
        sluice: 1
        name: auth
        load: { phases: [{ kind: hold, duration: 2s, rate: 200/s }] }
        target: { clusters: { auth: { \(cluster) } } }
        requests: [{ path: /, expect: { status: \(status) } }]
        plugins: [{ name: auth, module: plugin.wat }]
        """
    }

    private func strategy(cluster: String, status: Int) throws -> [String: Any] {
        let folder = try CommandFolder()
        try folder.write(Self.plugin, to: "plugin.wat")
        try folder.write(Self.workload(cluster: cluster, status: status), to: "test.yaml")
        let result = try folder.run("run", "test.yaml", "--format", "json", "--no-report")
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any], "\(result.errors)")
        let summary = try #require(report["summary"] as? [String: Any])
        return try #require((summary["strategies"] as? [[String: Any]])?.first)
    }

    @Test func `what a cluster answers decides about every request`() throws {
        for (cluster, status) in [
            ("headers: { x-allow: 1 }, latency: 20ms", 200), ("status: 403, latency: 1ms", 403), ("reset: 100%", 403),
        ] {
            let strategy = try strategy(cluster: cluster, status: status)
            let counts = try #require(strategy["counts"] as? [String: Int])
            #expect(counts["succeeded"] == 400, "\(cluster): \(counts)")
            let events = try #require(strategy["vm_events"] as? [String: Int])
            #expect(events["call_outs"] == 400)
            #expect(events[cluster.hasPrefix("reset") ? "call_outs_failed" : "call_outs_answered"] == 400)
        }
    }
}
