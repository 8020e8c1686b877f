import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// Where the C++ host and Envoy do other than the specification says: one test for each difference.
@Suite struct QuirkTests {
    private func host(
        _ engine: EngineName, services: HostServices = HostServices(), _ body: (inout GuestWriter) -> Void
    )
        throws -> Host
    {
        try Host(engine, [Host.Plugin(Guest(body))], services: services).start()
    }

    @Test("malloc is preferred to proxy_on_memory_allocate", arguments: executing)
    func allocatorOrder(engine: EngineName) throws {
        let both = """
            (func (export "proxy_on_memory_allocate") (param i32) (result i32)
              (drop (call $proxy_log (i32.const 2) (i32.const 17) (i32.const 1))) (i32.const 12288))
            (func (export "malloc") (param i32) (result i32)
              (drop (call $proxy_log (i32.const 2) (i32.const 16) (i32.const 1))) (i32.const 8192))
            (data (i32.const 16) "mp")
            """
        let guest = Guest(allocator: both) { guest in
            guest.callback("proxy_on_request_headers", 3, returns: 0, "(drop \(guest.get(0, ":path")))")
        }
        let host = try Host(engine, guest).start()
        host.exchange()
        #expect(host.letters == "m")
    }

    @Test("on_vm_start runs for the root context, with its id", arguments: executing)
    func vmStart(engine: EngineName) throws {
        let host = try host(engine) { guest in
            for name in ["proxy_on_context_create", "proxy_on_vm_start", "proxy_on_configure"] {
                guest.callback(
                    name, 2, returns: name == "proxy_on_context_create" ? nil : 1, guest.logLetter("(local.get $0)"))
            }
        }
        #expect(host.letters == "BBB")
    }

    @Test("the end of a stream is log, done, delete", arguments: executing)
    func teardown(engine: EngineName) throws {
        let host = try host(engine) { guest in
            guest.callback("proxy_on_done", 1, returns: 0, guest.log("done"))
            guest.callback("proxy_on_log", 1, guest.log("log"))
            guest.callback("proxy_on_delete", 1, guest.log("delete"))
        }
        host.exchange()
        #expect(host.log() == ["log", "done", "delete"])
    }

    @Test("stop iteration of the headers stops everything", arguments: executing)
    func stopIteration(engine: EngineName) throws {
        let host = try host(engine) { guest in
            guest.callback("proxy_on_request_headers", 3, returns: 1, guest.log("headers"))
            guest.callback("proxy_on_request_body", 3, returns: 0, guest.log("body"))
        }
        #expect(host.send("POST", body: "body").state == .paused)
        #expect(host.log() == ["headers"])
    }

