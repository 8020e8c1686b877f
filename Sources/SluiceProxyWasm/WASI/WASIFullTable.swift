import SluiceEngine
import SluiceModel

/// The WASI functions of a well-behaved host outside Envoy: all of preview 1 with its types. Anything may be called at
/// any time.
enum WASIFullTable {
    static let rows: [WASIRow] = process + standardStreams + refusedFiles + refusedPaths + sockets

    private static func words(_ count: Int) -> [ValueType] { WASITable.words(count) }

    private static func row(
        _ name: String, _ parameters: [ValueType], _ results: [ValueType] = [.i32], _ callback: @escaping HostCallback
    ) -> WASIRow {
        WASIRow(name, parameters, results: results, .computed(.full, callback))
    }

    private static let process: [WASIRow] = [
        row("args_sizes_get", words(2)) { WASICall.perform($0, $1, upTo: .allocating) { $0.fullArgsSizesGet() } },
        row("args_get", words(2)) { WASICall.perform($0, $1, upTo: .allocating) { $0.fullArgsGet() } },
        row("environ_sizes_get", words(2)) { WASICall.perform($0, $1, upTo: .allocating) { $0.environSizesGet() } },
        row("environ_get", words(2)) { WASICall.perform($0, $1, upTo: .allocating) { $0.environGet() } },
        row("clock_time_get", [.i32, .i64, .i32]) {
            WASICall.perform($0, $1, upTo: .allocating) { $0.fullClockTimeGet() }
        },
        row("clock_res_get", words(2)) { WASICall.perform($0, $1, upTo: .allocating) { $0.fullClockResGet() } },
        row("random_get", words(2)) { WASICall.perform($0, $1, upTo: .allocating) { $0.randomGet() } },
        row("sched_yield", []) { WASICall.perform($0, $1, upTo: .allocating) { _ in .success } },
        row("poll_oneoff", words(4)) { WASICall.perform($0, $1, upTo: .allocating) { WASIPoll.perform($0) } },
        row("proc_exit", words(1), []) { WASICall.leave($0, $1) },
        row("proc_raise", words(1)) { WASICall.raise($0, $1) },
    ]

    private static let standardStreams: [WASIRow] = [
        row("fd_write", words(4)) { WASICall.perform($0, $1, upTo: .allocating) { $0.fdWrite(countAt: $0[3]) } },
        row("fd_read", words(4)) { WASICall.perform($0, $1, upTo: .allocating) { $0.fullFdRead() } },
        row("fd_close", words(1)) { WASICall.perform($0, $1, upTo: .allocating) { $0.openOnly() } },
        row("fd_datasync", words(1)) { WASICall.perform($0, $1, upTo: .allocating) { $0.openOnly() } },
        row("fd_sync", words(1)) { WASICall.perform($0, $1, upTo: .allocating) { $0.openOnly() } },
        row("fd_fdstat_get", words(2)) { WASICall.perform($0, $1, upTo: .allocating) { $0.fullFdFdstatGet() } },
        row("fd_fdstat_set_flags", words(2)) { WASICall.perform($0, $1, upTo: .allocating) { $0.openOnly() } },
        row("fd_fdstat_set_rights", [.i32, .i64, .i64]) {
            WASICall.perform($0, $1, upTo: .allocating) { $0.openOnly() }
        },
        row("fd_filestat_get", words(2)) { WASICall.perform($0, $1, upTo: .allocating) { $0.fullFdFilestatGet() } },
    ]

    /// What a character device cannot do.
    private static let refusedFiles: [WASIRow] =
        [
            ("fd_seek", [.i32, .i64, .i32, .i32]), ("fd_tell", words(2)), ("fd_advise", [.i32, .i64, .i64, .i32]),
            ("fd_pread", [.i32, .i32, .i32, .i64, .i32]), ("fd_pwrite", [.i32, .i32, .i32, .i64, .i32]),
        ].map { (name: String, parameters: [ValueType]) in
            row(name, parameters) { WASICall.perform($0, $1, upTo: .allocating) { $0.refused(.noSeek) } }
        }
        + [
            ("fd_allocate", [.i32, .i64, .i64]), ("fd_filestat_set_size", [.i32, .i64]),
            ("fd_filestat_set_times", [.i32, .i64, .i64, .i32]), ("fd_renumber", words(2)),
        ].map { (name: String, parameters: [ValueType]) in
            row(name, parameters) { WASICall.perform($0, $1, upTo: .allocating) { $0.refused(.notSupported) } }
        }
        // There are no preopened directories: whoever asks for them stops at this answer.
        + [("fd_prestat_get", words(2)), ("fd_prestat_dir_name", words(3))].map {
            (name: String, parameters: [ValueType]) in
            row(name, parameters) { WASICall.perform($0, $1, upTo: .allocating) { _ in .badDescriptor } }
        }

    /// No descriptor is a directory.
    private static let refusedPaths: [WASIRow] =
        [
            ("fd_readdir", [.i32, .i32, .i32, .i64, .i32]), ("path_create_directory", words(3)),
            ("path_filestat_get", words(5)), ("path_filestat_set_times", words(4) + [.i64, .i64, .i32]),
            ("path_open", words(5) + [.i64, .i64, .i32, .i32]), ("path_readlink", words(6)),
            ("path_remove_directory", words(3)), ("path_unlink_file", words(3)), ("path_link", words(7)),
            ("path_rename", words(6)),
        ].map { (name: String, parameters: [ValueType]) in
            row(name, parameters) { WASICall.perform($0, $1, upTo: .allocating) { $0.refused(.notDirectory) } }
        } + [
            // The directory is the third parameter here.
            row("path_symlink", words(5)) {
                WASICall.perform($0, $1, upTo: .allocating) { $0[2] <= 2 ? .notDirectory : .badDescriptor }
            }
        ]

    private static let sockets: [WASIRow] = [
        ("sock_accept", words(3)), ("sock_recv", words(6)), ("sock_send", words(5)), ("sock_shutdown", words(2)),
    ].map { (name: String, parameters: [ValueType]) in
        row(name, parameters) { WASICall.perform($0, $1, upTo: .allocating) { $0.refused(.notSocket) } }
    }
}
