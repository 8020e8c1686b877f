/// Writes the text of a small plugin: imports are declared for the host functions that its functions call, and every
/// text
/// that it needs lies in its memory.
///
///     let guest = Guest { guest in
///         guest.function("proxy_on_request_headers", 3, "(call $proxy_log (i32.const 2) \(guest.text("hello")) drop")
///     }
struct Guest {
    /// The module's text.
    let text: String
    var bytes: [UInt8] { Array(text.utf8) }

    /// `allocator` replaces the functions that give memory to the host; `memory` is the memory's declaration.
    init(
        version: String = "0_2_1", memory: String = "(memory (export \"memory\") 2)", allocator: String = Guest.malloc,
        _ body: (inout GuestWriter) -> Void
    ) {
        var writer = GuestWriter()
        body(&writer)
        let functions = writer.functions + allocator
        let called = Set(functions.split(separator: "call $").dropFirst().map { $0.prefix { $0 != " " && $0 != ")" } })
        let used = HostImport.all.filter { called.contains($0.name[...]) }
        let imports =
            writer.imports + used.filter { host in !writer.imports.contains { $0.name == host.name } }
        text = """
            (module
            \(imports.map(\.declaration).joined(separator: "\n"))
            \(memory)
            (func (export "proxy_abi_version_\(version)"))
            (global $heap (mut i32) (i32.const 8192))
            \(writer.data)
            \(functions)
            )
            """
    }

    /// Never frees.
    static let malloc = """
        (func $malloc (export "malloc") (param $size i32) (result i32)
          (local $address i32)
          (local.set $address (global.get $heap))
          (global.set $heap (i32.and (i32.add (i32.add (global.get $heap) (local.get $size)) (i32.const 7))
            (i32.const -8)))
          (local.get $address))
        """
}

/// The addresses 16 to 1023 are free for results; texts begin at 1024; memory that the host asks for at 8192.
struct GuestWriter {
    private(set) var functions = ""
    private(set) var data = ""
    /// Imported whether they are called or not, and as they are here.
    var imports: [HostImport] = []
    private var next = 1024

    /// Address and size of a text, as two constants.
    mutating func text(_ text: String) -> String {
        let (address, size) = place(text)
        return "(i32.const \(address)) (i32.const \(size))"
    }

    mutating func place(_ text: String) -> (address: Int, size: Int) {
        let bytes = Array(text.utf8)
        let address = next
        next += bytes.count
        precondition(next <= 8192, "too many texts")
        let escaped = bytes.map { byte in
            let digits = String(byte, radix: 16)
            return "\\" + (digits.count == 1 ? "0" + digits : digits)
        }
        if !bytes.isEmpty { data += "(data (i32.const \(address)) \"\(escaped.joined())\")\n" }
        return (address, bytes.count)
    }

    /// An exported callback with `parameters` i32 parameters; with a result when the ABI gives it one. `body` leaves
    /// the
    /// result, which is 0 unless `returns` says otherwise.
    mutating func callback(_ name: String, _ parameters: Int, returns: Int? = nil, _ body: String) {
        let list = (0..<parameters).map { "(param $\($0) i32)" }.joined(separator: " ")
        let result = returns == nil ? "" : "(result i32)"
        functions += "(func (export \"\(name)\") \(list) \(result)\n\(body)\n"
        if let returns { functions += "(i32.const \(returns))" }
        functions += ")\n"
    }

    /// Bytes at an address of the caller's choice, escaped.
    mutating func data(_ escaped: String, at address: Int) {
        data += "(data (i32.const \(address)) \"\(escaped)\")\n"
    }

    /// Anything else that belongs into the module.
    mutating func raw(_ text: String) { functions += text + "\n" }

    /// Writes a line to the log.
    mutating func log(_ line: String) -> String { "(drop (call $proxy_log (i32.const 2) \(text(line))))" }

    /// Writes the number that `expression` gives to the log, as one letter: A is 0.
    func logLetter(_ expression: String) -> String {
        """
        (i32.store8 (i32.const 16) (i32.add (i32.const 65) \(expression)))
        (drop (call $proxy_log (i32.const 2) (i32.const 16) (i32.const 1)))
        """
    }

