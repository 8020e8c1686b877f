import SluiceEngine

/// The WASI functions of Envoy releases: names *and results*, since both have changed from release to release. A
/// profile is a list of rows; a row's callback is its result.
package struct WASIProfile: Sendable {
    /// As in `host.envoy` of a workload.
    package let name: String
    let rows: [WASIRow]

    /// Import modules under which the same functions are offered.
    static let modules = ["wasi_snapshot_preview1", "wasi_unstable"]

    /// Everything a module can import from WASI.
    var functions: [HostFunction] {
        Self.modules.flatMap { module in
            rows.map { HostFunction(module: module, name: $0.name, type: $0.type, callback: $0.callback) }
        }
    }

    /// Every release that can be named.
    package static let all: [WASIProfile] = [WASIProfile(name: "1.39", rows: WASITable.envoy1_39)]

    /// The profile of this name; throws `unsupportedProfile` with the names there are.
    package static func named(_ name: String) throws(PluginLoadError) -> WASIProfile {
        guard let profile = all.first(where: { $0.name == name }) else {
            throw .unsupportedProfile(name, supported: all.map(\.name))
        }
        return profile
    }
}

/// One function with the behaviour that one or more profiles give it.
struct WASIRow: Sendable {
    let name: String
    let type: FunctionType
    let callback: HostCallback

    init(
        _ name: String, _ parameters: [ValueType], _ results: [ValueType] = [.i32], _ callback: @escaping HostCallback
    ) {
        self.name = name
        type = FunctionType(parameters, results)
        self.callback = callback
    }
}

/// The rows. Parameter types follow WASI preview 1, except that `path_link` and `path_symlink` have one parameter too
/// few in Envoy as well.
enum WASITable {
    static let envoy1_39: [WASIRow] = process + files + descriptors + paths + sockets

    private static func words(_ count: Int) -> [ValueType] { Array(repeating: .i32, count: count) }

    private static let process: [WASIRow] = [
        WASIRow("args_sizes_get", words(2)) { WASICall.perform($0, $1) { $0.argsSizesGet() } },
        WASIRow("args_get", words(2)) { WASICall.perform($0, $1) { _ in .success } },
        WASIRow("environ_sizes_get", words(2)) { WASICall.perform($0, $1) { $0.environSizesGet() } },
        WASIRow("environ_get", words(2)) { WASICall.perform($0, $1) { $0.environGet() } },
        WASIRow("clock_time_get", [.i32, .i64, .i32]) {
            WASICall.perform($0, $1, upTo: .allocating) { $0.clockTimeGet() }
        },
        WASIRow("clock_res_get", words(2)) { WASICall.perform($0, $1) { $0.clockResGet() } },
        WASIRow("random_get", words(2)) { WASICall.perform($0, $1) { $0.randomGet() } },
        WASIRow("sched_yield", []) { WASICall.perform($0, $1) { _ in .success } },
        WASIRow("poll_oneoff", words(4)) { WASICall.perform($0, $1, upTo: .allocating) { $0.pollOneoff() } },
        WASIRow("proc_exit", words(1), []) { WASICall.exit($0, $1) },
    ]

    private static let files: [WASIRow] = [
        WASIRow("fd_write", words(4)) {
            WASICall.perform($0, $1, upTo: .allocating) { $0.fdWrite(countAt: $0[3]) }
        },
        WASIRow("fd_pwrite", [.i32, .i32, .i32, .i64, .i32]) {
            WASICall.perform($0, $1) { $0.fdWrite(countAt: $0[4]) }
        },
        WASIRow("fd_read", words(4)) { WASICall.perform($0, $1) { _ in .notImplemented } },
        WASIRow("fd_pread", [.i32, .i32, .i32, .i64, .i32]) { WASICall.perform($0, $1) { _ in .notImplemented } },
        WASIRow("fd_seek", [.i32, .i64, .i32, .i32]) { WASICall.perform($0, $1) { _ in .success } },
        WASIRow("fd_close", words(1)) { WASICall.perform($0, $1) { _ in .success } },
        WASIRow("fd_tell", words(2)) { WASICall.perform($0, $1) { $0.fdTell() } },
        WASIRow("fd_advise", [.i32, .i64, .i64, .i32]) { WASICall.perform($0, $1) { _ in .success } },
        WASIRow("fd_allocate", [.i32, .i64, .i64]) { WASICall.perform($0, $1) { $0.standardStreamOnly() } },
        WASIRow("fd_datasync", words(1)) { WASICall.perform($0, $1) { $0.standardStreamOnly() } },
        WASIRow("fd_sync", words(1)) { WASICall.perform($0, $1) { $0.standardStreamOnly() } },
    ]

