import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// What a plugin's configuration allows it: capabilities, environment, stopping at the headers, foreign functions.
@Suite struct RestrictionTests {
    @Test("what is not among the capabilities refuses its service and says so", arguments: executing)
    func functions(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                guest.logLetter("(call $proxy_get_log_level (i32.const 40))")
                    + guest.logLetter("(i32.eq (call $sched_yield ) (i32.const 76))")
                    + guest.logLetter("(call $random_get (i32.const 40) (i32.const 1))")
                    + guest.logLetter("(call $pthread_equal (i32.const 1) (i32.const 2))"))
            guest.callback("proxy_on_response_headers", 3, returns: 0, guest.log("never"))
        }
        let host = try Host(
            engine,
            [Host.Plugin(guest) { $0.capabilities = ["proxy_log", "random_get", "proxy_on_request_headers"] }]
        ).start()
        host.exchange()
        #expect(
            host.log() == [
                "Attempted call to restricted proxy-wasm capability: proxy_get_log_level", "K",
                "Attempted call to restricted WASI capability: sched_yield", "B", "A", "A",
            ])
    }

    @Test("an empty list of capabilities allows everything", arguments: executing)
    func empty(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                guest.logLetter("(call $proxy_get_log_level (i32.const 40))"))
        }
        let host = try Host(engine, [Host.Plugin(guest) { $0.capabilities = [] }]).start()
        host.exchange()
        #expect(host.letters == "A")
    }

    @Test("variables of the agent reach the VM where they are set", arguments: executing)
    func environment(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                "(drop (call $environ_sizes_get (i32.const 40) (i32.const 44)))"
                    + guest.logLetter("(i32.load (i32.const 40))")
                    + "(drop (call $environ_get (i32.const 64) (i32.const 512)))"
                    + "(drop (call $proxy_log (i32.const 2) (i32.const 512) (i32.const 5)))")
        }
        let host = try Host(
            engine,
            [
                Host.Plugin(guest) {
                    $0.inherited = [
                        InheritedVariable(name: "PATH"), InheritedVariable(name: "SLUICE_TEST_NOT_SET"),
                    ]
                    $0.environment = [EnvironmentVariable(name: "A", value: "b")]
                }
            ]
        ).start()
        host.exchange()
        #expect(host.log() == ["C", "PATH="])
    }

    // MARK: Stop iteration

    private func stopping(_ engine: EngineName, _ stop: HeadersStop, body: Int) throws -> (Host, HTTPExchange) {
        let first = Guest { guest in
            guest.callback("proxy_on_request_headers", 3, returns: 1, guest.log("h"))
            guest.callback(
                "proxy_on_request_body", 3, returns: body,
                guest.log("b") + guest.logLetter(guest.get(0, ":path"))
                    + guest.logLetter(
                        "(call $proxy_add_header_map_value (i32.const 0) \(guest.text("late")) \(guest.text("1")))"))
        }
        let second = Guest { guest in
            guest.callback("proxy_on_request_headers", 3, returns: 0, guest.log("h") + guest.logHeader(0, "late"))
            guest.callback("proxy_on_request_body", 3, returns: 0, guest.log("b") + guest.logLetter("(local.get $1)"))
        }
        let host = try Host(
            engine, [Host.Plugin(first) { $0.headersStop = stop }, Host.Plugin(second) { $0.name = "second" }]
        ).start()
        return (host, host.send("POST", body: "body"))
    }

    @Test("stop iteration holds everything unless it is allowed to hold the headers only", arguments: executing)
    func stopAll(engine: EngineName) throws {
        let (host, exchange) = try stopping(engine, .wholeMessage, body: 0)
        #expect(exchange.state == .paused && host.log(0) == ["h"] && host.log(1).isEmpty)
    }

    @Test("held headers can still be changed, and go before the body that passes", arguments: executing)
    func stopHeaders(engine: EngineName) throws {
        let (host, exchange) = try stopping(engine, .headersOnly, body: 0)
        #expect(exchange.state == .awaitingUpstream)
        #expect(host.log(0) == ["h", "b", "A", "A"] && host.log(1) == ["h", "A", "1", "b", "E"])
        #expect(text(exchange.requestBody) == "body")
    }

    @Test("headers stay held as long as the body is held too", arguments: executing)
    func stopBoth(engine: EngineName) throws {
        let (host, exchange) = try stopping(engine, .headersOnly, body: 1)
        #expect(exchange.state == .paused && host.log(0) == ["h", "b", "A", "A"] && host.log(1).isEmpty)
    }

    // MARK: Foreign functions

    @Test("compress and uncompress are zlib's, and reverse each other", arguments: executing)
    func compression(engine: EngineName) throws {
        let guest = Guest { guest in
            let call = { (name: String, arguments: String) in
                "(call $proxy_call_foreign_function \(name) \(arguments) (i32.const 32) (i32.const 36))"
            }
            let repeated = guest.text(String(repeating: "sluice ", count: 100))
            let (compress, uncompress) = (guest.text("compress"), guest.text("uncompress"))
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                guest.logLetter(call(compress, repeated))
                    // Much smaller, and a zlib header.
                    + guest.logLetter("(i32.lt_u (i32.load (i32.const 36)) (i32.const 40))")
                    + guest.logLetter("(i32.eq (i32.load8_u (i32.load (i32.const 32))) (i32.const 0x78))")
                    + guest.logLetter(call(uncompress, "(i32.load (i32.const 32)) (i32.load (i32.const 36))"))
                    + guest.logLetter("(i32.eq (i32.load (i32.const 36)) (i32.const 700))") + guest.logResult
                    // What is no zlib stream; a result that nobody wants.
                    + guest.logLetter(call(uncompress, repeated))
                    + guest.logLetter(
                        "(call $proxy_call_foreign_function \(compress) \(repeated) (i32.const 0) (i32.const 0))"))
        }
        let host = try Host(engine, guest).start()
        host.exchange()
        #expect(
            host.log() == ["A", "B", "B", "A", "B", String(repeating: "sluice ", count: 100), "D", "A"])
    }

    /// A zlib stream of zeros: one, and then `matches` times 258 more, in the fixed code of
    /// https://www.rfc-editor.org/rfc/rfc1951, section 3.2.6.
    private func zeros(matches: Int) -> [UInt8] {
        var bits: [UInt8] = []
        func write(_ code: String) { bits += code.utf8.map { $0 - 0x30 } }
        // The last block, of the fixed code; a literal 0.
        write("110" + "00110000")
        for _ in 0..<matches { write("11000101" + "00000") }
        write("0000000")
        var stream: [UInt8] = [0x78, 0x01]
        for start in stride(from: 0, to: bits.count, by: 8) {
            stream.append(bits[start..<min(start + 8, bits.count)].reversed().reduce(0) { $0 << 1 | $1 })
        }
        let sum = UInt32((1 + 258 * matches) % 65521) << 16 | 1
        return stream + (0..<4).map { UInt8(truncatingIfNeeded: sum >> (24 - 8 * $0)) }
    }

    @Test("what goes into zlib and what comes out has a bound", arguments: executing)
    func compressionBounds(engine: EngineName) throws {
        let largest = 16 << 20
        // The last whole number of matches below the bound, and the first one above it.
        let streams = [100, (largest - 1) / 258, (largest - 1) / 258 + 1].map(zeros)
        let guest = Guest(memory: "(memory (export \"memory\") 600)") { guest in
            let uncompress = guest.text("uncompress")
            var address = 65536
            var calls = ""
            for stream in streams {
                let digits = stream.map { ($0 < 16 ? "\\0" : "\\") + String($0, radix: 16) }.joined()
                guest.raw("(data (i32.const \(address)) \"\(digits)\")")
                calls +=
                    "(global.set $heap (i32.const \(1 << 20)))"
                    + guest.logLetter(
                        "(call $proxy_call_foreign_function \(uncompress) (i32.const \(address)) "
                            + "(i32.const \(stream.count)) (i32.const 32) (i32.const 36))")
                address += stream.count
            }
            for count in [largest, largest + 1] {
                calls += "(global.set $heap (i32.const \(1 << 20)))"
                calls += guest.logLetter(
                    "(call $proxy_call_foreign_function \(guest.text("compress")) (i32.const 64) "
                        + "(i32.const \(count)) (i32.const 32) (i32.const 36))")
            }
            guest.callback("proxy_on_request_headers", 3, returns: 0, calls)
        }
        let host = try Host(engine, [Host.Plugin(guest)], memoryCapBytes: 64 << 20, deadlineNanoseconds: 60 * second)
            .start()
        host.exchange()
        #expect(host.letters == "AAKAK")
    }

    @Test("the workload answers foreign functions by name", arguments: executing)
    func canned(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                ["sign", "verify", "unknown"].map { name in
                    "(i32.store (i32.const 36) (i32.const 0))"
                        + guest.logLetter(
                            "(call $proxy_call_foreign_function \(guest.text(name)) \(GuestWriter.nothing) "
                                + "(i32.const 32) (i32.const 36))") + guest.logResult
                }.joined())
        }
        let services = HostServices(foreignFunctions: [
            ForeignFunction(name: "sign", result: Array("signed".utf8)), ForeignFunction(name: "verify", status: 5),
        ])
        let host = try Host(engine, [Host.Plugin(guest)], services: services).start()
        host.exchange()
        #expect(host.log() == ["A", "signed", "F", "B"])
    }
}
