import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// Every host function and every callback of the ABI once, in its plainest use: one case for each row of the tables.
@Suite struct ConformanceTests {
    /// A call in a request headers callback, and what the guest then logs: the result's letter first.
    struct Function: CustomTestStringConvertible, Sendable {
        let name: String
        var version = "0_2_1"
        let log: [String]
        let code: @Sendable (inout GuestWriter) -> String
        var testDescription: String { name }

        init(
            _ name: String, version: String = "0_2_1", _ log: String...,
            code: @escaping @Sendable (inout GuestWriter) -> String
        ) {
            self.name = name
            self.version = version
            self.log = log
            self.code = code
        }
    }

    private static func result(_ guest: GuestWriter, _ call: String) -> String { guest.logLetter("(call $\(call))") }
    private static let given = "(i32.const 32) (i32.const 36)"
    private static func number(_ value: Int) -> String { "(i32.const \(value))" }

    static let basics: [Function] = [
        Function("proxy_log", "hello", "A") { result($0, "proxy_log (i32.const 2) \($0.text("hello"))") },
        Function("proxy_get_log_level", "A", "C") {
            result($0, "proxy_get_log_level (i32.const 40)") + $0.logLetter("(i32.load (i32.const 40))")
        },
        Function("proxy_get_current_time_nanoseconds", "A", "B") {
            result($0, "proxy_get_current_time_nanoseconds (i32.const 40)")
                + $0.logLetter("(i64.gt_u (i64.load (i32.const 40)) (i64.const 1577836800000000000))")
        },
        Function("proxy_set_tick_period_milliseconds", "A") {
            result($0, "proxy_set_tick_period_milliseconds (i32.const 5)")
        },
        Function("proxy_get_configuration", version: "0_1_0", "A", "vm") {
            result($0, "proxy_get_configuration \(given)") + $0.logResult
        },
        Function("proxy_get_status", "A", "A") {
            result($0, "proxy_get_status (i32.const 40) \(given)") + $0.logLetter("(i32.load (i32.const 40))")
        },
        Function("proxy_set_effective_context", "A") { result($0, "proxy_set_effective_context (i32.const 1)") },
        Function("proxy_done", "B") { result($0, "proxy_done") },
        Function("proxy_get_property", "A", "test") {
            result($0, "proxy_get_property \($0.text("plugin_name")) \(given)") + $0.logResult
        },
        Function("proxy_set_property", "A", "v") {
            result($0, "proxy_set_property \($0.text("p")) \($0.text("v"))") + "(drop \($0.property("p")))"
                + $0.logResult
        },
        Function("pthread_equal", "B") { result($0, "pthread_equal (i32.const 7) (i32.const 7)") },
        Function("emscripten_notify_memory_growth", "after") {
            "(call $emscripten_notify_memory_growth (i32.const 0))" + $0.log("after")
        },
        Function("envoy_resolve_dns", "M") { result($0, "envoy_resolve_dns \($0.text("a")) (i32.const 40)") },
    ]

