import Foundation
import SluiceModel
import SluiceWorkload
import Testing

@Suite("Imports")
struct ImportTests {
    private static let folder = Reading.fixtures.appending(path: "import")
    private static let files = [
        "envoy-bootstrap.yaml", "envoy-filter.json", "istio.yaml", "suite.textpb", "suite.yaml",
    ]

    /// Compares with a file beside the imported one. `SLUICE_REWRITE_GOLDEN=1` writes it anew.
    private static func golden(_ text: String, _ name: String) throws {
        let file = folder.appending(path: "golden/\(name)")
        if ProcessInfo.processInfo.environment["SLUICE_REWRITE_GOLDEN"] == "1" {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == text, "\(name)")
    }

    private static func imported(_ name: String) throws(WorkloadErrors) -> ImportedWorkload {
        try WorkloadImporter.read(path: folder.path + "/\(name)")
    }

    private static func workload(_ name: String) throws -> Workload {
        try WorkloadReader.read(
            text: imported(name).text, path: folder.path + "/workload.yaml", patternError: Reading.patternError)
    }

    @Test("An import is the workload that it was, names what it leaves out, and can be read", arguments: files)
    func goldens(_ name: String) throws {
        let imported = try Self.imported(name)
        try Self.golden(imported.text, "\(name).workload.yaml")
        for note in imported.notes { #expect(imported.text.contains("#   \(note.description)\n")) }
        _ = try Self.workload(name)
    }

    @Test("Filters of Envoy keep their order, configuration and VM")
    func envoy() throws {
        let workload = try Self.workload("envoy-bootstrap.yaml")
        // Without `strategies` the first plugin's module is that of the strategy `default`.
        let service = try #require(workload.plugins.first)
        #expect(service.name == "collector")
        #expect(service.type == .service && service.placement == .firstWorker)
        let plugins = Array(workload.plugins.dropFirst())
        #expect(plugins.map(\.name) == ["header-auth", "envoy.filters.http.wasm"])
        #expect(plugins.map(\.rootID) == ["auth_root", "log_root"])
        #expect(plugins.map(\.vmID) == ["shared", "shared"])
        #expect(plugins.map(\.failurePolicy) == [.open, .reload])
        #expect(plugins[1].reloadBaseIntervalNanoseconds == 2_000_000_000)
        let structure =
            #"{"issuer":"https://issuer.example","retries":3,"strict":true,"version":"1.0","#
            + #""paths":["/a",{"prefix":"/b"}],"none":{}}"#
        #expect(String(decoding: plugins[0].configuration, as: UTF8.self) == structure)
        #expect(String(decoding: plugins[0].vmConfiguration, as: UTF8.self) == "vm text")
        #expect(String(decoding: plugins[1].configuration, as: UTF8.self) == "level: debug\npath: ${x}\n")
        #expect(
            plugins[0].environmentVariables == [
                EnvironmentVariable(name: "GOGC", value: "50"), EnvironmentVariable(name: "EMPTY", value: ""),
            ])
        let hash = try #require(ContentHash(hexadecimal: String(repeating: "0a", count: 32)))
        #expect(
            plugins[1].module?.source
                == .download(address: "https://modules.example/log.wasm", contentHash: hash))
        let notes = try Self.imported("envoy-bootstrap.yaml").notes.map(\.text).joined(separator: "\n")
        for word in [
            "`counter` is of type `tcp`, and a workload", "jwt_authn",
            "host_env_keys",
            "maxInterval", "`elsewhere` is in another filter chain", "`runtime` of `vm_config`",
            "`cluster` of `http_uri`", "`timeout` of `http_uri`",
        ] { #expect(notes.contains(word), "\(word)") }
    }

    @Test("A network filter and a service alone become workloads of their own kinds")
    func alone() throws {
        func envoy(_ type: String) -> String {
            """
            - name: one
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.\(type)
                config: { name: one, vm_config: { code: { local: { filename: plugins/plugin.wat } } } }
            """
        }
        let path = Reading.fixtures.path + "/inline.yaml"
        let network = try WorkloadImporter.read(text: envoy("filters.network.wasm.v3.Wasm"), path: path)
        let connections = try Reading.read(text: network.text)
        #expect(connections.plugins.map(\.type) == [.tcp])
        #expect(connections.requests.map(\.body) == [.text(Template(literal: "hello"))])
        let service = try Reading.read(
            text: try WorkloadImporter.read(text: envoy("wasm.v3.WasmService"), path: path).text)
        #expect(service.plugins.map(\.type) == [.service])
        #expect(service.plugins.map(\.placement) == [.everyWorker])
        #expect(service.requests.isEmpty)
        #expect(service.load.durationNanoseconds == 35_000_000_000)
    }