    @Test("the size of a header map is in bytes, not in fields", arguments: executing)
    func mapSize(engine: EngineName) throws {
        let host = try host(engine) { guest in
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                "(drop (call $proxy_set_header_map_pairs (i32.const 0) \(guest.serialised([("ab", "c"), ("d", "")]))))"
                    + "(drop (call $proxy_get_header_map_size (i32.const 0) (i32.const 40)))"
                    + guest.logLetter("(i32.load (i32.const 40))"))
        }
        _ = host.send()
        #expect(host.letters == "E")
    }

    @Test("the size of a map that can only be read is BadArgument", arguments: executing)
    func readOnlySize(engine: EngineName) throws {
        let host = try host(engine) { guest in
            guest.callback(
                "proxy_on_log", 1,
                guest.logLetter("(call $proxy_get_header_map_size (i32.const 0) (i32.const 40))")
                    + guest.logHeader(0, ":path"))
        }
        host.exchange()
        #expect(host.log() == ["C", "A", "/path?a=1"])
    }

    @Test("compare-and-swap on a key that does not exist succeeds", arguments: executing)
    func compareAndSwap(engine: EngineName) throws {
        let host = try host(engine) { guest in
            guest.callback(
                "proxy_on_vm_start", 2, returns: 1,
                guest.logLetter(
                    "(call $proxy_set_shared_data \(guest.text("new")) \(guest.text("v")) (i32.const 4711))"))
        }
        #expect(host.letters == "A")
    }

    @Test(
        "malformed pairs are an empty map and Ok", arguments: executing,
        ["", "\u{1}\0\0\0", "\u{1}\0\0\0\u{1}\0\0\0\u{1}\0\0\0a\0b", "\u{0}\0\0\0x"])
    func malformedPairs(engine: EngineName, pairs: String) throws {
        let host = try host(engine) { guest in
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                guest.logLetter("(call $proxy_set_header_map_pairs (i32.const 0) \(guest.text(pairs)))"))
        }
        let exchange = host.send()
        #expect(host.letters == "A" && exchange.requestHeaders.isEmpty)
    }

    @Test("set_buffer_bytes in the middle is BadArgument", arguments: executing)
    func middleOfBuffer(engine: EngineName) throws {
        let host = try host(engine) { guest in
            guest.callback(
                "proxy_on_request_body", 3, returns: 0,
                guest.logLetter(
                    "(call $proxy_set_buffer_bytes (i32.const 0) (i32.const 1) (i32.const 1) \(guest.text("x")))"))
        }
        let exchange = host.send("POST", body: "body")
        #expect(host.letters == "C" && text(exchange.requestBody) == "body")
    }

    @Test("proc_exit returns to the guest", arguments: executing)
    func procExit(engine: EngineName) throws {
        let host = try host(engine) { guest in
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0, "(call $proc_exit (i32.const 3))" + guest.log("after"))
        }
        #expect(host.exchange().result.vmState == .ok)
        #expect(host.log() == ["proc_exit(3)", "after"])
    }

    @Test("the body of a call-out's answer is buffer 4", arguments: executing)
    func callOutBody(engine: EngineName) throws {
        let host = try host(engine, services: HostServices(clusters: ["c"])) { guest in
            guest.callback("proxy_on_request_headers", 3, returns: 0, "(drop \(guest.httpCall("c")))")
            guest.callback(
                "proxy_on_http_call_response", 5, guest.logBuffer(4) + guest.logBuffer(0) + guest.logBuffer(5))
        }
        host.exchange()
        host.answer(try #require(host.callOuts().first).callOut, body: "answer")
        #expect(host.log() == ["A", "answer", "B", "B"])
    }

    @Test("numbers of properties are eight bytes, truth values one", arguments: executing)
    func propertyEncoding(engine: EngineName) throws {
        let host = try host(engine) { guest in
            guest.callback(
                "proxy_on_log", 1,
                ["response.code", "connection.mtls", "request.method"].map {
                    "(drop \(guest.property($0)))" + guest.logLetter("(i32.load (i32.const 36))")
                }.joined())
        }
        host.exchange()
        #expect(host.letters == "IBD")
    }

    @Test("get_status is also about HTTP call-outs that failed", arguments: executing)
    func status(engine: EngineName) throws {
        let host = try host(engine, services: HostServices(clusters: ["c"])) { guest in
            guest.callback("proxy_on_request_headers", 3, returns: 0, "(drop \(guest.httpCall("c")))")
            guest.callback("proxy_on_http_call_response", 5, guest.logStatus)
        }
        host.exchange()
        host.deliver(.reset, to: try #require(host.callOuts().first).callOut)
        #expect(host.log() == ["L", "reset"])
    }

    @Test("continue_request and continue_response of ABI 0.1.0 have a result", arguments: executing)
    func continueResult(engine: EngineName) throws {
        let guest = Guest(version: "0_1_0") { guest in
            guest.callback(
                "proxy_on_request_headers", 2, returns: 0,
                guest.logLetter("(call $proxy_continue_request)") + guest.logLetter("(call $proxy_continue_response)"))
        }
        let host = try Host(engine, guest).start()
        host.exchange()
        #expect(host.letters == "AA")
    }
}
