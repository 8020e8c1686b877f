import SluiceInspect
import SluiceModel
import SluiceProxyWasm
import Testing

/// Findings, from facts alone.
@Suite struct RuleTests {
    @Test("a plain plugin has nothing said against it")
    func plain() throws {
        let facts = try Module.facts(Module.plugin("(func $named)"))
        #expect(Module.codes(Module.report(facts)) == [])
    }

    @Test("functions that came later: the profile, the others, and the way out")
    func imports() throws {
        let facts = try Module.facts(
            Module.plugin("(import \"wasi_snapshot_preview1\" \"sched_yield\" (func $y (result i32)))"))
        let old = Module.report(facts, .v1_30)
        #expect(old.loads == false)
        #expect(old.verdict == "does not load: Envoy 1.30 to 1.32, Istio 1.22 to 1.24")
        #expect(Module.codes(old) == ["error missing-import", "note release-refuses"])
        #expect(old.findings[0].advice.hasPrefix("use Envoy 1.33 to 1.38, Istio 1.25 to 1.30, or later; "))
        #expect(
            old.findings[0].hostTexts == [
                "Failed to load Wasm module due to a missing import: wasi_snapshot_preview1.sched_yield"
            ])
        let new = Module.report(facts)
        #expect(Module.codes(new) == ["note release-refuses", "note release-refuses"])
        #expect(
            new.findings.map(\.title) == [
                "Envoy 1.21 to 1.29, Istio 1.13 to 1.21 do not load it",
                "Envoy 1.30 to 1.32, Istio 1.22 to 1.24 do not load it",
            ])
    }

    @Test("poll_oneoff loads in 1.33 and refuses there")
    func waiting() throws {
        let facts = try Module.facts(
            Module.plugin(
                "(import \"wasi_snapshot_preview1\" \"poll_oneoff\" (func $p (param i32 i32 i32 i32) (result i32)))"))
        #expect(Module.codes(Module.report(facts, .v1_33)).first == "warning poll-oneoff")
        #expect(Module.codes(Module.report(facts, .v1_39)).contains("note poll-oneoff"))
    }

    @Test("the short types of Envoy")
    func shortTypes() throws {
        let facts = try Module.facts(
            Module.plugin(
                "(import \"wasi_unstable\" \"path_symlink\" (func $p (param i32 i32 i32 i32 i32) (result i32)))"
            ))
        #expect(facts.profiles.map(\.loads) == [false, false, false, false, true])
        let report = Module.report(facts)
        #expect(Module.codes(report).first == "error import-type")
        #expect(report.findings[0].cause.contains("path_symlink"))
        #expect(Module.codes(Module.report(facts, link: .lenient)).first == "warning import-type")
    }

    @Test("callbacks of a wrong type, no marker, no allocator")
    func exports() throws {
        let wrong = try Module.facts(Module.plugin("(func $f (export \"proxy_on_log\"))"))
        #expect(Module.codes(Module.report(wrong)) == ["error export-type"])
        #expect(
            Module.codes(Module.report(try Module.facts("(module \(Module.memory))"))).first == "error no-abi-version")
        let none = try Module.facts("(module \(Module.marker) \(Module.memory))")
        #expect(Module.codes(Module.report(none)).first == "error no-allocator")
    }

    @Test("TinyGo's malloc is never freed; another module's may be exported by a flag; C's is what it is for")
    func allocators() throws {
        let free = "(func $f (export \"free\") (param i32))"
        let both = free + "(func (export \"proxy_on_memory_allocate\") (param i32) (result i32) (i32.const 8))"
        let tinygo = try Module.facts(Module.plugin(both + "(func $runtime.alloc)"))
        #expect(Module.codes(Module.report(tinygo)) == ["warning malloc-never-freed", "note two-allocators"])
        #expect(Module.codes(Module.report(try Module.facts(Module.plugin(free)))) == ["warning malloc-exported"])
        let emscripten = try Module.facts(
            Module.plugin("(import \"env\" \"emscripten_notify_memory_growth\" (func $g (param i32)))" + free))
        #expect(Module.codes(Module.report(emscripten)) == [])
    }

    @Test(
        "memories",
        arguments: [
            ("", "error no-memory"), ("(memory (export \"memory\") 3 3)", "warning fixed-memory"),
            ("(memory 1)", "warning memory-not-exported"),
            ("(import \"env\" \"memory\" (memory 1))", "note imported-memory"),
            ("(memory (export \"memory\") 16385)", "error memory-over-limit"),
        ])
    func memory(declaration: String, code: String) throws {
        let facts = try Module.facts("(module \(declaration) \(Module.marker) \(Module.malloc) \(Module.initialize))")
        #expect(Module.codes(Module.report(facts)).contains(code))
    }

    @Test("what is only good to know")
    func notes() throws {
        let facts = try Module.facts(
            "(module \(Module.marker) (func (export \"proxy_abi_version_0_2_0\")) \(Module.memory) \(Module.malloc))")
        #expect(
            Module.codes(Module.report(facts, type: .tcp)) == [
                "warning no-callbacks", "note several-abi-versions", "note no-entry-point", "note no-function-names",
            ])
    }
}
