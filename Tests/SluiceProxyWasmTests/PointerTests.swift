import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// Every host function with pointers and lengths that lie outside the memory.
@Suite struct PointerTests {
    /// A host function and, by position, which parameters are addresses and which are sizes; the others are small
    /// numbers.
    struct Row: CustomTestStringConvertible {
        let name: String
        /// `p` address, `n` size, `r` address of a result, `.` a number.
        let shape: String
        /// What the small numbers are, where 0 is not right.
        var numbers: [Int: Int] = [:]
        var testDescription: String { name }
    }

    static let rows: [Row] = [
        Row(name: "proxy_log", shape: ".pn"), Row(name: "proxy_get_log_level", shape: "r"),
        Row(name: "proxy_get_current_time_nanoseconds", shape: "r"), Row(name: "proxy_get_status", shape: "rrr"),
        Row(name: "proxy_set_property", shape: "pnpn"), Row(name: "proxy_get_property", shape: "pnrr"),
        Row(name: "proxy_send_local_response", shape: ".pnpnpn."),
        Row(name: "proxy_get_buffer_bytes", shape: "...rr", numbers: [0: 6, 2: 9]),
        Row(name: "proxy_get_buffer_status", shape: ".rr", numbers: [0: 6]),
        Row(name: "proxy_set_buffer_bytes", shape: "...pn"),
        Row(name: "proxy_get_header_map_pairs", shape: ".rr"), Row(name: "proxy_set_header_map_pairs", shape: ".pn"),
        Row(name: "proxy_get_header_map_value", shape: ".pnrr"),
        Row(name: "proxy_add_header_map_value", shape: ".pnpn"),
        Row(name: "proxy_replace_header_map_value", shape: ".pnpn"),
        Row(name: "proxy_remove_header_map_value", shape: ".pn"),
        Row(name: "proxy_get_header_map_size", shape: ".r"), Row(name: "proxy_http_call", shape: "pnpnpnpn.r"),
        Row(name: "proxy_grpc_call", shape: "pnpnpnpnpn.r"), Row(name: "proxy_grpc_stream", shape: "pnpnpnpnr"),
        Row(name: "proxy_grpc_send", shape: ".pn."), Row(name: "proxy_get_shared_data", shape: "pnrrr"),
        Row(name: "proxy_set_shared_data", shape: "pnpn."), Row(name: "proxy_register_shared_queue", shape: "pnr"),
        Row(name: "proxy_resolve_shared_queue", shape: "pnpnr"),
        Row(name: "proxy_enqueue_shared_queue", shape: ".pn", numbers: [0: 1]),
        Row(name: "proxy_dequeue_shared_queue", shape: ".rr", numbers: [0: 1]),
        Row(name: "proxy_define_metric", shape: ".pnr"),
        Row(name: "proxy_get_metric", shape: ".r", numbers: [0: 4]),
        Row(name: "proxy_call_foreign_function", shape: "pnpn.."),
        Row(name: "envoy_resolve_dns", shape: "pnr"),
    ]

    /// One call with good parameters everywhere but at `bad`, where the address or size is `value`.
    private func call(_ row: Row, bad: Int, value: String) -> String {
        let parameters = row.shape.enumerated().map { index, kind in
            if index == bad { return "(i32.const \(value))" }
            return switch kind {
            case "p": "(i32.const 64)"
            case "n": "(i32.const 4)"
            case "r": "(i32.const \(512 + 16 * index))"
            default: "(i32.const \(row.numbers[index] ?? 0))"
            }
        }
        return "(call $\(row.name) \(parameters.joined(separator: " ")))"
    }

    /// The memory has 131072 bytes. Every result needs at least 4 bytes, so that the last 3 are bad for it.
    private func badValues(_ kind: Character) -> [String] {
        switch kind {
        case "p": ["131069", "131072", "0x7fffffff", "-1", "-4"]
        case "n": ["131009", "0x7fffffff", "-1", "-64"]
        case "r": ["131069", "131072", "0x80000000", "-1", "-3"]
        default: []
        }
    }

