import SluiceEngine
import SluiceModel

/// Which bytes of the guest's memory a host function may write, beside the blocks that it asks the guest for: written
/// down here once more, so that nothing is taken for right because the host does it.
enum WriteRanges {
    /// `arguments` as the function gets them.
    static func of(_ function: HostFunction, _ arguments: [UInt64], profile: EnvoyProfile) -> [Range<Int>] {
        let places: [Place] =
            function.module == "env"
            ? env[function.name] ?? [] : wasi(function.name, arguments, profile) ?? []
        return places.map { place in
            let address = Int(UInt32(truncatingIfNeeded: arguments[place.parameter]))
            return address..<address + place.byteCount
        }
    }

    /// Words that say something of what was done, a token for example.
    static func isWord(_ range: Range<Int>) -> Bool { range.count == 4 }

    private struct Place {
        let parameter: Int
        let byteCount: Int
        init(_ parameter: Int, _ byteCount: Int = 4) {
            self.parameter = parameter
            self.byteCount = byteCount
        }
    }

    private static let env: [String: [Place]] = [
        "proxy_get_log_level": [Place(0)], "proxy_get_current_time_nanoseconds": [Place(0, 8)],
        "proxy_get_configuration": [Place(0), Place(1)], "proxy_get_status": [Place(0), Place(1), Place(2)],
        "proxy_get_property": [Place(2), Place(3)], "proxy_get_buffer_bytes": [Place(3), Place(4)],
        "proxy_get_buffer_status": [Place(1), Place(2)], "proxy_get_header_map_pairs": [Place(1), Place(2)],
        "proxy_get_header_map_value": [Place(3), Place(4)], "proxy_get_header_map_size": [Place(1)],
        "proxy_http_call": [Place(9)], "proxy_grpc_call": [Place(11)], "proxy_grpc_stream": [Place(8)],
        "proxy_get_shared_data": [Place(2), Place(3), Place(4)], "proxy_register_shared_queue": [Place(2)],
        "proxy_resolve_shared_queue": [Place(4)], "proxy_dequeue_shared_queue": [Place(1), Place(2)],
        "proxy_define_metric": [Place(3)], "proxy_get_metric": [Place(1, 8)],
        "proxy_call_foreign_function": [Place(4), Place(5)],
    ]

    private static func wasi(_ name: String, _ arguments: [UInt64], _ profile: EnvoyProfile) -> [Place]? {
        let texts = FuzzTexts.environment
        let isFull = profile == .full
        func count(_ parameter: Int) -> Int { Int(UInt32(truncatingIfNeeded: arguments[parameter])) }
        return switch name {
        case "random_get": [Place(0, count(1))]
        case "environ_get":
            [Place(0, 4 * texts.count), Place(1, texts.reduce(0) { $0 + $1.utf8.count + 1 })]
        case "args_get": isFull ? [Place(0), Place(1, FuzzTexts.pluginName.utf8.count + 1)] : []
        case "poll_oneoff": isFull ? [Place(1, 32 * count(2)), Place(3)] : [Place(3)]
        case "fd_fdstat_get": [Place(1, 24)]
        case "fd_filestat_get": isFull ? [Place(1, 64)] : []
        case "sock_recv": isFull ? [] : [Place(4), Place(5, 2)]
        default: constant[name]
        }
    }

    private static let constant: [String: [Place]] = [
        "fd_write": [Place(3)], "fd_pwrite": [Place(4)], "fd_read": [Place(3)], "fd_tell": [Place(1, 8)],
        "clock_time_get": [Place(2, 8)], "clock_res_get": [Place(1, 8)],
        "args_sizes_get": [Place(0), Place(1)], "environ_sizes_get": [Place(0), Place(1)],
        "fd_readdir": [Place(4)], "path_readlink": [Place(5)], "sock_accept": [Place(2, 8)], "sock_send": [Place(4)],
    ]
}
