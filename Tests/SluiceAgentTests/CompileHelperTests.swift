import Foundation
import SluiceAgent
import SluiceModel
import SluiceWire
import Testing

/// The process that compiles, with a shell in its place that reads the beginning of the question.
struct CompileHelperTests {
    private let request = CompileRequest(
        planPath: "/nowhere", moduleHash: ContentHash(of: []), modulePath: "/nowhere", cacheDirectory: "/nowhere")

    private func run(shell: String) async throws -> String? {
        try await CompileHelper.run(
            request,
            configuration: AgentConfiguration(
                socketPath: "/nowhere", token: "", buildVersion: "test", executable: "/bin/sh",
                compileArguments: ["-c", "dd bs=4 count=1 <&3 >/dev/null 2>&1; \(shell)"], cacheDirectory: nil))
    }

    /// A pipe holds 64 KiB.
    @Test("an answer that is longer than a pipe holds arrives", .timeLimit(.minutes(1)))
    func longAnswer() async throws {
        let reason = String(repeating: "n", count: 90_000)
        let message = try MessageCodec.encode(
            CompileReply.failure(TrialFailure(kind: .couldNotStart, reason: reason)))
        let frame = (0..<4).map { UInt8(truncatingIfNeeded: message.count >> (8 * $0)) } + message
        let file = FileManager.default.temporaryDirectory.appending(path: "answer-\(UUID())")
        try Data(frame).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let error = await #expect(throws: TrialFailure.self) { _ = try await run(shell: "cat '\(file.path)' >&4") }
        #expect(error == TrialFailure(kind: .couldNotStart, reason: reason))
    }

    @Test("a process that ends without an answer is said to have")
    func noAnswer() async throws {
        let ended = await #expect(throws: TrialFailure.self) { _ = try await run(shell: "exit 3") }
        #expect(ended?.reason.hasSuffix("exited with code 3") == true)
        let silent = await #expect(throws: TrialFailure.self) { _ = try await run(shell: "exit 0") }
        #expect(silent?.reason == "the process that compiles gave no answer")
    }

    @Test("a reason of any length is cut")
    func longReason() {
        let failure = TrialFailure(
            TrialFailure(kind: .couldNotStart, reason: String(repeating: "é", count: 45_000)) as any Error)
        #expect(failure.kind == .couldNotStart)
        #expect(failure.reason.hasPrefix("éé") && failure.reason.hasSuffix("é… (90000 bytes)"))
        #expect(failure.reason.utf8.count < 17_000)
    }
}
