import Dispatch
import Foundation
import SluiceModel
import SluiceProcess
import SluiceProxyWasm

/// Has processes look at a module until everything was tried, or one of them says that nothing can be.
package struct InspectSession {
    /// Longest time for compiling a module and for all its smoke tests, beyond what the callbacks' own deadline allows.
    private static let patienceNanoseconds: Int64 = 60_000_000_000

    private let executable: String
    private let arguments: [String]
    private let request: CheckRequest

    /// `executable` with `arguments` has to run `InspectProcess`.
    package init(executable: String, arguments: [String], request: CheckRequest) {
        self.executable = executable
        self.arguments = arguments
        self.request = request
    }

    /// What became of a module.
    package enum Outcome: Sendable {
        case unreadable(reason: String)
        case report(CheckReport)
    }

    /// Throws `ProcessError` when no process could be started. Writes to broken pipes are errors in this process from
    /// now on, and no longer its end.
    package func run() throws -> Outcome {
        Signals.ignoreBrokenPipes()
        var evidence = Evidence()
        var remaining = request.types
        repeat {
            let before = remaining
            let ending = try runProcess(types: remaining, &evidence)
            if let reason = evidence.unreadable { return .unreadable(reason: reason) }
            remaining.removeAll { type in evidence.smoke.contains { $0.type == type } }
            if evidence.isOver { break }
            // It ended in the middle of something: of the type that it tried last, or before it tried any.
            guard let crashed = evidence.trying else {
                evidence.blocked = "the process that compiles and links the module \(ending)"
                evidence.untried = .crashed
                break
            }
            evidence.smoke.append(
                SmokeResult(crashed, .crashed, reason: "the process that ran the module \(ending)"))
            remaining.removeAll { $0 == crashed }
            precondition(remaining.count < before.count, "every process settles one type at least")
        } while !remaining.isEmpty
        guard let facts = evidence.facts else {
            return .unreadable(reason: evidence.blocked ?? "nothing could be found out about it")
        }
        for type in request.types where !evidence.smoke.contains(where: { $0.type == type }) {
            evidence.smoke.append(
                SmokeResult(type, evidence.untried, reason: evidence.blocked ?? "it was not tried"))
        }
        return .report(CheckReport(request: request, facts: facts, smoke: evidence.smoke))
    }

    /// What the processes have said so far.
    private struct Evidence {
        var unreadable: String?
        var facts: ModuleFacts?
        var blocked: String?
        /// What is said of a type that was not tried.
        var untried = SmokeResult.Outcome.notRun
        var smoke: [SmokeResult] = []
        /// Being tried now.
        var trying: PluginType?
        /// Nothing is left to be said.
        var isOver = false

        mutating func note(_ message: InspectMessage) {
            switch message {
            case .unreadable(let reason): unreadable = reason
            case .facts(let facts): self.facts = facts
            case .refused(let reason), .noEngine(let reason):
                blocked = reason
                if case .refused = message { untried = .refused }
                isOver = true
            case .trying(let type): trying = type
            case .tried(let result):
                trying = nil
                smoke.append(result)
            case .done: isOver = true
            }
        }
    }

    /// Runs one process to its end, or to the end of patience; returns how it ended.
    private func runProcess(types: [PluginType], _ evidence: inout Evidence) throws -> String {
        let exit = AwaitedEnding()
        let child = try PipedProcess.start(executable: executable, arguments: arguments) { exit.set($0) }
        evidence.trying = nil
        let limit = Self.patienceNanoseconds + Int64(types.count) * 8 * request.host.deadlineNanoseconds
        let watch = DispatchWorkItem { child.process.kill() }
        DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(Int(limit)), execute: watch)
        defer { watch.cancel() }
        let began = MonotonicClock.nowNanoseconds()
        let question = Array(try JSONEncoder().encode(InspectRequest(request: request, types: types)))
        // A process that is gone already says so by its end.
        try? child.toChild.write(question)
        do {
            while let frame = try child.fromChild.next() {
                evidence.note(try JSONDecoder().decode(InspectMessage.self, from: Data(frame)))
            }
        } catch {
            child.process.kill()
            return "sent what nobody understands: \(error)"
        }
        let ending = exit.wait()
        return MonotonicClock.nowNanoseconds() - began >= limit
            ? "was stopped after \(Units.duration(nanoseconds: limit))" : "\(ending)"
    }
}
