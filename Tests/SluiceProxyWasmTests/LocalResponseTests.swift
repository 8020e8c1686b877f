import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// `proxy_send_local_response`: what the client gets, and which callbacks still come.
@Suite struct LocalResponseTests {
    @Test("a local response carries status, text and headers, and passes the response callbacks", arguments: executing)
    func response(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                guest.localResponse(403, body: "no entry", headers: [("X-Why", "closed")], details: "why not")
                    + guest.log("asked"))
            guest.callback("proxy_on_request_body", 3, returns: 0, guest.log("never"))
            guest.callback(
                "proxy_on_response_headers", 3, returns: 0,
                guest.log("headers") + guest.logHeader(2, ":status") + guest.add(2, "late", "1"))
            guest.callback("proxy_on_response_body", 3, returns: 0, guest.log("body"))
            guest.callback("proxy_on_log", 1, "(drop \(guest.property("response.code_details")))" + guest.logResult)
        }
        let host = try Host(engine, guest).start()
        let exchange = host.send("POST", body: "x")
        #expect(exchange.state == .complete)
        #expect(exchange.result == result(status: 403, origin: .plugin))
        #expect(text(exchange.responseBody) == "no entry")
        #expect(exchange.responseHeaders.value(ofName: "x-why") == "closed")
        #expect(exchange.responseHeaders.value(ofName: "content-length") == "8")
        #expect(exchange.responseHeaders.value(ofName: "content-type") == "text/plain")
        #expect(exchange.responseHeaders.value(ofName: "late") == "1")
        #expect(host.log() == ["asked", "headers", "A", "403", "body", "why_not"])
    }

    @Test("a HEAD request gets the length of a local response, not its text", arguments: executing)
    func head(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback("proxy_on_request_headers", 3, returns: 1, guest.localResponse(404, body: "nothing here"))
        }
        let exchange = try Host(engine, guest).start().send("HEAD")
        #expect(exchange.responseBody.isEmpty)
        #expect(exchange.responseHeaders.value(ofName: "content-length") == "12")
    }

    @Test("a gRPC request gets its status in headers", arguments: executing, [(7, "7"), (-1, "14")])
    func grpc(engine: EngineName, status: (given: Int, sent: String)) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_request_headers", 3, returns: 1,
                guest.localResponse(503, body: "50% off\n", grpcStatus: status.given))
        }
        let exchange = try Host(engine, guest).start().send(
            "POST", headers: [("content-type", "application/grpc+proto")])
        #expect(exchange.result.status == 200)
        #expect(exchange.responseHeaders.value(ofName: "grpc-status") == status.sent)
        #expect(exchange.responseHeaders.value(ofName: "grpc-message") == "50%25 off%0A")
        #expect(exchange.responseBody.isEmpty)
    }

    @Test(
        "a local response in the response headers replaces the upstream's without another callback",
        arguments: executing)
    func inResponse(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_response_headers", 3, returns: 0,
                guest.log("headers") + guest.localResponse(500, body: "broken"))
            guest.callback("proxy_on_response_body", 3, returns: 0, guest.log("never"))
        }
        let host = try Host(engine, guest).start()
        let exchange = host.send()
        host.respond(exchange, headers: [("from", "upstream")], body: "good")
        #expect(exchange.result == result(status: 500, origin: .plugin))
        #expect(exchange.responseHeaders.value(ofName: "from") == nil)
        #expect(text(exchange.responseBody) == "broken")
        #expect(host.log() == ["headers"])
    }

    @Test("after the response headers are out a local response can only cut the stream off", arguments: executing)
    func tooLate(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback("proxy_on_response_body", 3, returns: 0, guest.localResponse(500))
        }
        let host = try Host(engine, guest).start()
        let exchange = host.send()
        host.respond(exchange, body: "good")
        #expect(exchange.result == result(status: nil, origin: .none, streamReset: true))
    }

    @Test("a stream that waits for the upstream can be answered from a tick", arguments: executing)
    func fromTick(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.raw("(global $stream (mut i32) (i32.const 0))")
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                "(global.set $stream (local.get $0)) (drop (call $proxy_set_tick_period_milliseconds (i32.const 5)))")
            guest.callback(
                "proxy_on_tick", 1,
                "(drop (call $proxy_set_effective_context (global.get $stream)))" + guest.localResponse(429))
            guest.callback("proxy_on_response_headers", 3, returns: 0, guest.log("headers"))
        }
        let host = try Host(engine, guest).start()
        let exchange = host.send()
        #expect(exchange.state == .awaitingUpstream)
        #expect(host.chain.nextTimerNanoseconds == host.now + 5 * millisecond)
        host.advance(5 * millisecond)
        host.runTimers()
        #expect(host.progressed().count == 1)
        #expect(exchange.result == result(status: 429, origin: .plugin))
        #expect(host.log() == ["headers"])
    }

    @Test("all filters that saw the request see the local response", arguments: executing)
    func wholeChain(engine: EngineName) throws {
        let watching = Guest { guest in
            guest.callback("proxy_on_request_headers", 3, returns: 0, guest.log("request"))
            guest.callback("proxy_on_response_headers", 3, returns: 0, guest.log("response"))
        }
        let denying = Guest { guest in
            guest.callback("proxy_on_request_headers", 3, returns: 1, guest.localResponse(401))
            guest.callback("proxy_on_response_headers", 3, returns: 0, guest.log("own"))
        }
        let host = try Host(
            engine, [Host.Plugin(watching), Host.Plugin(denying), Host.Plugin(watching)]
        ).start()
        #expect(host.exchange().result.status == 401)
        #expect(host.log(0) == ["request", "response"])
        #expect(host.log(1) == ["own"])
        #expect(host.log(2).isEmpty)
    }
}
