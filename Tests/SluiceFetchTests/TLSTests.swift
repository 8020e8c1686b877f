import FetchTestSupport
import Foundation
import SluiceFetch
import SluiceModel
import SluiceWire
import Testing

@Suite("TLS", .enabled(if: TLSServer.isPossible, "SKIPPED: no openssl or python3, nothing encrypted was tested"))
struct TLSTests {
    private func fetcher(_ folder: FetchFolder, trusting server: TLSServer?, credentials: String = "{}") throws
        -> ModuleFetcher
    {
        let path = folder.url.appending(path: "config.json")
        try Data(credentials.utf8).write(to: path)
        return ModuleFetcher(cache: nil, credentialsPath: path.path, certificatesPath: server?.certificate)
    }

    @Test func `a server is believed by its certificate only`() throws {
        let folder = try FetchFolder()
        let module = TestContent.module("encrypted")
        let server = try TLSServer(["/p.wasm": TLSServer.Answer(body: module)])
        let hash = ContentHash(of: module)
        let address = "https://\(server.authority)/p.wasm"
        #expect(try fetcher(folder, trusting: server).download(address, contentHash: hash).bytes == module)
        let untrusted = failure { try fetcher(folder, trusting: nil).download(address, contentHash: hash) }
        #expect(said(untrusted).contains("certificate"), "\(said(untrusted))")
        let otherName = failure {
            try fetcher(folder, trusting: server).download(
                "https://127.0.0.1:\(server.port)/p.wasm", contentHash: hash)
        }
        #expect(said(otherName).contains("127.0.0.1"), "\(said(otherName))")
        // An untrusted certificate is no reason to try again without encryption.
        let image = failure { try fetcher(folder, trusting: nil).pull(.of("\(server.authority)/p:1")) }
        #expect(said(image).contains("certificate"), "\(said(image))")
        #expect(server.requests == ["/p.wasm -"])
    }

    @Test func `there is no way back from https to http`() throws {
        let folder = try FetchFolder()
        let module = TestContent.module("downgraded")
        let plain = try TestServer { _ in .response(status: 200, body: module) }
        let location = ["Location": "http://\(plain.authority)/p.wasm"]
        let server = try TLSServer(["/p.wasm": TLSServer.Answer(status: 302, headers: location)])
        let error = failure {
            try fetcher(folder, trusting: server).download(
                "https://\(server.authority)/p.wasm", contentHash: ContentHash(of: module))
        }
        #expect(error == .redirect(host: server.authority, reason: "it leads from https to http"))
        #expect(plain.requests.isEmpty)
    }

    @Test func `credentials go to the token service that a registry names, not where that redirects`() throws {
        let folder = try FetchFolder()
        let other = try TLSServer([:])
        let query = "?service=s&scope=repository%3Ap%3Apull"
        let location = ["Location": "https://127.0.0.1:\(other.port)/stolen"]
        let tokens = try TLSServer([
            "/token\(query)": TLSServer.Answer(body: Array(#"{"access_token": "abc"}"#.utf8)),
            "/away\(query)": TLSServer.Answer(status: 302, headers: location),
        ])
        for (path, expected) in [("token", nil), ("away", "127.0.0.1:\(other.port)")] {
            let realm = "https://\(tokens.authority)/\(path)"
            let registry = try TestServer { request in
                request.headers["authorization"] == "Bearer abc"
                    ? .response(status: 404)
                    : .response(
                        status: 401, headers: ["WWW-Authenticate": "Bearer realm=\"\(realm)\",service=\"s\""])
            }
            let file = Credentials.file(for: registry.authority)
            let error = failure {
                try fetcher(folder, trusting: tokens, credentials: file).pull(.of("\(registry.authority)/p:1"))
            }
            let text = expected ?? "has no oci://\(registry.authority)/p:1"
            #expect(said(error).contains(text), "\(said(error))")
        }
        #expect(tokens.requests == ["/token\(query) \(Credentials.basic)", "/away\(query) \(Credentials.basic)"])
        #expect(other.requests.isEmpty)
    }
}
