import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// What can be loaded, and what is said about what cannot.
@Suite struct LinkTests {
    private func load(
        _ text: String, profile: String = "1.39", mode: LinkMode = .strict, allocator: AllocatorChoice = .malloc
    ) throws -> LinkedPlugin {
        let settings = EngineSettings(
            memoryCapBytes: 1 << 20, gcHeapCapBytes: 1 << 20, deadlineNanoseconds: 1_000_000_000)
        let module = try Engines.make(.cranelift, settings: settings).compile(Array(text.utf8))
        return try PluginLinker.link(module, profile: profile, mode: mode, allocator: allocator)
    }

    private func loadError(_ text: String, profile: String = "1.39") throws -> PluginLoadError {
        do {
            _ = try load(text, profile: profile)
        } catch let error as PluginLoadError {
            return error
        }
        throw NothingFailed()
    }

    private static let marker = "(func (export \"proxy_abi_version_0_2_1\"))"

    @Test("all functions of the ABI and of WASI link with their types, under both WASI names")
    func everything() throws {
        for module in ["wasi_snapshot_preview1", "wasi_unstable"] {
            let imports = HostImport.all.filter { !HostImport.onlyInOldABI.contains($0.name) }.map {
                $0.declaration.replacing("wasi_snapshot_preview1", with: module)
            }
            let text = "(module \(imports.joined(separator: "\n")) \(Self.marker) \(Guest { _ in }.text.dropModule))"
            #expect(try load(text).abiVersion == .v0_2_1)
        }
    }

