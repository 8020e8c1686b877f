import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// What is different in a module that declares ABI 0.1.0.
@Suite struct OldABITests {
    private func host(_ engine: EngineName, configuration: String = "", _ body: (inout GuestWriter) -> Void) throws
        -> Host
    {
        let guest = Guest(version: "0_1_0", body)
        return try Host(
            engine,
            [
                Host.Plugin(guest) {
                    $0.configuration = configuration; $0.vmConfiguration = "vm"
                }
            ]
        ).start()
    }

    @Test("ABI 0.1.0: headers callbacks have two parameters", arguments: executing)
    func arity(engine: EngineName) throws {
        let host = try host(engine) { guest in
            guest.callback("proxy_on_request_headers", 2, returns: 0, guest.logLetter("(local.get $1)"))
            guest.callback("proxy_on_response_headers", 2, returns: 0, guest.logLetter("(local.get $1)"))
        }
        host.exchange(headers: [("a", "b")])
        #expect(host.letters == "FB")
    }

    @Test("ABI 0.1.0: a callback with three parameters is a bad signature", arguments: executing)
    func newArity(engine: EngineName) throws {
        let error = #expect(throws: PluginLoadError.self) {
            try host(engine) { $0.callback("proxy_on_request_headers", 3, returns: 0, "") }
        }
        #expect(error?.description.hasPrefix("Bad function signature for: proxy_on_request_headers") == true)
    }

    @Test("ABI 0.1.0: a missing header is Ok and empty", arguments: executing)
    func missingHeader(engine: EngineName) throws {
        let host = try host(engine) { guest in
            guest.callback(
                "proxy_on_request_headers", 2, returns: 0,
                "(i32.store (i32.const 36) (i32.const 7))" + guest.logLetter(guest.get(0, "none"))
                    + guest.logLetter("(i32.load (i32.const 36))") + guest.logLetter(guest.get(2, "none")))
            guest.callback("proxy_on_log", 1, guest.logLetter(guest.get(1, "none")))
        }
        host.exchange()
        // The response has no map yet; when it is logged an unavailable map counts as one without the field.
        #expect(host.letters == "AACA")
    }

    @Test("ABI 0.1.0: get_configuration is the plugin's while it configures, then the VM's", arguments: executing)
    func configuration(engine: EngineName) throws {
        let host = try host(engine, configuration: "plugin") { guest in
            let get =
                guest.logLetter("(call $proxy_get_configuration (i32.const 32) (i32.const 36))") + guest.logResult
            guest.callback("proxy_on_context_create", 2, get)
            guest.callback("proxy_on_configure", 2, returns: 1, get)
        }
        host.exchange()
        #expect(host.log() == ["A", "plugin", "A", "plugin", "A", "vm"])
    }

    @Test("ABI 0.1.0: continue_request and continue_response return a result and resume", arguments: executing)
    func continuing(engine: EngineName) throws {
        let host = try host(engine) { guest in
            guest.callback(
                "proxy_on_vm_start", 2, returns: 1, "(drop (call $proxy_set_tick_period_milliseconds (i32.const 1)))")
            guest.callback("proxy_on_request_headers", 2, returns: 1, "")
            guest.callback("proxy_on_response_headers", 2, returns: 1, "")
            guest.callback(
                "proxy_on_tick", 1,
                "(drop (call $proxy_set_effective_context (i32.const 2)))"
                    + guest.logLetter("(call $proxy_continue_request)")
                    + guest.logLetter("(call $proxy_continue_response)")
                    + guest.logLetter("(call $proxy_clear_route_cache)"))
        }
        let exchange = host.send()
        #expect(exchange.state == .paused)
        host.advance(millisecond)
        host.runTimers()
        #expect(exchange.state == .awaitingUpstream && host.letters == "AAA")
        host.respond(exchange)
        #expect(exchange.state == .paused)
        host.advance(millisecond)
        host.runTimers()
        #expect(exchange.state == .complete)
    }

    @Test(
        "imports of another version are absent",
        arguments: [
            ("0_1_0", "proxy_continue_stream", 1), ("0_1_0", "proxy_close_stream", 1),
            ("0_1_0", "proxy_get_log_level", 1), ("0_2_0", "proxy_get_log_level", 1),
            ("0_2_0", "proxy_get_configuration", 2), ("0_2_0", "proxy_continue_request", 0),
            ("0_2_1", "proxy_continue_response", 0), ("0_2_1", "proxy_clear_route_cache", 0),
        ])
    func imports(version: String, name: String, parameters: Int) throws {
        let arguments = Array(repeating: "(i32.const 0)", count: parameters).joined(separator: " ")
        let guest = Guest(version: version) { guest in
            guest.callback("proxy_on_tick", 1, "(drop (call $\(name) \(arguments)))")
        }
        let error = #expect(throws: PluginLoadError.self) { try Host(.cranelift, guest) }
        #expect(error?.description == "Failed to load Wasm module due to a missing import: env.\(name)")
    }
}
