import FetchTestSupport
import Foundation
import SluiceFetch
import SluiceModel
import SluiceWire
import Testing

@Suite("Downloads")
struct DownloadTests {
    @Test func `a download is kept by its hash, and not asked for again`() throws {
        let folder = try FetchFolder()
        let module = TestContent.module("download")
        let server = try TestServer { _ in .response(status: 200, body: module) }
        for _ in 0..<2 {
            let fetched = try folder.fetcher().download(
                "http://\(server.authority)/p.wasm", contentHash: ContentHash(of: module))
            #expect(fetched.bytes == module && fetched.contentHash == ContentHash(of: module))
            #expect(fetched.manifestDigest == nil)
        }
        #expect(server.requests.count == 1)
        let path = folder.cachePath + "/" + folder.files[0].dropFirst("cache/".count)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func `other content, no content and errors are told apart`() throws {
        let folder = try FetchFolder()
        let (right, wrong) = (ContentHash(of: TestContent.module("right")), TestContent.module("wrong"))
        let text = Array("no module".utf8)
        let server = try TestServer { request in
            switch request.target {
            case "/wrong": .response(status: 200, body: wrong)
            case "/text": .response(status: 200, body: text)
            case "/401": .response(status: 401)
            case "/503": .response(status: 503)
            case "/cut": .raw(Array("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc".utf8))
            default: .response(status: 404)
            }
        }
        func error(_ path: String, _ hash: ContentHash) -> FetchError? {
            failure { try folder.fetcher().download("http://\(server.authority)\(path)", contentHash: hash) }
        }
        let host = server.authority
        #expect(
            error("/wrong", right)
                == .hashMismatch(what: "the download", expected: right, found: ContentHash(of: wrong)))
        #expect(error("/none", right) == .notFound(what: "such file", host: host))
        #expect(error("/503", right) == .status(503, from: host, detail: ""))
        guard case .unauthorised(host, _) = error("/401", right), case .notWasm = error("/text", ContentHash(of: text)),
            case .unreachable(host, _) = error("/cut", right)
        else {
            Issue.record("other errors than expected")
            return
        }
        #expect(folder.files.isEmpty)
        server.stop()
        let closed = "127.0.0.1:\(try LoopbackSocket.freePort())"
        guard
            case .unreachable(closed, _) = failure({
                try folder.fetcher().download("http://\(closed)/", contentHash: right)
            })
        else {
            Issue.record("expected unreachable")
            return
        }
    }

    @Test func `a cache that others can get at is refused`() throws {
        let folder = try FetchFolder()
        try FileManager.default.createDirectory(atPath: folder.cachePath, withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.cachePath)
        #expect(throws: (any Error).self) { try ContentCache(directory: folder.cachePath) }
    }
}
