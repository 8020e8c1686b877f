import FetchTestSupport
import Foundation
import SluiceFetch
import SluiceModel
import SluiceWire
import Synchronization
import Testing

/// What a registry of a test has, by what is asked for; everything else is 404.
private func registry(_ content: [String: [UInt8]]) -> @Sendable (TestRequest) -> TestAnswer {
    { request in
        content[request.target].map { .response(status: 200, body: $0) } ?? .response(status: 404)
    }
}

private let artifactLayer = "application/vnd.wasm.content.layer.v1+wasm"
private let archiveLayer = "application/vnd.oci.image.layer.v1.tar+gzip"

/// A manifest of one layer.
private func manifest(_ mediaType: String, _ layer: [UInt8], size: Int? = nil) -> [UInt8] {
    let descriptor = TestContent.descriptor(
        mediaType, digest: TestContent.digest(layer), size: size ?? layer.count)
    return Array(TestContent.manifest(layers: [descriptor]).utf8)
}

@Suite("Hostile servers", .timeLimit(.minutes(1)))
struct HostileServerTests {
    private let folder: FetchFolder

    init() throws { folder = try FetchFolder() }

    private func pull(
        _ server: TestServer, _ name: String = "p:1", limits: FetchLimits = FetchLimits(), credentials: String? = nil
    ) throws -> FetchedModule {
        let file = credentials ?? Credentials.file(for: server.authority)
        return try folder.fetcher(credentials: file, limits: limits).pull(.of("\(server.authority)/\(name)"))
    }

    // MARK: - Content

    @Test func `a blob or a manifest with other content than its digest is refused and not kept`() throws {
        let layer = TestContent.module("right")
        let named = manifest(artifactLayer, layer)
        let digest = TestContent.digest(named)
        let server = try TestServer(
            registry([
                "/v2/p/manifests/1": named, "/v2/p/blobs/\(TestContent.digest(layer))": TestContent.module("wrong"),
                "/v2/p/manifests/\(digest)": Array("{}".utf8),
            ]))
        for (name, expected) in [("p:1", ContentHash(of: layer)), ("p@\(digest)", ContentHash(of: named))] {
            guard case .hashMismatch(_, expected, _) = failure({ try pull(server, name) }) else {
                Issue.record("\(name)")
                continue
            }
        }
        #expect(folder.files.isEmpty)
    }

