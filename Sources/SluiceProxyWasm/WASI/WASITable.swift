import SluiceEngine
import SluiceModel

/// The WASI functions of Envoy's C++ host: function, type, first release, and result from then on.
///
/// Parameter types follow WASI preview 1, except that `path_link` and `path_symlink` have one parameter too few in
/// Envoy as well. Most functions may be called in start-up; those that say `.running` end it with a trap.
enum WASITable {
    static let rows: [WASIRow] = process + descriptors + standardStreams + paths + sockets

    static func words(_ count: Int) -> [ValueType] { Array(repeating: .i32, count: count) }

    private static let process: [WASIRow] = [
        WASIRow(
            "args_sizes_get", words(2),
            .computed(.v1_21) { WASICall.perform($0, $1, upTo: .starting) { $0.argsSizesGet() } }),
        WASIRow("args_get", words(2), .always(.v1_21, .success, upTo: .starting)),
        WASIRow(
            "environ_sizes_get", words(2),
            .computed(.v1_21) { WASICall.perform($0, $1, upTo: .starting) { $0.environSizesGet() } }),
        WASIRow(
            "environ_get", words(2),
            .computed(.v1_21) { WASICall.perform($0, $1, upTo: .starting) { $0.environGet() } }),
        WASIRow(
            "clock_time_get", [.i32, .i64, .i32],
            .computed(.v1_21) { WASICall.perform($0, $1, upTo: .allocating) { $0.clockTimeGet() } }),
        WASIRow(
            "clock_res_get", words(2),
            .computed(.v1_39) { WASICall.perform($0, $1, upTo: .starting) { $0.clockResGet() } }),
        WASIRow(
            "random_get", words(2),
            .computed(.v1_21) { WASICall.perform($0, $1, upTo: .starting) { $0.randomGet() } }),
        WASIRow("sched_yield", [], .always(.v1_33, .success)),
        // ENOSYS is what kills plugins of the standard Go toolchain in Envoy 1.33 to 1.38.
        WASIRow(
            "poll_oneoff", words(4), .always(.v1_33, .notImplemented),
            .computed(.v1_39) { WASICall.perform($0, $1, upTo: .allocating) { $0.pollOneoff() } }),
        WASIRow("proc_exit", words(1), results: [], .computed(.v1_21) { WASICall.exit($0, $1) }),
    ]

    private static let descriptors: [WASIRow] = [
        WASIRow(
            "fd_write", words(4),
            .computed(.v1_21) { WASICall.perform($0, $1, upTo: .allocating) { $0.fdWrite(countAt: $0[3]) } }),
        WASIRow(
            "fd_pwrite", [.i32, .i32, .i32, .i64, .i32],
            .computed(.v1_39) { WASICall.perform($0, $1, upTo: .starting) { $0.fdWrite(countAt: $0[4]) } }),
        WASIRow("fd_read", words(4), .always(.v1_21, .notImplemented)),
        WASIRow(
            "fd_pread", [.i32, .i32, .i32, .i64, .i32], .always(.v1_39, .notImplemented, upTo: .starting)),
        WASIRow("fd_seek", [.i32, .i64, .i32, .i32], .always(.v1_21, .success)),
        WASIRow("fd_close", words(1), .always(.v1_21, .success)),
        WASIRow(
            "fd_tell", words(2), .computed(.v1_39) { WASICall.perform($0, $1, upTo: .starting) { $0.fdTell() } }),
        WASIRow("fd_advise", [.i32, .i64, .i64, .i32], .always(.v1_39, .success, upTo: .starting)),
        WASIRow(
            "fd_fdstat_get", words(2),
            .computed(.v1_21) { WASICall.perform($0, $1, upTo: .running) { $0.fdFdstatGet() } },
            .computed(.v1_33) { WASICall.perform($0, $1, upTo: .starting) { $0.fdFdstatGet() } }),
        WASIRow("fd_fdstat_set_flags", words(2), .always(.v1_33, .notImplemented, upTo: .starting)),
        WASIRow("fd_filestat_get", words(2), .always(.v1_39, .badDescriptor, upTo: .starting)),
        WASIRow("fd_prestat_get", words(2), .always(.v1_21, .badDescriptor, upTo: .starting)),
        WASIRow("fd_prestat_dir_name", words(3), .always(.v1_21, .notImplemented, upTo: .starting)),
        WASIRow(
            "fd_readdir", [.i32, .i32, .i32, .i64, .i32],
            .computed(.v1_39) { WASICall.perform($0, $1, upTo: .starting) { $0.fdReaddir() } }),
        WASIRow(
            "fd_renumber", words(2),
            .computed(.v1_39) { WASICall.perform($0, $1, upTo: .starting) { $0.fdRenumber() } }),
    ]

    private static let standardStreams: [WASIRow] = [
        ("fd_allocate", [.i32, .i64, .i64]), ("fd_datasync", [.i32]), ("fd_sync", [.i32]),
        ("fd_fdstat_set_rights", [.i32, .i64, .i64]), ("fd_filestat_set_size", [.i32, .i64]),
        ("fd_filestat_set_times", [.i32, .i64, .i64, .i32]),
    ].map { (name: String, parameters: [ValueType]) in
        WASIRow(
            name, parameters,
            .computed(.v1_39) { WASICall.perform($0, $1, upTo: .starting) { $0.standardStreamOnly() } })
    }

    private static let paths: [WASIRow] =
        [
            WASIRow(
                "path_open", [.i32, .i32, .i32, .i32, .i32, .i64, .i64, .i32, .i32], .always(.v1_21, .noEntry)),
            WASIRow(
                "path_readlink", words(6),
                .computed(.v1_39) { WASICall.perform($0, $1, upTo: .starting) { $0.unsupported(zeroing: 5) } }),
        ]
        + [
            ("path_create_directory", words(3)), ("path_filestat_get", words(5)),
            ("path_filestat_set_times", words(4) + [.i64, .i64, .i32]), ("path_link", words(6)),
            ("path_remove_directory", words(3)), ("path_rename", words(6)), ("path_symlink", words(4)),
            ("path_unlink_file", words(3)),
        ].map { (name: String, parameters: [ValueType]) in
            WASIRow(name, parameters, .always(.v1_39, .notSupported, upTo: .starting))
        }

    private static let sockets: [WASIRow] = [
        WASIRow(
            "sock_accept", words(3),
            .computed(.v1_39) { WASICall.perform($0, $1, upTo: .starting) { $0.sockAccept() } }),
        WASIRow(
            "sock_recv", words(6),
            .computed(.v1_39) { WASICall.perform($0, $1, upTo: .starting) { $0.sockReceive() } }),
        WASIRow(
            "sock_send", words(5),
            .computed(.v1_39) { WASICall.perform($0, $1, upTo: .starting) { $0.unsupported(zeroing: 4) } }),
        WASIRow("sock_shutdown", words(2), .always(.v1_39, .notSupported, upTo: .starting)),
    ]
}
