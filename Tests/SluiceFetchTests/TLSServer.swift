import FetchTestSupport
import Foundation

/// An HTTPS server on this machine, made with Python's own library, and a certificate for `localhost` to trust it by.
final class TLSServer {
    let port: Int
    let certificate: String
    private let folder: URL
    private let process = Process()

    struct Answer: Encodable {
        var status = 200
        var headers: [String: String] = [:]
        var body: [UInt8] = []
    }

    static let isPossible =
        (try? TestContent.output("openssl", ["version"])) != nil
        && (try? TestContent.output("python3", ["-c", "import ssl, http.server"])) != nil

    private static let script = """
        import http.server, json, ssl, sys
        certificate, key, log = sys.argv[1:4]
        answers = json.loads(sys.argv[4])
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                with open(log, "a") as file:
                    file.write(self.path + " " + self.headers.get("authorization", "-") + "\\n")
                answer = answers.get(self.path, {"status": 404, "headers": {}, "body": []})
                self.send_response(answer["status"])
                for name, value in answer["headers"].items(): self.send_header(name, value)
                self.send_header("content-length", str(len(answer["body"])))
                self.end_headers()
                self.wfile.write(bytes(answer["body"]))
            def log_message(self, *arguments): pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """

    init(_ answers: [String: Answer]) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "sluice-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        certificate = folder.appending(path: "certificate.pem").path
        let key = folder.appending(path: "key.pem").path
        _ = try TestContent.output(
            "openssl",
            [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate,
            ])
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c", Self.script, certificate, key, folder.appending(path: "log").path,
            String(decoding: try JSONEncoder().encode(answers), as: UTF8.self),
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw CocoaError(.executableLoad)
        }
        self.port = port
    }

    deinit {
        // Python inherits a mask of signals from whoever runs the tests, and may not hear any other.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    var authority: String { "localhost:\(port)" }

    /// Path and `authorization` of each request, `-` for none.
    var requests: [String] {
        let text = try? String(contentsOf: folder.appending(path: "log"), encoding: .utf8)
        return text?.split(separator: "\n").map(String.init) ?? []
    }
}
