import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// Attributes whose values the workload gives, and where plugins' own properties are found.
@Suite struct PropertyTests {
    /// Logs the result and the bytes of each property for every request.
    private func reading(_ paths: [String], before: (inout GuestWriter) -> String = { _ in "" }) -> Guest {
        Guest { guest in
            let code =
                before(&guest)
                + paths.map {
                    "(i32.store (i32.const 36) (i32.const 0))" + guest.logLetter(guest.property($0)) + guest.logResult
                }.joined()
            guest.callback("proxy_on_request_headers", 3, returns: 0, code)
        }
    }

    private func log(_ engine: EngineName, _ guest: Guest, _ properties: [Property] = []) throws -> [String] {
        let host = try Host(engine, [Host.Plugin(guest)], services: HostServices(properties: properties)).start()
        host.exchange()
        return host.log()
    }

    private static func bytes(_ number: Int64) -> String {
        withUnsafeBytes(of: number.littleEndian) { String(decoding: $0, as: UTF8.self) }
    }

    @Test("texts are raw, numbers eight bytes, truth values one", arguments: executing)
    func scalars(engine: EngineName) throws {
        let log = try log(
            engine,
            reading(["source.address", "source.port", "connection.mtls", "request.path", "own.number", "upstream.port"]
            ),
            [
                Property(path: ["source", "address"], value: .text("10.0.0.1:80")),
                Property(path: ["source", "port"], value: .integer(80)),
                Property(path: ["connection", "mtls"], value: .boolean(true)),
                Property(path: ["request", "path"], value: .text("/other")),
                Property(path: ["own", "number"], value: .number(0)),
            ])
        #expect(
            log == [
                "A", "10.0.0.1:80", "A", Self.bytes(80), "A", "\u{1}", "A", "/other", "A", Self.bytes(0), "B",
            ])
    }

    @Test(
        "maps are pairs of keys and encoded values, lists their elements, both with paths into them",
        arguments: executing)
    func maps(engine: EngineName) throws {
        let value = PropertyValue.map([
            PropertyValue.Entry(key: "a", value: .text("1")),
            PropertyValue.Entry(key: "b.c", value: .list([.text("x"), .text("yz")])),
        ])
        let guest = Guest { guest in
            let list = guest.text("own\0b.c\u{0}1")
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                guest.logLetter(guest.property("own.a")) + guest.logResult + "(drop \(guest.property("own")))"
                    + guest.logLetter("(i32.load (i32.load (i32.const 32)))")
                    + guest.logLetter("(call $proxy_get_property \(list) (i32.const 32) (i32.const 36))")
                    + guest.logResult)
        }
        #expect(try log(engine, guest, [Property(path: ["own"], value: value)]) == ["A", "1", "C", "A", "yz"])
    }

    @Test("a group has no form of its own, and what is stored below one cannot be read", arguments: executing)
    func groups(engine: EngineName) throws {
        let log = try log(
            engine,
            reading(["request", "request.mine", "requested", "filter_state.wasm.mine", "mine"]) { guest in
                ["request\0mine", "requested", "mine"].map {
                    "(drop (call $proxy_set_property \(guest.text($0)) \(guest.text("v"))))"
                }.joined()
            })
        // `filter_state.wasm.mine` has a dot in its second segment, which the path here has not.
        #expect(log == ["D", "B", "A", "v", "B", "A", "v"])
    }

    @Test("stored properties are in the filter state with a prefix", arguments: executing)
    func filterState(engine: EngineName) throws {
        let guest = Guest { guest in
            let path = guest.text("filter_state\0wasm.mine")
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                "(drop (call $proxy_set_property \(guest.text("mine")) \(guest.text("v"))))"
                    + guest.logLetter("(call $proxy_get_property \(path) (i32.const 32) (i32.const 36))")
                    + guest.logResult)
        }
        #expect(try log(engine, guest) == ["A", "v"])
    }

    @Test("attributes without a value of the workload", arguments: executing)
    func computed(engine: EngineName) throws {
        let log = try log(
            engine,
            reading(["connection.mtls", "connection.id", "metadata", "xds.listener_direction", "xds.route_name"]))
        #expect(log == ["A", "\0", "A", Self.bytes(0), "A", "A", Self.bytes(0), "B"])
    }

    @Test("the time that the upstream took is known with its response", arguments: executing)
    func backendLatency(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0, guest.logLetter(guest.property("response.backend_latency")))
            guest.callback(
                "proxy_on_response_headers", 3, returns: 0,
                "(drop \(guest.property("response.backend_latency")))"
                    + guest.logLetter("(i64.eq (i64.load (i32.load (i32.const 32))) (i64.const 3000000))"))
        }
        let host = try Host(engine, guest).start()
        let exchange = host.send()
        host.advance(3 * millisecond)
        host.respond(exchange)
        #expect(host.letters == "BB")
    }
}
