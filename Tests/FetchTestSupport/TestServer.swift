import Glibc
import SluiceProcess
import Synchronization

/// A request as a test's server got it.
package struct TestRequest: Sendable {
    /// Path and query.
    package var target: String
    /// Names in lower case.
    package var headers: [String: String]
}

/// What a test's server does with a request.
package enum TestAnswer: Sendable {
    case response(status: Int, headers: [String: String] = [:], body: [UInt8] = [])
    /// Bytes as they are, and then an end.
    case raw([UInt8])
    /// The first bytes, and then others for ever.
    case endless(first: [UInt8], then: [UInt8])
    /// Nothing, until the other end gives up.
    case silence
}

/// An HTTP server on this machine that answers as a test wants it to, right or wrong.
package final class TestServer: Sendable {
    package let port: Int
    private let socket: Descriptor
    private let seen = Mutex<[TestRequest]>([])
    private let answer: @Sendable (TestRequest) -> TestAnswer

    package init(_ answer: @escaping @Sendable (TestRequest) -> TestAnswer) throws {
        (socket, port) = try LoopbackSocket.listen()
        self.answer = answer
        let listening = socket
        try OperatingSystemThread.start(name: "test-server") { [weak self] in
            while true {
                let number = accept(listening.number, nil, nil)
                guard number >= 0, let self else {
                    if number >= 0 { close(number) }
                    return
                }
                let connection = Descriptor(owning: number)
                try? OperatingSystemThread.start(name: "test-connection") { self.serve(connection) }
            }
        }
    }

    /// Nobody listens any more.
    package func stop() { shutdown(socket.number, Int32(SHUT_RDWR)) }

    deinit { stop() }

    package var authority: String { "127.0.0.1:\(port)" }

    /// All requests so far, in order.
    package var requests: [TestRequest] { seen.withLock { $0 } }

    /// One request for each connection.
    private func serve(_ connection: Descriptor) {
        guard let request = Self.read(connection) else { return }
        seen.withLock { $0.append(request) }
        switch answer(request) {
        case .response(let status, let headers, let body):
            var text = "HTTP/1.1 \(status) Test\r\nContent-Length: \(body.count)\r\nConnection: close\r\n"
            for (name, value) in headers { text += "\(name): \(value)\r\n" }
            send(Array((text + "\r\n").utf8) + body, connection)
        case .raw(let bytes): send(bytes, connection)
        case .endless(let first, let then):
            guard send(first, connection) else { return }
            while send(then, connection) {}
        case .silence: _ = try? connection.read(maximum: 1)
        }
    }

    /// - Returns: whether the other end still listens.
    @discardableResult
    private func send(_ bytes: [UInt8], _ connection: Descriptor) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(
                    connection.number, $0.baseAddress! + offset, bytes.count - offset, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            offset += count
        }
        return true
    }

    private static func read(_ connection: Descriptor) -> TestRequest? {
        var bytes: [UInt8] = []
        let end = Array("\r\n\r\n".utf8)
        while bytes.firstRange(of: end) == nil {
            // A client that tries TLS first is told nothing that it could take for TLS.
            if bytes.first == 0x16 { return nil }
            guard let more = try? connection.read(maximum: 4096), !more.isEmpty, bytes.count < 1 << 16 else {
                return nil
            }
            bytes += more
        }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").map(String.init)
        guard let words = lines.first?.split(separator: " "), words.count == 3 else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
        }
        return TestRequest(target: String(words[1]), headers: headers)
    }
}
