import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// gRPC call-outs: unary calls and streams.
@Suite struct GRPCTests {
    private static let services = HostServices(clusters: ["greeter"])

    private func host(_ engine: EngineName, _ guest: Guest) throws -> Host {
        try Host(engine, [Host.Plugin(guest)], services: Self.services).start()
    }

    /// Writes down every gRPC callback as a letter of its own, its arguments after the root, and what comes with it.
    private func addListeners(_ guest: inout GuestWriter) {
        guest.callback(
            "proxy_on_grpc_receive_initial_metadata", 3,
            guest.log("i") + guest.logLetter("(local.get $2)") + guest.logHeader(4, "m"))
        guest.callback(
            "proxy_on_grpc_receive_trailing_metadata", 3,
            guest.log("t") + guest.logLetter("(local.get $2)") + guest.logHeader(5, "n"))
        guest.callback(
            "proxy_on_grpc_receive", 3, guest.log("r") + guest.logLetter("(local.get $2)") + guest.logBuffer(5))
        guest.callback(
            "proxy_on_grpc_close", 3, guest.log("c") + guest.logLetter("(local.get $2)") + guest.logStatus)
    }

    /// A guest that runs `code` for its first request.
    private func guest(_ code: (inout GuestWriter) -> String) -> Guest {
        Guest { guest in
            let code = code(&guest)
            guest.callback("proxy_on_request_headers", 3, returns: 0, code)
            addListeners(&guest)
        }
    }

    @Test("a call ends with its message, which is buffer 5", arguments: executing)
    func call(engine: EngineName) throws {
        let host = try host(engine, guest { "(drop \($0.grpcCall("greeter", message: "hi", timeout: 30)))" })
        host.exchange()
        let request = try #require(host.callOuts().first)
        #expect(request.callOut.kind == .grpcCall && text(request.callOut.requestBody) == "hi")
        #expect(request.callOut.timeoutNanoseconds == 30 * millisecond)
        request.callOut.responseBody = Array("hello".utf8)
        host.deliver(.message, to: request.callOut)
        #expect(host.log() == ["r", "F", "A", "hello"])
        host.deliver(.close(status: 0), to: request.callOut)
        #expect(host.log().count == 4)
        #expect(host.drain().vmEvents.callOutsAnswered == 1)
    }

    @Test("a call that fails ends with its status, which get_status gives with its text", arguments: executing)
    func failedCall(engine: EngineName) throws {
        let host = try host(engine, guest { "(drop \($0.grpcCall("greeter")))" })
        host.exchange()
        let callOut = try #require(host.callOuts().first).callOut
        callOut.statusMessage = Array("denied".utf8)
        host.deliver(.close(status: 7), to: callOut)
        #expect(host.log() == ["c", "H", "H", "denied"])
        let events = host.drain().vmEvents
        #expect(events.callOutsFailed == 1 && events.callOutsAnswered == 0)
    }

