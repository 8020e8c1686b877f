import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// Several plugins in one VM: the same VM id, VM configuration and module.
@Suite struct SharedVMTests {
    /// Logs a letter for each callback, with the context's id as a letter; counts in a global, so that plugins that
    /// share an instance count together.
    private static let recorder = Guest { guest in
        guest.raw("(global $count (mut i32) (i32.const 0))")
        guest.callback("_initialize", 0, guest.log("i"))
        guest.callback("proxy_on_vm_start", 2, returns: 1, guest.log("v"))
        guest.callback("proxy_on_configure", 2, returns: 1, guest.log("f") + guest.logLetter("(local.get $0)"))
        guest.callback(
            "proxy_on_request_headers", 3, returns: 0,
            "(global.set $count (i32.add (global.get $count) (i32.const 1)))" + guest.logLetter("(global.get $count)"))
        guest.callback("proxy_on_done", 1, returns: 1, defineAndCount("done", &guest))
    }

    static func plugin(
        _ name: String, _ guest: Guest = recorder, _ change: (inout Host.Plugin) -> Void = { _ in }
    ) -> Host.Plugin {
        Host.Plugin(guest) {
            $0.name = name
            $0.code = 1
            $0.vmID = "vm"
            change(&$0)
        }
    }

    @Test("one instance has a root context for each plugin", arguments: executing)
    func start(engine: EngineName) throws {
        let host = try Host(engine, [Self.plugin("a"), Self.plugin("b")]).start()
        // Entry points once; vm_start and configure for each root context, as in Envoy.
        #expect(host.letters == "ivfBvfC")
        host.exchange()
        #expect(host.log().suffix(2) == ["B", "C"])
        let observations = host.drain()
        #expect(observations.vmEvents.created == 1)
        // A request counts once in the VM, whatever the number of its filters; memory counts once as well.
        #expect(observations.heap.vmRequests == 1)
        #expect(observations.heap.linearBytes == 2 * 65536)
        #expect(observations.growth.count == 1)
        host.shutDown()
        #expect(host.shared.metricValue("done") == 4)
        let last = host.drain()
        #expect(last.heap.growthEventsWithoutDetail == 0)
        #expect(last.heap.linearBytes == nil)
    }

    enum Difference: CaseIterable { case vmID, vmConfiguration, code }

    @Test("another id, configuration or module is another VM", arguments: executing, Difference.allCases)
    func apart(engine: EngineName, difference: Difference) throws {
        let other = Self.plugin("b", Self.recorder) { plugin in
            switch difference {
            case .vmID: plugin.vmID = "other"
            case .vmConfiguration: plugin.vmConfiguration = "other"
            case .code: plugin.code = 2
            }
        }
        let host = try Host(engine, [Self.plugin("a"), other]).start()
        host.exchange()
        let observations = host.drain()
        #expect(observations.vmEvents.created == 2)
        #expect(observations.heap.linearBytes == 4 * 65536)
    }

    @Test("the VM has the environment of its first plugin", arguments: executing)
    func environment(engine: EngineName) throws {
        let reading = Guest { guest in
            guest.callback(
                "proxy_on_configure", 2, returns: 1,
                "(drop (call $environ_sizes_get (i32.const 32) (i32.const 36)))"
                    + guest.logLetter("(i32.load (i32.const 32))"))
        }
        let variable = EnvironmentVariable(name: "A", value: "b")
        let host = try Host(
            engine, [Self.plugin("a", reading), Self.plugin("b", reading) { $0.environment = [variable] }]
        ).start()
        #expect(host.letters == "AA")
    }

