import SluiceModel
import SluiceProcess
import SluiceWire

/// The agent's side of `CompileProcess`.
enum CompileHelper {
    /// Has a module compiled by a process of its own; ends that process when the task is cancelled.
    static func run(_ request: CompileRequest, configuration: AgentConfiguration) async throws -> String? {
        let (endings, continuation) = AsyncStream<ProcessEnding>.makeStream()
        let child = try PipedProcess.start(
            executable: configuration.executable, arguments: configuration.compileArguments
        ) { ending in
            continuation.yield(ending)
            continuation.finish()
        }
        try child.toChild.write(try MessageCodec.encode(request))
        return try await withTaskCancellationHandler {
            var ending: ProcessEnding?
            for await value in endings { ending = value }
            guard ending?.isSuccess == true else {
                throw TrialFailure(
                    kind: .couldNotStart,
                    reason: "the process that compiles module \(request.moduleHash.short) "
                        + (ending.map { "\($0)" } ?? "was stopped"))
            }
            // The reply is short and the process has ended: it lies in the pipe, and reading does not wait.
            guard let frame = try child.fromChild.next() else {
                throw TrialFailure(kind: .internalError, reason: "the process that compiles gave no answer")
            }
            return try MessageCodec.compileReply(frame).get()
        } onCancel: {
            child.process.kill()
        }
    }
}