    @Test("Filters of one VM stay in it, with the environment that it has")
    func sharedVM() throws {
        func filter(_ name: String, _ vm: String) -> String {
            """
            - name: \(name)
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm
                config:
                  name: \(name)
                  vm_config: { vm_id: one, code: { local: { filename: plugins/plugin.wat } }, \(vm) }

            """
        }
        let imported = try WorkloadImporter.read(
            text: filter("a", "environment_variables: { key_values: { A: first } }")
                + filter("b", "environment_variables: { key_values: { A: second } }")
                + filter("c", "configuration: { \"@type\": StringValue, value: other }"),
            path: Reading.fixtures.path + "/inline.yaml")
        let plugins = try Reading.read(text: imported.text).plugins
        #expect(plugins.map(\.vmID) == ["one", "one", "one"])
        #expect(plugins.map { $0.environmentVariables.map(\.value) } == [["first"], ["first"], []])
        #expect(
            imported.notes.map(\.text) == ["the plugin `b` is in the VM of `a`, and has its environment variables"])
    }

    @Test("Plugins of Istio stand in the order of phase and priority")
    func istio() throws {
        let workload = try Self.workload("istio.yaml")
        #expect(workload.plugins.map(\.name) == ["early", "login", "quotas", "last"])
        #expect(workload.plugins.map(\.failurePolicy) == [.closed, .reload, .open, .closed])
        #expect(
            String(decoding: workload.plugins[2].configuration, as: UTF8.self)
                == #"{"limit":100,"per":"60","names":["a","b"]}"#)
        #expect(workload.plugins[2].rootID == "quota_root")
        #expect(workload.plugins[3].module?.written == "oci://registry.example/team/last:latest")
        let digits = String(repeating: "0a", count: 32)
        #expect(workload.plugins[2].module?.written == "oci://registry.example/team/quotas:1.4@sha256:\(digits)")
        let notes = try Self.imported("istio.yaml").notes.map(\.text).joined(separator: "\n")
        for word in ["selector", "imagePullSecret", "imagePullPolicy", "`HOME` comes from the host", "runs no Wasm"] {
            #expect(notes.contains(word), "\(word)")
        }
    }

    @Test("A test suite becomes requests with expectations")
    func suite() throws {
        let workload = try Self.workload("suite.textpb")
        #expect(workload.requests.count == 3)
        let refused = workload.requests[0]
        #expect(refused.method == "POST" && refused.authority == "shop.example")
        #expect(refused.path == Template(literal: "/a?x=${y}"))
        #expect(refused.headers.map(\.name) == ["user-token", "x-many", "x-many"])
        #expect(refused.expectation.status == 403)
        #expect(refused.expectation.body == .equals("Access \"denied\"\n"))
        #expect(refused.expectation.headers.map(\.name) == ["x-reason", "x-internal"])
        #expect(refused.expectation.headers.map(\.value) == [.equals("token"), nil])
        let rewritten = workload.requests[1]
        #expect(rewritten.path == Template(literal: "/b"))
        #expect(rewritten.body == .text(Template(literal: "one and two €")))
        #expect(rewritten.expectation.status == 201)
        #expect(rewritten.expectation.body == .matches(#"\A(?:b.d.)\z"#))
        #expect(workload.target.upstream.status == 201)
        #expect(workload.target.upstream.body == .text(Template(literal: "body")))
        #expect(workload.requests[2].expectation == .nothing)
        #expect(String(decoding: workload.plugins[0].configuration, as: UTF8.self) == #"{"mode": "strict"}"#)
    }

    @Test(
        "What is wrong with a file has its place",
        arguments: [
            ("a: 1\n", "f.yaml:1:1: there is no Wasm plugin in the file"),
            ("{", "f.yaml:2:1: not valid YAML"), ("", "f.yaml:1:1: there is no Wasm plugin"),
            (
                "kind: WasmPlugin\napiVersion: extensions.istio.io/v1alpha1\nspec: { phase: EARLY, url: x.test/p:1 }\n",
                "f.yaml:3:16: `EARLY` is not a phase"
            ),
            (
                "kind: WasmPlugin\napiVersion: extensions.istio.io/v1alpha1\nspec:\n  url: https://x.test/p\n",
                "f.yaml:4:8: the download `https://x.test/p` has no `sha256`"
            ),
            (
                "kind: WasmPlugin\napiVersion: extensions.istio.io/v1alpha1\nspec: { url: team/p:1 }\n",
                "f.yaml:3:14: `team/p:1` names no registry"
            ),
            ("test: []\n", "f.yaml:1:1: the suite names no module"),
        ])
    func errors(_ text: String, _ expected: String) {
        do throws(WorkloadErrors) {
            Issue.record("\(try WorkloadImporter.read(text: text, path: "f.yaml"))")
        } catch {
            #expect(error.description.hasPrefix(expected), "\(error)")
        }
    }

    @Test(
        "What is wrong with the text format has its place",
        arguments: [
            ("test {", "f.textpb:1:7: not the text format of protocol buffers: the file ends where `}` is expected"),
            (
                "env {\n  wasm_path 1 }",
                "f.textpb:2:13: not the text format of protocol buffers: `:` or `{` is expected"
            ),
            ("env { wasm_path: \"a }", "f.textpb:1:22: not the text format of protocol buffers: the text has no end"),
            ("env { wasm_path: \"\\xff\" }", "f.textpb:1:18: binary content"),
            ("env { wasm_path: \"a\" } test 5", "f.textpb:1:29: not the text format"),
            (String(repeating: "a{", count: 100), "f.textpb:1:131: not the text format of protocol buffers: messages"),
        ])
    func textFormat(_ text: String, _ expected: String) {
        do throws(WorkloadErrors) {
            Issue.record("\(try WorkloadImporter.read(text: text, path: "f.textpb"))")
        } catch {
            #expect(error.description.hasPrefix(expected), "\(error)")
        }
    }

    @Test("Paths stay right when the workload lies elsewhere")
    func paths() throws {
        let path = Self.folder.path + "/envoy-filter.json"
        let beside = try WorkloadImporter.read(path: path)
        #expect(beside.text.contains("module: \"../plugins/plugin.wat\"\n"))
        let elsewhere = try WorkloadImporter.read(path: path, output: "/elsewhere/w.yaml")
        #expect(elsewhere.text.contains("module: \(Reading.fixtures.path)/plugins/plugin.wat\n"))
    }
}
