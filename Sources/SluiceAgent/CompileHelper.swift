import SluiceModel
import SluiceProcess
package import SluiceWire

/// The agent's side of `CompileProcess`.
package enum CompileHelper {
    /// What came of the process: its answer, if it gave one, and how it ended.
    private struct Outcome: Sendable {
        var frame: Result<[UInt8]?, ProcessError>
        var ending: ProcessEnding
    }

    /// Has a module compiled by a process of its own; ends that process when the task is cancelled.
    ///
    /// - Returns: the path of the native code; `nil` for an engine that compiles nothing.
    /// - Throws: `TrialFailure` with what the process says, or with how it ended.
    package static func run(_ request: CompileRequest, configuration: AgentConfiguration) async throws -> String? {
        let question = try MessageCodec.encode(request)
        let (outcomes, continuation) = AsyncStream<Outcome>.makeStream()
        let exit = AwaitedEnding()
        let child = try PipedProcess.start(
            executable: configuration.executable, arguments: configuration.compileArguments
        ) { exit.set($0) }
        try OperatingSystemThread.start(name: "compile-answer") {
            // The answer comes first: a pipe holds less than an answer may be long, and the process waits for a reader.
            let frame = Result { () throws(ProcessError) -> [UInt8]? in try child.fromChild.next() }
            continuation.yield(Outcome(frame: frame, ending: exit.wait()))
            continuation.finish()
        }
        // A process that is gone already says so by its end.
        try? child.toChild.write(question)
        return try await withTaskCancellationHandler {
            var outcome: Outcome?
            for await value in outcomes { outcome = value }
            guard let outcome, outcome.ending.isSuccess else {
                throw TrialFailure(
                    kind: .couldNotStart,
                    reason: "the process that compiles module \(request.moduleHash.short) "
                        + (outcome.map { "\($0.ending)" } ?? "was stopped"))
            }
            guard let frame = try outcome.frame.get() else {
                throw TrialFailure(kind: .internalError, reason: "the process that compiles gave no answer")
            }
            return try MessageCodec.compileReply(frame).get()
        } onCancel: {
            child.process.kill()
        }
    }
}