    @Test("streams that are open at once keep to the contexts of their own plugins", arguments: executing)
    func interleaved(engine: EngineName) throws {
        let pausing = Guest { guest in
            guest.callback("proxy_on_context_create", 2, guest.logLetter("(local.get $1)"))
            guest.callback("proxy_on_request_headers", 3, returns: 0, "")
            guest.callback("proxy_on_response_headers", 3, returns: 0, guest.logLetter("(local.get $0)"))
        }
        let host = try Host(engine, [Self.plugin("a", pausing), Self.plugin("b", pausing)]).start()
        #expect(host.letters == "AA")
        let first = host.send()
        let second = host.send()
        // The plugins' roots are 1 and 2; the streams' contexts 3 to 6, in the order of their creation.
        #expect(host.letters == "AABCBC")
        host.respond(first)
        host.respond(second)
        #expect(host.letters == "AABCBC" + "ED" + "GF")
        #expect(host.drain().heap.vmRequests == 2)
    }

    @Test("connections share as requests do", arguments: executing)
    func connections(engine: EngineName) throws {
        let counting = Guest { guest in
            guest.raw("(global $count (mut i32) (i32.const 0))")
            guest.callback(
                "proxy_on_new_connection", 1, returns: 0,
                "(global.set $count (i32.add (global.get $count) (i32.const 1)))"
                    + guest.logLetter("(global.get $count)"))
        }
        let tcp = { (plugin: inout Host.Plugin) in plugin.type = .tcp }
        let host = try Host(engine, [Self.plugin("a", counting, tcp), Self.plugin("b", counting, tcp)]).start()
        for _ in 0..<2 {
            let connection = host.connect("x")
            host.answer(connection, "y")
        }
        #expect(host.letters == "BCDE")
        let observations = host.drain()
        #expect(observations.vmEvents.created == 1)
        #expect(observations.heap.vmRequests == 2)
    }

    @Test("ticks, queue messages and call-outs come to the root context that asked for them", arguments: executing)
    func roots(engine: EngineName) throws {
        let asking = Guest { guest in
            let isSecond = "(i32.eq (local.get $0) (i32.const 2))"
            guest.callback(
                "proxy_on_configure", 2, returns: 1,
                """
                (if \(isSecond) (then
                  (drop (call $proxy_register_shared_queue \(guest.text("q")) (i32.const 40)))
                  (drop (call $proxy_enqueue_shared_queue (i32.const 1) \(guest.text("m"))))
                  (drop \(guest.httpCall("cluster"))))
                 (else (drop (call $proxy_set_tick_period_milliseconds (i32.const 10)))))
                """)
            for (name, parameters, letter) in [
                ("tick", 1, "t"), ("queue_ready", 2, "q"), ("http_call_response", 5, "c"),
            ] {
                guest.callback(
                    "proxy_on_\(name)", parameters, guest.log(letter) + guest.logLetter("(local.get $0)"))
            }
        }
        let host = try Host(
            engine, [Self.plugin("a", asking), Self.plugin("b", asking)],
            services: HostServices(clusters: ["cluster"])
        ).start()
        host.advance(10 * millisecond)
        host.runTimers()
        #expect(host.letters == "qCtB")
        host.answer(try #require(host.callOuts().first).callOut)
        #expect(host.letters == "qCtBcC")
        let events = host.drain().vmEvents
        #expect(events.ticks == 1)
        #expect(events.callOutsAnswered == 1)
    }

    @Test("a tick of each root context, and none after a trap in one of them", arguments: executing, [false, true])
    func ticks(engine: EngineName, traps: Bool) throws {
        let ticking = Guest { guest in
            guest.callback(
                "proxy_on_configure", 2, returns: 1,
                "(drop (call $proxy_set_tick_period_milliseconds (i32.const 10)))")
            guest.callback("proxy_on_tick", 1, guest.logLetter("(local.get $0)") + (traps ? "(unreachable)" : ""))
        }
        let host = try Host(engine, [Self.plugin("a", ticking), Self.plugin("b", ticking)]).start()
        host.advance(10 * millisecond)
        host.runTimers()
        #expect(host.letters == (traps ? "B" : "BC"))
        let observations = host.drain()
        #expect(observations.vmEvents.ticks == (traps ? 1 : 2))
        #expect(observations.failures.map(\.plugin) == (traps ? ["a"] : []))
        #expect((host.chain.nextTimerNanoseconds == nil) == traps)
    }
}