    @Test("bad addresses and sizes are refused, and nothing else happens", arguments: rows)
    func outOfRange(row: Row) throws {
        let refused = 6
        var cases: [(String, Int)] = []
        for (index, kind) in row.shape.enumerated() {
            for value in badValues(kind) { cases.append((call(row, bad: index, value: value), refused)) }
        }
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_vm_start", 2, returns: 1,
                """
                (drop (call $proxy_define_metric (i32.const 0) (i32.const 64) (i32.const 4) (i32.const 512)))
                (drop (call $proxy_register_shared_queue (i32.const 64) (i32.const 4) (i32.const 512)))
                (drop (call $proxy_set_shared_data (i32.const 64) (i32.const 4) (i32.const 64) (i32.const 4)
                  (i32.const 0)))
                """)
            let checks = cases.enumerated().map { index, check in
                "(if (i32.ne \(check.0) (i32.const \(check.1))) (then (return (i32.const \(index + 1)))))"
            }
            guest.raw("(func $probe (result i32) \(checks.joined(separator: "\n")) (i32.const 0))")
            guest.raw("(global $found (mut i32) (i32.const 0))")
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                // What the functions would find with good addresses; then the number of the first wrong answer.
                """
                (drop (call $proxy_enqueue_shared_queue (i32.const 1) (i32.const 64) (i32.const 4)))
                (drop (call $proxy_set_property (i32.const 64) (i32.const 4) (i32.const 64) (i32.const 4)))
                (global.set $found (call $probe))
                (drop (call $proxy_define_metric (i32.const 1) (i32.const 64) (i32.const 2) (i32.const 512)))
                (drop (call $proxy_record_metric (i32.load (i32.const 512)) (i64.extend_i32_u (global.get $found))))
                """)
            guest.raw("(data (i32.const 64) \"name\")")
        }
        let host = try Host(
            .cranelift,
            [
                Host.Plugin(guest) {
                    $0.vmConfiguration = "configuration"; $0.environment = [EnvironmentVariable(name: "A", value: "b")]
                }
            ]
        ).start()
        let exchange = host.send("POST", headers: [("name", "value")], body: "body")
        #expect(host.drain().failures == [])
        let wrong = try #require(host.shared.metricValue("na"))
        #expect(wrong == 0, "\(wrong > 0 ? cases[Int(wrong) - 1].0 : "")")
        // Nothing came of the refused calls.
        #expect(exchange.state == .awaitingUpstream)
        #expect(exchange.requestHeaders.count == 5)
        #expect(exchange.requestHeaders.value(ofName: "name") == "value")
    }

    @Test("an empty text may lie at the very end of the memory", arguments: executing)
    func emptyAtEnd(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                guest.logLetter("(call $proxy_log (i32.const 2) (i32.const 131072) (i32.const 0))")
                    + guest.logLetter("(call $proxy_log (i32.const 2) (i32.const 131073) (i32.const 0))"))
        }
        let host = try Host(engine, guest).start()
        host.exchange()
        #expect(host.letters == "AG")
    }

    @Test(
        "an allocator that gives addresses outside the memory harms nobody", arguments: executing,
        ["131072", "-1", "131070"])
    func allocatorOutside(engine: EngineName, address: String) throws {
        let guest = Guest(allocator: "(func (export \"malloc\") (param i32) (result i32) (i32.const \(address)))") {
            guest in
            guest.callback("proxy_on_request_headers", 3, returns: 0, guest.logLetter(guest.get(0, ":path")))
        }
        let host = try Host(engine, guest).start()
        #expect(host.exchange().result.status == 200)
        #expect(host.letters == "G")
    }

    @Test("memory that grows in the allocator is used at its new size", arguments: executing)
    func growthInAllocator(engine: EngineName) throws {
        let growing = """
            (func (export "malloc") (param i32) (result i32)
              (i32.mul (memory.grow (i32.const 1)) (i32.const 65536)))
            """
        let guest = Guest(allocator: growing) { guest in
            guest.callback("proxy_on_request_headers", 3, returns: 0, guest.logHeader(0, ":path"))
        }
        let host = try Host(engine, guest).start()
        host.exchange()
        #expect(host.log() == ["A", "/path?a=1"])
        let growth = host.drain().growth
        #expect(growth.map(\.toBytes) == [131072, 196608])
        #expect(growth.map(\.requestIndex) == [nil, 0])
    }

    /// The pages are only reserved: the guest touches one of them.
    @Test("addresses may be put into the last word of a memory of 4 GiB", arguments: ["1.39", "full"])
    func lastWord(profile: String) throws {
        let names = profile == "full" ? ["environ_get", "args_get"] : ["environ_get"]
        let guest = Guest(memory: "(memory (export \"memory\") 65536)") { guest in
            let calls = names.map { name in
                guest.logLetter("(call $\(name) (i32.const -4) (i32.const 512))")
                    + guest.logLetter("(i32.ne (i32.load (i32.const -4)) (i32.const 512))")
                    // The texts themselves may not go beyond the end.
                    + guest.logLetter("(call $\(name) (i32.const 512) (i32.const -1))")
            }
            guest.callback("proxy_on_request_headers", 3, returns: 0, calls.joined())
        }
        let host = try Host(
            .cranelift, [Host.Plugin(guest) { $0.environment = [EnvironmentVariable(name: "A", value: "b")] }],
            memoryCapBytes: 1 << 32, profile: profile
        ).start()
        host.exchange()
        #expect(host.letters == String(repeating: "AAV", count: names.count))
    }
}
