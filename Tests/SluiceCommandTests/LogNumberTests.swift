import Foundation
import Testing

/// Numbers that a plugin only writes to its log.
struct LogNumberTests {
    /// Each request logs two numbers, one of them through standard output.
    private static let plugin = """
        (module
          (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 1)
          (data (i32.const 64) "gc 7: live 12.5 KiB, done")
          (data (i32.const 128) "{\\"HeapSys\\": 4096}\\0a")
          (data (i32.const 192) "\\80\\00\\00\\00\\13\\00\\00\\00")
          (func (export "proxy_abi_version_0_2_1"))
          (func (export "malloc") (param i32) (result i32) (i32.const 1024))
          (func (export "proxy_on_context_create") (param i32 i32))
          (func (export "proxy_on_vm_start") (param i32 i32) (result i32) (i32.const 1))
          (func (export "proxy_on_configure") (param i32 i32) (result i32) (i32.const 1))
          (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
            (drop (call $log (i32.const 2) (i32.const 64) (i32.const 25)))
            (drop (call $write (i32.const 1) (i32.const 192) (i32.const 1) (i32.const 256)))
            (i32.const 0)))
        """

    @Test func `numbers in the log stand beside the heap, in their units`() throws {
        let folder = try CommandFolder()
        try folder.write(Self.plugin, to: "plugin.wat")
        try folder.write(
            """
            sluice: 1
            name: logged
            load: { phases: [{ kind: hold, duration: 2s, rate: 20/s }] }
            requests: [{ path: / }]
            plugins: [{ name: p, module: plugin.wat }]
            observe:
              - { log: 'live (?<live>[0-9.]+) KiB', unit: KiB, role: live-heap }
              - { log: '"HeapSys":\\s*(?<heap_sys>\\d+)', role: heap }
              - { log: 'never (?<never>\\d+)' }
            """, to: "logged.yaml")
        let result = try folder.run("run", "logged.yaml", "--format", "json", "--no-report")
        #expect([0, 4].contains(result.code), "\(result.errors)")
        let report = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        let summary = try #require(report["summary"] as? [String: Any])
        let strategy = try #require((summary["strategies"] as? [[String: Any]])?.first)
        let metrics = try #require(strategy["metrics"] as? [[String: Any]])
        var last: [String: Int] = [:]
        for metric in metrics {
            let points = (metric["series"] as? [[String: Any]])?.last?["points"] as? [[String: Any]] ?? []
            if let name = metric["name"] as? String { last[name] = points.last?["value"] as? Int }
        }
        // Nobody has said the third one: unknown, not 0.
        #expect(last == ["live": 12_800, "heap_sys": 4096])
    }
}
