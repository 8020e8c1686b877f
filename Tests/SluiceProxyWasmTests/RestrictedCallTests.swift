import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// What the V8 engine lets a module call while it starts, and from its allocator.
@Suite struct RestrictedCallTests {
    /// What a call of a function leads to: `nil` when it is allowed.
    private func startMessage(_ name: String, _ profile: String, link: LinkMode = .strict) throws -> String? {
        let guest = Guest(wasi: [name], profile: profile) { guest in
            guest.callback("_initialize", 0, call(name, profile))
        }
        let host = try Host(.cranelift, [Host.Plugin(guest)], profile: profile, link: link)
        do { try host.start() } catch let error as PluginStartError { return error.failure.message }
        return nil
    }

    private func call(_ name: String, _ profile: String) -> String {
        let call = ExpectedWASI.call(name, in: profile, first: 1)
        return name == "proc_exit" ? call : "(drop \(call))"
    }

    private func allocatorMessage(_ name: String, _ profile: String) throws -> String? {
        let allocator = """
            (func (export "malloc") (param i32) (result i32) \(call(name, profile)) (i32.const 8192))
            """
        let guest = Guest(wasi: [name], profile: profile, allocator: allocator) { guest in
            guest.callback("proxy_on_request_headers", 3, returns: 0, "(drop \(guest.get(0, ":path")))")
        }
        let host = try Host(.cranelift, [Host.Plugin(guest)], profile: profile).start()
        host.exchange()
        return host.drain().failures.first?.message
    }

    @Test("WASI in start-up", arguments: ["1.21", "1.30", "1.33", "1.39"])
    func start(profile: String) throws {
        for row in ExpectedWASI.rows where row.isOffered(in: profile) {
            let isAllowed = profile == "1.21" || row.allowed(in: profile) != .running
            #expect(try startMessage(row.name, profile) == (isAllowed ? nil : "restricted_callback"), "\(row.name)")
        }
        #expect(try startMessage("proc_exit", profile) == (profile == "1.21" ? nil : "restricted_callback"))
    }

    @Test("a lenient link and a host outside Envoy restrict nothing in start-up")
    func unrestricted() throws {
        for row in ExpectedWASI.rows {
            #expect(try startMessage(row.name, "full") == nil, "\(row.name)")
            guard row.isOffered(in: "1.39") else { continue }
            #expect(try startMessage(row.name, "1.39", link: .lenient) == nil, "\(row.name)")
        }
    }

    @Test("WASI in the allocator", arguments: ExpectedWASI.profiles)
    func allocator(profile: String) throws {
        for row in ExpectedWASI.rows where row.isOffered(in: profile) {
            let isAllowed = profile == "full" || row.allowed(in: profile) == .allocating
            #expect(try allocatorMessage(row.name, profile) == (isAllowed ? nil : "restricted_callback"), "\(row.name)")
        }
    }

    @Test("functions of env in start-up: logs and the signal of growth, nothing else")
    func environment() throws {
        for declared in HostImport.env where !HostImport.onlyInOldABI.contains(declared.name) {
            let parameters = declared.parameters.split(separator: " ").map { "(\($0).const 0)" }
            let call = "(call $\(declared.name) \(parameters.joined(separator: " ")))"
            let guest = Guest { guest in
                guest.callback("_initialize", 0, declared.results.isEmpty ? call : "(drop \(call))")
            }
            let host = try Host(.cranelift, guest)
            let isAllowed = ["proxy_log", "emscripten_notify_memory_growth"].contains(declared.name)
            if isAllowed {
                try host.start()
            } else {
                let failure = try startFailure(host)
                #expect(failure.message == "restricted_callback", "\(declared.name)")
                #expect(failure.callback == "_initialize")
                #expect(failure.kind == .startUp)
            }
        }
    }
}
