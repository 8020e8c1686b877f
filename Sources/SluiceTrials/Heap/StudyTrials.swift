import SluiceAnalysis
import SluiceCoordinator
import SluiceModel
import SluiceStore
import SluiceWire
import Synchronization

/// Runs the trials of a heap study one after the other, stores them as they come, and counts what came of each.
actor StudyTrials {
    /// The study cannot go on.
    struct Stop: Error {
        var status: RunStatus
        var reason: String
    }

    /// What came of one trial.
    struct Result {
        var tally: ReplayTally
        var planned: Int
        var cpuNanoseconds: Int64?
        /// The plugin did not start, with its reason; or the trial's process died.
        var startFailure: String?
        var lostProcess: String?
    }

    private let cluster: LocalCluster
    private let modules: [ContentHash: [UInt8]]
    private let store: PendingStore
    private let record: RunRecord
    /// The first trial of the study has started, and is in the store.
    private let isStored = Mutex(false)
    private var position = 0
    private var positions: [String: Int] = [:]
    private(set) var engines: Set<String> = []

    init(cluster: LocalCluster, modules: [ContentHash: [UInt8]], store: PendingStore, record: RunRecord) {
        self.cluster = cluster
        self.modules = modules
        self.store = store
        self.record = record
    }

    /// Whether anything is in the store.
    nonisolated var hasBegun: Bool { isStored.withLock { $0 } }

    /// Runs one trial.
    ///
    /// - Parameter plan: for the position of this trial among those of its strategy.
    func run(
        _ strategy: String, _ plan: @Sendable (_ position: Int) -> TrialPlan
    ) async throws -> Result {
        let ordinal = positions[strategy, default: 0]
        positions[strategy] = ordinal + 1
        let plan = plan(ordinal)
        var trial = TrialRecord(
            identity: plan.trial, position: position, seed: plan.load.seed, status: .running, statusReason: "",
            startedAtSeconds: nil, agents: [])
        position += 1
        let tally = Mutex(ReplayTally(trial: plan.trial))
        let outcome = try await cluster.runTrial(plan: plan, modules: modules) { [self, store, trial] event in
            switch event {
            case .phase(.starting): try begin(trial)
            case .batch(let batch):
                try store.opened().append(batch, trial: plan.trial)
                try tally.withLock { try $0.consume(batch) }
            case .missedStart:
                try store.opened().removeTrial(plan.trial)
                tally.withLock { $0 = ReplayTally(trial: plan.trial) }
            case .phase, .anomaly: break
            }
        }
        trial.status = outcome.status
        trial.statusReason = outcome.reason
        trial.startedAtSeconds = outcome.startedAtSeconds
        trial.agents = outcome.reports
        // What could not start was no trial.
        if outcome.startInstantNanoseconds != nil { try store.opened().finishTrial(trial) }
        engines.formUnion(outcome.reports.map { "\($0.engine.name.rawValue) \($0.engine.version)" })
        var result = Result(
            tally: tally.withLock { $0 }, planned: outcome.reports.flatMap(\.plannedRequests).reduce(0, +),
            cpuNanoseconds: outcome.reports.first?.cpuNanoseconds)
        switch (outcome.status, outcome.failureKind) {
        case (.complete, _): break
        case (.failed, .couldNotStart): result.startFailure = outcome.reason
        case (.failed, .processLost): result.lostProcess = outcome.reason
        case (.failed, _): throw RunFailure.internalError(outcome.reason)
        default: throw Stop(status: outcome.status, reason: outcome.reason)
        }
        return result
    }

    private nonisolated func begin(_ trial: TrialRecord) throws {
        let store = try store.opened()
        try isStored.withLock { isStored in
            if !isStored { try store.beginRun(record) }
            isStored = true
        }
        try store.beginTrial(trial)
    }
}

extension StudyTrials.Result {
    /// What the trial says about its size. A plugin that starts without a limit and not with it has too little memory.
    func verdict(checkFailures: Int) -> MinimumHeapSearch.Verdict {
        if let startFailure {
            return .tooSmall(reason: startFailure.split(separator: "\n").first.map(String.init) ?? startFailure)
        }
        if let lostProcess { return .crashed(message: lostProcess) }
        return tally.verdict(planned: planned, checkFailures: checkFailures)
    }
}