    static let messages: [Function] = [
        Function("proxy_get_header_map_value", "A", "value") { $0.logHeader(0, "name") },
        Function("proxy_add_header_map_value", "A", "1") {
            result($0, "proxy_add_header_map_value (i32.const 0) \($0.text("x")) \($0.text("1"))")
                + "(drop \($0.get(0, "x")))" + $0.logResult
        },
        Function("proxy_replace_header_map_value", "A", "1") {
            result($0, "proxy_replace_header_map_value (i32.const 0) \($0.text("name")) \($0.text("1"))")
                + "(drop \($0.get(0, "name")))" + $0.logResult
        },
        Function("proxy_remove_header_map_value", "A", "B") {
            result($0, "proxy_remove_header_map_value (i32.const 0) \($0.text("name"))")
                + $0.logLetter($0.get(0, "name"))
        },
        Function("proxy_get_header_map_pairs", "A", "F") {
            result($0, "proxy_get_header_map_pairs (i32.const 0) \(given)")
                + $0.logLetter("(i32.load (i32.load (i32.const 32)))")
        },
        Function("proxy_set_header_map_pairs", "A", "2") {
            result($0, "proxy_set_header_map_pairs (i32.const 0) \($0.serialised([("name", "2")]))")
                + "(drop \($0.get(0, "name")))" + $0.logResult
        },
        Function("proxy_get_header_map_size", "A", "B") {
            result($0, "proxy_get_header_map_size (i32.const 0) (i32.const 40)")
                + $0.logLetter("(i32.gt_u (i32.load (i32.const 40)) (i32.const 40))")
        },
        Function("proxy_get_buffer_bytes", "A", "m") {
            result($0, "proxy_get_buffer_bytes (i32.const 6) (i32.const 1) (i32.const 9) \(given)") + $0.logResult
        },
        Function("proxy_get_buffer_status", "A", "C", "A") {
            result($0, "proxy_get_buffer_status (i32.const 6) (i32.const 40) (i32.const 44)")
                + $0.logLetter("(i32.load (i32.const 40))") + $0.logLetter("(i32.load (i32.const 44))")
        },
        Function("proxy_set_buffer_bytes", "C") {
            result($0, "proxy_set_buffer_bytes (i32.const 6) (i32.const 0) (i32.const 0) \($0.text("x"))")
        },
        Function("proxy_send_local_response", "A") {
            result(
                $0,
                "proxy_send_local_response (i32.const 418) \(GuestWriter.nothing) \(GuestWriter.nothing) "
                    + "\(GuestWriter.nothing) (i32.const -1)")
        },
        Function("proxy_continue_stream", "A", "M", "C") {
            result($0, "proxy_continue_stream (i32.const 0)") + result($0, "proxy_continue_stream (i32.const 3)")
                + result($0, "proxy_continue_stream (i32.const 4)")
        },
        Function("proxy_close_stream", "A", "C") {
            result($0, "proxy_close_stream (i32.const 2)") + result($0, "proxy_close_stream (i32.const 4)")
        },
        Function("proxy_continue_request", version: "0_1_0", "A") { result($0, "proxy_continue_request") },
        Function("proxy_continue_response", version: "0_1_0", "A") { result($0, "proxy_continue_response") },
        Function("proxy_clear_route_cache", version: "0_1_0", "A") { result($0, "proxy_clear_route_cache") },
    ]

    static let callOuts: [Function] = [
        Function("proxy_http_call", "A", "E") {
            $0.logLetter($0.httpCall("cluster")) + $0.logLetter("(i32.load (i32.const 40))")
        },
        Function("proxy_grpc_call", "A", "F") {
            $0.logLetter($0.grpcCall("cluster")) + $0.logLetter("(i32.load (i32.const 40))")
        },
        Function("proxy_grpc_stream", "A", "G") {
            $0.logLetter($0.grpcStream("cluster")) + $0.logLetter("(i32.load (i32.const 40))")
        },
        Function("proxy_grpc_send", "A") {
            "(drop \($0.grpcStream("cluster")))"
                + result($0, "proxy_grpc_send (i32.load (i32.const 40)) \($0.text("m")) (i32.const 1)")
        },
        Function("proxy_grpc_cancel", "A") {
            "(drop \($0.grpcStream("cluster")))" + result($0, "proxy_grpc_cancel (i32.load (i32.const 40))")
        },
        Function("proxy_grpc_close", "A") {
            "(drop \($0.grpcStream("cluster")))" + result($0, "proxy_grpc_close (i32.load (i32.const 40))")
        },
        Function("proxy_call_foreign_function", "A", "answer") {
            result($0, "proxy_call_foreign_function \($0.text("canned")) \(GuestWriter.nothing) \(given)")
                + $0.logResult
        },
    ]

