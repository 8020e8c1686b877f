import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// What can be loaded, and what is said about what cannot.
@Suite struct LinkTests {
    private func load(_ text: String, profile: String = "1.39") throws -> LinkedPlugin {
        let settings = EngineSettings(
            memoryCapBytes: 1 << 20, gcHeapCapBytes: 1 << 20, deadlineNanoseconds: 1_000_000_000)
        let module = try Engines.make(.cranelift, settings: settings).compile(Array(text.utf8))
        return try PluginLinker.link(module, profile: profile)
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
            let imports = HostImport.all.map {
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
        #expect(
            try loadError("(module (func (export \"proxy_abi_version_0_1_0\")))").description
                == "Proxy-Wasm ABI 0.1.0 is not yet supported")
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

    @Test("an unknown profile names the known ones")
    func profile() throws {
        #expect(
            try loadError("(module)", profile: "1.20").description
                == "Envoy profile \"1.20\" is not yet supported (supported: 1.39)")
    }
}

extension String {
    /// The fields of a module's text.
    fileprivate var dropModule: String {
        String(dropFirst("(module".count).dropLast()).replacing("(func (export \"proxy_abi_version_0_2_1\"))", with: "")
    }
}
