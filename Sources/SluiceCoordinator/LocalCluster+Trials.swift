package import SluiceModel
import SluiceProcess
import SluiceWire

/// The trial that a cluster is busy with. Only its actor touches it.
final class TrialSession {
    let trial: TrialIdentity
    let planHash: ContentHash
    let onEvent: @Sendable (TrialEvent) throws -> Void
    var machine: TrialMachine
    var waiting: CheckedContinuation<TrialOutcome, Never>?
    /// Events that came while the actions of another were carried out.
    var queue: [TrialMachine.Event] = []
    var isDispatching = false
    var timer: Task<Void, any Error>?
    var timerNanoseconds = Int64.max
    var startedAtSeconds: Double?
    /// What `onEvent` threw first; it is not called again.
    var eventError: (any Error)?

    init(
        trial: TrialIdentity, planHash: ContentHash, machine: TrialMachine,
        onEvent: @escaping @Sendable (TrialEvent) throws -> Void
    ) {
        self.trial = trial
        self.planHash = planHash
        self.machine = machine
        self.onEvent = onEvent
    }
}

extension LocalCluster {
    /// Runs one trial on all agents, from fresh processes.
    ///
    /// - Parameters:
    ///   - modules: the bytes of every module that the plan names.
    ///   - onEvent: called for one event after the other. When it throws, the trial is stopped, it is not called
    ///     again, and its error is thrown at the end.
    /// - Returns: an outcome also for a lost agent, an interruption (which the task's cancellation is as well)
    ///   or a failure. When an agent has missed the common start, the trial is begun again with twice the lead time,
    ///   a few times.
    /// - Throws: `ClusterError.planMismatch`, and what `onEvent` throws.
    package func runTrial(
        plan: TrialPlan, modules: [ContentHash: [UInt8]], onEvent: @escaping @Sendable (TrialEvent) throws -> Void
    ) async throws -> TrialOutcome {
        try await run(plan, modules, isRehearsal: false, onEvent)
    }

    /// Has all agents get ready for a trial: modules compiled, and the plan's VMs started in processes of their own,
    /// which end then. No load is started, and nothing is measured.
    ///
    /// - Returns: complete, or why the trial could not have begun.
    /// - Throws: `ClusterError.planMismatch`.
    package func rehearse(plan: TrialPlan, modules: [ContentHash: [UInt8]]) async throws -> TrialOutcome {
        try await run(plan, modules, isRehearsal: true) { _ in }
    }

    private func run(
        _ plan: TrialPlan, _ modules: [ContentHash: [UInt8]], isRehearsal: Bool,
        _ onEvent: @escaping @Sendable (TrialEvent) throws -> Void
    ) async throws -> TrialOutcome {
        precondition(session == nil, "one trial at a time")
        guard plan.agentCount == configuration.agentCount else {
            throw ClusterError.planMismatch(
                "it is for \(plan.agentCount) agents, and there are \(configuration.agentCount)")
        }
        for hash in plan.plugins.map(\.moduleHash) where modules[hash] == nil && contents[hash] == nil {
            throw ClusterError.planMismatch("module \(hash) was not given")
        }
        let planBytes = try PlanCodec.encode(plan)
        let planHash = ContentHash(of: planBytes)
        contents[planHash] = planBytes
        contents.merge(modules) { kept, _ in kept }
        defer { contents[planHash] = nil }
        var start = 1
        while true {
            var settings = TrialMachineSettings(trial: plan.trial, agentCount: plan.agentCount, load: plan.load)
            settings.isRehearsal = isRehearsal
            settings.leadTimeNanoseconds <<= Int64(start - 1)
            configuration.adjust(&settings)
            let outcome = try await attempt(settings, planHash, onEvent)
            guard outcome.failureKind == .missedStart, outcome.lostAgents.isEmpty, start < Self.mostStarts else {
                return outcome
            }
            try onEvent(.missedStart(reason: outcome.reason))
            start += 1
        }
    }

    /// So often a trial is begun whose agents hear too late of its start.
    private static let mostStarts = 4