    private static let descriptors: [WASIRow] = [
        WASIRow("fd_fdstat_get", words(2)) { WASICall.perform($0, $1) { $0.fdFdstatGet() } },
        WASIRow("fd_fdstat_set_flags", words(2)) { WASICall.perform($0, $1) { _ in .notImplemented } },
        WASIRow("fd_fdstat_set_rights", [.i32, .i64, .i64]) { WASICall.perform($0, $1) { $0.standardStreamOnly() } },
        WASIRow("fd_filestat_get", words(2)) { WASICall.perform($0, $1) { _ in .badDescriptor } },
        WASIRow("fd_filestat_set_size", [.i32, .i64]) { WASICall.perform($0, $1) { $0.standardStreamOnly() } },
        WASIRow("fd_filestat_set_times", [.i32, .i64, .i64, .i32]) {
            WASICall.perform($0, $1) { $0.standardStreamOnly() }
        },
        WASIRow("fd_prestat_get", words(2)) { WASICall.perform($0, $1) { _ in .badDescriptor } },
        WASIRow("fd_prestat_dir_name", words(3)) { WASICall.perform($0, $1) { _ in .notImplemented } },
        WASIRow("fd_readdir", [.i32, .i32, .i32, .i64, .i32]) { WASICall.perform($0, $1) { $0.fdReaddir() } },
        WASIRow("fd_renumber", words(2)) {
            WASICall.perform($0, $1) { $0.isStandardStream ? .notSupported : .badDescriptor }
        },
    ]

    private static let paths: [WASIRow] = [
        WASIRow("path_open", [.i32, .i32, .i32, .i32, .i32, .i64, .i64, .i32, .i32]) {
            WASICall.perform($0, $1) { _ in .noEntry }
        },
        WASIRow("path_create_directory", words(3)) { WASICall.perform($0, $1) { _ in .notSupported } },
        WASIRow("path_filestat_get", words(5)) { WASICall.perform($0, $1) { _ in .notSupported } },
        WASIRow("path_filestat_set_times", [.i32, .i32, .i32, .i32, .i64, .i64, .i32]) {
            WASICall.perform($0, $1) { _ in .notSupported }
        },
        WASIRow("path_link", words(6)) { WASICall.perform($0, $1) { _ in .notSupported } },
        WASIRow("path_readlink", words(6)) { WASICall.perform($0, $1) { $0.unsupported(zeroing: 5) } },
        WASIRow("path_remove_directory", words(3)) { WASICall.perform($0, $1) { _ in .notSupported } },
        WASIRow("path_rename", words(6)) { WASICall.perform($0, $1) { _ in .notSupported } },
        WASIRow("path_symlink", words(4)) { WASICall.perform($0, $1) { _ in .notSupported } },
        WASIRow("path_unlink_file", words(3)) { WASICall.perform($0, $1) { _ in .notSupported } },
    ]

    private static let sockets: [WASIRow] = [
        WASIRow("sock_accept", words(3)) { WASICall.perform($0, $1) { $0.unsupported(zeroing: 2) } },
        WASIRow("sock_recv", words(6)) { WASICall.perform($0, $1) { $0.unsupported(zeroing: 4, 5) } },
        WASIRow("sock_send", words(5)) { WASICall.perform($0, $1) { $0.unsupported(zeroing: 4) } },
        WASIRow("sock_shutdown", words(2)) { WASICall.perform($0, $1) { _ in .notSupported } },
    ]
}
