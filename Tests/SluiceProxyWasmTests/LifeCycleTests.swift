import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// The order in which callbacks come, and what they are given.
@Suite struct LifeCycleTests {
    /// Logs one letter for each callback.
    static let recorder = Guest { guest in
        for (name, letter) in [("_initialize", "i"), ("__main_void", "m")] {
            guest.callback(name, 0, returns: name == "__main_void" ? 0 : nil, guest.log(letter))
        }
        guest.callback("_start", 0, guest.log("never"))
        guest.callback("proxy_on_context_create", 2, guest.log("c") + guest.logLetter("(local.get $0)"))
        guest.callback("proxy_on_vm_start", 2, returns: 1, guest.log("v") + guest.logLetter("(local.get $1)"))
        guest.callback("proxy_on_configure", 2, returns: 1, guest.log("f") + guest.logLetter("(local.get $1)"))
        let callbacks: [(String, Int, String)] = [
            ("proxy_on_request_headers", 3, "h"), ("proxy_on_request_body", 3, "b"),
            ("proxy_on_request_trailers", 2, "t"), ("proxy_on_response_headers", 3, "H"),
            ("proxy_on_response_body", 3, "B"), ("proxy_on_response_trailers", 2, "T"), ("proxy_on_done", 1, "d"),
        ]
        for (name, count, letter) in callbacks {
            guest.callback(name, count, returns: name == "proxy_on_done" ? 1 : 0, guest.log(letter))
        }
        guest.callback("proxy_on_log", 1, guest.log("l"))
        guest.callback("proxy_on_delete", 1, guest.log("x"))
    }

    @Test("start-up, stream and tear-down in Envoy's order", arguments: executing)
    func order(engine: EngineName) throws {
        let host = try Host(
            engine,
            [
                Host.Plugin(Self.recorder) {
                    $0.vmConfiguration = "ab"; $0.configuration = "abc"
                }
            ])
        try host.start()
        #expect(host.letters == "imcBvCfD")
        let exchange = host.send("POST", body: "body", trailers: [("trailer", "1")])
        #expect(exchange.state == .awaitingUpstream)
        host.respond(exchange, body: "body", trailers: [("trailer", "1")])
        #expect(exchange.state == .complete)
        #expect(host.log().dropFirst(8).joined() == "cChbtHBTldx")
        #expect(exchange.result == result(status: 200, origin: .upstream))
    }

