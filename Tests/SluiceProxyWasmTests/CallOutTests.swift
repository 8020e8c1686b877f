import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// HTTP call-outs: what is refused, what the target gets, and what comes back to the plugin.
@Suite struct CallOutTests {
    private static let services = HostServices(clusters: ["other", "auth"])

    private func host(_ engine: EngineName, _ guest: Guest, policy: FailurePolicy = .closed) throws -> Host {
        try Host(engine, [Host.Plugin(guest) { $0.policy = policy }], services: Self.services).start()
    }

    /// Calls `auth` for every request, holds it, and lets it go when the answer is there.
    private func authorising(_ onResponse: (inout GuestWriter) -> String = { _ in "" }) -> Guest {
        Guest { guest in
            guest.raw("(global $context (mut i32) (i32.const 0))")
            guest.callback(
                "proxy_on_request_headers", 3, returns: 1,
                "(global.set $context (local.get $0))"
                    + guest.logLetter(guest.httpCall("auth", body: "who", trailers: [("end", "1")], timeout: 250)))
            let code = onResponse(&guest)
            guest.callback(
                "proxy_on_http_call_response", 5,
                code + "(drop (call $proxy_set_effective_context (global.get $context)))"
                    + "(drop (call $proxy_continue_stream (i32.const 0)))")
        }
    }

    @Test("the target gets what the plugin sends, with the length of the body", arguments: executing)
    func request(engine: EngineName) throws {
        let host = try host(engine, authorising())
        #expect(!host.chain.hasCallOuts)
        let exchange = host.send()
        #expect(exchange.state == .paused && host.letters == "A" && host.chain.hasCallOuts)
        let requests = host.callOuts()
        #expect(requests.count == 1 && !host.chain.hasCallOuts)
        let callOut = requests[0].callOut
        #expect(requests[0].kind == .opened && requests[0].generation == callOut.generation)
        #expect(callOut.kind == .http && callOut.cluster == 1 && callOut.number == 0)
        #expect(callOut.timeoutNanoseconds == 250 * millisecond)
        #expect(callOut.requestHeaders.value(ofName: ":path") == "/")
        #expect(callOut.requestHeaders.value(ofName: "content-length") == "3")
        #expect(text(callOut.requestBody) == "who")
        #expect(callOut.requestTrailers.value(ofName: "end") == "1")
        #expect(host.drain().vmEvents.callOuts == 1)
    }