    @Test("the first marker in the export section decides about the version")
    func version() throws {
        let both = """
            (module (func (export "proxy_abi_version_0_2_0")) (func (export "proxy_abi_version_0_2_1"))
              (func (export "malloc") (param i32) (result i32) (i32.const 0)))
            """
        #expect(try load(both).abiVersion == .v0_2_0)
        #expect(try loadError("(module)").description == "Missing or unknown Proxy-Wasm ABI version")
        #expect(
            try loadError("(module (global (export \"proxy_abi_version_0_2_1\") i32 (i32.const 0)))")
                == .unknownABIVersion)
    }

    @Test("missing imports are all named in Envoy's words")
    func missing() throws {
        let text = """
            (module (import "env" "proxy_nothing" (func)) (import "wasi_snapshot_preview1" "proc_raise" (func
              (param i32) (result i32)))
              \(Self.marker))
            """
        #expect(
            try loadError(text).description == """
                Failed to load Wasm module due to a missing import: env.proxy_nothing
                Failed to load Wasm module due to a missing import: wasi_snapshot_preview1.proc_raise
                """)
    }

    @Test("a function of another ABI version is missing")
    func otherVersion() throws {
        let text = """
            (module (import "env" "proxy_get_log_level" (func (param i32) (result i32))) (func
              (export "proxy_abi_version_0_2_0")))
            """
        #expect(
            try loadError(text).description
                == "Failed to load Wasm module due to a missing import: env.proxy_get_log_level")
    }

    @Test("imported globals are missing, imported memories and tables are made")
    func otherImports() throws {
        let global = "(module (import \"env\" \"g\" (global i32)) \(Self.marker))"
        #expect(try loadError(global).description == "Failed to load Wasm module due to a missing import: env.g")
        let memory = """
            (module (import "env" "memory" (memory 1)) (import "env" "table" (table 1 funcref)) \(Self.marker)
              (func (export "malloc") (param i32) (result i32) (i32.const 0)))
            """
        #expect(try load(memory).allocator == .malloc)
    }

    @Test("a type that differs is told with both types")
    func mismatch() throws {
        let text = "(module (import \"env\" \"proxy_log\" (func (param i32 i64))) \(Self.marker))"
        #expect(
            try loadError(text).description == """
                Failed to load Wasm module due to an import type mismatch: env.proxy_log, want: i32 i64 -> void, \
                but host exports: i32 i32 i32 -> i32
                """)
    }

    @Test("a callback of another type is refused, as in Envoy with V8")
    func callbackType() throws {
        let text = """
            (module \(Self.marker) (func (export "malloc") (param i32) (result i32) (i32.const 0))
              (func (export "proxy_on_request_headers") (param i32 i32) (result i32) (i32.const 0)))
            """
        #expect(
            try loadError(text).description == """
                Bad function signature for: proxy_on_request_headers, want: i32 i32 i32 -> i32, \
                but the module exports: i32 i32 -> i32
                """)
    }

    @Test("malloc is taken before proxy_on_memory_allocate, and one of them is needed")
    func allocator() throws {
        func allocators(_ names: [String]) -> String {
            let functions = names.map { "(func (export \"\($0)\") (param i32) (result i32) (i32.const 0))" }
            return "(module \(Self.marker) \(functions.joined()))"
        }
        #expect(try load(allocators(["proxy_on_memory_allocate", "malloc"])).allocator == .malloc)
        #expect(try load(allocators(["proxy_on_memory_allocate"])).allocator == .proxyOnMemoryAllocate)
        #expect(try loadError(allocators([])).description == "Wasm module is missing malloc function.")
    }

    @Test("the host allocates through the export that was chosen", arguments: executing)
    func allocatorUsed(engine: EngineName) throws {
        let both = """
            (func (export "proxy_on_memory_allocate") (param i32) (result i32) unreachable)
            \(Guest.malloc)
            """
        let guest = Guest(allocator: both) { guest in
            guest.callback("proxy_on_request_headers", 3, returns: 0, guest.logHeader(0, ":path"))
        }
        let host = try Host(engine, guest).start()
        host.exchange()
        #expect(host.log() == ["A", "/path?a=1"])
    }

    @Test("a lenient link puts traps in the place of imports that do not fit, and says so", arguments: executing)
    func lenientImports(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.imports = [
                HostImport(module: "env", name: "proxy_nothing", parameters: "i32 f64", results: "i64"),
                HostImport(module: "env", name: "proxy_log", parameters: "i32", results: "i32"),
            ]
            guest.callback("proxy_on_request_headers", 3, returns: 0, "(drop (call $proxy_log (i32.const 1)))")
            guest.callback(
                "proxy_on_response_headers", 3, returns: 0,
                "(drop (call $proxy_nothing (i32.const 1) (f64.const 1)))")
        }
        #expect(throws: PluginLoadError.self) { _ = try Host(engine, guest) }
        let sentences = [
            "the host has no env.proxy_nothing: a lenient link put a trap in its place",
            "the host's env.proxy_log has another type: a lenient link put a trap in its place",
        ]
        #expect(try load(guest.text, mode: .lenient).leniences == sentences)
        let host = try Host(engine, [Host.Plugin(guest)], link: .lenient).start()
        #expect(host.exchange().result.status == 503)
        let failure = try #require(host.drain().failures.first)
        #expect(failure.message == sentences[1])
        #expect(failure.callback == "proxy_on_request_headers")
        #expect(failure.lastLogLines == sentences)
    }

    @Test("a lenient link takes exports of another type for absent, and says so")
    func lenientExports() throws {
        let guest = Guest(
            allocator: """
                (func (export "malloc") (param i64) (result i32) unreachable)
                (func (export "proxy_on_memory_allocate") (param i32) (result i32) (i32.const 8192))
                """
        ) { guest in
            guest.callback("proxy_on_request_headers", 2, returns: 0, "unreachable")
            guest.callback("proxy_on_response_headers", 3, returns: 0, guest.logHeader(2, ":status"))
        }
        #expect(throws: PluginLoadError.self) { try load(guest.text) }
        let linked = try load(guest.text, mode: .lenient)
        #expect(linked.allocator == .proxyOnMemoryAllocate)
        let sentence = """
            Bad function signature for: proxy_on_request_headers, want: i32 i32 i32 -> i32, \
            but the module exports: i32 i32 -> i32; the export is taken for absent
            """
        #expect(linked.leniences == [sentence])
        let host = try Host(.cranelift, [Host.Plugin(guest)], link: .lenient).start()
        #expect(host.exchange().result.status == 200)
        #expect(host.log() == [sentence, "A", "200"])
    }

    @Test("no function stands in for globals, or for functions on vectors")
    func lenientLimits() throws {
        for entry in ["(global i32)", "(func (param v128))", "(func (result funcref))"] {
            let text = "(module (import \"env\" \"g\" \(entry)) \(Self.marker))"
            #expect(throws: PluginLoadError.missingImports([.init(module: "env", name: "g")])) {
                try load(text, mode: .lenient)
            }
        }
        #expect(throws: PluginLoadError.missingAllocator(.malloc)) {
            try load("(module \(Self.marker))", mode: .lenient)
        }
        #expect(throws: PluginLoadError.unknownABIVersion) { try load("(module)", mode: .lenient) }
    }

    @Test("the host asks through malloc first, or through the export that it is told")
    func allocatorChoice() throws {
        func exporting(_ names: String...) -> String {
            let exports = names.map { "(func (export \"\($0)\") (param i32) (result i32) (i32.const 0))" }
            return "(module \(Self.marker) (memory (export \"memory\") 1) \(exports.joined()))"
        }
        let both = exporting("proxy_on_memory_allocate", "malloc")
        #expect(try load(both).allocator == .malloc)
        #expect(try load(both, allocator: .proxyOnMemoryAllocate).allocator == .proxyOnMemoryAllocate)
        #expect(throws: PluginLoadError.missingAllocator(.proxyOnMemoryAllocate)) {
            try load(exporting("malloc"), allocator: .proxyOnMemoryAllocate)
        }
    }

    @Test("an unknown profile names the known ones", arguments: ["1.20", "1.40", "mine"])
    func profile(name: String) throws {
        #expect(
            try loadError("(module)", profile: name).description
                == "the behaviour of Envoy \"\(name)\" is not known (known: 1.21, 1.30, 1.33, 1.39, full)")
    }
}

extension String {
    /// The fields of a module's text.
    fileprivate var dropModule: String {
        String(dropFirst("(module".count).dropLast()).replacing("(func (export \"proxy_abi_version_0_2_1\"))", with: "")
    }
}
