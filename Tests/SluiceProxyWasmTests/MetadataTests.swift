import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// METADATA frames of HTTP/2, which Envoy's gateways turn off unless they are told otherwise: their callbacks are known
/// and checked, none comes, and no map of the ABI holds metadata.
@Suite struct MetadataTests {
    static let names = ["proxy_on_request_metadata", "proxy_on_response_metadata"]

    @Test("a plugin with metadata callbacks loads, and none is called", arguments: executing)
    func callbacks(engine: EngineName) throws {
        let guest = Guest { guest in
            for name in Self.names { guest.callback(name, 2, returns: 0, "(unreachable)") }
            guest.callback("proxy_on_log", 1, guest.log("l"))
        }
        let host = try Host(engine, [Host.Plugin(guest)]).start()
        let exchange = host.send("POST", body: "body", trailers: [("trailer", "1")])
        host.respond(exchange, body: "body", trailers: [("trailer", "1")])
        #expect(exchange.result == result(status: 200, origin: .upstream))
        #expect(host.letters == "l")
    }

    @Test("a metadata callback of another type is refused, as every callback is", arguments: names)
    func type(name: String) throws {
        let guest = Guest { guest in guest.callback(name, 3, returns: 0, "") }
        let error = #expect(throws: PluginLoadError.self) { try Host(.cranelift, [Host.Plugin(guest)]) }
        #expect(
            error?.description == """
                Bad function signature for: \(name), want: i32 i32 -> i32, but the module exports: i32 i32 i32 -> i32
                """)
    }

    @Test("the maps behind the last one of the ABI are bad arguments", arguments: executing)
    func maps(engine: EngineName) throws {
        let guest = Guest { guest in
            var calls = ""
            for map in [8, 9] {
                let number = "(i32.const \(map))"
                let name = guest.text("name")
                for call in [
                    "get_header_map_value \(number) \(name) (i32.const 32) (i32.const 36)",
                    "add_header_map_value \(number) \(name) \(name)",
                    "replace_header_map_value \(number) \(name) \(name)",
                    "remove_header_map_value \(number) \(name)", "get_header_map_size \(number) (i32.const 32)",
                    "get_header_map_pairs \(number) (i32.const 32) (i32.const 36)",
                    "set_header_map_pairs \(number) (i32.const 0) (i32.const 0)",
                ] { calls += guest.logLetter("(call $proxy_\(call))") }
            }
            guest.callback("proxy_on_request_headers", 3, returns: 0, calls)
        }
        let host = try Host(engine, guest).start()
        host.exchange()
        // C is 2, BadArgument.
        #expect(host.letters == String(repeating: "C", count: 14))
    }
}