    static let shared: [Function] = [
        Function("proxy_set_shared_data", "A") {
            result($0, "proxy_set_shared_data \($0.text("k")) \($0.text("v")) (i32.const 0)")
        },
        Function("proxy_get_shared_data", "A", "v", "B") {
            "(drop (call $proxy_set_shared_data \($0.text("k")) \($0.text("v")) (i32.const 0)))"
                + result($0, "proxy_get_shared_data \($0.text("k")) \(given) (i32.const 40)") + $0.logResult
                + $0.logLetter("(i32.ne (i32.load (i32.const 40)) (i32.const 0))")
        },
        Function("proxy_register_shared_queue", "A", "B") {
            result($0, "proxy_register_shared_queue \($0.text("q")) (i32.const 40)")
                + $0.logLetter("(i32.load (i32.const 40))")
        },
        Function("proxy_resolve_shared_queue", "B") {
            result($0, "proxy_resolve_shared_queue \($0.text("v")) \($0.text("q")) (i32.const 40)")
        },
        Function("proxy_enqueue_shared_queue", "A") {
            "(drop (call $proxy_register_shared_queue \($0.text("q")) (i32.const 40)))"
                + result($0, "proxy_enqueue_shared_queue (i32.const 1) \($0.text("m"))")
        },
        Function("proxy_dequeue_shared_queue", "A", "m", "H") {
            "(drop (call $proxy_register_shared_queue \($0.text("q")) (i32.const 40)))"
                + "(drop (call $proxy_enqueue_shared_queue (i32.const 1) \($0.text("m"))))"
                + result($0, "proxy_dequeue_shared_queue (i32.const 1) \(given)") + $0.logResult
                + result($0, "proxy_dequeue_shared_queue (i32.const 1) \(given)")
        },
        Function("proxy_define_metric", "A", "E") {
            result($0, "proxy_define_metric (i32.const 0) \($0.text("m")) (i32.const 40)")
                + $0.logLetter("(i32.load (i32.const 40))")
        },
        Function("proxy_increment_metric", "B", "A") {
            result($0, "proxy_increment_metric (i32.const 4) (i64.const 1)")
                + "(drop (call $proxy_define_metric (i32.const 0) \($0.text("m")) (i32.const 40)))"
                + result($0, "proxy_increment_metric (i32.const 4) (i64.const 1)")
        },
        Function("proxy_record_metric", "A") {
            "(drop (call $proxy_define_metric (i32.const 2) \($0.text("m")) (i32.const 40)))"
                + result($0, "proxy_record_metric (i32.const 6) (i64.const 1)")
        },
        Function("proxy_get_metric", "A", "D") {
            "(drop (call $proxy_define_metric (i32.const 1) \($0.text("m")) (i32.const 40)))"
                + "(drop (call $proxy_record_metric (i32.const 5) (i64.const 3)))"
                + result($0, "proxy_get_metric (i32.const 5) (i32.const 40)")
                + $0.logLetter("(i32.load (i32.const 40))")
        },
    ]

    static let functions = basics + messages + callOuts + shared

    @Test("no host function is left out")
    func completeness() {
        #expect(Self.functions.map(\.name).sorted() == HostImport.env.map(\.name).sorted())
    }

    @Test("a host function in its plainest use", arguments: executing, functions)
    func function(engine: EngineName, function: Function) throws {
        let parameters = function.version == "0_1_0" ? 2 : 3
        let guest = Guest(version: function.version) { guest in
            let code = function.code(&guest)
            guest.callback("proxy_on_request_headers", parameters, returns: 0, code)
        }
        let host = try Host(
            engine, [Host.Plugin(guest) { $0.vmConfiguration = "vm" }],
            services: HostServices(
                clusters: ["cluster"],
                foreignFunctions: [ForeignFunction(name: "canned", result: Array("answer".utf8))])
        ).start()
        _ = host.send(headers: [("name", "value")])
        #expect(host.drain().failures == [])
        #expect(host.log() == function.log)
    }
}