    @Test("the answer: sizes, maps 6 and 7, buffer 4, during the callback only", arguments: executing)
    func response(engine: EngineName) throws {
        let guest = authorising { guest in
            // Root, token, number of headers, size of the body, number of trailers.
            (0..<5).map { guest.logLetter("(local.get $\($0))") }.joined()
                + guest.logHeader(6, "x-user") + guest.logHeader(7, "t") + guest.logBuffer(4)
                + guest.logLetter(
                    "(call $proxy_add_header_map_value (i32.const 6) \(guest.text("a")) \(guest.text("b")))")
                + guest.logLetter(
                    "(call $proxy_set_buffer_bytes (i32.const 4) (i32.const 0) (i32.const 0) \(GuestWriter.nothing))")
                + guest.logLetter("(call $proxy_get_header_map_size (i32.const 6) (i32.const 48))")
                + guest.logStatus
        }
        let host = try host(engine, guest)
        let exchange = host.send()
        let callOut = try #require(host.callOuts().first).callOut
        host.answer(callOut, headers: [("x-user", "me")], body: "hello", trailers: [("t", "z")])
        // What was logged before the answer was one letter.
        #expect(
            host.log().dropFirst() == ["B", "E", "C", "F", "B", "A", "me", "A", "z", "A", "hello", "C", "C", "C", "A"])
        #expect(exchange.state == .awaitingUpstream)
        #expect(host.progressed().map(\.tag) == [exchange.tag])
        let events = host.drain().vmEvents
        #expect(events.callOutsAnswered == 1 && events.callOutsFailed == 0 && events.callOutsCancelled == 0)
        // It is over: nothing more can come of it.
        let lines = host.log().count
        host.answer(callOut)
        host.deliver(.reset, to: callOut)
        #expect(host.log().count == lines)
    }

    @Test("a reset gives no headers and status 11, \"reset\", whose code stays", arguments: executing)
    func reset(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0, guest.logStatus + "(drop \(guest.httpCall("auth")))")
            guest.callback(
                "proxy_on_http_call_response", 5,
                [2, 3, 4].map { guest.logLetter("(local.get $\($0))") }.joined() + guest.logStatus
                    + guest.logLetter(guest.get(6, ":status"))
                    + guest.logLetter(
                        "(call $proxy_get_header_map_pairs (i32.const 6) (i32.const 32) (i32.const 36))")
                    + guest.logBuffer(4))
        }
        let host = try host(engine, guest)
        host.exchange()
        host.deliver(.reset, to: try #require(host.callOuts().first).callOut)
        #expect(host.log() == ["A", "A", "A", "A", "L", "reset", "C", "A", "B"])
        host.exchange()
        #expect(host.log().last == "L")
        #expect(host.drain().vmEvents.callOutsFailed == 1)
    }

    @Test("arguments are checked in Envoy's order", arguments: executing)
    func refused(engine: EngineName) throws {
        let guest = Guest { guest in
            let get = [(":method", "GET"), (":path", "/"), (":authority", "a")]
            var code = guest.logLetter(guest.httpCall("nobody"))
            code += guest.logLetter(guest.httpCall("auth", timeout: -1))
            for missing in 0..<3 {
                var headers = get
                headers.remove(at: missing)
                code += guest.logLetter(guest.httpCall("auth", headers: headers))
            }
            // The place of the token is written before anything else is looked at.
            code += "(i32.store (i32.const 40) (i32.const 99))" + guest.logLetter(guest.httpCall("nobody"))
            code += guest.logLetter("(i32.load (i32.const 40))")
            guest.callback("proxy_on_request_headers", 3, returns: 0, code)
        }
        let host = try host(engine, guest)
        host.exchange()
        #expect(host.letters == "CCCCCCA")
        #expect(host.callOuts().isEmpty)
        #expect(host.drain().vmEvents.callOuts == 0)
    }

    @Test("tokens count by four, and the low bits say the kind", arguments: executing)
    func tokens(engine: EngineName) throws {
        let guest = Guest { guest in
            let token = guest.logLetter("(i32.load (i32.const 40))")
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                [
                    guest.httpCall("auth"), guest.httpCall("auth"), guest.grpcCall("auth"), guest.grpcCall("auth"),
                    guest.grpcStream("auth"), guest.grpcStream("auth"),
                ].map { "(drop \($0))" + token }.joined())
        }
        let host = try host(engine, guest)
        host.exchange()
        #expect(host.letters == "EIFJGK")
        #expect(host.callOuts().map(\.callOut.number) == [0, 1, 2, 3, 4, 5])
    }

    @Test("a VM that dies takes its call-outs with it", arguments: executing)
    func death(engine: EngineName) throws {
        let guest = authorising { _ in "unreachable" }
        let host = try host(engine, guest)
        let first = host.send()
        let second = host.send()
        let requests = host.callOuts()
        host.answer(requests[0].callOut)
        let observations = host.drain()
        #expect(observations.failures.map(\.callback) == ["proxy_on_http_call_response"])
        #expect(observations.failures.first?.requestIndex == nil)
        #expect(observations.vmEvents.callOutsAnswered == 1 && observations.vmEvents.callOutsCancelled == 1)
        #expect(requests[1].generation != requests[1].callOut.generation)
        // Both streams are held by a plugin that will never be called again.
        #expect(first.state == .paused && second.state == .paused)
        host.answer(requests[1].callOut)
        #expect(host.drain().failures.isEmpty)
    }

    @Test("call-outs that outlive their stream are answered to the root context", arguments: executing)
    func streamGone(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.raw("(global $context (mut i32) (i32.const 0))")
            guest.callback(
                "proxy_on_request_headers", 3, returns: 1,
                "(global.set $context (local.get $0)) (drop \(guest.httpCall("auth")))")
            guest.callback(
                "proxy_on_http_call_response", 5,
                guest.logLetter("(call $proxy_set_effective_context (global.get $context))")
                    + guest.logLetter("(call $proxy_continue_stream (i32.const 0))"))
        }
        let host = try host(engine, guest)
        host.send().reset(nowNanoseconds: host.now)
        host.answer(try #require(host.callOuts().first).callOut)
        #expect(host.letters == "CA")
        #expect(host.progressed().isEmpty)
    }

    @Test("thousands of held streams go on in the order of their answers", arguments: executing)
    func manyStreams(engine: EngineName) throws {
        let count = 5000
        let guest = Guest { guest in
            // The token is the context's number in a table at 65536.
            guest.callback(
                "proxy_on_request_headers", 3, returns: 1,
                "(drop \(guest.httpCall("auth")))"
                    + "(i32.store (i32.add (i32.const 65536) (i32.load (i32.const 40))) (local.get $0))")
            guest.callback(
                "proxy_on_http_call_response", 5,
                "(drop (call $proxy_set_effective_context (i32.load (i32.add (i32.const 65536) (local.get $1)))))"
                    + "(drop (call $proxy_continue_stream (i32.const 0)))")
        }
        let host = try host(engine, guest)
        let exchanges = (0..<count).map { _ in host.send() }
        let callOuts = host.callOuts().map(\.callOut)
        #expect(callOuts.count == count && Set(callOuts.map(\.slot)).count == count)
        for step in 0..<count {
            let place = step * 1021 % count
            host.answer(callOuts[place])
            let moved = host.progressed()
            #expect(moved.count == 1 && moved.first === exchanges[place])
        }
        #expect(exchanges.allSatisfy { $0.state == .awaitingUpstream })
        // The objects serve the next ones.
        for exchange in exchanges { host.respond(exchange) }
        _ = host.send(on: exchanges[0])
        #expect(host.callOuts().allSatisfy { $0.callOut.slot < count })
    }

    @Test("a local response from the callback goes to the stream of the effective context", arguments: executing)
    func localResponse(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.raw("(global $context (mut i32) (i32.const 0))")
            guest.callback(
                "proxy_on_request_headers", 3, returns: 1,
                "(global.set $context (local.get $0)) (drop \(guest.httpCall("auth")))")
            guest.callback(
                "proxy_on_http_call_response", 5,
                "(drop (call $proxy_set_effective_context (global.get $context)))"
                    + guest.localResponse(403, body: "no"))
        }
        let host = try host(engine, guest)
        let exchange = host.send()
        host.answer(try #require(host.callOuts().first).callOut)
        #expect(exchange.state == .complete && exchange.result.status == 403)
        #expect(host.progressed().count == 1)
    }
}
