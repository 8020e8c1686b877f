import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// The service probe: what is due after a start, and then a tick.
@Suite struct ProbeTests {
    private func probe(_ guest: Guest) throws -> ProbeResult {
        let settings = EngineSettings(
            memoryCapBytes: 16 << 20, gcHeapCapBytes: 16 << 20, deadlineNanoseconds: 2_000_000_000)
        let module = try Engines.make(.cranelift, settings: settings).compile(guest.bytes)
        let specification = PluginSpecification(
            name: "test", rootID: "", configuration: [], vmID: "", vmConfiguration: [], environmentVariables: [],
            failurePolicy: .closed, reloadBaseIntervalNanoseconds: second, module: nil)
        return PluginProbe.run(
            specification, module: try PluginLinker.link(module, profile: "1.39"), as: .service)
    }

    @Test("a message that waits does not take the place of the first tick", arguments: [false, true])
    func messageAndTick(isEndless: Bool) throws {
        let guest = Guest { guest in
            let enqueue = "(drop (call $proxy_enqueue_shared_queue (i32.load (i32.const 40)) \(guest.text("x"))))"
            guest.callback(
                "proxy_on_vm_start", 2, returns: 1,
                "(drop (call $proxy_register_shared_queue \(guest.text("q")) (i32.const 40)))" + enqueue
                    + "(drop (call $proxy_set_tick_period_milliseconds (i32.const 60000)))")
            guest.callback("proxy_on_queue_ready", 2, guest.log("message") + (isEndless ? enqueue : ""))
            guest.callback("proxy_on_tick", 1, guest.log("tick") + (isEndless ? "unreachable" : ""))
        }
        let result = try probe(guest)
        #expect(result.logLines.contains("message"))
        #expect(result.logLines.last == "tick")
        #expect((result.failure != nil) == isEndless)
    }
}
