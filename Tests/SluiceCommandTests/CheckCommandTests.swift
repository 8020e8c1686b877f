import Foundation
import Testing

/// `sluice check` as its users meet it.
@Suite struct CheckCommandTests {
    private static let plugin = """
        (module
          (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
          (memory (export "memory") 1)
          (data (i32.const 0) "to log")
          (func (export "proxy_abi_version_0_2_1"))
          (func (export "malloc") (param i32) (result i32) (i32.const 1024))
          (func (export "_initialize") (drop (memory.grow (i32.const 1))))
          (func (export "proxy_on_configure") (param i32 i32) (result i32)
            (drop (memory.grow (i32.const 2)))
            (i32.const 1))
        """

    private func report(_ output: String) throws -> [String: Any] {
        let document = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
        #expect(document["format"] as? String == "sluice-check")
        #expect(document["version"] as? Int == 1)
        return try #require(document["report"] as? [String: Any])
    }

    @Test func `a module that loads is tried as every type, and its heap is told at each step`() throws {
        let folder = try CommandFolder()
        try folder.write(Self.plugin + ")", to: "plugin.wat")
        let result = try folder.run("check", "plugin.wat", "--format", "json")
        #expect(result.code == 0, "\(result.errors)")
        let report = try report(result.output)
        #expect(report["loads"] as? Bool == true)
        let smoke = try #require(report["smoke"] as? [[String: Any]])
        #expect(smoke.map { $0["type"] as? String } == ["http", "tcp", "service"])
        #expect(smoke.map { $0["outcome"] as? String } == ["passed", "passed", "passed"])
        for type in smoke {
            #expect(type["instantiated_bytes"] as? Int == 65536)
            #expect(type["started_bytes"] as? Int == 131072)
            #expect(type["configured_bytes"] as? Int == 262144)
        }
        #expect(smoke[0]["status"] as? Int == 200)
        let text = try folder.run("check", "plugin.wat")
        #expect(text.code == 0)
        #expect(text.output.contains("plugin.wat: loads and starts: Envoy 1.39 and later, Istio 1.31 and later"))
        #expect(text.output.contains("heap: instantiated 64.0 KiB, started 128 KiB, configured 256 KiB"))
    }

    @Test func `a module that does not load in a release says so in Envoy's words`() throws {
        let folder = try CommandFolder()
        let text = Self.plugin.replacing(
            "(memory", with: "(import \"wasi_snapshot_preview1\" \"sched_yield\" (func (result i32))) (memory",
            maxReplacements: 1)
        try folder.write(text + ")", to: "plugin.wat")
        #expect(try folder.run("check", "plugin.wat").code == 0)
        let old = try folder.run("check", "plugin.wat", "--envoy", "1.32")
        #expect(old.code == 1)
        #expect(old.output.contains("plugin.wat: does not load: Envoy 1.30 to 1.32, Istio 1.22 to 1.24"))
        #expect(
            old.output.contains(
                "| Failed to load Wasm module due to a missing import: wasi_snapshot_preview1.sched_yield"))
        #expect(old.output.contains("error: it imports functions that this host does not have [missing-import]"))
        #expect(try folder.run("check", "plugin.wat", "--envoy", "1.32", "--lenient").code == 0)
    }

    @Test func `a stream of the wanted type decides only when it is asked for`() throws {
        let folder = try CommandFolder()
        let text =
            Self.plugin + """
                (func $inner unreachable)
                (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
                  (drop (call $log (i32.const 2) (i32.const 0) (i32.const 6)))
                  (call $inner) (i32.const 0)))
                """
        try folder.write(text, to: "plugin.wat")
        let any = try folder.run("check", "plugin.wat")
        #expect(any.code == 0)
        #expect(any.output.contains("note: as a plugin of the type http it dies in proxy_on_request_headers"))
        let asked = try folder.run("check", "plugin.wat", "--type", "http")
        #expect(asked.code == 1)
        #expect(asked.output.contains("plugin.wat: fails with its first stream (http)"))
        #expect(asked.output.contains("#0 inner"))
        #expect(asked.output.contains("        to log"))
        #expect(try folder.run("check", "plugin.wat", "--type", "tcp").code == 0)
    }

    @Test func `a plugin that refuses its configuration, waits for ever or ends itself does not load`() throws {
        let folder = try CommandFolder()
        let configure = "(func (export \"proxy_on_vm_start\") (param i32 i32) (result i32)"
        try folder.write(Self.plugin + configure + " (local.get 1)))", to: "plugin.wat")
        let refused = try folder.run("check", "plugin.wat")
        #expect(refused.code == 1)
        #expect(refused.output.contains("what to do: give it what it expects with --configuration"))
        #expect(try folder.run("check", "plugin.wat", "--vm-configuration", "{}").code == 0)
        try folder.write("file", to: "configuration")
        #expect(try folder.run("check", "plugin.wat", "--vm-configuration", "@configuration").code == 0)
        try folder.write(Self.plugin + configure + " (loop $l (br $l)) unreachable))", to: "plugin.wat")
        let endless = try folder.run("check", "plugin.wat", "--type", "service")
        #expect(endless.code == 1)
        #expect(endless.output.contains("cause: the call ran past its deadline"))
    }

    @Test func `what cannot be read ends with 2 and one reason`() throws {
        let folder = try CommandFolder()
        try folder.write("hello", to: "text.wasm")
        try Data([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]).write(to: folder.url.appending(path: "component.wasm"))
        try Data([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 9, 1]).write(to: folder.url.appending(path: "cut.wasm"))
        for (name, reason) in [
            ("nothing.wasm", "No such file"), ("text.wasm", "magic number"), ("component.wasm", "it is a component"),
            ("cut.wasm", "the module is truncated: it ends at byte 11"), (".", "Is a directory"),
        ] {
            let result = try folder.run("check", name)
            #expect(result.code == 2, "\(name)")
            #expect(result.output.isEmpty, "\(name)")
            #expect(result.errors.hasPrefix("sluice: \(name): "), "\(result.errors)")
            #expect(result.errors.contains(reason), "\(result.errors)")
        }
        try folder.write(Self.plugin + ")", to: "plugin.wat")
        for arguments in [["--envoy", "1.20"], ["--env", "A"], ["--memory", "0"], ["--type", "udp"]] {
            let result = try folder.start(["check", "plugin.wat"] + arguments).wait()
            #expect(result.code == 2, "\(arguments)")
        }
    }

    @Test(.enabled(if: JSONSchema.isThere, "PyPI jsonschema is not there: the JSON of check was not validated"))
    func `the JSON follows its schema`() throws {
        let folder = try CommandFolder()
        let failing = Self.plugin + "(func (export \"proxy_on_log\") (param i32) unreachable))"
        try folder.write(Self.plugin + ")", to: "plugin.wat")
        try folder.write(failing, to: "failing.wat")
        try folder.write("(module (import \"a\" \"b\" (global i32)))", to: "odd.wat")
        for name in ["plugin", "failing", "odd"] {
            let json = try folder.run("check", "\(name).wat", "--format", "json").output
            #expect(try JSONSchema.accepts(json, schema: "check", in: folder), "\(name)")
        }
    }
}
