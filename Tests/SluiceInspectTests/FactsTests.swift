import Foundation
import SluiceEngine
import SluiceInspect
import SluiceModel
import Testing

/// What is read from a module without running it.
@Suite struct FactsTests {
    @Test("everything that the binary says")
    func everything() throws {
        let facts = try Module.facts(
            """
            (module
              (import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))
              (memory (export "memory") 2 16)
              (func (export "proxy_abi_version_0_2_1")) (func (export "proxy_abi_version_0_2_0"))
              (func (export "proxy_on_memory_allocate") (param i32) (result i32) unreachable)
              (func (export "malloc") (param i32) (result i32) unreachable)
              (func (export "free") (param i32))
              (func (export "_start")) (func $s) (start $s)
              (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (i32.const 0)))
            """)
        #expect(facts.abiVersion == "0.2.1")
        #expect(facts.abiMarkers == ["0.2.1", "0.2.0"])
        #expect(facts.entryPoints == ["_start"])
        #expect(facts.hasStartFunction)
        #expect(facts.callbacks == ["proxy_on_request_headers"])
        #expect(facts.allocators.map(\.export) == ["malloc", "proxy_on_memory_allocate"])
        #expect(facts.allocators.map(\.isUsed) == [true, false])
        #expect(facts.releasers == ["free"])
        let memory = try #require(facts.memory)
        #expect(memory.minimumBytes == 131072)
        #expect(memory.maximumBytes == 1 << 20)
        #expect(!memory.isImported)
        #expect(memory.isExported)
        #expect(facts.imports.map(\.offeredBy) == [EnvoyProfile.allCases, [.v1_33, .v1_39, .full]])
        #expect(facts.hasFunctionNames)
        #expect(facts.profiles.map(\.loads) == [false, false, true, true, true])
        let text = "Failed to load Wasm module due to a missing import: wasi_snapshot_preview1.sched_yield"
        #expect(facts.profiles[0].errors.map(\.kind) == [.missingImport])
        #expect(facts.profiles[0].errors.map(\.text) == [text])
        #expect(facts.profiles[0].releases == "Envoy 1.21 to 1.29, Istio 1.13 to 1.21")
    }

    @Test("every kind of link error keeps the host's own words")
    func linkErrors() throws {
        let facts = try Module.facts(
            """
            (module
              (import "env" "proxy_log" (func (param i64)))
              (import "env" "nothing" (func))
              \(Module.marker)
              (func (export "proxy_on_done") (param i32)))
            """)
        let errors = facts.profiles[3].errors
        #expect(errors.map(\.kind) == [.missingImport, .importType, .exportType, .noAllocator])
        let texts = [
            "Failed to load Wasm module due to a missing import: env.nothing",
            "Failed to load Wasm module due to an import type mismatch: env.proxy_log, want: i64 -> void, "
                + "but host exports: i32 i32 i32 -> i32",
            "Bad function signature for: proxy_on_done, want: i32 -> i32, but the module exports: i32 -> void",
            "Wasm module is missing malloc function.",
        ]
        #expect(errors.map(\.text) == texts)
        #expect(try Module.facts("(module)").profiles[0].errors.map(\.kind) == [.noABIVersion])
    }

    @Test(
        "the toolchain is guessed from the producers section",
        arguments: [
            ("language", "Go", "go1.24.1", Toolchain.go), ("processed-by", "Go cmd/compile", "go1.24.1", .go),
            ("language", "Rust", "", .rust), ("processed-by", "rustc", "1.85.0", .rust),
            ("processed-by", "clang", "11.0.0 (tinygo-org/llvm-project 9ecb19f)", .tinygo),
            ("processed-by", "clang", "15.0.0 (espressif/llvm-project bb85a4e)", .tinygo),
            ("processed-by", "clang", "19.1.0", .cpp), ("processed-by", "something", "1", .unknown),
        ])
    func toolchain(field: String, tool: String, version: String, toolchain: Toolchain) throws {
        let contents = Module.producers([(field, tool, version)])
        let facts = try Module.facts(try Module.binary(Module.plugin(), section: "producers", contents))
        #expect(facts.toolchain == toolchain)
        #expect(facts.producers == ["\(field) \(tool) \(version)".trimmingCharacters(in: .whitespaces)])
    }

    @Test(
        "without a producers section names give a toolchain away",
        arguments: [
            ("(func $runtime.alloc)", Toolchain.tinygo), ("(func $__rust_alloc)", .rust),
            ("(func (export \"__new\")) (func (export \"__pin\"))", .assemblyscript),
            ("(import \"env\" \"emscripten_notify_memory_growth\" (func (param i32)))", .cpp), ("", .unknown),
        ])
    func names(field: String, toolchain: Toolchain) throws {
        #expect(try Module.facts(Module.plugin(field)).toolchain == toolchain)
    }

    @Test("a 64-bit memory may declare more bytes than can be said")
    func hugeMemory() throws {
        let text = "(module \(Module.marker) (memory (export \"memory\") i64 1 281474976710656) \(Module.malloc))"
        let memory = try #require(try Module.facts(text).memory)
        #expect(memory.minimumBytes == 65536)
        #expect(memory.maximumBytes == .max)
    }

    @Test("a damaged producers or name section harms nobody", arguments: ["producers", "name"])
    func damaged(section: String) throws {
        let damages: [[UInt8]] = [[], [0xff], [1, 3, 97], [1, 0xff, 0xff, 0xff, 0xff, 0x0f], [200, 1, 1]]
        for contents in damages {
            let facts = try Module.facts(try Module.binary(Module.plugin(), section: section, contents))
            #expect(facts.abiVersion == "0.2.1")
        }
    }

    @Test(
        "what is no core module is refused with the reason",
        arguments: [
            ("", "the file is empty"), ("hello", "magic"), ("\0asm", "truncated"),
            ("\0asm\u{0d}\0\u{01}\0", "component"), ("\0asm\u{02}\0\0\0", "version"),
        ])
    func unreadable(text: String, reason: String) {
        let bytes = Array(text.utf8)
        let error = #expect(throws: EngineError.self) { try ModuleInspection(reading: bytes) }
        #expect(error?.description.contains(reason) == true)
    }

    @Test("a module that was cut anywhere is refused or read, never more than that")
    func truncated() throws {
        let bytes = try Module.binary(Module.plugin())
        for count in 0..<bytes.count { _ = try? Module.facts(Array(bytes.prefix(count))) }
        #expect(throws: EngineError.self) { try Module.facts(Array(bytes.dropLast())) }
    }
}
