import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// WASI as in the Envoy release of the profile.
@Suite struct WASITests {
    /// Each function with zeros for parameters but the descriptor, and what it returns for descriptors 1 and 5.
    static let results: [(name: String, standard: Int, other: Int)] = [
        ("args_get", 0, 0), ("args_sizes_get", 0, 0), ("clock_res_get", 0, 58), ("environ_get", 0, 0),
        ("fd_advise", 0, 0),
        ("fd_allocate", 0, 8), ("fd_close", 0, 0), ("fd_datasync", 0, 8), ("fd_fdstat_get", 0, 8),
        ("fd_fdstat_set_flags", 52, 52),
        ("fd_fdstat_set_rights", 0, 8), ("fd_filestat_get", 8, 8), ("fd_filestat_set_size", 0, 8),
        ("fd_filestat_set_times", 0, 8),
        ("fd_pread", 52, 52), ("fd_prestat_get", 8, 8), ("fd_prestat_dir_name", 52, 52), ("fd_pwrite", 0, 8),
        ("fd_read", 52, 52),
        ("fd_readdir", 20, 20), ("fd_renumber", 58, 8), ("fd_seek", 0, 0), ("fd_sync", 0, 8), ("fd_tell", 0, 8),
        ("fd_write", 0, 8),
        ("path_create_directory", 58, 58), ("path_filestat_get", 58, 58), ("path_filestat_set_times", 58, 58),
        ("path_link", 58, 58),
        ("path_open", 44, 44), ("path_readlink", 58, 58), ("path_remove_directory", 58, 58), ("path_rename", 58, 58),
        ("path_symlink", 58, 58), ("path_unlink_file", 58, 58), ("poll_oneoff", 0, 0), ("random_get", 0, 0),
        ("sched_yield", 0, 0),
        ("sock_accept", 58, 58), ("sock_recv", 58, 58), ("sock_send", 58, 58), ("sock_shutdown", 58, 58),
        ("clock_time_get", 0, 58),
        ("environ_sizes_get", 0, 0),
    ]

    @Test("every function returns what the release returns", arguments: executing)
    func table(engine: EngineName) throws {
        #expect(Set(Self.results.map(\.name)).union(["proc_exit"]) == Set(HostImport.wasi.map(\.name)))
        let guest = Guest { guest in
            for (index, row) in Self.results.enumerated() {
                guard let declared = HostImport.wasi.first(where: { $0.name == row.name }) else { continue }
                let types = declared.parameters.split(separator: " ")
                for (descriptor, expected) in [(1, row.standard), (5, row.other)] {
                    let parameters = types.enumerated().map { position, type in
                        "(\(type).const \(position == 0 ? descriptor : 0))"
                    }
                    guest.raw(
                        """
                        (func $check\(index)_\(descriptor)
                          (if (i32.ne (call $\(row.name) \(parameters.joined(separator: " "))) (i32.const \(expected)))
                            (then \(guest.log("\(row.name) of \(descriptor)")))))
                        """)
                }
            }
            let calls = Self.results.indices.flatMap { ["(call $check\($0)_1)", "(call $check\($0)_5)"] }
            guest.callback("_initialize", 0, calls.joined(separator: "\n"))
        }
        #expect(try Host(engine, guest).start().log() == [])
    }

    @Test("the environment of the plugin", arguments: executing)
    func environment(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "_initialize", 0,
                """
                (drop (call $environ_sizes_get (i32.const 32) (i32.const 36)))
                \(guest.logLetter("(i32.load (i32.const 32))"))
                \(guest.logLetter("(i32.load (i32.const 36))"))
                (drop (call $environ_get (i32.const 48) (i32.const 64)))
                (drop (call $proxy_log (i32.const 2) (i32.load (i32.const 48)) (i32.const 5)))
                (drop (call $proxy_log (i32.const 2) (i32.load (i32.const 52)) (i32.const 8)))
                """)
        }
        let host = try Host(
            engine,
            [
                Host.Plugin(guest) {
                    $0.environment = [
                        EnvironmentVariable(name: "KEY", value: "1"), EnvironmentVariable(name: "GOGC", value: "off"),
                    ]
                }
            ])
        #expect(try host.start().log() == ["C", "P", "KEY=1", "GOGC=off"])
    }

    @Test("clocks and random bytes", arguments: executing)
    func clocks(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "_initialize", 0,
                """
                (drop (call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 40)))
                (drop (call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 48)))
                \(guest.logLetter("(i64.le_u (i64.load (i32.const 40)) (i64.load (i32.const 48)))"))
                (drop (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 40)))
                \(guest.logLetter("(i64.gt_u (i64.load (i32.const 40)) (i64.const 1577836800000000000))"))
                \(guest.logLetter("(call $random_get (i32.const 8192) (i32.const 65536))"))
                \(guest.logLetter("(i64.eqz (i64.or (i64.load (i32.const 8192)) (i64.load (i32.const 73720))))"))
                \(guest.logLetter("(i64.eqz (i64.load (i32.const 73728)))"))
                \(guest.logLetter("(i32.eq (i32.const 28) (call $random_get (i32.const 8192) (i32.const 65537)))"))
                """)
        }
        #expect(try Host(engine, guest).start().letters == "BBAABB")
    }

    @Test("proc_exit is logged and returns", arguments: executing)
    func exit(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback("_start", 0, "(call $proc_exit (i32.const 3))" + guest.log("after"))
        }
        #expect(try Host(engine, guest).start().log() == ["proc_exit(3)", "after"])
    }
}
