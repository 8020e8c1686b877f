import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// Headers, bodies and trailers: what plugins change, hold back and let go on.
@Suite struct MessageTests {
    @Test("changed request headers reach the upstream, changed response headers the client", arguments: executing)
    func headers(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                guest.add(0, "Added", "1") + guest.replace(0, "x-many", "only") + guest.remove(0, "X-Gone")
                    + guest.replace(0, "host", "elsewhere"))
            guest.callback(
                "proxy_on_response_headers", 3, returns: 0,
                guest.replace(2, "content-type", "text/new") + guest.replace(2, "new", "yes")
                    + guest.remove(2, "absent"))
        }
        let host = try Host(engine, guest).start()
        let exchange = host.send(headers: [("x-many", "a"), ("x-gone", "b"), ("x-many", "c"), ("x-gone", "d")])
        #expect(exchange.requestHeaders.value(ofName: "added") == "1")
        #expect(values(of: "x-many", in: exchange.requestHeaders) == ["only"])
        #expect(exchange.requestHeaders.value(ofName: "x-gone") == nil)
        #expect(exchange.requestHeaders.value(ofName: ":authority") == "elsewhere")
        host.respond(exchange, headers: [("content-type", "text/old")])
        #expect(values(of: "content-type", in: exchange.responseHeaders) == ["text/new"])
        #expect(exchange.responseHeaders.value(ofName: "new") == "yes")
    }

    @Test("look-up ignores case, gives the first of several, and NotFound for none", arguments: executing)
    func lookUp(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                guest.logHeader(0, "X-Two") + guest.logLetter(guest.get(0, "none")) + guest.logHeader(0, "Host")
                    + guest.logHeader(0, "empty"))
        }
        let host = try Host(engine, guest).start()
        host.exchange(headers: [("x-two", "first"), ("x-two", "second"), ("empty", "")])
        #expect(host.log() == ["A", "first", "B", "A", "sluice.test", "A"])
    }

    @Test("pairs of a map come and go in their serialised form", arguments: executing)
    func pairs(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                "(drop (call $proxy_get_header_map_pairs (i32.const 0) (i32.const 32) (i32.const 36)))"
                    + "(drop (call $proxy_set_header_map_pairs "
                    + "(i32.const 0) \(guest.serialised([("A", "1"), ("b", "22")]))))"
                    + guest.logLetter("(i32.load (i32.load (i32.const 32)))")
                    + "(drop (call $proxy_get_header_map_size (i32.const 0) (i32.const 40)))"
                    + guest.logLetter("(i32.load (i32.const 40))"))
        }
        let host = try Host(engine, guest).start()
        let exchange = host.send(headers: [("x", "y")])
        // Five fields came; afterwards two with five bytes.
        #expect(host.letters == "FF")
        #expect(exchange.requestHeaders.count == 2)
        #expect(exchange.requestHeaders.value(ofName: "a") == "1")
        #expect(exchange.requestHeaders.value(ofName: "b") == "22")
    }

    @Test("a map is serialised as the C++ host does it", arguments: executing)
    func serialisation(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                "(drop (call $proxy_set_header_map_pairs (i32.const 0) \(guest.serialised([("a", "1"), ("b", "22")]))))"
                    + "(drop (call $proxy_get_header_map_pairs (i32.const 0) (i32.const 32) (i32.const 36)))"
                    + guest.logResult)
        }
        let host = try Host(engine, guest).start()
        _ = host.send()
        let lengths = "\u{2}\0\0\0" + "\u{1}\0\0\0\u{1}\0\0\0" + "\u{1}\0\0\0\u{2}\0\0\0"
        #expect(host.log() == [lengths + "a\01\0b\022\0"])
    }

    @Test("malformed pairs are an empty map and no error", arguments: executing)
    func malformedPairs(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                guest.logLetter("(call $proxy_set_header_map_pairs (i32.const 0) \(guest.text("\u{1}\0\0\0nonsense")))")
            )
        }
        let host = try Host(engine, guest).start()
        #expect(host.send().requestHeaders.isEmpty)
        #expect(host.letters == "A")
    }

    @Test("request headers are gone once their callback returned Continue", arguments: executing)
    func availability(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_request_body", 3, returns: 0,
                guest.logLetter(guest.get(0, ":path"))
                    + guest.logLetter("(call $proxy_get_header_map_pairs (i32.const 0) (i32.const 32) (i32.const 36))")
                    + guest.logLetter("(i32.load (i32.const 36))"))
            guest.callback(
                "proxy_on_response_headers", 3, returns: 0,
                guest.logLetter(guest.get(0, ":path"))
                    + guest.logLetter(
                        "(call $proxy_add_header_map_value (i32.const 0) \(guest.text("a")) \(guest.text("b")))"))
            guest.callback(
                "proxy_on_log", 1,
                guest.logLetter(guest.get(0, ":path")) + guest.logLetter(guest.get(2, ":status"))
                    + guest.logLetter(guest.get(1, "t"))
                    + guest.logLetter(
                        "(call $proxy_add_header_map_value (i32.const 0) \(guest.text("a")) \(guest.text("b")))"))
        }
        let host = try Host(engine, guest).start()
        host.exchange(body: "x")
        // Body: bad argument, then an empty map; response: bad argument twice; log: readable, not writable.
        #expect(host.letters == "CAACCAABC")
    }

    // MARK: Bodies

    @Test("a body is read and replaced", arguments: executing)
    func replaceBody(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_request_body", 3, returns: 0,
                "(drop (call $proxy_get_buffer_bytes (i32.const 0) (i32.const 2) (i32.const 100) "
                    + "(i32.const 32) (i32.const 36)))"
                    + guest.logResult
                    + "(drop (call $proxy_set_buffer_bytes (i32.const 0) (i32.const 0) "
                    + "(i32.const 0x7fffffff) \(guest.text("new"))))"
            )
            guest.callback(
                "proxy_on_response_body", 3, returns: 0,
                // Prepended, appended, and refused in the middle.
                "(drop (call $proxy_set_buffer_bytes (i32.const 1) (i32.const 0) (i32.const 0) \(guest.text("<"))))"
                    + "(drop (call $proxy_set_buffer_bytes (i32.const 1) (i32.const 999) "
                    + "(i32.const 0) \(guest.text(">"))))"
                    + guest.logLetter(
                        "(call $proxy_set_buffer_bytes (i32.const 1) (i32.const 1) (i32.const 0) \(guest.text("!")))"))
        }
        let host = try Host(engine, guest).start()
        let exchange = host.send("POST", body: "abcdef")
        #expect(text(exchange.requestBody) == "new")
        host.respond(exchange, body: "body")
        #expect(text(exchange.responseBody) == "<body>")
        #expect(host.log() == ["cdef", "C"])
    }

    @Test("a body that is held grows from callback to callback", arguments: executing)
    func buffering(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.raw(
                """
                (func (export "proxy_on_request_body") (param $id i32) (param $size i32) (param $end i32) (result i32)
                  \(guest.logLetter("(local.get $size)"))
                  (if (result i32) (local.get $end)
                    (then
                      (drop (call $proxy_get_buffer_bytes (i32.const 0) (i32.const 0) (local.get $size)
                        (i32.const 32) (i32.const 36)))
                      \(guest.logResult)
                      (i32.const 0))
                    (else (i32.const 1))))
                """)
        }
        let host = try Host(engine, [Host.Plugin(guest)], pieceBytes: 4).start()
        let exchange = host.send("POST", body: "abcdefghij")
        #expect(host.log() == ["E", "I", "K", "abcdefghij"])
        #expect(text(exchange.requestBody) == "abcdefghij")
        #expect(exchange.state == .awaitingUpstream)
    }

    @Test("a body that is let through is seen piece by piece by the next filter too", arguments: executing)
    func pieces(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_request_body", 3, returns: 0,
                guest.logLetter("(local.get $1)") + guest.logLetter("(local.get $2)"))
        }
        let host = try Host(engine, [Host.Plugin(guest), Host.Plugin(guest)], pieceBytes: 4).start()
        let exchange = host.send("POST", body: "abcdefghij")
        #expect(host.log(0).joined() == "EAEACB")
        #expect(host.log(1).joined() == "EAEACB")
        #expect(text(exchange.requestBody) == "abcdefghij")
    }

    @Test("a piece that is refused is dropped", arguments: executing)
    func discarded(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.raw(
                """
                (func (export "proxy_on_request_body") (param i32 i32 i32) (result i32)
                  (select (i32.const 0) (i32.const 3) (local.get 2)))
                """)
        }
        let host = try Host(engine, [Host.Plugin(guest)], pieceBytes: 4).start()
        #expect(text(host.send("POST", body: "abcdefghij").requestBody) == "ij")
    }

    // MARK: Trailers

    @Test("trailers are changed, and made in the last body callback", arguments: executing)
    func trailers(engine: EngineName) throws {
        let changing = Guest { guest in
            guest.callback(
                "proxy_on_request_trailers", 2, returns: 0, guest.log("trailers") + guest.replace(1, "t", "2"))
            guest.callback(
                "proxy_on_response_body", 3, returns: 0, guest.logLetter("(local.get $2)") + guest.add(3, "made", "yes")
            )
            guest.callback("proxy_on_response_trailers", 2, returns: 0, guest.log("own trailers"))
        }
        let watching = Guest { guest in
            guest.callback("proxy_on_response_body", 3, returns: 0, guest.logLetter("(local.get $2)"))
            guest.callback("proxy_on_response_trailers", 2, returns: 0, guest.log("trailers"))
        }
        let host = try Host(engine, [Host.Plugin(watching), Host.Plugin(changing)]).start()
        let exchange = host.send("POST", body: "b", trailers: [("t", "1")])
        #expect(exchange.requestTrailers.value(ofName: "t") == "2")
        host.respond(exchange, body: "b")
        #expect(exchange.responseTrailers.value(ofName: "made") == "yes")
        // Whoever makes them gets no callback for them; the filter after it gets its body without an end.
        #expect(host.log(1) == ["trailers", "B"])
        #expect(host.log(0) == ["A", "trailers"])
    }

    // MARK: Pause and continue

    /// Pauses where `pausing` says, and continues everything from a tick.
    private func pauser(_ callback: String, returning value: Int, direction: Int) -> Guest {
        Guest { guest in
            guest.callback(
                "proxy_on_context_create", 2,
                "(if (i32.eqz (local.get $1)) (then (drop (call $proxy_set_tick_period_milliseconds (i32.const 100)))))"
            )
            for name in ["request_headers", "request_body", "response_headers", "response_body"] {
                let isPausing = name == callback
                guest.callback(
                    "proxy_on_\(name)", 3, returns: isPausing ? value : 0,
                    guest.log(name) + (isPausing ? "(global.set $paused (local.get $0))" : ""))
            }
            guest.raw("(global $paused (mut i32) (i32.const 0))")
            guest.callback(
                "proxy_on_tick", 1,
                """
                (if (global.get $paused) (then
                  \(guest.logLetter("(call $proxy_set_effective_context (global.get $paused))"))
                  (drop (call $proxy_continue_stream (i32.const \(direction))))
                  (global.set $paused (i32.const 0))))
                """)
        }
    }

    @Test(
        "a paused stream goes on after proxy_continue_stream from a tick",
        arguments: executing,
        [("request_headers", 1, 0), ("request_body", 1, 0), ("response_headers", 1, 1), ("response_body", 1, 1)])
    func continueFromTick(engine: EngineName, pause: (callback: String, value: Int, direction: Int)) throws {
        let guest = pauser(pause.callback, returning: pause.value, direction: pause.direction)
        let host = try Host(engine, guest).start()
        let exchange = host.send("POST", body: "request")
        if exchange.state == .awaitingUpstream { host.respond(exchange, body: "response") }
        #expect(exchange.state == .paused)
        #expect(host.progressed().isEmpty)
        host.advance(100 * millisecond)
        host.runTimers()
        #expect(host.progressed().map(ObjectIdentifier.init) == [ObjectIdentifier(exchange)])
        if exchange.state == .awaitingUpstream { host.respond(exchange, body: "response") }
        #expect(exchange.result == result(status: 200, origin: .upstream))
        #expect(text(exchange.requestBody) == "request")
        #expect(text(exchange.responseBody) == "response")
        // A stop in the headers callback holds the body back from the plugin; it comes after the continuation.
        #expect(
            host.log().filter { $0 != "A" } == ["request_headers", "request_body", "response_headers", "response_body"])
    }

    @Test("continuing in the callback that stops the stream does not leave it stuck", arguments: executing)
    func continueAtOnce(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_request_headers", 3, returns: 1, "(drop (call $proxy_continue_stream (i32.const 0)))")
        }
        #expect(try Host(engine, guest).start().exchange(body: "b").result.status == 200)
    }

    @Test(
        "headers action 2 continues, and every unknown one stops", arguments: executing,
        [(0, false), (1, true), (2, false), (3, true), (4, true), (77, true)])
    func headersActions(engine: EngineName, verdict: (value: Int, stops: Bool)) throws {
        let guest = Guest { guest in guest.callback("proxy_on_request_headers", 3, returns: verdict.value, "") }
        let exchange = try Host(engine, guest).start().send()
        #expect(exchange.state == (verdict.stops ? .paused : .awaitingUpstream))
    }

    @Test("a stream that a plugin holds can be reset, and is logged", arguments: executing)
    func reset(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback("proxy_on_request_headers", 3, returns: 1, "")
            guest.callback("proxy_on_log", 1, guest.log("log"))
            guest.callback("proxy_on_done", 1, returns: 1, guest.log("done"))
            guest.callback("proxy_on_delete", 1, guest.log("delete"))
        }
        let host = try Host(engine, guest).start()
        let exchange = host.send()
        exchange.reset(nowNanoseconds: host.now)
        #expect(exchange.result == result(status: nil, origin: .none, streamReset: true))
        #expect(host.log() == ["log", "done", "delete"])
    }

    @Test("proxy_close_stream resets the stream after the callback", arguments: executing)
    func close(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                guest.logLetter("(call $proxy_close_stream (i32.const 0))") + guest.log("after"))
            guest.callback("proxy_on_log", 1, guest.log("log"))
        }
        let host = try Host(engine, guest).start()
        #expect(host.send().result == result(status: nil, origin: .none, streamReset: true))
        #expect(host.log() == ["A", "after", "log"])
    }

    @Test("a field replaced without end takes no more than a header map may", arguments: executing)
    func endlessReplacement(engine: EngineName) throws {
        let replacement = "(call $proxy_replace_header_map_value (i32.const 0)"
        let guest = Guest { guest in
            let name = guest.text("large")
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                """
                (local $count i32)
                (memory.fill (i32.const 8192) (i32.const 0x61) (i32.const 1000))
                (loop $again
                  (drop \(replacement) \(name) (i32.const 8192) (i32.const 1000)))
                  (local.set $count (i32.add (local.get $count) (i32.const 1)))
                  (br_if $again (i32.lt_u (local.get $count) (i32.const 10000))))
                """ + guest.logLetter("\(replacement) \(name) (i32.const 8192) (i32.const 1000))"))
        }
        let host = try Host(engine, guest).start()
        let exchange = host.send(headers: [("first", "1"), ("large", ""), ("last", "2")])
        #expect(host.letters == "A")
        #expect(exchange.requestHeaders.storedByteCount <= 1 << 20)
        #expect(exchange.requestHeaders.count == 7)
        #expect(exchange.requestHeaders.value(ofName: "large") == String(repeating: "a", count: 1000))
        #expect(exchange.requestHeaders.value(ofName: "last") == "2")
    }
}
