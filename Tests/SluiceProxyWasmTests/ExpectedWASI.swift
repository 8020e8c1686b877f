/// The WASI functions of every profile, written down once more from the C++ host's history and from WASI itself, so
/// that the tests do not take the host's own tables for true.
enum ExpectedWASI {
    /// Which part of a VM's life Envoy lets a function be called in.
    enum Allowed { case running, starting, allocating }

    struct Row {
        let name: String
        /// The first profile of Envoy with the function; `nil`: no release has it.
        let since: String?
        /// Results in Envoy for descriptor (or clock) 1 and 5, all other parameters 0.
        let envoy: (Int, Int)
        /// The same in a WASI host outside Envoy.
        let full: (Int, Int)
        let allowed: Allowed

        init(
            _ name: String, _ since: String?, _ envoy: (Int, Int), _ full: (Int, Int), _ allowed: Allowed = .starting
        ) {
            self.name = name
            self.since = since
            self.envoy = envoy
            self.full = full
            self.allowed = allowed
        }

        func isOffered(in profile: String) -> Bool {
            if profile == "full" { return true }
            return since.map { $0 <= profile } ?? false
        }

        func results(in profile: String) -> (Int, Int) {
            if profile == "full" { return full }
            return name == "poll_oneoff" && profile == "1.33" ? (52, 52) : envoy
        }

        /// The V8 engine restricts nothing before Envoy 1.24, and what it lets pass grew twice.
        func allowed(in profile: String) -> Allowed {
            switch (name, profile) {
            case ("fd_fdstat_get", "1.30"), ("poll_oneoff", "1.33"): .running
            default: allowed
            }
        }
    }

    static let profiles = ["1.21", "1.30", "1.33", "1.39", "full"]

    /// Without `proc_exit` and `proc_raise`, which have no result to compare.
    static let rows: [Row] = [
        Row("args_get", "1.21", (0, 0), (0, 0)), Row("args_sizes_get", "1.21", (0, 0), (0, 0)),
        Row("environ_get", "1.21", (0, 0), (0, 0)), Row("environ_sizes_get", "1.21", (0, 0), (0, 0)),
        Row("clock_time_get", "1.21", (0, 58), (0, 28), .allocating), Row("clock_res_get", "1.39", (0, 58), (0, 28)),
        Row("random_get", "1.21", (0, 0), (0, 0)), Row("sched_yield", "1.33", (0, 0), (0, 0), .running),
        // No subscription at all: Envoy does not mind, WASI does.
        Row("poll_oneoff", "1.33", (0, 0), (28, 28), .allocating),
        Row("fd_write", "1.21", (0, 8), (0, 8), .allocating), Row("fd_pwrite", "1.39", (0, 8), (70, 8)),
        Row("fd_read", "1.21", (52, 52), (8, 8), .running), Row("fd_pread", "1.39", (52, 52), (70, 8)),
        Row("fd_seek", "1.21", (0, 0), (70, 8), .running), Row("fd_close", "1.21", (0, 0), (0, 8), .running),
        Row("fd_tell", "1.39", (0, 8), (70, 8)), Row("fd_advise", "1.39", (0, 0), (70, 8)),
        Row("fd_allocate", "1.39", (0, 8), (58, 8)), Row("fd_datasync", "1.39", (0, 8), (0, 8)),
        Row("fd_sync", "1.39", (0, 8), (0, 8)), Row("fd_fdstat_get", "1.21", (0, 8), (0, 8)),
        Row("fd_fdstat_set_flags", "1.33", (52, 52), (0, 8)), Row("fd_fdstat_set_rights", "1.39", (0, 8), (0, 8)),
        Row("fd_filestat_get", "1.39", (8, 8), (0, 8)), Row("fd_filestat_set_size", "1.39", (0, 8), (58, 8)),
        Row("fd_filestat_set_times", "1.39", (0, 8), (58, 8)), Row("fd_prestat_get", "1.21", (8, 8), (8, 8)),
        Row("fd_prestat_dir_name", "1.21", (52, 52), (8, 8)), Row("fd_readdir", "1.39", (20, 20), (54, 8)),
        // The other descriptor is 0, which Envoy does not know.
        Row("fd_renumber", "1.39", (8, 8), (58, 8)), Row("path_open", "1.21", (44, 44), (54, 8), .running),
        Row("path_create_directory", "1.39", (58, 58), (54, 8)), Row("path_filestat_get", "1.39", (58, 58), (54, 8)),
        Row("path_filestat_set_times", "1.39", (58, 58), (54, 8)), Row("path_link", "1.39", (58, 58), (54, 8)),
        Row("path_readlink", "1.39", (58, 58), (54, 8)), Row("path_remove_directory", "1.39", (58, 58), (54, 8)),
        Row("path_rename", "1.39", (58, 58), (54, 8)), Row("path_symlink", "1.39", (58, 58), (54, 54)),
        Row("path_unlink_file", "1.39", (58, 58), (54, 8)), Row("sock_accept", "1.39", (58, 58), (57, 8)),
        Row("sock_recv", "1.39", (58, 58), (57, 8)), Row("sock_send", "1.39", (58, 58), (57, 8)),
        Row("sock_shutdown", "1.39", (58, 58), (57, 8)),
    ]

    /// The import of a function with its type in this profile: Envoy's `path_link` and `path_symlink` have one
    /// parameter less than WASI's.
    static func declaration(_ name: String, in profile: String, module: String = "wasi_snapshot_preview1") -> HostImport
    {
        let declared =
            HostImport.wasi.first { $0.name == name }
            ?? HostImport(module: module, name: name, parameters: "i32", results: "i32")
        let isShort = profile == "full" && ["path_link", "path_symlink"].contains(name)
        return HostImport(
            module: module, name: name, parameters: declared.parameters + (isShort ? " i32" : ""),
            results: declared.results)
    }

    /// A call with `first` for the first parameter and zeros for the others.
    static func call(_ name: String, in profile: String, first: Int) -> String {
        let types = declaration(name, in: profile).parameters.split(separator: " ")
        let parameters = types.enumerated().map { "(\($1).const \($0 == 0 ? first : 0))" }
        return "(call $\(name) \(parameters.joined(separator: " ")))"
    }
}

extension Guest {
    /// A plugin that imports exactly these WASI functions, with the types of a profile. `body` writes the rest.
    init(
        wasi names: [String], profile: String, module: String = "wasi_snapshot_preview1",
        allocator: String = Guest.malloc, _ body: (inout GuestWriter) -> Void
    ) {
        self.init(allocator: allocator) { guest in
            body(&guest)
            guest.imports = names.map { ExpectedWASI.declaration($0, in: profile, module: module) }
        }
    }
}
