import FetchTestSupport
import Foundation
import SluiceModel
import SluiceWire
import Testing

/// Commands whose modules come from elsewhere.
@Suite(.serialized) struct FetchCommandTests {
    private func write(_ strategies: String, to folder: borrowing CommandFolder) throws {
        let text = """
            sluice: 1
            name: fetched
            load: { phases: [{ kind: hold, duration: 1s, rate: 50/s }] }
            requests: [{ path: / }]
            plugins: [{ name: p, module: "${strategy}" }]
            strategies:
            \(strategies)
            """
        try folder.write(text, to: "test.yaml")
    }

    private func environment(_ folder: borrowing CommandFolder, port: Int) throws -> [String: String] {
        let auth = Data("tester:pass-word".utf8).base64EncodedString()
        try folder.write(#"{"auths": {"127.0.0.1:\#(port)": {"auth": "\#(auth)"}}}"#, to: "config.json")
        return ["XDG_CACHE_HOME": folder.url.appending(path: "cache").path, "DOCKER_CONFIG": folder.url.path]
    }

    /// A registry with the plugin as `team/p:1.0`, for those with the right password.
    private func registry() throws -> (server: TestServer, manifest: [UInt8]) {
        let module = BinaryPlugin.bytes
        let layer = TestContent.descriptor(
            "application/vnd.wasm.content.layer.v1+wasm", digest: TestContent.digest(module), size: module.count)
        let manifest = Array(TestContent.manifest(layers: [layer]).utf8)
        let basic = "Basic " + Data("tester:pass-word".utf8).base64EncodedString()
        let server = try TestServer { request in
            guard request.headers["authorization"] == basic else {
                return .response(status: 401, headers: ["WWW-Authenticate": "Basic realm=test"])
            }
            switch request.target {
            case "/v2/team/p/manifests/1.0": return .response(status: 200, body: manifest)
            case "/v2/team/p/blobs/\(TestContent.digest(module))": return .response(status: 200, body: module)
            default: return .response(status: 404)
            }
        }
        return (server, manifest)
    }

    @Test func `a check and a gate take images`() throws {
        let folder = try CommandFolder()
        let (server, _) = try registry()
        let address = "oci://\(server.authority)/team/p:1.0"
        let environment = try environment(folder, port: server.port)
        let check = try folder.run("check", address, "--type", "http", environment: environment)
        #expect(check.code == 0, "\(check.errors)")
        #expect(check.output.hasPrefix("\(address): loads and starts"), "\(check.output)")
        let absent = try folder.run("check", "oci://\(server.authority)/team/q:1.0", environment: environment)
        #expect(absent.code == 2 && absent.errors.contains("has no"), "\(absent.errors)")

        try write("  built: { module: test.wasm }\nbudgets: { errors: 100% }", to: folder)
        try Data(BinaryPlugin.bytes).write(to: folder.url.appending(path: "test.wasm"))
        let gate = try folder.run(
            "gate", "test.yaml", "--blocks", "1", "--candidate", address, "--no-report", environment: environment)
        #expect([0, 4].contains(gate.code), "\(gate.errors)")
        let words = gate.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(words.contains("repeat with: sluice gate test.yaml --candidate '\(address)' --blocks 1"), "\(words)")

        for (module, words) in [
            ("oci://\(server.authority)/team/p", "neither a tag nor a digest"),
            ("https://\(server.authority)/p.wasm", "a download needs its hash"),
        ] {
            for arguments in [["check", module], ["gate", "test.yaml", "--candidate", module]] {
                let result = try folder.start(arguments).wait()
                #expect(result.code == 2 && result.errors.contains(words), "\(arguments): \(result.errors)")
            }
        }
    }

    @Test func `credentials can come from a helper on the search path`() throws {
        let folder = try CommandFolder()
        let (server, _) = try registry()
        let helper = folder.url.appending(path: "docker-credential-test")
        let environment = [
            "XDG_CACHE_HOME": folder.url.appending(path: "cache").path, "DOCKER_CONFIG": folder.url.path,
            "PATH": "\(folder.url.path):/usr/bin:/bin",
        ]
        let address = "oci://\(server.authority)/team/p:1.0"
        try folder.write(#"{"credHelpers": {"\#(server.authority)": "test"}}"#, to: "config.json")
        for (answer, code, words) in [
            (#"{"ServerURL":"x","Username":"tester","Secret":"pass-word"}"#, Int32(0), ""),
            (#"{"ServerURL":"x","Username":"tester","Secret":"other"}"#, 2, "not accepted"),
            (#"{"ServerURL":"x","Username":"<token>","Secret":"other"}"#, 2, "identity tokens"),
            ("credentials not found in native keychain", 2, "does not answer as a credential helper does"),
        ] {
            let script = """
                #!/bin/sh
                server=$(cat)
                [ "$1 $server" = "get \(server.authority)" ] && echo '\(answer)'

                """
            try folder.write(script, to: helper.lastPathComponent)
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: helper.path)
            let result = try folder.run("check", address, "--type", "http", environment: environment)
            #expect(result.code == code, "\(answer): \(result.errors)")
            #expect(words.isEmpty || result.errors.contains(words), "\(answer): \(result.errors)")
            #expect(!result.errors.contains("other") && !result.errors.contains("pass-word"))
        }
    }

    @Test func `a run with an image keeps what its tag stood for`() throws {
        let folder = try CommandFolder()
        let (server, manifest) = try registry()
        let address = "oci://\(server.authority)/team/p:1.0"
        try write("  image: { module: '\(address)' }", to: folder)
        let environment = try environment(folder, port: server.port)
        let result = try folder.run("run", "test.yaml", "--no-report", environment: environment)
        #expect([0, 4].contains(result.code), "\(result.errors)")
        #expect(result.errors.contains("fetching \(address)"))
        let report = try folder.run("report", "--format", "json").output
        #expect(report.replacing("\\/", with: "/").contains("\"\(address)@\(TestContent.digest(manifest))\""))
        #expect(report.contains(ContentHash(of: BinaryPlugin.bytes).hexadecimal))
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.url.path) where name != "config.json" {
            let content = (try? Data(contentsOf: folder.url.appending(path: name))) ?? Data()
            for secret in ["pass-word", Data("tester:pass-word".utf8).base64EncodedString()] {
                #expect(content.range(of: Data(secret.utf8)) == nil, "\(name)")
            }
        }
    }

    @Test func `all modules that cannot be had are named in one go, and no run is stored`() throws {
        let folder = try CommandFolder()
        let text = Array("this is no module".utf8)
        let server = try TestServer { request in
            request.target == "/text" ? .response(status: 200, body: text) : .response(status: 404)
        }
        let (right, other) = (ContentHash(of: text), ContentHash(of: [1]))
        let closed = try LoopbackSocket.freePort()
        try write(
            """
              absent: { module: 'oci://\(server.authority)/p:1.0' }
              down: { module: 'oci://127.0.0.1:\(closed)/p:1.0' }
              changed: { module: { url: 'http://\(server.authority)/text', sha256: '\(other)' } }
              textual: { module: { url: 'http://\(server.authority)/text', sha256: '\(right)' } }
            """, to: folder)
        let result = try folder.run(
            "compare", "test.yaml", environment: try environment(folder, port: server.port))
        #expect(result.code == 2)
        #expect(result.output.isEmpty)
        for line in [
            "module oci://\(server.authority)/p:1.0 (strategy absent): \(server.authority) has no",
            "module oci://127.0.0.1:\(closed)/p:1.0 (strategy down): cannot reach 127.0.0.1:\(closed)",
            "module http://\(server.authority)/text (strategy changed): sha256 mismatch",
            "module http://\(server.authority)/text (strategy textual): not a Wasm module",
        ] { #expect(result.errors.contains(line), "\(line)\n\(result.errors)") }
        let isStored = folder.contains("sluice.sqlite")
        #expect(!isStored)
    }

    @Test func `an interrupt ends a fetch`() throws {
        let folder = try CommandFolder()
        let server = try TestServer { _ in .silence }
        try write("  slow: { module: 'oci://\(server.authority)/p:1.0' }", to: folder)
        let command = try folder.start(
            ["run", "test.yaml"], environment: try environment(folder, port: server.port))
        let deadline = Date(timeIntervalSinceNow: 20)
        while server.requests.isEmpty, Date() < deadline { usleep(50_000) }
        command.signal(SIGINT)
        let result = try command.wait()
        #expect(result.code == 130, "\(result.errors)")
        let isStored = folder.contains("sluice.sqlite")
        #expect(!isStored)
    }
}

/// A plugin in binary form that lets every request through.
private enum BinaryPlugin {
    static var bytes: [UInt8] {
        let types: [[UInt8]] = [
            [0x60, 0, 0], [0x60, 1, 0x7f, 1, 0x7f], [0x60, 2, 0x7f, 0x7f, 0], [0x60, 2, 0x7f, 0x7f, 1, 0x7f],
            [0x60, 3, 0x7f, 0x7f, 0x7f, 1, 0x7f],
        ]
        // Name, type, and the constant that it returns.
        let functions: [(name: String, type: UInt8, result: [UInt8])] = [
            ("proxy_abi_version_0_2_1", 0, []), ("malloc", 1, [0x41, 0x80, 0x08]), ("proxy_on_context_create", 2, []),
            ("proxy_on_vm_start", 3, [0x41, 1]), ("proxy_on_configure", 3, [0x41, 1]),
            ("proxy_on_request_headers", 4, [0x41, 0]),
        ]
        let exports = functions.enumerated().map { index, function in
            vector(Array(function.name.utf8)) + [0, UInt8(index)]
        }
        let bodies = functions.map { vector([0] + $0.result + [0x0b]) }
        return [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0] + section(1, types) + section(3, functions.map { [$0.type] })
            + section(5, [[0, 1]]) + section(7, exports + [vector(Array("memory".utf8)) + [2, 0]])
            + section(10, bodies)
    }

    private static func section(_ kind: UInt8, _ elements: [[UInt8]]) -> [UInt8] {
        [kind] + vector([UInt8(elements.count)] + elements.flatMap { $0 })
    }

    /// Lengths below 16384, in LEB128.
    private static func vector(_ bytes: [UInt8]) -> [UInt8] {
        let count = bytes.count
        return (count < 128 ? [UInt8(count)] : [UInt8(count & 127 | 128), UInt8(count >> 7)]) + bytes
    }
}
