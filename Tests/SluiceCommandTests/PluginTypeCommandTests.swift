import Foundation
import Testing

/// Network filters and services from the workload file to the report.
struct PluginTypeCommandTests {
    /// Ticks every 10 ms, and grows by a page at each tick.
    private static let service = """
        (module
          (import "env" "proxy_set_tick_period_milliseconds" (func $tick (param i32) (result i32)))
          (memory (export "memory") 1)
          (func (export "proxy_abi_version_0_2_1"))
          (func (export "malloc") (param i32) (result i32) (i32.const 1024))
          (func (export "proxy_on_configure") (param i32 i32) (result i32)
            (drop (call $tick (i32.const 10))) (i32.const 1))
          (func (export "proxy_on_tick") (param i32) (drop (memory.grow (i32.const 1)))))
        """

    /// Holds 1 to 4 bytes.
    private static let filter = """
        (module
          (memory (export "memory") 1)
          (func (export "proxy_abi_version_0_2_1"))
          (func (export "malloc") (param i32) (result i32) (i32.const 1024))
          (func (export "proxy_on_downstream_data") (param i32 i32 i32) (result i32)
            (i32.lt_u (i32.sub (local.get 1) (i32.const 1)) (i32.const 4))))
        """

    private func strategy(_ workload: String) throws -> (summary: [String: Any], text: String) {
        let folder = try CommandFolder()
        try folder.write(Self.service, to: "service.wat")
        try folder.write(Self.filter, to: "filter.wat")
        try folder.write(workload, to: "test.yaml")
        let run = try folder.run("run", "test.yaml", "--no-report")
        // 4: the machine was busy with something else.
        #expect(run.code == 0 || run.code == 4, "\(run.output) \(run.errors)")
        let json = try folder.run("report", "--format", "json")
        let report = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        let summary = report?["summary"] as? [String: Any]
        return (try #require((summary?["strategies"] as? [[String: Any]])?.first), run.output)
    }

    @Test func `a service alone runs for the phases' time, and its growth is seen`() throws {
        let (strategy, text) = try strategy(
            """
            sluice: 1
            name: service
            load: { phases: [{ kind: hold, duration: 2500ms }], workers: 2 }
            plugins: [{ name: service, type: service, singleton: true, module: service.wat }]
            """)
        let events = try #require(strategy["vm_events"] as? [String: Any])
        #expect(events["created"] as? Int == 1)
        // 250, and those between the start of the VM and that of the trial.
        let ticks = try #require(events["ticks"] as? Int)
        #expect((150...600).contains(ticks))
        #expect(text.contains("\(ticks) ticks"))
        let heap = try #require((strategy["heap"] as? [String: Any])?["linear"] as? [String: Any])
        #expect(heap["growths_granted"] as? Int == ticks)
        #expect(heap["high_water_bytes"] as? Int == (ticks + 1) * 65536)
    }

    @Test func `a search for the smallest heap needs requests`() throws {
        let folder = try CommandFolder()
        try folder.write(Self.service, to: "service.wat")
        try folder.write(
            """
            sluice: 1
            name: service
            load: { phases: [{ kind: hold, duration: 1s }] }
            plugins: [{ name: service, type: service, module: service.wat }]
            """, to: "test.yaml")
        let result = try folder.run("heap", "test.yaml")
        #expect(result.code == 2)
        #expect(result.errors.contains("sends no requests"))
    }

    @Test func `connections are counted, timed and checked`() throws {
        let (strategy, _) = try strategy(
            """
            sluice: 1
            name: connections
            load: { phases: [{ kind: hold, duration: 2s, rate: 100/s }] }
            target: { upstream: { body: answer, latency: { constant: 1ms } } }
            requests: [{ body: request, connection: { chunk: 4B }, expect: { upstream_bytes: 7B, client_bytes: 6B } }]
            plugins:
              - { name: service, type: service, module: service.wat }
              - { name: filter, type: tcp, module: filter.wat }
            """)
        let counts = try #require(strategy["counts"] as? [String: Any])
        #expect(counts["succeeded"] as? Int == 200)
        #expect((strategy["vm_events"] as? [String: Any])?["created"] as? Int == 2)
    }
}
