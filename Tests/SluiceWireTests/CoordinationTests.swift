import Glibc
import SluiceModel
import SluiceWire
import Synchronization
import Testing
import WireTestSupport

/// The two ends of the socket, in one process.
@Suite struct CoordinationTests {
    @Test func `a module of 10 MiB arrives whole`() async throws {
        var random = RandomModel(seed: 1)
        let module = (0..<10 << 20).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let hash = ContentHash(of: module)
        try await serving(TestService(contents: [hash: module])) { client in
            let received = try await client.content(hash, token: "secret")
            #expect(received == module)
        }
    }

    @Test func `content that does not have its hash is refused`() async throws {
        let module = [UInt8](repeating: 9, count: 10 << 20)
        let hash = ContentHash(of: module)
        var damaged = module
        damaged[5 << 20] = 8
        let expected = WireError.contentMismatch(
            expected: hash, received: ContentHash(of: damaged), bytes: damaged.count)
        try await serving(TestService(contents: [hash: damaged])) { client in
            await #expect(throws: expected) { try await client.content(hash, token: "secret") }
        }
    }

    @Test func `a wrong token and unknown content are refused with the reason`() async throws {
        let hash = ContentHash(of: [1])
        try await serving(TestService(contents: [hash: [1]])) { client in
            await #expect(throws: WireError.refused(reason: "wrong token")) {
                try await client.content(hash, token: "guess")
            }
            await #expect(throws: WireError.refused(reason: "unknown")) {
                try await client.content(ContentHash(of: [2]), token: "secret")
            }
            await #expect(throws: WireError.refused(reason: "wrong token")) {
                try await client.join { writer in
                    try await writer.write(.hello(Self.hello(token: "guess")))
                } receive: { _ in
                }
            }
        }
    }

    @Test func `batches arrive in order, whole and once`() async throws {
        var random = RandomModel(seed: 3)
        let trial = random.trial()
        let batches = (0..<200).map { _ in random.batch() }
        let service = TestService(contents: [:])
        try await serving(service) { client in
            try await client.join { writer in
                try await writer.write(.hello(Self.hello(token: "secret")))
                for batch in batches { try await writer.write(.batch(trial, batch)) }
            } receive: { message in
                #expect(message == .welcome(agent: 4))
            }
        }
        #expect(service.received.withLock { $0 } == batches.map { .batch(trial, $0) })
        #expect(service.ended.withLock { $0 } == [4])
    }

    @Test func `a socket that is in use says so, and is not taken over`() throws {
        let path = "/tmp/sluice-test-\(UInt32.random(in: 0 ... .max)).socket"
        let first = try CoordinationServer(socketPath: path, service: TestService(contents: [:]))
        defer { unlink(path) }
        #expect(throws: WireError.cannotListen(path: path, reason: "Address already in use")) {
            _ = try CoordinationServer(socketPath: path, service: TestService(contents: [:]))
        }
        withExtendedLifetime(first) {}
    }

    @Test func `a path that no socket can have is refused`() {
        let path = "/tmp/\(String(repeating: "x", count: 120))"
        #expect(throws: WireError.cannotListen(path: path, reason: "the path has over 107 bytes")) {
            _ = try CoordinationServer(socketPath: path, service: TestService(contents: [:]))
        }
    }

    @Test func `a coordinator that is not there is an error and no endless wait`() async throws {
        let path = "/tmp/sluice-test-nobody-\(UInt32.random(in: 0 ... .max)).socket"
        let started = ContinuousClock.now
        let error = await #expect(throws: WireError.self) {
            try await CoordinationClient.connected(socketPath: path) { client in
                _ = try await client.content(ContentHash(of: []), token: "")
            }
        }
        guard case .disconnected = error else { return #expect(Bool(false), "\(String(describing: error))") }
        #expect(ContinuousClock.now - started < .seconds(300))
    }

    private static func hello(token: String) -> AgentHello {
        AgentHello(protocolVersion: 1, buildVersion: "test", token: token, processID: 1, hostName: "host")
    }

    private func serving(
        _ service: TestService, _ body: @escaping @Sendable (CoordinationClient) async throws -> Void
    ) async throws {
        let path = "/tmp/sluice-test-\(UInt32.random(in: 0 ... .max)).socket"
        let server = try CoordinationServer(socketPath: path, service: service)
        defer { unlink(path) }
        async let served: Void = server.serve()
        let result: Result<Void, any Error>
        do {
            result = .success(
                try await CoordinationClient.connected(socketPath: path) { try await body($0) })
        } catch {
            result = .failure(error)
        }
        server.shutDown()
        try await served
        try result.get()
    }
}

/// A coordinator that lets the right token in and remembers what it hears.
private final class TestService: CoordinationService {
    let contents: [ContentHash: [UInt8]]
    let received = Mutex<[AgentMessage]>([])
    let ended = Mutex<[Int]>([])

    init(contents: [ContentHash: [UInt8]]) { self.contents = contents }

    func join(_ hello: AgentHello) async throws(WireError) -> AgentSession {
        guard hello.token == "secret" else { throw .refused(reason: "wrong token") }
        return AgentSession(
            agent: 4,
            outbound: AsyncStream { continuation in
                continuation.yield(.welcome(agent: 4))
                continuation.finish()
            })
    }

    func received(_ message: AgentMessage, from agent: Int) async { received.withLock { $0.append(message) } }

    func ended(agent: Int, reason: String) async { ended.withLock { $0.append(agent) } }

    func content(_ hash: ContentHash, token: String) async throws(WireError) -> [UInt8] {
        guard token == "secret" else { throw .refused(reason: "wrong token") }
        guard let bytes = contents[hash] else { throw .refused(reason: "unknown") }
        return bytes
    }
}