    @Test("a stream: metadata, messages both ways, trailing metadata, close", arguments: executing)
    func stream(engine: EngineName) throws {
        let guest = guest { guest in
            "(drop \(guest.grpcStream("greeter", metadata: [("K", "v")])))"
                + guest.logLetter(
                    "(call $proxy_grpc_send (i32.load (i32.const 40)) \(guest.text("one")) (i32.const 0))")
                + guest.logLetter(
                    "(call $proxy_grpc_send (i32.load (i32.const 40)) \(guest.text("two")) (i32.const 1))")
                + guest.logLetter(
                    "(call $proxy_grpc_send (i32.load (i32.const 40)) \(guest.text("late")) (i32.const 0))")
        }
        let host = try host(engine, guest)
        host.exchange()
        let requests = host.callOuts()
        #expect(requests.map(\.kind) == [.opened, .message, .message, .endOfStream])
        let callOut = requests[0].callOut
        #expect(callOut.requestHeaders.value(ofName: "k") == "v" && text(callOut.requestBody) == "two")
        callOut.responseHeaders.append(name: "m", value: "1")
        host.deliver(.initialMetadata, to: callOut)
        callOut.responseBody = Array("a".utf8)
        host.deliver(.message, to: callOut)
        callOut.responseBody = Array("b".utf8)
        host.deliver(.message, to: callOut)
        callOut.responseTrailers.append(name: "n", value: "2")
        host.deliver(.trailingMetadata, to: callOut)
        host.deliver(.close(status: 0), to: callOut)
        #expect(
            host.log()
                == [
                    "A", "A", "A", "i", "B", "A", "1", "r", "B", "A", "a", "r", "B", "A", "b", "t", "B", "A", "2", "c",
                    "A", "A",
                ])
        #expect(callOut.generation != requests[0].generation)
    }

    @Test("a stream that the other side has closed is known until the plugin closes it", arguments: executing)
    func halfClosed(engine: EngineName) throws {
        let guest = Guest { guest in
            let token = "(i32.load (i32.const 40))"
            guest.raw("(global $calls (mut i32) (i32.const 0))")
            let actions =
                guest.logLetter("(call $proxy_grpc_send \(token) \(guest.text("x")) (i32.const 0))")
                + guest.logLetter("(call $proxy_grpc_close \(token))")
                + guest.logLetter("(call $proxy_grpc_close \(token))")
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                "(if (i32.eqz (global.get $calls)) (then (drop \(guest.grpcStream("greeter")))) (else \(actions)))"
                    + "(global.set $calls (i32.const 1))")
        }
        let host = try host(engine, guest)
        host.exchange()
        let callOut = try #require(host.callOuts().first).callOut
        host.deliver(.close(status: 14), to: callOut)
        host.exchange()
        // Sent into nothing, closed, unknown.
        #expect(host.letters == "AAB")
        #expect(host.callOuts().isEmpty)
        #expect(host.drain().vmEvents.callOutsCancelled == 0)
    }

    @Test("cancel forgets calls and streams; close ends a call and half-closes a stream", arguments: executing)
    func ends(engine: EngineName) throws {
        let guest = guest { guest in
            let token = "(i32.load (i32.const 40))"
            func twice(_ function: String) -> String {
                guest.logLetter("(call $proxy_grpc_\(function) \(token))")
                    + guest.logLetter("(call $proxy_grpc_\(function) \(token))")
            }
            return "(drop \(guest.grpcCall("greeter")))" + twice("cancel")
                + "(drop \(guest.grpcCall("greeter")))" + twice("close")
                + "(drop \(guest.grpcStream("greeter")))" + twice("cancel")
                + "(drop \(guest.grpcStream("greeter")))" + twice("close")
                + guest.logLetter("(call $proxy_grpc_cancel (i32.const 3))")
                + guest.logLetter("(call $proxy_grpc_send (i32.const 5) (i32.const 0) (i32.const 0) (i32.const 0))")
                + guest.logLetter("(call $proxy_grpc_send (i32.const 98) (i32.const 0) (i32.const 0) (i32.const 0))")
        }
        let host = try host(engine, guest)
        host.exchange()
        #expect(host.letters == "ABABABAACCB")
        #expect(host.drain().vmEvents.callOutsCancelled == 3)
        // Only the half-closed stream is still there.
        let alive = host.callOuts().filter { $0.generation == $0.callOut.generation }
        #expect(alive.map(\.kind) == [.opened, .endOfStream])
    }

    @Test("a service is a serialised GrpcService, else the name of a cluster", arguments: executing)
    func services(engine: EngineName) throws {
        let guest = guest { guest in
            [
                // envoy_grpc { cluster_name: "greeter" }; "nobody"; no target; an unknown name; nothing
                "\u{0a}\u{09}\u{0a}\u{07}greeter", "\u{0a}\u{08}\u{0a}\u{06}nobody", "\u{1a}\u{02}\u{08}\u{05}",
                "greeter", "nobody", "",
            ].map { guest.logLetter(guest.grpcCall($0)) }.joined()
        }
        let host = try host(engine, guest)
        host.exchange()
        #expect(host.letters == "AKCAEC")
    }

    @Test("a stream that is given up in its own callback hears nothing more", arguments: executing)
    func cancelInside(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback("proxy_on_request_headers", 3, returns: 0, "(drop \(guest.grpcStream("greeter")))")
            guest.callback(
                "proxy_on_grpc_receive_initial_metadata", 3,
                guest.log("i") + "(drop (call $proxy_grpc_cancel (local.get $1)))" + guest.logHeader(4, "m")
                    + guest.logLetter(guest.grpcStream("greeter")))
            guest.callback("proxy_on_grpc_close", 3, guest.log("c"))
        }
        let host = try host(engine, guest)
        host.exchange()
        let callOut = try #require(host.callOuts().first).callOut
        callOut.responseHeaders.append(name: "m", value: "1")
        host.deliver(.initialMetadata, to: callOut)
        host.deliver(.close(status: 0), to: callOut)
        #expect(host.log().prefix(1) == ["i"] && host.log().last == "A" && !host.log().contains("c"))
        // The new stream has an object of its own: the old one was in use.
        #expect(try #require(host.callOuts().first).callOut !== callOut)
    }
}
