import SluiceCoordinator
import SluiceModel
import SluiceWire
import Testing
import WireTestSupport

/// Agents with delays, losses, failures and doubled messages, drawn from a seed, against the machine, in virtual time.
@Suite struct TrialMachineSimulationTests {
    @Test(arguments: 0..<2000 as Range<UInt64>)
    func `whatever happens, the trial ends and nothing is counted twice`(seed: UInt64) {
        var simulation = Simulation(seed: seed)
        simulation.run()
        #expect(simulation.problems.isEmpty, "seed \(seed): \(simulation.problems)")
    }

    @Test func `the seeds reach every ending`() {
        var statuses: Set<RunStatus> = []
        for seed in 0..<2000 as Range<UInt64> {
            var simulation = Simulation(seed: seed)
            simulation.run()
            if let status = simulation.outcome?.status { statuses.insert(status) }
        }
        #expect(statuses == [.complete, .degraded, .interrupted, .failed])
    }
}

private struct Simulation {
    private struct Arrival {
        var time: Int64
        var order: UInt64
        var event: TrialMachine.Event
    }

    private let agentCount: Int
    private let workerCount: Int
    private let duration: Int64
    private var random: RandomModel
    private var machine: TrialMachine
    private var arrivals: [Arrival] = []
    private var now: Int64 = 0
    private var isDead: [Bool]
    private var isStopped: [Bool]
    private var prepared: Set<Int> = []
    private var started: Set<Int> = []
    private var sent: [String: Int] = [:]
    private var accepted: Set<String> = []
    private var isTroubled = false
    private(set) var outcome: TrialOutcome?
    private(set) var problems: [String] = []

    init(seed: UInt64) {
        var random = RandomModel(seed: seed)
        agentCount = 1 + random.below(4)
        workerCount = 1 + random.below(3)
        var load = FakePlan.make(module: [], agents: agentCount, seconds: Double(1 + random.below(20))).load
        load.workers = workerCount
        duration = load.durationNanoseconds
        let trial = TrialIdentity(runID: "r", strategy: "s", block: 0)
        machine = TrialMachine(
            settings: TrialMachineSettings(trial: trial, agentCount: agentCount, load: load), nowNanoseconds: 0)
        isDead = Array(repeating: false, count: agentCount)
        isStopped = isDead
        self.random = random
        plan()
    }

    /// What will happen whatever the machine does.
    private mutating func plan() {
        for agent in 0..<agentCount {
            if !happens(0.02) { send(.agentJoined(agent), after: 0.01 + delay(3)) }
            if happens(0.1) { send(.agentLost(agent, reason: "was killed"), after: delay(40)) }
        }
        if happens(0.1) { send(.interrupt, after: delay(40)) }
        if happens(0.03) { send(.interrupt, after: delay(40)) }
        if happens(0.03) { send(.abort(reason: "disk full"), after: delay(40)) }
    }

    mutating func run() {
        // More steps than any run needs: what reaches the end of the loop does not terminate.
        for _ in 0..<20_000 {
            if outcome != nil, arrivals.isEmpty { return check() }
            step()
        }
        problems.append("it does not end")
    }

    private mutating func step() {
        let next = arrivals.indices.min {
            (arrivals[$0].time, arrivals[$0].order) < (arrivals[$1].time, arrivals[$1].order)
        }
        let deadline = machine.deadlineNanoseconds
        if let deadline, next.map({ arrivals[$0].time > deadline }) ?? true {
            // Timers are late, too.
            now = max(now, deadline) + Int64(random.below(5_000_000))
            return perform(machine.handle(.tick, nowNanoseconds: now))
        }
        guard let next else { return }
        let arrival = arrivals.remove(at: next)
        now = max(now, arrival.time)
        switch arrival.event {
        case .agentLost(let agent, _): isDead[agent] = true
        case .agentJoined(let agent), .agentReport(let agent, _), .batch(let agent, _), .agentFailed(let agent, _):
            if isDead[agent] { return }
        case .agentPrepared(let agent):
            if isDead[agent] { return }
            prepared.insert(agent)
        case .interrupt, .abort, .tick: break
        }
        perform(machine.handle(arrival.event, nowNanoseconds: now))
    }

