package import SluiceModel
package import SluiceWire

/// One trial from the coordinator's side, without clock, sockets or processes: events go in, actions come out.
///
/// It ends in every case: each phase but the last has a deadline. It starts the load only when every agent is ready,
/// counts every batch once, and never goes on with fewer agents than planned.
package struct TrialMachine: Sendable {
    /// What has happened; agents go by their position among those of the trial, from 0.
    package enum Event: Sendable, Equatable {
        case agentJoined(Int)
        case agentPrepared(Int)
        case batch(Int, IntervalBatch)
        case agentReport(Int, AgentTrialReport)
        case agentFailed(Int, TrialFailure)
        /// The agent's process or connection is gone.
        case agentLost(Int, reason: String)
        /// The user wants an end: the first time an orderly one, the second time at once.
        case interrupt
        /// The coordinator cannot go on, for example because nothing can be stored.
        case abort(reason: String)
        /// Time has passed.
        case tick
    }

    /// What is to be done now, in the order in which the machine gives it.
    package enum Action: Sendable, Equatable {
        case prepare(agent: Int)
        case start(agent: Int, instantNanoseconds: Int64)
        case stop(agent: Int, reason: String)
        /// The batch counts.
        case accept(IntervalBatch)
        case note(BatchAnomaly)
        case entered(TrialPhase)
        /// End the agent's process: it does not answer.
        case abandon(agent: Int)
        case finish(TrialOutcome)
    }

    private enum Progress: Equatable {
        case absent, joined, preparing, prepared, started
        /// Nothing more will come of it.
        case reported, failed, lost

        var isSettled: Bool { self == .reported || self == .failed || self == .lost }
        /// Something of the trial is going on there, so it must be told to stop.
        var isBusy: Bool { self == .preparing || self == .prepared || self == .started }
    }

    private struct Cause {
        var status: RunStatus
        var reason: String
        var kind: TrialFailure.Kind?
    }

    /// As given at the start.
    package let settings: TrialMachineSettings
    /// Where the trial is. `Action.entered` tells each change.
    package private(set) var phase = TrialPhase.waitingForAgents
    /// When `tick` is due at the latest; `nil` after the end.
    package private(set) var deadlineNanoseconds: Int64?
    private var agents: [Progress]
    private var heardNanoseconds: [Int64]
    private var isToldToStop: [Bool]
    private var ledger: BatchLedger
    private var startInstantNanoseconds: Int64?
    private var cause: Cause?
    private var reports: [Int: AgentTrialReport] = [:]
    private var anomalies: [BatchAnomaly] = []
    private var actions: [Action] = []

    package init(settings: TrialMachineSettings, nowNanoseconds: Int64) {
        self.settings = settings
        agents = Array(repeating: .absent, count: settings.agentCount)
        heardNanoseconds = Array(repeating: nowNanoseconds, count: settings.agentCount)
        isToldToStop = Array(repeating: false, count: settings.agentCount)
        ledger = BatchLedger(agentCount: settings.agentCount, workersPerAgent: settings.workersPerAgent)
        deadlineNanoseconds = nowNanoseconds + settings.joinTimeoutNanoseconds
    }

    /// What is to be done about an event, in this order.
    package mutating func handle(_ event: Event, nowNanoseconds now: Int64) -> [Action] {
        defer { actions = [] }
        if phase == .finished {
            if case .batch(let agent, let batch) = event { note(batch, from: agent, .unexpected) }
            return actions
        }
        switch event {
        case .agentJoined(let agent):
            if agents[agent] == .absent { agents[agent] = .joined }
        case .agentPrepared(let agent):
            if agents[agent] == .preparing { agents[agent] = .prepared }
        case .batch(let agent, let batch): enter(batch, from: agent, now)
        case .agentReport(let agent, let report):
            guard agents[agent] == .started else { break }
            agents[agent] = .reported
            reports[agent] = report
        case .agentFailed(let agent, let failure): agentFailed(agent, failure, now)
        case .agentLost(let agent, let reason): agentLost(agent, reason, now)
        case .interrupt:
            let isSecond = cause?.status == .interrupted
            cause = Cause(status: .interrupted, reason: "interrupted", kind: nil)
            if isSecond { return finishNow() }
            drain(now, reason: "interrupted")
        case .abort(let reason): fail(Cause(status: .failed, reason: reason, kind: .internalError), now)
        case .tick: break
        }
        advance(now)
        return actions
    }

    // MARK: Events

    private mutating func enter(_ batch: IntervalBatch, from agent: Int, _ now: Int64) {
        heardNanoseconds[agent] = now
        guard agents[agent] == .started else { return note(batch, from: agent, .unexpected) }
        let (counts, anomaly) = ledger.enter(batch, from: agent)
        if let anomaly { note(anomaly) }
        if counts { actions.append(.accept(batch)) }
    }

    private mutating func agentFailed(_ agent: Int, _ failure: TrialFailure, _ now: Int64) {
        guard agents[agent].isBusy else { return }
        agents[agent] = .failed
        switch failure.kind {
        case .processLost: fail(Cause(status: .degraded, reason: "agent \(agent): \(failure.reason)", kind: nil), now)
        case .couldNotStart, .missedStart, .internalError:
            fail(Cause(status: .failed, reason: failure.reason, kind: failure.kind), now)
        case .stopped where settings.isRehearsal && isToldToStop[agent]: break
        case .stopped:
            // An answer to our own stop; without one there must be another reason, which is not known.
            fail(Cause(status: .failed, reason: "agent \(agent): \(failure.reason)", kind: .internalError), now)
        }
    }

    private mutating func agentLost(_ agent: Int, _ reason: String, _ now: Int64) {
        guard agents[agent] != .lost else { return }
        // After its report an agent has given all that this trial needs; the next trial will miss it.
        let owesNothing = agents[agent] == .reported
        agents[agent] = .lost
        if !owesNothing { fail(Cause(status: .degraded, reason: "agent \(agent) \(reason)", kind: nil), now) }
    }

    // MARK: Phases

    /// The first cause decides; what comes after it is its consequence.
    private mutating func fail(_ newCause: Cause, _ now: Int64) {
        if cause == nil { cause = newCause }
        drain(now, reason: newCause.reason)
    }

    /// Goes on from phase to phase as far as it can.
    private mutating func advance(_ now: Int64) {
        while phase != .finished, step(now) {}
    }

    private mutating func step(_ now: Int64) -> Bool {
        switch phase {
        case .waitingForAgents: return stepWaiting(now)
        case .preparing: return stepPreparing(now)
        case .starting(let instant):
            guard now >= instant else { return false }
            enter(.running, deadline: silenceDeadline)
            return true
        case .running: return stepRunning(now)
        case .draining:
            if agents.allSatisfy({ $0.isSettled || $0 == .absent || $0 == .joined }) {
                finish()
            } else if isDue(now) {
                let late = agents.indices.filter { agents[$0].isBusy }
                abandon(late, because: "did not finish the trial in time")
                finish()
            }
            return false
        case .finished: return false
        }
    }

    private mutating func stepWaiting(_ now: Int64) -> Bool {
        if agents.allSatisfy({ $0 == .joined }) {
            for agent in agents.indices {
                agents[agent] = .preparing
                actions.append(.prepare(agent: agent))
            }
            enter(.preparing, deadline: now + settings.prepareTimeoutNanoseconds)
            return true
        }
        guard isDue(now) else { return false }
        let missing = agents.indices.filter { agents[$0] == .absent }
        let names = missing.map(String.init).joined(separator: ", ")
        let time = Units.duration(nanoseconds: settings.joinTimeoutNanoseconds)
        fail(Cause(status: .failed, reason: "agent \(names) did not join within \(time)", kind: .couldNotStart), now)
        return true
    }

    private mutating func stepPreparing(_ now: Int64) -> Bool {
        if agents.allSatisfy({ $0 == .prepared }), settings.isRehearsal {
            drain(now, reason: "the rehearsal is over")
            return true
        }
        if agents.allSatisfy({ $0 == .prepared }) {
            let instant = now + settings.leadTimeNanoseconds
            startInstantNanoseconds = instant
            for agent in agents.indices {
                agents[agent] = .started
                heardNanoseconds[agent] = instant
                actions.append(.start(agent: agent, instantNanoseconds: instant))
            }
            enter(.starting(instantNanoseconds: instant), deadline: instant)
            return true
        }
        guard isDue(now) else { return false }
        let late = agents.indices.filter { agents[$0] == .preparing }
        let time = Units.duration(nanoseconds: settings.prepareTimeoutNanoseconds)
        abandon(late, because: "was not ready within \(time)")
        drain(now, reason: "another agent was not ready in time")
        return true
    }

    private mutating func stepRunning(_ now: Int64) -> Bool {
        let end = (startInstantNanoseconds ?? now) + settings.durationNanoseconds
        if agents.allSatisfy(\.isSettled) || now >= end {
            enter(.draining, deadline: end + settings.drainTimeoutNanoseconds)
            return true
        }
        let limit = settings.silenceTimeoutNanoseconds
        let silent = agents.indices.filter { agents[$0] == .started && now - heardNanoseconds[$0] >= limit }
        deadlineNanoseconds = min(end, silenceDeadline)
        guard !silent.isEmpty else { return false }
        abandon(silent, because: "sent nothing for \(Units.duration(nanoseconds: limit))")
        drain(now, reason: "another agent was silent")
        return true
    }

    /// When the agent that has been silent longest will have been silent too long.
    private var silenceDeadline: Int64 {
        let heard = agents.indices.filter { agents[$0] == .started }.map { heardNanoseconds[$0] }.min()
        return (heard ?? startInstantNanoseconds ?? 0) + settings.silenceTimeoutNanoseconds
    }

    /// Tells everybody to stop, and waits for what they have.
    private mutating func drain(_ now: Int64, reason: String) {
        for agent in agents.indices where agents[agent].isBusy && !isToldToStop[agent] {
            isToldToStop[agent] = true
            actions.append(.stop(agent: agent, reason: reason))
        }
        let deadline = now + settings.stopTimeoutNanoseconds
        guard phase == .draining else { return enter(.draining, deadline: deadline) }
        deadlineNanoseconds = min(deadlineNanoseconds ?? deadline, deadline)
    }

    private mutating func enter(_ newPhase: TrialPhase, deadline: Int64?) {
        phase = newPhase
        deadlineNanoseconds = deadline
        actions.append(.entered(newPhase))
    }

    private func isDue(_ now: Int64) -> Bool { deadlineNanoseconds.map { now >= $0 } ?? false }

    private mutating func abandon(_ late: [Int], because reason: String) {
        for agent in late {
            agents[agent] = .lost
            actions.append(.abandon(agent: agent))
            if cause == nil { cause = Cause(status: .degraded, reason: "agent \(agent) \(reason)", kind: nil) }
        }
    }

    // MARK: The end

    private mutating func finishNow() -> [Action] {
        abandon(agents.indices.filter { agents[$0].isBusy }, because: "was not waited for")
        finish()
        return actions
    }

    private mutating func finish() {
        if cause == nil, !settings.isRehearsal, let debt = agents.indices.compactMap({ ledger.debt(of: $0) }).first {
            cause = Cause(status: .degraded, reason: debt, kind: nil)
        }
        enter(.finished, deadline: nil)
        actions.append(
            .finish(
                TrialOutcome(
                    trial: settings.trial, status: cause?.status ?? .complete, reason: cause?.reason ?? "",
                    failureKind: cause?.kind, startInstantNanoseconds: startInstantNanoseconds,
                    startedAtSeconds: nil, reports: reports.sorted { $0.key < $1.key }.map(\.value),
                    lostAgents: agents.indices.filter { agents[$0] == .lost }, anomalies: anomalies)))
    }

    private mutating func note(_ batch: IntervalBatch, from agent: Int, _ kind: BatchAnomaly.Kind) {
        note(BatchAnomaly(agent: agent, worker: batch.worker, sequence: batch.sequence, kind: kind))
    }

    private mutating func note(_ anomaly: BatchAnomaly) {
        if anomalies.count < settings.anomalyLimit { anomalies.append(anomaly) }
        actions.append(.note(anomaly))
    }
}
