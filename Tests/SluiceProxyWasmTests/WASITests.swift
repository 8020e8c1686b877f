import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// WASI as in the host of the profile.
@Suite struct WASITests {
    @Test(
        "every function of the profile returns what that host returns, under both module names",
        arguments: ExpectedWASI.profiles, ["wasi_snapshot_preview1", "wasi_unstable"])
    func results(profile: String, module: String) throws {
        for engine in executing { try results(engine, profile, module) }
    }

    private func results(_ engine: EngineName, _ profile: String, _ module: String) throws {
        let rows = ExpectedWASI.rows.filter { $0.isOffered(in: profile) }
        let guest = Guest(wasi: rows.map(\.name), profile: profile, module: module) { guest in
            var checks = ""
            for row in rows {
                let (standard, other) = row.results(in: profile)
                for (first, expected) in [(1, standard), (5, other)] {
                    let call = ExpectedWASI.call(row.name, in: profile, first: first)
                    checks += """
                        (if (i32.ne \(call) (i32.const \(expected)))
                          (then \(guest.log("\(row.name) of \(first)"))))

                        """
                }
            }
            guest.callback("proxy_on_vm_start", 2, returns: 1, checks)
        }
        let host = try Host(engine, [Host.Plugin(guest)], profile: profile).start()
        #expect(host.log() == [], "\(engine) \(profile)")
    }

    @Test("the rows cover every function that a module can import", arguments: ExpectedWASI.profiles)
    func coverage(profile: String) throws {
        #expect(
            Set(ExpectedWASI.rows.filter { $0.since != nil }.map(\.name)).union(["proc_exit"])
                == Set(HostImport.wasi.map(\.name)))
    }

    @Test("what a profile does not offer is missing, in Envoy's words", arguments: ExpectedWASI.profiles)
    func missing(profile: String) throws {
        let absent =
            ExpectedWASI.rows.filter { !$0.isOffered(in: profile) }.map(\.name)
            + (profile == "full" ? [] : ["proc_raise"])
        for name in absent {
            for module in ["wasi_snapshot_preview1", "wasi_unstable"] {
                let guest = Guest(wasi: [name], profile: profile, module: module) { _ in }
                #expect(throws: PluginLoadError.missingImports([.init(module: module, name: name)])) {
                    _ = try Host(.cranelift, [Host.Plugin(guest)], profile: profile)
                }
            }
        }
        #expect(absent.count == ["1.21": 31, "1.30": 31, "1.33": 28, "1.39": 1, "full": 0][profile])
    }

    @Test("Envoy's path_link and path_symlink have one parameter too few", arguments: ["path_link", "path_symlink"])
    func shortTypes(name: String) throws {
        let proper = Guest(wasi: [name], profile: "full") { _ in }
        _ = try Host(.cranelift, [Host.Plugin(proper)], profile: "full")
        let words = name == "path_link" ? 6 : 4
        let have = Array(repeating: "i32", count: words).joined(separator: " ")
        #expect(
            throws: PluginLoadError.importTypeMismatch(
                .init(module: "wasi_snapshot_preview1", name: name), want: "\(have) i32 -> i32", have: "\(have) -> i32")
        ) { _ = try Host(.cranelift, [Host.Plugin(proper)], profile: "1.39") }
    }

    @Test("a plugin that dies of ENOSYS lives in 1.39 and in full", arguments: [("1.33", false), ("1.39", true)])
    func goRuntime(profile: String, lives: Bool) throws {
        // What the Go runtime does: anything but success from poll_oneoff is fatal.
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                """
                (if (call $poll_oneoff (i32.const 64) (i32.const 128) (i32.const 1) (i32.const 32))
                  (then unreachable))
                """)
        }
        let host = try Host(.cranelift, [Host.Plugin(guest)], profile: profile).start()
        #expect(host.exchange().result.status == (lives ? 200 : 503))
        #expect(host.drain().failures.map(\.kind) == (lives ? [] : [.trap]))
    }

    @Test("the environment of the plugin", arguments: ExpectedWASI.profiles)
    func environment(profile: String) throws {
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
            .cranelift,
            [
                Host.Plugin(guest) {
                    $0.environment = [
                        EnvironmentVariable(name: "KEY", value: "1"), EnvironmentVariable(name: "GOGC", value: "off"),
                    ]
                }
            ], profile: profile)
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

    @Test("proc_exit is logged and returns in Envoy", arguments: ["1.21", "1.30", "1.33", "1.39"])
    func exit(profile: String) throws {
        let guest = Guest { guest in
            guest.callback("proxy_on_vm_start", 2, returns: 1, "(call $proc_exit (i32.const 3))" + guest.log("after"))
        }
        let host = try Host(.cranelift, [Host.Plugin(guest)], profile: profile)
        #expect(try host.start().log() == ["proc_exit(3)", "after"])
    }

    @Test("proc_exit and proc_raise end the VM outside Envoy", arguments: ["proc_exit", "proc_raise"])
    func fullExit(name: String) throws {
        let guest = Guest(wasi: [name], profile: "full") { guest in
            let call = "(call $\(name) (i32.const 3))"
            guest.callback("_start", 0, (name == "proc_exit" ? call : "(drop \(call))") + guest.log("after"))
        }
        let failure = try startFailure(try Host(.cranelift, [Host.Plugin(guest)], profile: "full"))
        #expect(failure.message == "the module ended itself: \(name)(3)")
        #expect(failure.callback == "_start")
        #expect(failure.lastLogLines == [])
    }
}