    private mutating func perform(_ actions: [TrialMachine.Action]) {
        for action in actions {
            if outcome != nil { if case .note = action {} else { problems.append("after the end: \(action)") } }
            switch action {
            case .prepare(let agent): prepare(agent)
            case .start(let agent, let instant):
                if prepared.count < agentCount { problems.append("started before all were prepared") }
                if instant <= now { problems.append("the start instant is over") }
                if !started.insert(agent).inserted { problems.append("agent \(agent) was started twice") }
                load(agent, from: instant)
            case .stop(let agent, _): stop(agent)
            case .accept(let batch):
                let name = "\(batch.agent).\(batch.worker).\(batch.sequence)"
                if !accepted.insert(name).inserted { problems.append("batch \(name) was counted twice") }
            case .abandon(let agent): isDead[agent] = true
            case .finish(let value): outcome = value
            case .note, .entered: break
            }
        }
    }

    private mutating func prepare(_ agent: Int) {
        if happens(0.03) {
            let kinds = TrialFailure.Kind.allCases
            let kind = kinds[random.below(kinds.count)]
            send(.agentFailed(agent, TrialFailure(kind: kind, reason: "unwell")), after: delay(3))
        } else if !happens(0.02) {
            send(.agentPrepared(agent), after: delay(5))
        }
    }

    /// Batches each second and a report, on a stream that delays but keeps the order; sometimes a message is lost
    /// or doubled.
    private mutating func load(_ agent: Int, from instant: Int64) {
        let intervals = Int(duration / 1_000_000_000)
        var time = instant
        let failsAt = happens(0.05) ? random.below(intervals) : nil
        for sequence in 0..<intervals {
            time = max(time, instant + Int64(sequence + 1) * 1_000_000_000) + Int64(random.below(50_000_000))
            if failsAt == sequence {
                let failure = TrialFailure(kind: .processLost, reason: "crashed")
                return arrivals.append(Arrival(time: time, order: random.next(), event: .agentFailed(agent, failure)))
            }
            for worker in 0..<workerCount {
                let batch = MachineFixture.batch(agent, worker, sequence, isLast: sequence == intervals - 1)
                time += 1
                if happens(0.002) { continue }
                sent["\(agent).\(worker).\(sequence)"] = 1
                arrivals.append(Arrival(time: time, order: 0, event: .batch(agent, batch)))
                if random.chance(0.01) {
                    arrivals.append(Arrival(time: time + 1, order: 1, event: .batch(agent, batch)))
                }
            }
        }
        if !happens(0.02) {
            arrivals.append(
                Arrival(time: time + 2, order: 2, event: .agentReport(agent, MachineFixture.report(agent))))
        }
    }

    /// An agent that is told to stop drops what it would have sent, and reports.
    private mutating func stop(_ agent: Int) {
        if isStopped[agent] { problems.append("agent \(agent) was told twice to stop") }
        isStopped[agent] = true
        if random.chance(0.1) { return }
        arrivals.removeAll { arrival in
            switch arrival.event {
            case .batch(agent, _), .agentReport(agent, _), .agentPrepared(agent): true
            default: false
            }
        }
        let last: TrialMachine.Event =
            started.contains(agent)
            ? .agentReport(agent, MachineFixture.report(agent))
            : .agentFailed(agent, TrialFailure(kind: .stopped, reason: "told to"))
        send(last, after: delay(2))
    }

    private mutating func check() {
        guard let outcome else { return problems.append("there is no outcome") }
        let untouched = !isTroubled
        if untouched, outcome.status != .complete { problems.append("nothing went wrong, yet \(outcome)") }
        if outcome.status == .complete {
            if Set(sent.keys) != accepted { problems.append("complete, but batches are missing") }
            if outcome.reports.count != agentCount { problems.append("complete without all reports") }
            if started.count != agentCount { problems.append("complete without a start") }
        } else if outcome.reason.isEmpty {
            problems.append("no reason for \(outcome.status)")
        }
        if outcome.status == .running { problems.append("the outcome is running") }
    }

    /// Draws whether something goes wrong, and remembers that it did.
    private mutating func happens(_ probability: Double) -> Bool {
        let result = random.chance(probability)
        if result { isTroubled = true }
        return result
    }

    private mutating func delay(_ seconds: Double) -> Double { Double(random.below(1000)) / 1000 * seconds }

    private mutating func send(_ event: TrialMachine.Event, after seconds: Double) {
        arrivals.append(Arrival(time: now + Int64(seconds * 1e9), order: random.next(), event: event))
    }
}
