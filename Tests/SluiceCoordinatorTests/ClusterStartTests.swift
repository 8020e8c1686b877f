import Glibc
import SluiceCoordinator
import SluiceModel
import SluiceProcess
import SluiceWire
import Synchronization
import Testing

/// What is told when a run cannot start, and what is left when its coordinator dies.
@Suite(.serialized) struct ClusterStartTests {
    @Test func `a missing program is named`() async throws {
        let text = try await failure { $0.executable = "/no/such/agent" }
        #expect(text == "the agent's program /no/such/agent cannot be run: No such file or directory")
    }

    @Test func `an agent that exits at once is shown with its last lines`() async throws {
        let text = try await failure { $0.arguments = ["broken-agent"] }
        #expect(
            text.contains("exited with code 3 before it had joined; it wrote:\n    cannot find what it needs"),
            "\(text)")
    }

    @Test func `an agent that does not join in time is shown with its last lines`() async throws {
        let text = try await failure {
            $0.arguments = ["silent-agent"]
            $0.joinTimeoutSeconds = 1
        }
        #expect(text.hasPrefix("agent 0, 1 did not join within 1 s; it wrote:\n    thinking"), "\(text)")
    }

    @Test(arguments: [
        (["--other-token", "guess"], "the token is not that of this run"),
        (["--build-version", "0.1"], "the agent is version 0.1, the coordinator test; they must be the same"),
    ])
    func `a wrong agent is refused with the reason, and exits`(options: [String], reason: String) async throws {
        let text = try await failure { $0.arguments += options }
        #expect(text.contains("exited with code 5"), "\(text)")
        #expect(text.contains("agent: the coordinator refused: \(reason)"), "\(text)")
    }

    @Test func `an interruption while agents start ends the start`() async throws {
        let fixture = try ClusterFixture()
        let cluster = fixture.cluster { $0.arguments = ["silent-agent"] }
        Task {
            try await Task.sleep(for: .milliseconds(300))
            cluster.interrupt()
        }
        await #expect(throws: ClusterError.interrupted) { try await cluster.running { _ in } }
        #expect(fixture.leftovers == [])
    }

    @Test func `Ctrl-C ends a coordinator in order, and its directory is removed`() async throws {
        let fixture = try ClusterFixture()
        let coordinator = try Coordinator(fixture, seconds: 30)
        try await coordinator.wait(for: "batch 0 0 3")
        coordinator.process.signal(SIGINT)
        #expect(await coordinator.ending() == .exited(code: 130))
        #expect(coordinator.text.contains("outcome interrupted reports 2"), "\(coordinator.text)")
        #expect(fixture.leftovers == [])
        try await coordinator.expectNoAgents()
    }

    @Test func `agents die with a killed coordinator, and the next one removes its directory`() async throws {
        let fixture = try ClusterFixture()
        let coordinator = try Coordinator(fixture, seconds: 30)
        try await coordinator.wait(for: "batch 0 0 3")
        coordinator.process.kill()
        #expect(await coordinator.ending() == .killed(signal: SIGKILL))
        try await coordinator.expectNoAgents()
        #expect(fixture.leftovers.count == 1)
        _ = try await fixture.cluster().running { try await fixture.trial($0, fixture.plan(seconds: 0.1)) }
        #expect(fixture.leftovers == [])
    }

    private func failure(
        _ adjust: (inout LocalClusterConfiguration) -> Void
    ) async throws -> String {
        let fixture = try ClusterFixture()
        let cluster = fixture.cluster(adjust)
        let error = await #expect(throws: ClusterError.self) { try await cluster.running { _ in } }
        #expect(fixture.leftovers == [])
        return error?.description ?? ""
    }
}

/// A coordinator in another process.
private final class Coordinator: Sendable {
    let process: ChildProcess
    private let output = Mutex("")
    private let endings: AsyncStream<ProcessEnding>

    init(_ fixture: ClusterFixture, seconds: Int) throws {
        let (reading, writing) = try Descriptor.pipe()
        let (endings, continuation) = AsyncStream<ProcessEnding>.makeStream()
        self.endings = endings
        process = try ChildProcess.start(
            ChildCommand(
                executable: ClusterFixture.program,
                arguments: ["coordinate", "--base", fixture.base, "--seconds", "\(seconds)"], standardError: writing)
        ) { continuation.yield($0) }
        try OperatingSystemThread.start(name: "coordinator") { [self] in
            while let bytes = try? reading.read(maximum: 4096), !bytes.isEmpty {
                output.withLock { $0 += String(decoding: bytes, as: UTF8.self) }
            }
        }
    }

    var text: String { output.withLock { $0 } }

    func wait(for line: String) async throws {
        for _ in 0..<1000 {
            if text.contains("\(line)\n") { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("no \"\(line)\" in: \(text)")
    }

    func ending() async -> ProcessEnding? {
        var iterator = endings.makeAsyncIterator()
        let ending = await iterator.next()
        // The reader of its lines may be a moment behind.
        try? await Task.sleep(for: .milliseconds(50))
        return ending
    }

    /// Each process that it named has gone, or goes within two seconds.
    func expectNoAgents() async throws {
        let line = text.split(separator: "\n").first { $0.hasPrefix("agents ") }
        let processes = line?.split(separator: " ").dropFirst().compactMap { Int32($0) } ?? []
        #expect(processes.count == 2)
        try await expectGone(processes)
    }
}