    /// Logs what the host has just stored as address and size at 32 and 36.
    var logResult: String {
        "(drop (call $proxy_log (i32.const 2) (i32.load (i32.const 32)) (i32.load (i32.const 36))))"
    }
}

/// A host function as plugins import it: written down here once more, so that the tests do not take the host's own
/// table for
/// true.
struct HostImport {
    let module: String
    let name: String
    let parameters: String
    let results: String

    var declaration: String {
        let result = results.isEmpty ? "" : "(result \(results))"
        return "(import \"\(module)\" \"\(name)\" (func $\(name) (param \(parameters)) \(result)))"
    }

    private static func env(_ name: String, _ count: Int) -> HostImport {
        HostImport(
            module: "env", name: name, parameters: Array(repeating: "i32", count: count).joined(separator: " "),
            results: "i32")
    }

    private static func wasi(_ name: String, _ parameters: String, _ results: String = "i32") -> HostImport {
        HostImport(module: "wasi_snapshot_preview1", name: name, parameters: parameters, results: results)
    }

    static let env: [HostImport] =
        [
            ("proxy_log", 3), ("proxy_get_log_level", 1), ("proxy_get_current_time_nanoseconds", 1),
            ("proxy_set_tick_period_milliseconds", 1), ("proxy_get_status", 3), ("proxy_set_property", 4),
            ("proxy_get_property", 4), ("proxy_continue_stream", 1), ("proxy_close_stream", 1),
            ("proxy_send_local_response", 8), ("proxy_get_buffer_bytes", 5), ("proxy_get_buffer_status", 3),
            ("proxy_set_buffer_bytes", 5), ("proxy_get_header_map_pairs", 3), ("proxy_set_header_map_pairs", 3),
            ("proxy_get_header_map_value", 5), ("proxy_add_header_map_value", 5),
            ("proxy_replace_header_map_value", 5), ("proxy_remove_header_map_value", 3),
            ("proxy_get_header_map_size", 2), ("proxy_http_call", 10), ("proxy_grpc_call", 12),
            ("proxy_grpc_stream", 9), ("proxy_grpc_send", 4), ("proxy_grpc_cancel", 1), ("proxy_grpc_close", 1),
            ("proxy_get_shared_data", 5), ("proxy_set_shared_data", 5), ("proxy_register_shared_queue", 3),
            ("proxy_resolve_shared_queue", 5), ("proxy_enqueue_shared_queue", 3), ("proxy_dequeue_shared_queue", 3),
            ("proxy_define_metric", 4), ("proxy_get_metric", 2), ("proxy_set_effective_context", 1),
            ("proxy_done", 0), ("proxy_call_foreign_function", 6), ("pthread_equal", 2), ("envoy_resolve_dns", 3),
            ("proxy_get_configuration", 2), ("proxy_continue_request", 0), ("proxy_continue_response", 0),
            ("proxy_clear_route_cache", 0),
        ].map { env($0.0, $0.1) } + [
            HostImport(module: "env", name: "proxy_increment_metric", parameters: "i32 i64", results: "i32"),
            HostImport(module: "env", name: "proxy_record_metric", parameters: "i32 i64", results: "i32"),
            HostImport(module: "env", name: "emscripten_notify_memory_growth", parameters: "i32", results: ""),
        ]

