package import SluiceEngine

/// The exports that the host calls, in one table: name, type for each ABI version, and whether it is a stream's.
package enum Callback: Int, Sendable, CaseIterable {
    case initialize, start, main, mainVoid
    case contextCreate, vmStart, configure, tick, queueReady
    case requestHeaders, requestBody, requestTrailers, requestMetadata
    case responseHeaders, responseBody, responseTrailers, responseMetadata
    case httpCallResponse
    case grpcReceiveInitialMetadata, grpcReceiveTrailingMetadata, grpcReceive, grpcClose
    case newConnection, downstreamData, upstreamData, downstreamConnectionClose, upstreamConnectionClose
    case foreignFunction
    case done, log, delete

    /// A row of the table.
    struct Row: Sendable {
        let export: StaticString
        let parameterCount: Int
        let returnsValue: Bool
        /// Parameters in ABI 0.1.0, where they are others.
        let parameterCountIn0_1_0: Int
        let versions: ABIVersions

        init(
            _ export: StaticString, _ parameterCount: Int, returns: Bool = false, in0_1_0: Int? = nil,
            versions: ABIVersions = .all
        ) {
            self.export = export
            self.parameterCount = parameterCount
            returnsValue = returns
            parameterCountIn0_1_0 = in0_1_0 ?? parameterCount
            self.versions = versions
        }
    }

    var row: Row {
        switch self {
        case .initialize: Row("_initialize", 0)
        case .start: Row("_start", 0)
        case .main: Row("main", 2, returns: true)
        case .mainVoid: Row("__main_void", 0, returns: true)
        case .contextCreate: Row("proxy_on_context_create", 2)
        case .vmStart: Row("proxy_on_vm_start", 2, returns: true)
        case .configure: Row("proxy_on_configure", 2, returns: true)
        case .tick: Row("proxy_on_tick", 1)
        case .queueReady: Row("proxy_on_queue_ready", 2)
        case .requestHeaders: Row("proxy_on_request_headers", 3, returns: true, in0_1_0: 2)
        case .requestBody: Row("proxy_on_request_body", 3, returns: true)
        case .requestTrailers: Row("proxy_on_request_trailers", 2, returns: true)
        case .requestMetadata: Row("proxy_on_request_metadata", 2, returns: true)
        case .responseHeaders: Row("proxy_on_response_headers", 3, returns: true, in0_1_0: 2)
        case .responseBody: Row("proxy_on_response_body", 3, returns: true)
        case .responseTrailers: Row("proxy_on_response_trailers", 2, returns: true)
        case .responseMetadata: Row("proxy_on_response_metadata", 2, returns: true)
        case .httpCallResponse: Row("proxy_on_http_call_response", 5)
        case .grpcReceiveInitialMetadata: Row("proxy_on_grpc_receive_initial_metadata", 3)
        case .grpcReceiveTrailingMetadata: Row("proxy_on_grpc_receive_trailing_metadata", 3)
        case .grpcReceive: Row("proxy_on_grpc_receive", 3)
        case .grpcClose: Row("proxy_on_grpc_close", 3)
        case .newConnection: Row("proxy_on_new_connection", 1, returns: true)
        case .downstreamData: Row("proxy_on_downstream_data", 3, returns: true)
        case .upstreamData: Row("proxy_on_upstream_data", 3, returns: true)
        case .downstreamConnectionClose: Row("proxy_on_downstream_connection_close", 2)
        case .upstreamConnectionClose: Row("proxy_on_upstream_connection_close", 2)
        case .foreignFunction: Row("proxy_on_foreign_function", 3, versions: .from0_2_0)
        case .done: Row("proxy_on_done", 1, returns: true)
        case .log: Row("proxy_on_log", 1)
        case .delete: Row("proxy_on_delete", 1)
        }
    }

    /// The most parameters that a callback has.
    static let mostParameters = 5

    /// The name of the export.
    package var exportName: String { "\(row.export)" }

    /// The type the export must have in a module of this ABI version; `nil` when that version never calls it.
    package func type(in version: ABIVersion) -> FunctionType? {
        let row = row
        guard row.versions.includes(version) else { return nil }
        let count = version == .v0_1_0 ? row.parameterCountIn0_1_0 : row.parameterCount
        return FunctionType(Array(repeating: .i32, count: count), row.returnsValue ? [.i32] : [])
    }
}

/// The exports through which a host can ask the guest for memory, in the order in which the C++ host looks for them.
package enum AllocatorExport: String, Sendable, Codable, Equatable, CaseIterable {
    case malloc
    case proxyOnMemoryAllocate = "proxy_on_memory_allocate"

    /// Takes a size and returns an address, 0 when there is no memory.
    package static let type = FunctionType([.i32], [.i32])
}
