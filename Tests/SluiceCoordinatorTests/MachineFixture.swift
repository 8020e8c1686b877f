import SluiceCoordinator
import SluiceModel
import SluiceWire
import WireTestSupport

/// A machine of two agents with two workers each, and short ways to speak to it. Times are seconds.
struct MachineFixture {
    var machine: TrialMachine
    var seconds = 0.0

    init(seconds duration: Double = 10, adjust: (inout TrialMachineSettings) -> Void = { _ in }) {
        let plan = FakePlan.make(module: [], agents: 2, seconds: duration)
        var settings = TrialMachineSettings(trial: plan.trial, agentCount: 2, load: plan.load)
        settings.leadTimeNanoseconds = 250_000_000
        adjust(&settings)
        machine = TrialMachine(settings: settings, nowNanoseconds: 0)
    }

    var now: Int64 { Int64(seconds * 1e9) }

    @discardableResult
    mutating func handle(_ event: TrialMachine.Event, at time: Double? = nil) -> [TrialMachine.Action] {
        if let time { seconds = time }
        return machine.handle(event, nowNanoseconds: now)
    }

    /// Up to the running load, which starts at 0.25 s.
    mutating func run() {
        for agent in 0..<2 { handle(.agentJoined(agent)) }
        for agent in 0..<2 { handle(.agentPrepared(agent)) }
        handle(.tick, at: 0.25)
    }

    /// Everything that an agent has to send; its report as well unless told otherwise.
    mutating func deliver(agent: Int, batches: Int = 3, report: Bool = true) -> [TrialMachine.Action] {
        var actions: [TrialMachine.Action] = []
        for sequence in 0..<batches {
            for worker in 0..<2 {
                actions += handle(.batch(agent, Self.batch(agent, worker, sequence, isLast: sequence == batches - 1)))
            }
        }
        if report { actions += handle(.agentReport(agent, Self.report(agent))) }
        return actions
    }

    static func batch(_ agent: Int, _ worker: Int, _ sequence: Int, isLast: Bool = false) -> IntervalBatch {
        IntervalBatch(
            agent: agent, worker: worker, sequence: sequence, startNanoseconds: Int64(sequence), endNanoseconds: 0,
            segments: [], heap: HeapSample(), growth: [], failures: [], vmEvents: VMEventCounts(), metrics: [],
            isLast: isLast)
    }

    static func report(_ agent: Int) -> AgentTrialReport {
        AgentTrialReport(
            agent: agent, plannedRequests: [], cpuNanoseconds: 0, maximumResidentBytes: 0,
            residentBeyondGuestsBytes: 0, engine: EngineIdentity(name: .null, version: "none"))
    }
}

extension [TrialMachine.Action] {
    var outcome: TrialOutcome? {
        for case .finish(let outcome) in self { return outcome }
        return nil
    }

    var accepted: [IntervalBatch] { compactMap { if case .accept(let batch) = $0 { batch } else { nil } } }

    var anomalies: [BatchAnomaly.Kind] { compactMap { if case .note(let anomaly) = $0 { anomaly.kind } else { nil } } }

    var stopped: [Int] { compactMap { if case .stop(let agent, _) = $0 { agent } else { nil } } }

    var abandoned: [Int] { compactMap { if case .abandon(let agent) = $0 { agent } else { nil } } }
}