    static let wasi: [HostImport] = [
        wasi("args_get", "i32 i32"), wasi("args_sizes_get", "i32 i32"), wasi("environ_get", "i32 i32"),
        wasi("environ_sizes_get", "i32 i32"), wasi("clock_res_get", "i32 i32"),
        wasi("clock_time_get", "i32 i64 i32"), wasi("fd_advise", "i32 i64 i64 i32"),
        wasi("fd_allocate", "i32 i64 i64"), wasi("fd_close", "i32"), wasi("fd_datasync", "i32"),
        wasi("fd_fdstat_get", "i32 i32"), wasi("fd_fdstat_set_flags", "i32 i32"),
        wasi("fd_fdstat_set_rights", "i32 i64 i64"), wasi("fd_filestat_get", "i32 i32"),
        wasi("fd_filestat_set_size", "i32 i64"), wasi("fd_filestat_set_times", "i32 i64 i64 i32"),
        wasi("fd_pread", "i32 i32 i32 i64 i32"), wasi("fd_prestat_get", "i32 i32"),
        wasi("fd_prestat_dir_name", "i32 i32 i32"), wasi("fd_pwrite", "i32 i32 i32 i64 i32"),
        wasi("fd_read", "i32 i32 i32 i32"), wasi("fd_readdir", "i32 i32 i32 i64 i32"), wasi("fd_renumber", "i32 i32"),
        wasi("fd_seek", "i32 i64 i32 i32"), wasi("fd_sync", "i32"), wasi("fd_tell", "i32 i32"),
        wasi("fd_write", "i32 i32 i32 i32"), wasi("path_create_directory", "i32 i32 i32"),
        wasi("path_filestat_get", "i32 i32 i32 i32 i32"),
        wasi("path_filestat_set_times", "i32 i32 i32 i32 i64 i64 i32"), wasi("path_link", "i32 i32 i32 i32 i32 i32"),
        wasi("path_open", "i32 i32 i32 i32 i32 i64 i64 i32 i32"), wasi("path_readlink", "i32 i32 i32 i32 i32 i32"),
        wasi("path_remove_directory", "i32 i32 i32"), wasi("path_rename", "i32 i32 i32 i32 i32 i32"),
        wasi("path_symlink", "i32 i32 i32 i32"), wasi("path_unlink_file", "i32 i32 i32"),
        wasi("poll_oneoff", "i32 i32 i32 i32"), wasi("proc_exit", "i32", ""), wasi("random_get", "i32 i32"),
        wasi("sched_yield", ""), wasi("sock_accept", "i32 i32 i32"), wasi("sock_recv", "i32 i32 i32 i32 i32 i32"),
        wasi("sock_send", "i32 i32 i32 i32 i32"), wasi("sock_shutdown", "i32 i32"),
    ]

    static let all = env + wasi

    /// What ABI 0.1.0 has and no later version.
    static let onlyInOldABI: Set<String> = [
        "proxy_get_configuration", "proxy_continue_request", "proxy_continue_response", "proxy_clear_route_cache",
    ]
}

/// Calls of the header functions, results dropped.
extension GuestWriter {
    mutating func add(_ map: Int, _ name: String, _ value: String) -> String {
        "(drop (call $proxy_add_header_map_value (i32.const \(map)) \(text(name)) \(text(value))))"
    }

    mutating func replace(_ map: Int, _ name: String, _ value: String) -> String {
        "(drop (call $proxy_replace_header_map_value (i32.const \(map)) \(text(name)) \(text(value))))"
    }

    mutating func remove(_ map: Int, _ name: String) -> String {
        "(drop (call $proxy_remove_header_map_value (i32.const \(map)) \(text(name))))"
    }

    /// The look-up as an expression of its result code; address and size go to 32 and 36.
    mutating func get(_ map: Int, _ name: String) -> String {
        "(call $proxy_get_header_map_value (i32.const \(map)) \(text(name)) (i32.const 32) (i32.const 36))"
    }

    /// Logs the result code of a look-up and the value.
    mutating func logHeader(_ map: Int, _ name: String) -> String { logLetter(get(map, name)) + logResult }

    /// The look-up of a property (`request.path`) as an expression of its result code; address and size go to 32 and
    /// 36.
    mutating func property(_ path: String) -> String {
        "(call $proxy_get_property \(text(path.replacing(".", with: "\0"))) (i32.const 32) (i32.const 36))"
    }

    mutating func localResponse(
        _ status: Int, body: String = "", headers: [(String, String)] = [], details: String = "", grpcStatus: Int = -1
    ) -> String {
        let pairs = headers.isEmpty ? "(i32.const 0) (i32.const 0)" : serialised(headers)
        return """
            (drop (call $proxy_send_local_response (i32.const \(status)) \(text(details)) \(text(body)) \(pairs)
                (i32.const \(grpcStatus))))
            """
    }

    /// Address and size of a serialised map.
    mutating func serialised(_ pairs: [(String, String)]) -> String {
        func word(_ value: Int) -> String {
            String((0..<4).map { Character(Unicode.Scalar(UInt8(value >> (8 * $0) & 0xff))) })
        }
        var content = word(pairs.count)
        for (name, value) in pairs { content += word(name.utf8.count) + word(value.utf8.count) }
        for (name, value) in pairs { content += name + "\0" + value + "\0" }
        return text(content)
    }
}
