import SluiceEngine

/// Every function of import module `env`, in one table: name, type, the ABI versions that offer it, and what it does.
enum HostFunctionTable {
    struct Row: Sendable {
        let name: String
        let type: FunctionType
        let versions: ABIVersions
        let callback: HostCallback

        init(
            _ name: String, _ parameters: [ValueType], _ results: [ValueType] = [.i32],
            versions: ABIVersions = .all, _ callback: @escaping HostCallback
        ) {
            self.name = name
            type = FunctionType(parameters, results)
            self.versions = versions
            self.callback = callback
        }
    }

    /// What a module of this ABI version can import.
    static func functions(for version: ABIVersion) -> [HostFunction] {
        rows.filter { $0.versions.includes(version) }
            .map { HostFunction(module: "env", name: $0.name, type: $0.type, callback: $0.callback) }
    }

    static let rows: [Row] = basics + headers + buffers + streams + callOuts + shared + emscripten

    private static func words(_ count: Int) -> [ValueType] { Array(repeating: .i32, count: count) }

    private static let basics: [Row] = [
        Row("proxy_log", words(3)) { HostCall.perform($0, $1, upTo: .allocating) { $0.log() } },
        Row("proxy_get_log_level", words(1), versions: .v0_2_1) { HostCall.perform($0, $1) { $0.getLogLevel() } },
        Row("proxy_get_current_time_nanoseconds", words(1)) { HostCall.perform($0, $1) { $0.getCurrentTime() } },
        Row("proxy_set_tick_period_milliseconds", words(1)) { HostCall.perform($0, $1) { $0.setTickPeriod() } },
        Row("proxy_get_configuration", words(2), versions: .v0_1_0) {
            HostCall.perform($0, $1) { $0.getConfiguration() }
        },
        Row("proxy_get_status", words(3)) { HostCall.perform($0, $1) { $0.getStatus() } },
        Row("proxy_set_effective_context", words(1)) { HostCall.perform($0, $1) { $0.setEffectiveContext() } },
        Row("proxy_done", words(0)) { HostCall.perform($0, $1) { $0.done() } },
        Row("proxy_get_property", words(4)) { HostCall.perform($0, $1) { $0.getProperty() } },
        Row("proxy_set_property", words(4)) { HostCall.perform($0, $1) { $0.setProperty() } },
    ]

    private static let headers: [Row] = [
        Row("proxy_get_header_map_value", words(5)) { HostCall.perform($0, $1) { $0.getHeaderMapValue() } },
        Row("proxy_add_header_map_value", words(5)) { HostCall.perform($0, $1) { $0.addHeaderMapValue() } },
        Row("proxy_replace_header_map_value", words(5)) { HostCall.perform($0, $1) { $0.replaceHeaderMapValue() } },
        Row("proxy_remove_header_map_value", words(3)) { HostCall.perform($0, $1) { $0.removeHeaderMapValue() } },
        Row("proxy_get_header_map_pairs", words(3)) { HostCall.perform($0, $1) { $0.getHeaderMapPairs() } },
        Row("proxy_set_header_map_pairs", words(3)) { HostCall.perform($0, $1) { $0.setHeaderMapPairs() } },
        Row("proxy_get_header_map_size", words(2)) { HostCall.perform($0, $1) { $0.getHeaderMapSize() } },
    ]

    private static let buffers: [Row] = [
        Row("proxy_get_buffer_bytes", words(5)) { HostCall.perform($0, $1) { $0.getBufferBytes() } },
        Row("proxy_get_buffer_status", words(3)) { HostCall.perform($0, $1) { $0.getBufferStatus() } },
        Row("proxy_set_buffer_bytes", words(5)) { HostCall.perform($0, $1) { $0.setBufferBytes() } },
    ]

    private static let streams: [Row] = [
        Row("proxy_send_local_response", words(8)) { HostCall.perform($0, $1) { $0.sendLocalResponse() } },
        Row("proxy_continue_stream", words(1), versions: .from0_2_0) {
            HostCall.perform($0, $1) { $0.continueStream() }
        },
        Row("proxy_continue_request", words(0), versions: .v0_1_0) {
            HostCall.perform($0, $1) { $0.continueMessage(.request) }
        },
        Row("proxy_continue_response", words(0), versions: .v0_1_0) {
            HostCall.perform($0, $1) { $0.continueMessage(.response) }
        },
        Row("proxy_clear_route_cache", words(0), versions: .v0_1_0) { HostCall.perform($0, $1) { _ in .ok } },
        Row("proxy_close_stream", words(1), versions: .from0_2_0) { HostCall.perform($0, $1) { $0.closeStream() } },
    ]

    private static let callOuts: [Row] = [
        Row("proxy_http_call", words(10)) { HostCall.perform($0, $1) { $0.httpCall() } },
        Row("proxy_grpc_call", words(12)) { HostCall.perform($0, $1) { $0.grpcCall() } },
        Row("proxy_grpc_stream", words(9)) { HostCall.perform($0, $1) { $0.grpcStream() } },
        Row("proxy_grpc_send", words(4)) { HostCall.perform($0, $1) { $0.grpcSend() } },
        Row("proxy_grpc_cancel", words(1)) { HostCall.perform($0, $1) { $0.grpcCancel() } },
        Row("proxy_grpc_close", words(1)) { HostCall.perform($0, $1) { $0.grpcClose() } },
        Row("proxy_call_foreign_function", words(6)) { HostCall.perform($0, $1) { $0.callForeignFunction() } },
    ]

    private static let shared: [Row] = [
        Row("proxy_get_shared_data", words(5)) { HostCall.perform($0, $1) { $0.getSharedData() } },
        Row("proxy_set_shared_data", words(5)) { HostCall.perform($0, $1) { $0.setSharedData() } },
        Row("proxy_register_shared_queue", words(3)) { HostCall.perform($0, $1) { $0.registerSharedQueue() } },
        Row("proxy_resolve_shared_queue", words(5)) { HostCall.perform($0, $1) { $0.resolveSharedQueue() } },
        Row("proxy_enqueue_shared_queue", words(3)) { HostCall.perform($0, $1) { $0.enqueueSharedQueue() } },
        Row("proxy_dequeue_shared_queue", words(3)) { HostCall.perform($0, $1) { $0.dequeueSharedQueue() } },
        Row("proxy_define_metric", words(4)) { HostCall.perform($0, $1) { $0.defineMetric() } },
        Row("proxy_increment_metric", [.i32, .i64]) { HostCall.perform($0, $1) { $0.incrementMetric() } },
        Row("proxy_record_metric", [.i32, .i64]) { HostCall.perform($0, $1) { $0.recordMetric() } },
        Row("proxy_get_metric", words(2)) { HostCall.perform($0, $1) { $0.getMetric() } },
    ]

    /// What Emscripten's modules import besides: a signal that is of no use to this host, and a comparison.
    private static let emscripten: [Row] = [
        Row("emscripten_notify_memory_growth", words(1), []) { (context, _) in
            HostCall.isAllowed(context, upTo: .starting) ? 0 : HostCall.refuse()
        },
        Row("pthread_equal", words(2)) { (context, slots) in
            guard HostCall.isAllowed(context, upTo: .running) else { return HostCall.refuse() }
            slots.pointee = ValueSlot(u32: slots[0].u32 == slots[1].u32 ? 1 : 0)
            return 0
        },
        Row("envoy_resolve_dns", words(3)) { HostCall.perform($0, $1) { $0.resolveDNS() } },
    ]
}
