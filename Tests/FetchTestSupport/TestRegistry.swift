import Foundation
package import SluiceModel
import SluiceProcess
import SluiceWire

/// Debian's `docker-registry`, which nobody here wrote, on this machine.
package final class TestRegistry {
    package let port: Int
    private let process = Process()
    private let folder: URL
    private let authorization: String?

    package struct Failure: Error, CustomStringConvertible {
        package var description: String
    }

    private static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Where `scripts/bootstrap` puts it.
    private static let program = repository.appending(path: ".toolchains/docker-registry/docker-registry")

    /// User and password of a registry with access control, and the password's bcrypt hash at the lowest cost.
    package static let user = "tester"
    package static let password = "pass:word"

    /// Starts a registry that keeps its content in a folder of its own.
    package init(passwordHash: String? = nil) throws {
        guard FileManager.default.isExecutableFile(atPath: Self.program.path) else {
            throw Failure(description: "there is no \(Self.program.path): run scripts/bootstrap")
        }
        folder = FileManager.default.temporaryDirectory.appending(path: "sluice-registry-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        port = try LoopbackSocket.freePort()
        var configuration = """
            version: 0.1
            log: { level: error, accesslog: { disabled: true } }
            storage: { filesystem: { rootdirectory: \(folder.path)/data } }
            http: { addr: "127.0.0.1:\(port)" }

            """
        if let passwordHash {
            let file = folder.appending(path: "htpasswd")
            try Data("\(Self.user):\(passwordHash)\n".utf8).write(to: file)
            configuration += "auth: { htpasswd: { realm: test, path: \(file.path) } }\n"
            authorization = "Basic " + Data("\(Self.user):\(Self.password)".utf8).base64EncodedString()
        } else {
            authorization = nil
        }
        let file = folder.appending(path: "config.yml")
        try Data(configuration.utf8).write(to: file)
        process.executableURL = Self.program
        process.arguments = ["serve", file.path]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        try waitUntilReady()
    }

    deinit {
        stop()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Ends the registry's process.
    package func stop() {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }

    package var authority: String { "127.0.0.1:\(port)" }

    private func waitUntilReady() throws {
        let deadline = Date(timeIntervalSinceNow: 20)
        while Date() < deadline {
            if (try? request("GET", "/v2/").status) == 200 { return }
            usleep(50_000)
        }
        throw Failure(description: "docker-registry did not answer within 20 s")
    }

    /// Stores a blob, and says what a manifest says about it.
    package func push(blob bytes: [UInt8], to repository: String) throws -> (digest: String, size: Int) {
        let digest = "sha256:" + ContentHash(of: bytes).hexadecimal
        let begun = try request("POST", "/v2/\(repository)/blobs/uploads/")
        guard begun.status == 202, let location = begun.headers["location"], let url = URL(string: location) else {
            throw Failure(description: "the registry takes no upload: \(begun)")
        }
        let target = url.path + "?" + (url.query.map { $0 + "&" } ?? "") + "digest=\(digest)"
        let ended = try request("PUT", target, headers: ["Content-Type": "application/octet-stream"], body: bytes)
        guard ended.status == 201 else { throw Failure(description: "the registry keeps no blob: \(ended)") }
        return (digest, bytes.count)
    }

    /// Stores a manifest under a tag, or under its digest.
    ///
    /// - Returns: its digest.
    @discardableResult
    package func push(
        manifest text: String, mediaType: String, to repository: String, tag: String? = nil
    ) throws -> ContentHash {
        let hash = ContentHash(of: Array(text.utf8))
        let answer = try request(
            "PUT", "/v2/\(repository)/manifests/\(tag ?? "sha256:\(hash)")", headers: ["Content-Type": mediaType],
            body: Array(text.utf8))
        guard answer.status == 201 else { throw Failure(description: "the registry keeps no manifest: \(answer)") }
        return hash
    }

    // MARK: - A client that is not the one under test

    private struct Answer {
        var status: Int
        var headers: [String: String]
        var body: String
    }

    private func request(
        _ method: String, _ target: String, headers: [String: String] = [:], body: [UInt8] = []
    ) throws -> Answer {
        let connection = try LoopbackSocket.connect(port: port)
        var head = "\(method) \(target) HTTP/1.1\r\nHost: \(authority)\r\nConnection: close\r\n"
        head += "Content-Length: \(body.count)\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let authorization { head += "Authorization: \(authorization)\r\n" }
        try connection.write(Array((head + "\r\n").utf8) + body)
        let text = String(decoding: try connection.readToEnd(limit: 1 << 20), as: UTF8.self)
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1).map(String.init)
        let lines = (parts.first ?? "").split(separator: "\r\n").map(String.init)
        var found: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            found[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        let status = lines.first.flatMap { $0.split(separator: " ").dropFirst().first.flatMap { Int($0) } } ?? 0
        return Answer(status: status, headers: found, body: parts.count > 1 ? parts[1] : "")
    }
}
