import SluiceCoordinator
import SluiceModel
import SluiceWire
import Testing

@Suite struct TrialMachineTests {
    @Test func `an orderly trial goes from phase to phase and is complete`() {
        var fixture = MachineFixture()
        #expect(fixture.handle(.agentJoined(0)) == [])
        #expect(
            fixture.handle(.agentJoined(1)) == [.prepare(agent: 0), .prepare(agent: 1), .entered(.preparing)])
        #expect(fixture.handle(.agentPrepared(1), at: 3) == [])
        let instant: Int64 = 5_250_000_000
        #expect(
            fixture.handle(.agentPrepared(0), at: 5) == [
                .start(agent: 0, instantNanoseconds: instant), .start(agent: 1, instantNanoseconds: instant),
                .entered(.starting(instantNanoseconds: instant)),
            ])
        #expect(fixture.machine.deadlineNanoseconds == instant)
        #expect(fixture.handle(.tick, at: 5.2) == [])
        #expect(fixture.handle(.tick, at: 5.25) == [.entered(.running)])
        let first = fixture.deliver(agent: 0)
        #expect(first.accepted.count == 6 && first.anomalies.isEmpty && first.outcome == nil)
        #expect(fixture.handle(.tick, at: 15.25) == [.entered(.draining)])
        let outcome = fixture.deliver(agent: 1).outcome
        #expect(outcome?.status == .complete)
        #expect(outcome?.reason == "")
        #expect(outcome?.reports.map(\.agent) == [0, 1])
        #expect(outcome?.startInstantNanoseconds == instant)
        #expect(outcome?.lostAgents == [])
        #expect(fixture.machine.deadlineNanoseconds == nil)
    }

    @Test func `a rehearsal ends when all are ready, and starts nothing`() {
        var fixture = MachineFixture { $0.isRehearsal = true }
        var actions = [0, 1].flatMap { fixture.handle(.agentJoined($0)) }
        actions += [0, 1].flatMap { fixture.handle(.agentPrepared($0)) }
        #expect(actions.stopped == [0, 1])
        let stopped = TrialFailure(kind: .stopped, reason: "the rehearsal is over")
        actions += [0, 1].flatMap { fixture.handle(.agentFailed($0, stopped)) }
        #expect(actions.outcome?.status == .complete && actions.outcome?.reason == "")
        #expect(actions.outcome?.startInstantNanoseconds == nil && actions.outcome?.lostAgents == [])
        #expect(!actions.contains { if case .start = $0 { true } else { false } })
    }

    @Test func `a rehearsal in which one agent cannot start has failed`() {
        var fixture = MachineFixture { $0.isRehearsal = true }
        var actions = [0, 1].flatMap { fixture.handle(.agentJoined($0)) }
        actions += fixture.handle(.agentPrepared(0))
        actions += fixture.handle(.agentFailed(1, TrialFailure(kind: .couldNotStart, reason: "no")))
        #expect(actions.stopped == [0])
        actions += fixture.handle(.agentFailed(0, TrialFailure(kind: .stopped, reason: "no")))
        #expect(actions.outcome?.status == .failed && actions.outcome?.reason == "no")
    }

    @Test func `a lost agent ends the trial as degraded, and what the others have is kept`() {
        var fixture = MachineFixture()
        fixture.run()
        fixture.handle(.batch(1, MachineFixture.batch(1, 0, 0)), at: 1)
        let actions = fixture.handle(.agentLost(1, reason: "was killed by SIGKILL (Killed)"), at: 2)
        #expect(actions.stopped == [0])
        #expect(fixture.machine.phase == .draining)
        let end = fixture.deliver(agent: 0)
        #expect(end.accepted.count == 6)
        #expect(end.outcome?.status == .degraded)
        #expect(end.outcome?.reason == "agent 1 was killed by SIGKILL (Killed)")
        #expect(end.outcome?.lostAgents == [1])
        #expect(end.outcome?.reports.map(\.agent) == [0])
    }

    @Test(arguments: [0, 1, 2, 3])
    func `an agent lost before the start ends the trial as degraded, and nothing starts`(joined: Int) {
        var fixture = MachineFixture()
        var actions: [TrialMachine.Action] = []
        if joined > 0 { actions += fixture.handle(.agentJoined(0)) }
        if joined > 1 { actions += fixture.handle(.agentJoined(1)) }
        if joined > 2 { actions += fixture.handle(.agentPrepared(0)) }
        actions += fixture.handle(.agentLost(1, reason: "left"))
        if joined > 1 { actions += fixture.handle(.agentFailed(0, TrialFailure(kind: .stopped, reason: "left"))) }
        #expect(actions.outcome?.status == .degraded)
        #expect(actions.outcome?.startInstantNanoseconds == nil)
        #expect(!actions.contains { if case .start = $0 { true } else { false } })
    }

    @Test(
        arguments: [
            (TrialFailure.Kind.processLost, RunStatus.degraded, nil),
            (.couldNotStart, .failed, .couldNotStart), (.internalError, .failed, .internalError),
            (.stopped, .failed, .internalError),
        ] as [(TrialFailure.Kind, RunStatus, TrialFailure.Kind?)])
    func `a failure on one agent decides the outcome`(
        kind: TrialFailure.Kind, status: RunStatus, told: TrialFailure.Kind?
    ) {
        var fixture = MachineFixture()
        fixture.run()
        #expect(fixture.handle(.agentFailed(0, TrialFailure(kind: kind, reason: "because"))).stopped == [1])
        let outcome = fixture.deliver(agent: 1).outcome
        #expect(outcome?.status == status)
        #expect(outcome?.failureKind == told)
        #expect(outcome?.reason.contains("because") == true)
    }

    @Test func `an interruption waits for the reports, a second one does not`() {
        var fixture = MachineFixture()
        fixture.run()
        #expect(fixture.handle(.interrupt, at: 2).stopped == [0, 1])
        #expect(fixture.deliver(agent: 0).outcome == nil)
        var second = fixture
        let orderly = fixture.deliver(agent: 1).outcome
        #expect(orderly?.status == .interrupted && orderly?.lostAgents == [] && orderly?.reports.count == 2)
        let actions = second.handle(.interrupt)
        #expect(actions.outcome?.status == .interrupted)
        #expect(actions.abandoned == [1])
    }

    @Test(arguments: [0, 1, 2])
    func `an interruption before the start ends the trial`(joined: Int) {
        var fixture = MachineFixture()
        for agent in 0..<joined { fixture.handle(.agentJoined(agent)) }
        var actions = fixture.handle(.interrupt)
        if joined == 2 {
            #expect(actions.stopped == [0, 1])
            for agent in 0..<2 {
                actions += fixture.handle(.agentFailed(agent, TrialFailure(kind: .stopped, reason: "interrupted")))
            }
        }
        #expect(actions.outcome?.status == .interrupted)
    }

    @Test func `an interruption while an agent's loss is dealt with is an interruption`() {
        var fixture = MachineFixture()
        fixture.run()
        fixture.handle(.agentLost(0, reason: "left"))
        fixture.handle(.interrupt)
        let outcome = fixture.deliver(agent: 1).outcome
        #expect(outcome?.status == .interrupted && outcome?.lostAgents == [0])
    }

    @Test func `agents that do not join are named`() {
        var fixture = MachineFixture()
        fixture.handle(.agentJoined(0))
        #expect(fixture.handle(.tick, at: 14.9).outcome == nil)
        let outcome = fixture.handle(.tick, at: 15).outcome
        #expect(outcome?.status == .failed && outcome?.failureKind == .couldNotStart)
        #expect(outcome?.reason == "agent 1 did not join within 15.0 s")
    }

    @Test func `an agent that never gets ready is given up`() {
        var fixture = MachineFixture()
        for agent in 0..<2 { fixture.handle(.agentJoined(agent)) }
        fixture.handle(.agentPrepared(0), at: 1)
        let actions = fixture.handle(.tick, at: 180)
        #expect(actions.abandoned == [1] && actions.stopped == [0])
        let outcome = fixture.handle(.agentFailed(0, TrialFailure(kind: .stopped, reason: ""))).outcome
        #expect(outcome?.status == .degraded)
        #expect(outcome?.reason == "agent 1 was not ready within 180 s")
    }

    @Test func `an agent that falls silent is given up`() {
        var fixture = MachineFixture(seconds: 100)
        fixture.run()
        for second in 1...30 {
            let actions = fixture.handle(.batch(0, MachineFixture.batch(0, 0, second - 1)), at: Double(second))
            #expect(actions.abandoned == [])
        }
        #expect(fixture.machine.deadlineNanoseconds == 30_250_000_000)
        let actions = fixture.handle(.tick, at: 30.25)
        #expect(actions.abandoned == [1] && actions.stopped == [0])
        let outcome = fixture.handle(.agentReport(0, MachineFixture.report(0))).outcome
        #expect(outcome?.status == .degraded && outcome?.reason == "agent 1 sent nothing for 30.0 s")
    }

    @Test func `an agent that does not stop is given up after its time`() {
        var fixture = MachineFixture()
        fixture.run()
        fixture.handle(.agentLost(0, reason: "left"), at: 1)
        #expect(fixture.machine.deadlineNanoseconds == 11_000_000_000)
        #expect(fixture.handle(.tick, at: 10.9).outcome == nil)
        let actions = fixture.handle(.tick, at: 11)
        #expect(actions.abandoned == [1] && actions.outcome?.lostAgents == [0, 1])
        #expect(actions.outcome?.reason == "agent 0 left")
    }

    @Test func `a report that does not come makes the trial degraded`() {
        var fixture = MachineFixture()
        fixture.run()
        _ = fixture.deliver(agent: 0)
        _ = fixture.deliver(agent: 1, report: false)
        fixture.handle(.tick, at: 10.25)
        #expect(fixture.machine.phase == .draining)
        let outcome = fixture.handle(.tick, at: 60).outcome
        #expect(outcome?.status == .degraded)
        #expect(outcome?.reason == "agent 1 did not finish the trial in time")
    }

    @Test func `batches that come twice, late or from nobody are told apart`() {
        var fixture = MachineFixture()
        let early = MachineFixture.batch(0, 0, 0)
        #expect(fixture.handle(.batch(0, early)).anomalies == [.unexpected])
        fixture.run()
        func enter(_ agent: Int, _ batch: IntervalBatch) -> ([BatchAnomaly.Kind], Int) {
            let actions = fixture.handle(.batch(agent, batch))
            return (actions.anomalies, actions.accepted.count)
        }
        #expect(enter(0, early) == ([], 1))
        #expect(enter(0, early) == ([.duplicate], 0))
        #expect(enter(0, MachineFixture.batch(0, 0, 4)) == ([.gap(missing: 1...3)], 1))
        #expect(enter(0, MachineFixture.batch(0, 0, 2)) == ([.outOfOrder], 1))
        #expect(enter(0, MachineFixture.batch(0, 0, 2)) == ([.duplicate], 0))
        #expect(enter(0, MachineFixture.batch(0, 2, 0)) == ([.unexpected], 0), "there is no worker 2")
        #expect(enter(0, MachineFixture.batch(1, 0, 0)) == ([.unexpected], 0), "it is another agent's")
        #expect(enter(0, MachineFixture.batch(0, 0, 1_000_000)) == ([.unexpected], 0), "no gap is so long")
        #expect(enter(0, MachineFixture.batch(0, 1, 0, isLast: true)) == ([], 1))
        #expect(enter(0, MachineFixture.batch(0, 1, 1)) == ([.unexpected], 0), "it comes after the last")
    }

    @Test func `a gap that stays makes the trial degraded and is named`() {
        var fixture = MachineFixture()
        fixture.run()
        _ = fixture.deliver(agent: 0)
        for worker in 0..<2 { fixture.handle(.batch(1, MachineFixture.batch(1, worker, 0))) }
        for worker in 0..<2 { fixture.handle(.batch(1, MachineFixture.batch(1, worker, 1 + worker, isLast: true))) }
        let outcome = fixture.handle(.agentReport(1, MachineFixture.report(1))).outcome
        #expect(outcome?.status == .degraded)
        #expect(outcome?.reason == "agent 1, worker 1: 1 batches from 1 on are missing")
    }

    @Test func `a worker without a last batch makes the trial degraded`() {
        var fixture = MachineFixture()
        fixture.run()
        _ = fixture.deliver(agent: 0)
        fixture.handle(.batch(1, MachineFixture.batch(1, 0, 0, isLast: true)))
        fixture.handle(.batch(1, MachineFixture.batch(1, 1, 0)))
        let outcome = fixture.handle(.agentReport(1, MachineFixture.report(1))).outcome
        #expect(outcome?.status == .degraded)
        #expect(outcome?.reason == "agent 1, worker 1: the last batch is missing")
    }

    @Test func `an agent lost after its report does not spoil the trial`() {
        var fixture = MachineFixture()
        fixture.run()
        _ = fixture.deliver(agent: 0)
        fixture.handle(.agentLost(0, reason: "left"))
        let outcome = fixture.deliver(agent: 1).outcome
        #expect(outcome?.status == .complete && outcome?.lostAgents == [0])
    }

    @Test func `when nothing can be stored the trial is stopped as failed`() {
        var fixture = MachineFixture()
        fixture.run()
        #expect(fixture.handle(.abort(reason: "disk full")).stopped == [0, 1])
        _ = fixture.deliver(agent: 0)
        let outcome = fixture.deliver(agent: 1).outcome
        #expect(outcome?.status == .failed && outcome?.reason == "disk full" && outcome?.failureKind == .internalError)
    }
}
