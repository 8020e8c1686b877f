import Foundation
import Testing

/// Which VMs a run makes, and what it says about them.
struct VMKindCommandTests {
    /// Counts how often it is configured.
    private static let plugin = """
        (module
          (import "env" "proxy_define_metric" (func $define (param i32 i32 i32 i32) (result i32)))
          (import "env" "proxy_increment_metric" (func $increment (param i32 i64) (result i32)))
          (memory (export "memory") 1)
          (data (i32.const 0) "configured")
          (func (export "proxy_abi_version_0_2_1"))
          (func (export "malloc") (param i32) (result i32) (i32.const 1024))
          (func (export "proxy_on_configure") (param i32 i32) (result i32)
            (drop (call $define (i32.const 0) (i32.const 0) (i32.const 10) (i32.const 16)))
            (drop (call $increment (i32.load (i32.const 16)) (i64.const 1))) (i32.const 1))
          (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (i32.const 0)))
        """

    /// Strategy, as the JSON report has it, and what was printed; two plugins in one VM, and one in its own.
    private func run(_ strategy: String, workers: Int) throws -> (strategy: [String: Any], text: String) {
        let folder = try CommandFolder()
        try folder.write(Self.plugin, to: "plugin.wat")
        try folder.write(
            """
            sluice: 1
            name: kinds
            load: { phases: [{ kind: hold, duration: 1s, rate: 20/s }], workers: \(workers) }
            requests: [{ path: /, expect: { status: 200 } }]
            plugins:
              - { name: a, module: "${strategy}" }
              - { name: b, module: "${strategy}" }
              - { name: c, vm_config: { vm_id: own }, module: "${strategy}" }
            strategies:
              one: { module: plugin.wat }
              many: { module: plugin.wat, vm_life: { recompiled_requests: 1 } }
            observe: [{ metric: configured }]
            """, to: "test.yaml")
        let run = try folder.run("run", "test.yaml", "--strategy", strategy, "--no-report")
        // 4: the machine was busy with something else.
        #expect(run.code == 0 || run.code == 4, "\(run.output) \(run.errors)")
        let json = try folder.run("report", "--format", "json")
        let report = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        let summary = report?["summary"] as? [String: Any]
        let text = run.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return (try #require((summary?["strategies"] as? [[String: Any]])?.first), text)
    }

    private func lastValue(_ strategy: [String: Any]) throws -> Int {
        let metric = try #require((strategy["metrics"] as? [[String: Any]])?.first)
        let series = try #require((metric["series"] as? [[String: Any]])?.first)
        return try #require((series["points"] as? [[String: Any]])?.last?["value"] as? Int)
    }

    @Test func `one VM of each key and worker, and before them a canary of each plugin`() throws {
        let (strategy, text) = try run("one", workers: 2)
        let description = try #require(strategy["description"] as? [String: Any])
        #expect(description["plugins_in_one_vm"] as? [[String]] == [["a", "b"]])
        #expect(description["canaries"] as? Int == 3)
        #expect((strategy["vm_events"] as? [String: Any])?["created"] as? Int == 4)
        // As in Envoy: once in each plugin's canary, and once in a VM of each worker.
        #expect(try lastValue(strategy) == 9)
        #expect(text.contains("one VM for a and b, VM lives until it fails, VMs: 0 base, 3 canary, 4 worker"))
        #expect(!text.contains("own linear memory"))
    }

    @Test func `a VM for each request, with the module compiled for it, and the memory that it has`() throws {
        let (strategy, text) = try run("many", workers: 1)
        let description = try #require(strategy["description"] as? [String: Any])
        #expect(
            description["memory"] as? String == "own linear memory, address space used again, data segments copied "
                + "at instantiation")
        let counts = try #require(strategy["counts"] as? [String: Any])
        #expect(counts["succeeded"] as? Int == 20)
        // The first VMs serve the first requests.
        #expect((strategy["vm_events"] as? [String: Any])?["created"] as? Int == 40)
        #expect(try lastValue(strategy) == 3 + 60)
        #expect(text.contains("VM lives for 1 request, the module compiled anew for each"))
        #expect(text.contains("VMs: 0 base, 3 canary, 40 worker"))
        #expect(text.contains("own linear memory"))
    }
}