    @Test("a root context is done and deleted at shut-down", arguments: executing)
    func shutDown(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_done", 1, returns: 1,
                "(drop (call $proxy_log (i32.const 2) (i32.const 0) (i32.const 1)))" + defineAndCount("done", &guest))
            guest.callback("proxy_on_delete", 1, defineAndCount("delete", &guest))
        }
        let host = try Host(engine, guest).start()
        host.shutDown()
        #expect(host.shared.metricValue("done") == 1)
        #expect(host.shared.metricValue("delete") == 1)
    }

    @Test("a root that is not done yet is deleted after proxy_done", arguments: executing)
    func laterDone(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_context_create", 2, "(drop (call $proxy_set_tick_period_milliseconds (i32.const 10)))")
            guest.callback("proxy_on_done", 1, returns: 0, "(global.set $leaving (i32.const 1))")
            guest.raw("(global $leaving (mut i32) (i32.const 0))")
            guest.callback(
                "proxy_on_tick", 1, "(if (i32.eqz (call $proxy_done)) (then \(defineAndCount("ticked", &guest))))")
            guest.callback("proxy_on_delete", 1, defineAndCount("delete", &guest))
        }
        // Root and streams share the callback: a stream's own on_done is ignored.
        let host = try Host(engine, [Host.Plugin(guest)], life: .requests(1)).start()
        host.exchange()
        host.exchange()
        #expect(host.drain().vmEvents.recycled == 1)
        #expect(host.shared.metricValue("delete") == 2)
        host.advance(20 * millisecond)
        host.runTimers()
        #expect(host.shared.metricValue("ticked") == 1)
        #expect(host.shared.metricValue("delete") == 3)
    }

    @Test("_start serves modules without _initialize", arguments: executing)
    func command(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback("_start", 0, guest.log("started"))
            guest.callback("__main_void", 0, returns: 0, guest.log("never"))
        }
        #expect(try Host(engine, guest).start().log() == ["started"])
    }

    @Test("main is preferred to __main_void after _initialize", arguments: executing)
    func mainFirst(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback("_initialize", 0, guest.log("initialize"))
            guest.callback("main", 2, returns: 1, guest.log("main"))
            guest.callback("__main_void", 0, returns: 0, guest.log("never"))
        }
        #expect(try Host(engine, guest).start().log() == ["initialize", "main"])
    }

    @Test("a plugin without callbacks lets everything pass", arguments: executing)
    func nothingExported(engine: EngineName) throws {
        let host = try Host(engine, Guest { _ in }).start()
        let exchange = host.exchange(headers: [("a", "b")], body: "body")
        #expect(exchange.result == result(status: 200, origin: .upstream))
        #expect(exchange.requestHeaders.value(ofName: "a") == "b")
        #expect(text(exchange.requestBody) == "body")
    }

    @Test("a stream that ends before a filter is created there for its log", arguments: executing)
    func lateFilter(engine: EngineName) throws {
        let deny = Guest { guest in
            guest.callback(
                "proxy_on_request_headers", 3, returns: 1,
                "(drop (call $proxy_send_local_response (i32.const 403) (i32.const 0) (i32.const 0) "
                    + "(i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const -1)))"
            )
        }
        let host = try Host(engine, [Host.Plugin(deny), Host.Plugin(Self.recorder)]).start()
        let started = host.log(1).count
        #expect(host.exchange().result.status == 403)
        #expect(host.log(1).dropFirst(started).joined() == "cCldx")
    }

    @Test("requests pass the chain in its order, responses against it", arguments: executing)
    func chainOrder(engine: EngineName) throws {
        func marker(_ letter: String) -> Guest {
            Guest { guest in
                guest.callback(
                    "proxy_on_request_headers", 3, returns: 0,
                    "(drop (call $proxy_add_header_map_value "
                        + "(i32.const 0) \(guest.text("seen")) \(guest.text(letter))))"
                )
                guest.callback(
                    "proxy_on_response_headers", 3, returns: 0,
                    "(drop (call $proxy_add_header_map_value "
                        + "(i32.const 2) \(guest.text("seen")) \(guest.text(letter))))"
                )
            }
        }
        let host = try Host(engine, [Host.Plugin(marker("first")), Host.Plugin(marker("second"))]).start()
        let exchange = host.exchange()
        #expect(values(of: "seen", in: exchange.requestHeaders) == ["first", "second"])
        #expect(values(of: "seen", in: exchange.responseHeaders) == ["second", "first"])
    }

    @Test("an exchange starts afresh with every request", arguments: executing)
    func reuse(engine: EngineName) throws {
        let host = try Host(engine, Self.recorder).start()
        let exchange = host.exchange(body: "first")
        let again = host.send(on: exchange)
        #expect(again.state == .awaitingUpstream)
        #expect(again.requestBody.isEmpty && again.responseHeaders.isEmpty)
        host.respond(again, status: 204)
        #expect(again.result.status == 204)
    }
}

/// Code that adds one to a counter of this name.
func defineAndCount(_ name: String, _ guest: inout GuestWriter) -> String {
    """
    (drop (call $proxy_define_metric (i32.const 0) \(guest.text(name)) (i32.const 24)))
    (drop (call $proxy_increment_metric (i32.load (i32.const 24)) (i64.const 1)))
    """
}

func values(of name: String, in headers: HeaderBlock) -> [String] {
    headers.indices.compactMap { index in
        headers.withField(at: index) { field, value in
            String(decoding: field, as: UTF8.self) == name ? String(decoding: value, as: UTF8.self) : nil
        }
    }
}

func result(
    status: Int?, origin: ExchangeResult.Origin, vmState: ExchangeResult.VMState = .ok, streamReset: Bool = false
) -> ExchangeResult {
    ExchangeResult(status: status, origin: origin, vmState: vmState, streamReset: streamReset)
}
