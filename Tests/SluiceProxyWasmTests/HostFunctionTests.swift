import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// Host functions beyond the messages: contexts, configuration, time, properties, shared state, call-outs.
@Suite struct HostFunctionTests {
    /// A guest that runs `code` in its request headers callback.
    private func guest(_ code: (inout GuestWriter) -> String) -> Guest {
        Guest { guest in
            let code = code(&guest)
            guest.callback("proxy_on_request_headers", 3, returns: 0, code)
        }
    }

    // MARK: Configuration, time, contexts

    @Test("the VM's configuration is always readable, the plugin's while it configures", arguments: executing)
    func configuration(engine: EngineName) throws {
        let guest = Guest { guest in
            let read = [6, 7].map { number in
                guest.logLetter(
                    "(call $proxy_get_buffer_bytes (i32.const \(number)) (i32.const 0) "
                        + "(i32.const 99) (i32.const 32) (i32.const 36))"
                )
                    + guest.logResult
            }
            guest.callback("proxy_on_configure", 2, returns: 1, read.joined())
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                "(i32.store (i32.const 36) (i32.const 0))" + read.joined()
                    + guest.logLetter(
                        "(call $proxy_set_buffer_bytes (i32.const 6) (i32.const 0) (i32.const 0) "
                            + "(i32.const 0) (i32.const 0))"
                    ))
        }
        let host = try Host(
            engine,
            [
                Host.Plugin(guest) {
                    $0.configuration = "plugin"; $0.vmConfiguration = "vm"
                }
            ]
        ).start()
        #expect(host.log() == ["A", "vm", "A", "plugin"])
        host.exchange()
        #expect(host.log().dropFirst(4).prefix(3) == ["A", "vm", "B"])
        #expect(host.log().last == "C")
    }

    @Test("levels, the time and the log level", arguments: executing)
    func basics(engine: EngineName) throws {
        let guest = guest { guest in
            guest.logLetter("(call $proxy_log (i32.const 6) (i32.const 0) (i32.const 0))")
                + guest.logLetter("(call $proxy_get_log_level (i32.const 40))")
                + guest.logLetter("(i32.load (i32.const 40))")
                + guest.logLetter("(call $proxy_get_current_time_nanoseconds (i32.const 40))")
                // After 2020 and before 2100.
                + guest.logLetter("(i64.gt_u (i64.load (i32.const 40)) (i64.const 1577836800000000000))")
                + guest.logLetter("(i64.lt_u (i64.load (i32.const 40)) (i64.const 4102444800000000000))")
                + guest.logLetter("(call $proxy_done)")
                + guest.logLetter("(call $proxy_get_status (i32.const 40) (i32.const 32) (i32.const 36))")
                + guest.logLetter("(call $pthread_equal (i32.const 5) (i32.const 5))")
                + "(call $emscripten_notify_memory_growth (i32.const 0))"
        }
        let host = try Host(engine, guest).start()
        host.exchange()
        #expect(host.letters == "CACABBBAB")
    }

    @Test("the effective context lasts for one callback, and an unknown one is refused", arguments: executing)
    func effectiveContext(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_request_headers", 3, returns: 1,
                // The header of this stream; of the root there is none; then this stream's again.
                guest.logLetter(guest.get(0, "n"))
                    + guest.logLetter("(call $proxy_set_effective_context (i32.const 1))")
                    + guest.logLetter(guest.get(0, "n"))
                    + guest.logLetter("(call $proxy_set_effective_context (i32.const 999))")
                    + guest.logLetter("(call $proxy_set_effective_context (local.get $0))") + guest.logHeader(0, "n")
                    + "(drop (call $proxy_set_effective_context (i32.const 1)))")
        }
        let host = try Host(engine, guest).start()
        _ = host.send(headers: [("n", "1")])
        _ = host.send(headers: [("n", "2")])
        #expect(host.letters == "AACCAA1AACCAA2")
    }

    /// Holds every request, and lets all go from a tick that tries every id up to `limit`.
    private func holder(limit: Int) -> Guest {
        Guest { guest in
            guest.callback("proxy_on_request_headers", 3, returns: 1, "")
            guest.callback(
                "proxy_on_vm_start", 2, returns: 1,
                "(drop (call $proxy_set_tick_period_milliseconds (i32.const 1)))")
            guest.callback(
                "proxy_on_tick", 1,
                """
                (local $id i32)
                (local.set $id (i32.const 2))
                (loop $again
                  (if (i32.eqz (call $proxy_set_effective_context (local.get $id))) (then
                    \(defineAndCount("found", &guest))
                    (drop (call $proxy_continue_stream (i32.const 0)))))
                  (local.set $id (i32.add (local.get $id) (i32.const 1)))
                  (br_if $again (i32.lt_u (local.get $id) (i32.const \(limit)))))
                """)
        }
    }

    /// The tick must find exactly the streams that are open.
    private func checkTick(_ host: Host, _ open: [HTTPExchange]) {
        host.advance(millisecond)
        host.runTimers()
        #expect(host.shared.metricValue("found") == Int64(open.count))
        #expect(host.progressed().count == open.count)
        #expect(open.allSatisfy { $0.state == .awaitingUpstream })
    }

    @Test("thousands of open streams are found by their ids, whatever order they end in", arguments: executing)
    func manyStreams(engine: EngineName) throws {
        let count = 3000
        let host = try Host(engine, holder(limit: 2 * count)).start()
        let all = (0..<count).map { _ in host.send() }
        // A permutation by a fixed stride takes two thirds of them away.
        for step in 0..<2 * count / 3 { all[step * 1021 % count].reset(nowNanoseconds: host.now) }
        let open = all.filter { $0.state == .paused }
        #expect(open.count == count / 3)
        checkTick(host, open)
    }

    @Test("a few long streams are found among many short ones that came and went", arguments: executing)
    func longStreams(engine: EngineName) throws {
        let host = try Host(engine, holder(limit: 4000)).start()
        var open: [HTTPExchange] = []
        // At most 30 at a time, so that ids of very different ages meet in a small table.
        for round in 0..<3000 {
            open.append(host.send())
            if open.count > 29 { open.remove(at: round * 17 % 29).reset(nowNanoseconds: host.now) }
        }
        checkTick(host, open)
    }

    @Test("ticks come after their period, and again after the one before has run", arguments: executing)
    func ticks(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_vm_start", 2, returns: 1, "(drop (call $proxy_set_tick_period_milliseconds (i32.const 10)))")
            guest.callback("proxy_on_tick", 1, guest.logLetter("(local.get $0)"))
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                "(drop (call $proxy_set_tick_period_milliseconds (i32.const 0)))")
        }
        let host = try Host(engine, guest).start()
        #expect(host.chain.nextTimerNanoseconds == host.now + 10 * millisecond)
        host.advance(9 * millisecond)
        host.runTimers()
        #expect(host.letters.isEmpty)
        // A late tick is not followed by a burst.
        host.advance(51 * millisecond)
        host.runTimers()
        host.runTimers()
        #expect(host.letters == "B")
        #expect(host.chain.nextTimerNanoseconds == host.now + 10 * millisecond)
        host.exchange()
        #expect(host.chain.nextTimerNanoseconds == nil)
    }

    @Test("the next period counts from the end of a tick", arguments: executing)
    func slowTick(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_vm_start", 2, returns: 1, "(drop (call $proxy_set_tick_period_milliseconds (i32.const 10)))")
            guest.callback(
                "proxy_on_tick", 1,
                """
                (local $end i64)
                (drop (call $proxy_get_current_time_nanoseconds (i32.const 16)))
                (local.set $end (i64.add (i64.load (i32.const 16)) (i64.const \(30 * millisecond))))
                (loop $again
                  (drop (call $proxy_get_current_time_nanoseconds (i32.const 16)))
                  (br_if $again (i64.lt_u (i64.load (i32.const 16)) (local.get $end))))
                """)
        }
        let host = try Host(engine, guest).start()
        host.advance(10 * millisecond)
        let begin = ContinuousClock.now
        host.chain.runTimers(nowNanoseconds: host.now) {
            host.now + Int64((ContinuousClock.now - begin) / .nanoseconds(1))
        }
        #expect(try #require(host.chain.nextTimerNanoseconds) >= host.now + 40 * millisecond)
        #expect(host.drain().vmEvents.ticks == 1)
    }

    // MARK: Properties

    @Test("attributes of request, response and plugin", arguments: executing)
    func properties(engine: EngineName) throws {
        let texts = [
            "plugin_name", "plugin_root_id", "plugin_vm_id", "request.path", "request.url_path", "request.query",
            "request.host", "request.method", "request.scheme", "request.headers.many", "request.useragent",
            "request.protocol",
        ]
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                texts.map { "(drop \(guest.property($0)))" + guest.logResult }.joined()
                    + guest.logLetter(guest.property("response.code")) + guest.logLetter(guest.property("no.such"))
                    + guest.logLetter(guest.property("request.duration")))
            guest.callback(
                "proxy_on_log", 1,
                "(global.set $overs (i32.const 1))"
                    + [
                        ("response.code", 404), ("request.size", 4), ("response.size", 3),
                        ("request.duration", 7_000_000),
                    ].map {
                        path, value in
                        guest.logLetter(guest.property(path))
                            + guest.logLetter("(i64.eq (i64.load (i32.load (i32.const 32))) (i64.const \(value)))")
                    }.joined())
            guest.raw("(global $overs (mut i32) (i32.const 0))")
        }
        let host = try Host(
            engine,
            [
                Host.Plugin(guest) {
                    $0.name = "my-plugin"; $0.rootID = "my-root"; $0.vmID = "my-vm"
                }
            ]
        ).start()
        let exchange = host.send(
            "POST", path: "/a/b?c=d", headers: [("many", "1"), ("user-agent", "curl"), ("many", "2")], body: "body")
        #expect(
            host.log() == [
                "my-plugin", "my-root", "my-vm", "/a/b?c=d", "/a/b", "c=d", "sluice.test", "POST", "http", "1,2",
                "curl",
                "HTTP/1.1", "B", "B", "B",
            ])
        host.advance(7 * millisecond)
        host.respond(exchange, status: 404, body: "abc")
        #expect(host.log().suffix(8).joined() == "ABABABAB")
    }

    @Test("the root context knows the plugin's properties and no request", arguments: executing)
    func rootProperties(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_context_create", 2,
                "(drop \(guest.property("plugin_root_id")))" + guest.logResult
                    + guest.logLetter(guest.property("request.path")))
        }
        #expect(try Host(engine, [Host.Plugin(guest) { $0.rootID = "root" }]).start().log() == ["root", "B"])
    }

    @Test("properties that a plugin sets can be read by the next, in the same stream only", arguments: executing)
    func ownProperties(engine: EngineName) throws {
        let setting = guest { guest in
            let path = guest.text("mine")
            return guest.logLetter(guest.property("mine"))
                + "(drop (call $proxy_set_property \(path) \(guest.text("old"))))"
                + "(drop (call $proxy_set_property \(path) \(guest.text("value"))))"
        }
        let reading = guest { guest in guest.logLetter(guest.property("mine")) + guest.logResult }
        let host = try Host(engine, [Host.Plugin(setting), Host.Plugin(reading)]).start()
        host.exchange()
        host.exchange()
        #expect(host.log(0) == ["B", "B"])
        #expect(host.log(1) == ["A", "value", "A", "value"])
    }

    // MARK: Shared data

    @Test("shared data: compare-and-swap, and any number for a key that does not exist", arguments: executing)
    func sharedData(engine: EngineName) throws {
        let guest = Guest { guest in
            let key = guest.text("key")
            func set(_ value: String, _ cas: String) -> String {
                guest.logLetter("(call $proxy_set_shared_data \(key) \(guest.text(value)) \(cas))")
            }
            let get = guest.logLetter(
                "(call $proxy_get_shared_data \(key) (i32.const 32) (i32.const 36) (i32.const 40))")
            let cas = "(i32.load (i32.const 40))"
            guest.callback(
                "proxy_on_vm_start", 2, returns: 1,
                get + set("a", "(i32.const 77)") + get + guest.logResult
                    + set("b", "(i32.add \(cas) (i32.const 1))") + set("c", cas) + set("d", cas)
                    + set("e", "(i32.const 0)") + get
                    + guest.logResult + guest.logLetter("(i32.eqz \(cas))"))
        }
        let host = try Host(engine, guest).start()
        // Not found; created; read; mismatch; swapped; mismatch with the old number; unconditional; read.
        #expect(host.log() == ["B", "A", "A", "a", "I", "A", "I", "A", "A", "e", "A"])
    }

    @Test("shared data is per VM id and outlives VMs", arguments: executing)
    func namespaces(engine: EngineName) throws {
        let writing = Guest { guest in
            guest.callback(
                "proxy_on_vm_start", 2, returns: 1,
                "(drop (call $proxy_set_shared_data \(guest.text("k")) \(guest.text("v")) (i32.const 0)))")
        }
        let reading = Guest { guest in
            guest.callback(
                "proxy_on_vm_start", 2, returns: 1,
                guest.logLetter(
                    "(call $proxy_get_shared_data \(guest.text("k")) (i32.const 32) (i32.const 36) (i32.const 40))"))
        }
        let shared = SharedHostState()
        try Host(engine, [Host.Plugin(writing) { $0.vmID = "one" }], shared: shared).start().shutDown()
        let host = try Host(
            engine, [Host.Plugin(reading) { $0.vmID = "one" }, Host.Plugin(reading) { $0.vmID = "two" }], shared: shared
        ).start()
        #expect(host.log(0) == ["A"])
        #expect(host.log(1) == ["B"])
    }

    // MARK: Shared queues

    @Test("a queued message is announced to the last registrant, between calls", arguments: executing)
    func queues(engine: EngineName) throws {
        let guest = Guest { guest in
            let token = "(i32.load (i32.const 40))"
            guest.callback(
                "proxy_on_vm_start", 2, returns: 1,
                guest.logLetter(
                    "(call $proxy_resolve_shared_queue (i32.const 0) (i32.const 0) \(guest.text("q")) (i32.const 40))")
                    + guest.logLetter("(call $proxy_register_shared_queue \(guest.text("q")) (i32.const 40))")
                    + guest.logLetter(token)
                    + guest.logLetter("(call $proxy_dequeue_shared_queue \(token) (i32.const 32) (i32.const 36))")
                    + guest.logLetter("(call $proxy_dequeue_shared_queue (i32.const 9) (i32.const 32) (i32.const 36))")
                    + guest.logLetter("(call $proxy_enqueue_shared_queue (i32.const 9) \(guest.text("x")))"))
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                "(drop (call $proxy_resolve_shared_queue \(guest.text("vm")) \(guest.text("q")) (i32.const 40)))"
                    + ["one", "two"].map { "(drop (call $proxy_enqueue_shared_queue \(token) \(guest.text($0))))" }
                    .joined())
            guest.callback(
                "proxy_on_queue_ready", 2,
                guest.logLetter("(local.get $1)")
                    + "(drop (call $proxy_dequeue_shared_queue (local.get $1) (i32.const 32) (i32.const 36)))"
                    + guest.logResult)
        }
        let host = try Host(engine, [Host.Plugin(guest) { $0.vmID = "vm" }]).start()
        #expect(host.letters == "BABHBB")
        #expect(host.chain.nextTimerNanoseconds == nil)
        host.exchange()
        #expect(host.letters == "BABHBB")
        // Due since it was sent, which was in this very call.
        #expect(host.chain.nextTimerNanoseconds == host.now)
        host.advance(millisecond)
        #expect(host.chain.nextTimerNanoseconds == host.now - millisecond)
        host.runTimers()
        #expect(host.log().dropFirst(6) == ["B", "one", "B", "two"])
        #expect(host.chain.nextTimerNanoseconds == nil)
    }

    // MARK: Metrics

    @Test("counters only rise, gauges go both ways, histograms have no value", arguments: executing)
    func metrics(engine: EngineName) throws {
        let guest = Guest { guest in
            func define(_ type: Int, _ name: String) -> String {
                guest.logLetter("(call $proxy_define_metric (i32.const \(type)) \(guest.text(name)) (i32.const 40))")
                    + guest.logLetter("(i32.load (i32.const 40))")
            }
            func change(_ function: String, _ id: Int, _ value: Int) -> String {
                guest.logLetter("(call $proxy_\(function)_metric (i32.const \(id)) (i64.const \(value)))")
            }
            guest.callback(
                "proxy_on_vm_start", 2, returns: 1,
                // E and I: 4 and 8, counters; F: 5, gauge; G: 6, histogram. A name keeps its number.
                define(0, "requests") + define(0, "others") + define(1, "level") + define(2, "times")
                    + define(0, "requests")
                    + guest.logLetter("(call $proxy_define_metric (i32.const 3) \(guest.text("bad")) (i32.const 40))")
                    + change("increment", 4, 5) + change("increment", 4, -1) + change("increment", 4, 0)
                    + change("record", 4, 10) + change("increment", 5, -3) + change("record", 5, 7)
                    + change("increment", 5, -2)
                    + change("increment", 6, 1) + change("record", 6, 1) + change("increment", 400, 1)
                    + change("record", 3, 1)
                    + guest.logLetter("(call $proxy_get_metric (i32.const 4) (i32.const 40))")
                    + guest.logLetter("(i32.load (i32.const 40))")
                    + guest.logLetter("(call $proxy_get_metric (i32.const 6) (i32.const 40))"))
        }
        let host = try Host(engine, guest)
        try host.start()
        #expect(host.shared.metricValue("requests") == 15)
        #expect(host.shared.metricValue("level") == 5)
        #expect(host.shared.metricValue("times") == nil)
        #expect(host.shared.metricValue("unknown") == nil)
        // The last 20 of 25 letters are always there; the others as long as the machine does not pause between them.
        #expect(host.letters.count >= 20 && "AEAIAFAGAECACCAAAACABBAPC".hasSuffix(host.letters))
    }

    @Test("metrics are shared by name over all VMs of a process", arguments: executing)
    func sharedMetrics(engine: EngineName) throws {
        let guest = guest { guest in defineAndCount("requests", &guest) }
        let shared = SharedHostState()
        for _ in 0..<2 {
            try Host(engine, [Host.Plugin(guest), Host.Plugin(guest)], shared: shared).start().exchange()
        }
        #expect(shared.metricValue("requests") == 4)
    }

    // MARK: Call-outs

    @Test("call-outs to clusters that nobody configured are refused as in Envoy", arguments: executing)
    func callOuts(engine: EngineName) throws {
        let guest = guest { guest in
            let nothing = "(i32.const 0) (i32.const 0)"
            let cluster = guest.text("cluster")
            return guest.logLetter(
                "(call $proxy_http_call \(cluster) \(nothing) \(nothing) \(nothing) (i32.const 1000) (i32.const 40))")
                + guest.logLetter(
                    "(call $proxy_grpc_call \(cluster) \(nothing) \(nothing) \(nothing) \(nothing) "
                        + "(i32.const 1000) (i32.const 40))"
                )
                + guest.logLetter(
                    "(call $proxy_grpc_stream \(cluster) \(nothing) \(nothing) \(nothing) (i32.const 40))")
                + guest.logLetter("(call $proxy_grpc_send (i32.const 2) \(nothing) (i32.const 0))")
                + guest.logLetter("(call $proxy_grpc_send (i32.const 1) \(nothing) (i32.const 0))")
                + guest.logLetter("(call $proxy_grpc_cancel (i32.const 1))")
                + guest.logLetter("(call $proxy_grpc_close (i32.const 4))")
                + guest.logLetter("(call $proxy_call_foreign_function \(cluster) \(nothing) \(nothing))")
                + guest.logLetter("(call $envoy_resolve_dns \(cluster) (i32.const 40))")
        }
        let host = try Host(engine, guest).start()
        host.exchange()
        #expect(host.letters == "CEEBCBCBM")
    }

    // MARK: Restrictions

    @Test("the ABI cannot be called before the plugin has started, nor from the allocator", arguments: executing)
    func restricted(engine: EngineName) throws {
        let early = Guest { guest in
            guest.callback("_initialize", 0, "(drop (call $proxy_get_current_time_nanoseconds (i32.const 40)))")
        }
        let failure = try startFailure(try Host(engine, early))
        #expect(failure.kind == .startUp && failure.message.contains("restricted_callback"))

        let allocator = """
            (func (export "malloc") (param i32) (result i32)
              (drop (call $proxy_log (i32.const 2) (i32.const 0) (i32.const 1)))
              (drop (call $poll_oneoff (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 40)))
              (drop (call $sched_yield ))
              (i32.const 8192))
            """
        let late = Guest(allocator: allocator) { guest in
            guest.callback("proxy_on_request_headers", 3, returns: 0, "(drop \(guest.get(0, ":path")))")
        }
        let host = try Host(engine, late).start()
        #expect(host.exchange().result.vmState == .trapped)
        let trapped = try #require(host.drain().failures.first)
        #expect(trapped.kind == .trapInAllocator && trapped.message.contains("restricted_callback"))
        #expect(trapped.lastLogLines.count == 1)
    }
}
