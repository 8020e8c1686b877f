import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// Every callback of the ABI once: that it is called, and with which arguments.
@Suite struct CallbackConformanceTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let name: String
        let parameters: Int
        var returns: Int?
        /// A letter for each argument of each call: A is 0.
        let arguments: String
        /// What the plugin does for each request.
        var atRequest: @Sendable (inout GuestWriter) -> String = { _ in "" }
        /// What happens to it.
        let happens: @Sendable (Host) throws -> Void
        var testDescription: String { name }
    }

    private static func callOut(_ host: Host) throws -> CallOut {
        _ = host.send()
        return try #require(host.callOuts().first).callOut
    }

    @Sendable private static func plain(_ host: Host) { host.exchange() }

    static let root: [Row] = [
        // The root context, then that of a stream.
        Row(name: "proxy_on_context_create", parameters: 2, arguments: "BACB", happens: plain),
        Row(name: "proxy_on_vm_start", parameters: 2, returns: 1, arguments: "BC") { _ in },
        Row(name: "proxy_on_configure", parameters: 2, returns: 1, arguments: "BG") { _ in },
        Row(
            name: "proxy_on_tick", parameters: 1, arguments: "B",
            atRequest: { _ in "(drop (call $proxy_set_tick_period_milliseconds (i32.const 1)))" }
        ) { host in
            host.exchange()
            host.advance(millisecond)
            host.runTimers()
        },
        Row(
            name: "proxy_on_queue_ready", parameters: 2, arguments: "BB",
            atRequest: { guest in
                "(drop (call $proxy_register_shared_queue \(guest.text("q")) (i32.const 40)))"
                    + "(drop (call $proxy_enqueue_shared_queue (i32.const 1) \(guest.text("m"))))"
            }
        ) { host in
            host.exchange()
            host.runTimers()
        },
        Row(
            name: "proxy_on_http_call_response", parameters: 5, arguments: "BEBEA",
            atRequest: { "(drop \($0.httpCall("c")))" }
        ) { $0.answer(try callOut($0), body: "body") },
        Row(
            name: "proxy_on_grpc_receive", parameters: 3, arguments: "BFD",
            atRequest: { "(drop \($0.grpcCall("c")))" }
        ) { host in
            let callOut = try callOut(host)
            callOut.responseBody = Array("abc".utf8)
            host.deliver(.message, to: callOut)
        },
        Row(
            name: "proxy_on_grpc_receive_initial_metadata", parameters: 3, arguments: "BGA",
            atRequest: { "(drop \($0.grpcStream("c")))" }
        ) { $0.deliver(.initialMetadata, to: try callOut($0)) },
        Row(
            name: "proxy_on_grpc_receive_trailing_metadata", parameters: 3, arguments: "BGA",
            atRequest: { "(drop \($0.grpcStream("c")))" }
        ) { $0.deliver(.trailingMetadata, to: try callOut($0)) },
        Row(
            name: "proxy_on_grpc_close", parameters: 3, arguments: "BGE", atRequest: { "(drop \($0.grpcStream("c")))" }
        ) { $0.deliver(.close(status: 4), to: try callOut($0)) },
    ]

    static let streams: [Row] = [
        Row(name: "proxy_on_request_headers", parameters: 3, returns: 0, arguments: "CEB", happens: plain),
        Row(name: "proxy_on_request_body", parameters: 3, returns: 0, arguments: "CDB") { host in
            _ = host.send("POST", body: "abc")
        },
        Row(name: "proxy_on_request_trailers", parameters: 2, returns: 0, arguments: "CB") { host in
            _ = host.send("POST", body: "abc", trailers: [("t", "1")])
        },
        Row(name: "proxy_on_response_headers", parameters: 3, returns: 0, arguments: "CBB", happens: plain),
        Row(name: "proxy_on_response_body", parameters: 3, returns: 0, arguments: "CDB") { host in
            host.respond(host.send(), body: "abc")
        },
        Row(name: "proxy_on_response_trailers", parameters: 2, returns: 0, arguments: "CB") { host in
            host.respond(host.send(), body: "abc", trailers: [("t", "1")])
        },
        Row(name: "proxy_on_log", parameters: 1, arguments: "C", happens: plain),
        Row(name: "proxy_on_done", parameters: 1, returns: 1, arguments: "C", happens: plain),
        Row(name: "proxy_on_delete", parameters: 1, arguments: "C", happens: plain),
    ]

    @Test("a callback and its arguments", arguments: executing, root + streams)
    func callback(engine: EngineName, row: Row) throws {
        let guest = Guest { guest in
            let letters = (0..<row.parameters).map { guest.logLetter("(local.get $\($0))") }.joined()
            guest.callback(row.name, row.parameters, returns: row.returns, letters)
            let code = row.atRequest(&guest)
            if row.name != "proxy_on_request_headers" {
                guest.callback("proxy_on_request_headers", 3, returns: 0, code)
            }
        }
        let host = try Host(
            engine,
            [
                Host.Plugin(guest) {
                    $0.vmConfiguration = "vm"; $0.configuration = "plugin"
                }
            ], services: HostServices(clusters: ["c"])
        ).start()
        try row.happens(host)
        #expect(host.letters == row.arguments)
        #expect(host.drain().failures == [])
    }

    @Test(
        "entry points: _initialize and main in one of its forms, else _start", arguments: executing,
        [
            (["_initialize", "main", "__main_void", "_start"], "im"), (["_initialize", "__main_void", "_start"], "iv"),
            (["_initialize"], "i"), (["_start", "main"], "s"), (["main"], ""),
        ])
    func entryPoints(engine: EngineName, row: (exports: [String], expected: String)) throws {
        let guest = Guest { guest in
            for export in row.exports {
                let letter = ["_initialize": "i", "main": "m", "__main_void": "v", "_start": "s"][export] ?? ""
                let hasResult = export == "main" || export == "__main_void"
                guest.callback(export, export == "main" ? 2 : 0, returns: hasResult ? 0 : nil, guest.log(letter))
            }
        }
        #expect(try Host(engine, guest).start().letters == row.expected)
    }
}
