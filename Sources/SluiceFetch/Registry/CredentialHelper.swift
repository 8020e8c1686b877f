import Dispatch
import FoundationEssentials
import Glibc
import SluiceProcess

/// A program `docker-credential-…` on the search path that hands out a registry's credentials, as Docker asks it:
/// `get`, with the registry on its standard input and JSON on its standard output.
struct CredentialHelper {
    /// What follows `docker-credential-`.
    let name: String

    private static let secondsToAnswer = 10
    /// What the shell ends with when there is no such program.
    private static let notFound: Int32 = 127
    private static let largestAnswerBytes = 1 << 20

    private struct Answer: Decodable {
        var username: String
        var secret: String

        private enum CodingKeys: String, CodingKey {
            case username = "Username"
            case secret = "Secret"
        }
    }

    /// - Parameter registry: as the helper knows it. It blocks.
    func credentials(of registry: String) -> RegistryCredentials {
        let program = "docker-credential-\(name)"
        guard name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }) else {
            return .unavailable(hint: "`\(name)` is not the name of a credential helper")
        }
        let output: (bytes: [UInt8], ending: ProcessEnding)
        do throws(ProcessError) { output = try run(program, registry) } catch {
            return .unavailable(hint: "\(program) cannot be run: \(error.description)")
        }
        guard output.ending != .exited(code: Self.notFound) else {
            return .unavailable(hint: "\(program), which Docker's configuration names, is not on the search path")
        }
        guard output.ending.isSuccess else {
            return .unavailable(hint: "\(program) has no credentials for it: it \(output.ending)")
        }
        // The decoder's words may quote the answer.
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(output.bytes)) else {
            return .unavailable(hint: "\(program) does not answer as a credential helper does")
        }
        guard answer.username != "<token>" else {
            return .unavailable(hint: "identity tokens, which \(program) has for it, are not supported")
        }
        return .basic(user: answer.username, password: answer.secret)
    }

    private func run(
        _ program: String, _ registry: String
    ) throws(ProcessError) -> (bytes: [UInt8], ending: ProcessEnding) {
        let ended = DispatchSemaphore(value: 0)
        let (child, reading) = try start(program, registry) { ended.signal() }
        let limit = DispatchWorkItem { child.kill() }
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(Self.secondsToAnswer), execute: limit)
        defer { limit.cancel() }
        let bytes = try reading.readToEnd(limit: Self.largestAnswerBytes)
        ended.wait()
        return (bytes, child.exitStatus ?? .killed(signal: SIGKILL))
    }

    /// The end of the pipe that the child writes to goes with this call, so that its output has an end.
    private func start(
        _ program: String, _ registry: String, onExit: @escaping @Sendable () -> Void
    ) throws(ProcessError) -> (child: ChildProcess, reading: Descriptor) {
        let (reading, writing) = try Descriptor.pipe()
        // The shell looks the program up. Names are arguments, not a part of what the shell reads.
        let child = try ChildProcess.start(
            ChildCommand(
                executable: "/bin/sh",
                arguments: ["-c", #"printf %s "$1" | "$0" get >&3 2>/dev/null 3>&-"#, program, registry],
                inherited: [writing])
        ) { _ in onExit() }
        return (child, reading)
    }
}
