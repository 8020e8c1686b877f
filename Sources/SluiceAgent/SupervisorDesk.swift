import SluiceModel
import SluiceProcess
import SluiceWire

/// The agent's state, and what it does about each event. One event at a time.
struct SupervisorDesk {
    private enum State {
        case idle
        case settingUp(TrialIdentity, Task<Void, Never>)
        case running(TrialChild, Progress)
    }

    private struct Progress {
        var isPrepared = false
        /// Set when the process is ended because of a stop.
        var stopReason: String?
        /// Held back until the process has gone, so that the next trial finds the host empty.
        var last: AgentMessage?
    }

    private let configuration: AgentConfiguration
    private let store: ModuleStore
    private let writer: AgentMessageWriter
    private let continuation: AsyncStream<SupervisorEvent>.Continuation
    private var state = State.idle

    init(
        configuration: AgentConfiguration, store: ModuleStore, writer: AgentMessageWriter,
        continuation: AsyncStream<SupervisorEvent>.Continuation
    ) {
        self.configuration = configuration
        self.store = store
        self.writer = writer
        self.continuation = continuation
    }

    /// `false`: the agent is done.
    mutating func handle(_ event: SupervisorEvent) async throws -> Bool {
        switch event {
        case .coordinator(.goodbye): return false
        case .coordinator(.welcome): break
        case .coordinator(.prepare(let trial, let agent, let plan)):
            try await prepare(trial, agent: agent, plan: plan)
        case .coordinator(.start(let trial, let instant)):
            if case .running(let child, _) = state, child.trial == trial {
                child.send(.start(trial, instantNanoseconds: instant))
            }
        case .coordinator(.stop(let trial, let reason)): try await stop(trial, reason)
        case .setUp(let trial, let result): try await begin(trial, result)
        case .child(let child, let event):
            defer { child.events.consumed() }
            try await follow(child, event)
        }
        return true
    }

    /// Ends what still runs.
    mutating func clear() {
        switch state {
        case .idle: break
        case .settingUp(_, let task): task.cancel()
        case .running(let child, _): child.kill()
        }
        state = .idle
    }

    private mutating func prepare(_ trial: TrialIdentity, agent: Int, plan: ContentHash) async throws {
        guard case .idle = state else {
            let failure = TrialFailure(kind: .internalError, reason: "the agent has not finished its last trial")
            return try await writer.write(.failed(trial, failure))
        }
        let (store, continuation) = (store, continuation)
        let task = Task {
            do throws(TrialFailure) {
                continuation.yield(.setUp(trial, .success(try await store.setUp(trial, agent: agent, plan: plan))))
            } catch {
                continuation.yield(.setUp(trial, .failure(error)))
            }
        }
        state = .settingUp(trial, task)
    }

    private mutating func begin(_ trial: TrialIdentity, _ result: Result<TrialSetup, TrialFailure>) async throws {
        guard case .settingUp(trial, _) = state else { return }
        state = .idle
        do {
            let child = try TrialChild(try result.get(), configuration: configuration)
            state = .running(child, Progress())
            let continuation = continuation
            Task { for await event in child.events.values { continuation.yield(.child(child, event)) } }
        } catch {
            try await writer.write(.failed(trial, TrialFailure(error)))
        }
    }

    private mutating func stop(_ trial: TrialIdentity, _ reason: String) async throws {
        switch state {
        case .settingUp(trial, let task):
            task.cancel()
            state = .idle
            try await writer.write(.failed(trial, TrialFailure(kind: .stopped, reason: reason)))
        case .running(let child, var progress) where child.trial == trial:
            if progress.isPrepared {
                child.send(.stop(trial, reason: reason))
            } else {
                progress.stopReason = reason
                state = .running(child, progress)
                child.kill()
            }
        case .idle, .settingUp, .running: break
        }
    }

    private mutating func follow(_ child: TrialChild, _ event: TrialChild.Event) async throws {
        guard case .running(let current, var progress) = state, current === child else { return }
        switch event {
        case .message(let message):
            switch message {
            case .report, .failed: progress.last = message
            case .prepared:
                progress.isPrepared = true
                try await writer.write(message)
            case .batch, .log, .hello: try await writer.write(message)
            }
            state = .running(child, progress)
        case .ended(let status, let problem):
            state = .idle
            try await writer.write(progress.last ?? .failed(child.trial, failure(progress, status, problem)))
        }
    }

    private func failure(_ progress: Progress, _ status: ProcessEnding, _ problem: String?) -> TrialFailure {
        if let reason = progress.stopReason { return TrialFailure(kind: .stopped, reason: reason) }
        if let problem {
            return TrialFailure(kind: .internalError, reason: "the trial's process sent what it must not: \(problem)")
        }
        return TrialFailure(kind: .processLost, reason: "the trial's process \(status)")
    }
}