    private func attempt(
        _ settings: TrialMachineSettings, _ planHash: ContentHash,
        _ onEvent: @escaping @Sendable (TrialEvent) throws -> Void
    ) async throws -> TrialOutcome {
        let session = TrialSession(
            trial: settings.trial, planHash: planHash,
            machine: TrialMachine(settings: settings, nowNanoseconds: MonotonicClock.nowNanoseconds()),
            onEvent: onEvent)
        self.session = session
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                session.waiting = continuation
                for (agent, reason) in lostAgents { dispatch(.agentLost(agent, reason: reason)) }
                if isInterrupted { dispatch(.interrupt) }
                for agent in joinedAgents { dispatch(.agentJoined(agent)) }
            }
        } onCancel: {
            interrupt()
        }
        self.session = nil
        if let error = session.eventError { throw error }
        return outcome
    }

    /// An event of a certain trial; one of another trial came too late, and is said so.
    func dispatch(_ event: TrialMachine.Event, of trial: TrialIdentity) {
        if session?.trial == trial { return dispatch(event) }
        if case .batch(let agent, let batch) = event {
            let anomaly = BatchAnomaly(
                agent: agent, worker: batch.worker, sequence: batch.sequence, kind: .unexpected)
            configuration.onAgentLine(agent, "\(anomaly): it belongs to a trial that is over")
        }
    }

    /// Hands an event to the trial's machine and carries out what comes of it.
    func dispatch(_ event: TrialMachine.Event) {
        guard let session else { return }
        session.queue.append(event)
        guard !session.isDispatching else { return }
        session.isDispatching = true
        while !session.queue.isEmpty {
            let next = session.queue.removeFirst()
            for action in session.machine.handle(next, nowNanoseconds: MonotonicClock.nowNanoseconds()) {
                perform(action, session)
            }
        }
        session.isDispatching = false
        setTimer(session)
    }

    private func perform(_ action: TrialMachine.Action, _ session: TrialSession) {
        switch action {
        case .prepare(let agent):
            send(.prepare(session.trial, agent: agent, plan: session.planHash), to: agent)
        case .start(let agent, let instant):
            let ahead = instant - MonotonicClock.nowNanoseconds()
            session.startedAtSeconds = Double(MonotonicClock.wallNanoseconds() + ahead) / 1e9
            send(.start(session.trial, instantNanoseconds: instant), to: agent)
        case .stop(let agent, let reason): send(.stop(session.trial, reason: reason), to: agent)
        case .accept(let batch): tell(.batch(batch), session)
        case .note(let anomaly): tell(.anomaly(anomaly), session)
        case .entered(let phase): tell(.phase(phase), session)
        case .abandon(let agent): lose(agent, "did not answer and was ended")
        case .finish(var outcome):
            session.timer?.cancel()
            if outcome.startInstantNanoseconds != nil { outcome.startedAtSeconds = session.startedAtSeconds }
            session.waiting?.resume(returning: outcome)
            session.waiting = nil
        }
    }

    private func tell(_ event: TrialEvent, _ session: TrialSession) {
        guard session.eventError == nil else { return }
        do { try session.onEvent(event) } catch {
            session.eventError = error
            session.queue.append(.abort(reason: "\(error)"))
        }
    }

    /// A timer that is early only finds that nothing is due, so it is set again only when the deadline comes nearer.
    private func setTimer(_ session: TrialSession) {
        guard let deadline = session.machine.deadlineNanoseconds, deadline < session.timerNanoseconds else { return }
        session.timer?.cancel()
        session.timerNanoseconds = deadline
        let trial = session.trial
        session.timer = Task {
            let remaining = max(0, deadline - MonotonicClock.nowNanoseconds())
            try await Task.sleep(for: .nanoseconds(remaining))
            timerFired(trial)
        }
    }

    private func timerFired(_ trial: TrialIdentity) {
        guard let session, session.trial == trial else { return }
        session.timerNanoseconds = .max
        dispatch(.tick)
    }
}