    @Test(
        "Manifests that lead nowhere say why",
        arguments: [
            ("[]", "not what the OCI distribution protocol describes"), ("{}", "schema version"),
            (#"{"schemaVersion":1,"layers":[]}"#, "newer tool"), (#"{"schemaVersion":2}"#, "no layer holds"),
            (#"{"schemaVersion":2,"layers":[{"mediaType":"text/plain","digest":"sha256:0","size":1}]}"#, "text/plain"),
            (
                #"{"schemaVersion":2,"layers":[{"mediaType":"application/wasm","digest":"md5:../../x","size":1}]}"#,
                "no SHA-256"
            ),
            (
                #"{"schemaVersion":2,"layers":[{"mediaType":"application/wasm","digest":"sha256:../../x","size":1}]}"#,
                "no SHA-256"
            ),
            (#"{"schemaVersion":2,"layers":[{"mediaType":"application/wasm","digest":"sha256:0"}]}"#, "protocol"),
            (
                #"{"schemaVersion":2,"manifests":[{"digest":"sha256:0","size":1,"platform":{"os":"aix"}}]}"#,
                "aix/unknown"
            ),
            (String(repeating: "[", count: 200_000), "protocol"),
        ])
    func manifests(_ text: String, _ expected: String) throws {
        let server = try TestServer(registry(["/v2/p/manifests/1": Array(text.utf8)]))
        let error = failure { try pull(server) }
        #expect(said(error).contains(expected), "\(said(error))")
    }

    @Test func `an index within an index is not followed`() throws {
        let inner = Array(#"{"schemaVersion":2,"manifests":[{"digest":"sha256:0","size":1}]}"#.utf8)
        let outer = #"{"schemaVersion":2,"manifests":[{"digest":"\#(TestContent.digest(inner))","size":1}]}"#
        let server = try TestServer(
            registry(["/v2/p/manifests/1": Array(outer.utf8), "/v2/p/manifests/\(TestContent.digest(inner))": inner]))
        #expect(said(failure { try pull(server) }).contains("index within an index"))
    }

    @Test func `what is no module, or no archive, is refused`() throws {
        let archive = try TestContent.archive(["plugin.wasm": [1]])
        for (mediaType, layer, expected) in [
            (artifactLayer, Array("<html>".utf8), "not a Wasm module"), (artifactLayer, [], "it is empty"),
            (archiveLayer, Array(repeating: 7, count: 2000), "no whole tar archive"),
            (archiveLayer, [0x1f, 0x8b, 1, 2, 3], "damaged or cut"),
            (archiveLayer, Array(try TestContent.compressed(archive).dropLast(60)), "cut"),
            (archiveLayer, try TestContent.archive(["other.wasm": [1]]), "plugin.wasm"),
        ] as [(String, [UInt8], String)] {
            let server = try TestServer(
                registry([
                    "/v2/p/manifests/1": manifest(mediaType, layer),
                    "/v2/p/blobs/\(TestContent.digest(layer))": layer,
                ]))
            let error = failure { try pull(server) }
            #expect(said(error).contains(expected), "\(said(error))")
        }
    }

    @Test func `a path that climbs out of an archive writes nothing outside the cache`() throws {
        let module = TestContent.module("climbing")
        let archive = try TestContent.archive(
            ["plugin.wasm": module], transform: "s,^plugin,../../../../../../tmp/../escape/plugin,")
        #expect(archive.firstRange(of: Array("../escape/plugin.wasm".utf8)) != nil)
        let server = try TestServer(
            registry([
                "/v2/p/manifests/1": manifest(archiveLayer, archive),
                "/v2/p/blobs/\(TestContent.digest(archive))": archive,
            ]))
        #expect(try pull(server).bytes == module)
        #expect(folder.files == ["cache/\(ContentHash(of: archive)).content"])
    }

    // MARK: - Amounts

    @Test func `endless content is cut off at its limit`() throws {
        let chunk = [UInt8](repeating: 65, count: 1 << 16)
        let head = Array("HTTP/1.1 200 OK\r\n\r\n".utf8)
        var limits = FetchLimits()
        limits.moduleBytes = 1 << 20
        let layer = TestContent.module("small")
        let body = try TestServer { request in
            request.target.contains("manifests")
                ? .response(status: 200, body: manifest(artifactLayer, layer)) : .endless(first: head, then: chunk)
        }
        guard case .tooLarge(_, layer.count) = failure({ try pull(body) }) else {
            Issue.record("a blob may not be larger than its manifest says")
            return
        }
        for (first, then, limit) in [
            (head, chunk, limits.manifestBytes),
            (Array("HTTP/1.1 200 OK\r\n".utf8), Array("x-a: b\r\n".utf8), limits.headerBytes),
            ([], Array("HTTP/1.1 100 Continue\r\n\r\n".utf8), limits.headerBytes),
        ] {
            let server = try TestServer { _ in .endless(first: first, then: then) }
            let error = failure { try pull(server) }
            guard case .tooLarge(_, limit) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
        let download = try TestServer { _ in .endless(first: head, then: chunk) }
        let error = failure {
            try folder.fetcher(limits: limits).download(
                "http://\(download.authority)/a.wasm", contentHash: ContentHash(of: layer))
        }
        #expect(error == .tooLarge(what: "the module", limitBytes: 1 << 20))
        #expect(folder.files.isEmpty)
    }

    @Test func `an endless error is an error`() throws {
        let head = Array("HTTP/1.1 500 Oh\r\n\r\n".utf8)
        let server = try TestServer { _ in .endless(first: head, then: [UInt8](repeating: 65, count: 1 << 16)) }
        #expect(failure { try pull(server) } == .status(500, from: server.authority, detail: ""))
    }

    @Test func `a layer that unpacks to more than is accepted is given up`() throws {
        var limits = FetchLimits()
        limits.unpackedBytes = 4 << 20
        let padding = [UInt8](repeating: 0, count: 16 << 20)
        let archive = try TestContent.compressed(TestContent.archive(["a.bin": padding, "plugin.wasm": [1]]))
        #expect(archive.count < 1 << 20)
        let server = try TestServer(
            registry([
                "/v2/p/manifests/1": manifest(archiveLayer, archive),
                "/v2/p/blobs/\(TestContent.digest(archive))": archive,
            ]))
        let error = failure { try pull(server, limits: limits) }
        #expect(error == .tooLarge(what: "the unpacked layer", limitBytes: 4 << 20))
    }

    @Test func `a layer that claims to be too large is not asked for`() throws {
        let layer = TestContent.module("claimed")
        let server = try TestServer(registry(["/v2/p/manifests/1": manifest(artifactLayer, layer, size: 1 << 40)]))
        guard case .tooLarge = failure({ try pull(server) }) else {
            Issue.record("expected too large")
            return
        }
        #expect(server.requests.map(\.target) == ["/v2/p/manifests/1"])
    }

    // MARK: - Time

    @Test func `a server that says nothing is given up, and an end is possible at any time`() throws {
        var limits = FetchLimits()
        limits.responseSeconds = 1
        limits.connectSeconds = 1
        let server = try TestServer { _ in .silence }
        guard case .unreachable = failure({ try pull(server, limits: limits) }) else {
            Issue.record("expected unreachable")
            return
        }
        let asked = Atomic(0)
        let error = failure {
            try folder.fetcher(isCancelled: { asked.add(1, ordering: .relaxed).newValue > 2 })
                .pull(.of("\(server.authority)/p:1"))
        }
        #expect(error == .interrupted)
    }

    // MARK: - Redirects

    @Test func `redirects are followed within limits, to http and https only`() throws {
        let module = TestContent.module("redirected")
        let hash = ContentHash(of: module)
        let server = try TestServer { request in
            switch request.target {
            case "/ok": .response(status: 200, body: module)
            case "/once": .response(status: 302, headers: ["Location": "/ok"])
            case "/file": .response(status: 302, headers: ["Location": "file:///etc/hostname"])
            case "/user": .response(status: 302, headers: ["Location": "http://user:word@localhost/ok"])
            case "/nowhere": .response(status: 302)
            default: .response(status: 307, headers: ["Location": request.target + "x"])
            }
        }
        func download(_ path: String) throws -> FetchedModule {
            try folder.fetcher().download("http://\(server.authority)\(path)", contentHash: hash)
        }
        for path in ["/file", "/user", "/nowhere", "/loop"] {
            guard case .redirect(server.authority, _) = failure({ try download(path) }) else {
                Issue.record("\(path)")
                continue
            }
        }
        #expect(server.requests.count { $0.target.hasPrefix("/loop") } == 6)
        #expect(try download("/once").bytes == module)
    }

    @Test func `a registry on this machine cannot send us unencrypted to another`() throws {
        let server = try TestServer { _ in
            .response(status: 302, headers: ["Location": "http://registry.example/v2/"])
        }
        #expect(
            failure { try pull(server) } == .redirect(host: "registry.example", reason: "it is not encrypted"))
    }

    // MARK: - Credentials

    @Test func `credentials go to who asks for them, and are dropped on the way to another server`() throws {
        let layer = TestContent.module("elsewhere")
        let blobPath = "/v2/p/blobs/\(TestContent.digest(layer))"
        let storage = try TestServer { _ in .response(status: 200, body: layer) }
        let storagePort = storage.port
        let server = try TestServer { request in
            guard request.headers["authorization"] != nil else {
                return .response(status: 401, headers: ["WWW-Authenticate": "Basic realm=\"a, b\""])
            }
            return request.target == blobPath
                ? .response(status: 307, headers: ["Location": "http://127.0.0.1:\(storagePort)/blob?signature=1"])
                : .response(status: 200, body: manifest(artifactLayer, layer))
        }
        #expect(try pull(server).bytes == layer)
        #expect(server.requests.map { $0.headers["authorization"] } == [nil, Credentials.basic, Credentials.basic])
        #expect(storage.requests.map { $0.headers["authorization"] } == [nil])
    }

    @Test func `a token is asked for with the scope that is needed, and given to the registry alone`() throws {
        let layer = TestContent.module("token")
        let tokens = try TestServer { request in
            request.headers["authorization"] == Credentials.basic
                ? .response(status: 200, body: Array(#"{"token": "t.o.k.e.n"}"#.utf8)) : .response(status: 401)
        }
        let realm = "http://localhost:\(tokens.port)/token?tenant=a"
        let content = registry([
            "/v2/p/manifests/1": manifest(artifactLayer, layer), "/v2/p/blobs/\(TestContent.digest(layer))": layer,
        ])
        let server = try TestServer { request in
            guard request.headers["authorization"] != "Bearer t.o.k.e.n" else { return content(request) }
            let challenge = #"Bearer realm="\#(realm)",service="a b",scope="registry:catalog:*,push""#
            return .response(status: 401, headers: ["WWW-Authenticate": challenge])
        }
        #expect(try pull(server).bytes == layer)
        #expect(tokens.requests.map(\.target) == ["/token?tenant=a&service=a%20b&scope=repository%3Ap%3Apull"])
        #expect(server.requests.map { $0.headers["authorization"] } == [nil, "Bearer t.o.k.e.n", "Bearer t.o.k.e.n"])
        guard case .unauthorised(_, let hint) = failure({ try pull(server, credentials: "{}") }) else {
            Issue.record("expected a refusal")
            return
        }
        #expect(hint.contains("docker login"))
    }

    @Test(
        "A challenge that would carry credentials away is refused",
        arguments: [
            #"Bearer realm="http://tokens.example/token""#, #"Bearer realm="file:///etc/passwd""#,
            #"Bearer realm="https://user@tokens.example/""#, #"Bearer service="x""#, "Digest realm=x", "Bearer", "",
            #"Bearer realm="http://127.0.0.1.tokens.example/""#, #"Bearer realm="http://localhost.example/t""#,
        ])
    func challenges(_ challenge: String) throws {
        let server = try TestServer { _ in .response(status: 401, headers: ["WWW-Authenticate": challenge]) }
        let error = failure { try pull(server) }
        guard case .unusable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(server.requests.allSatisfy { $0.headers["authorization"] == nil })
    }

    @Test(
        "A token that is none is not passed on",
        arguments: [#"{"token": "a\r\nx-evil: 1"}"#, #"{"token": ""}"#, "{}", "no", #"{"token": "with blank"}"#])
    func tokens(_ answer: String) throws {
        let tokens = try TestServer { _ in .response(status: 200, body: Array(answer.utf8)) }
        let realm = "http://\(tokens.authority)/"
        let server = try TestServer { _ in
            .response(status: 401, headers: ["WWW-Authenticate": "Bearer realm=\"\(realm)\""])
        }
        #expect(said(failure { try pull(server) }).contains("holds no token"))
        #expect(server.requests.count == 1)
    }
}
