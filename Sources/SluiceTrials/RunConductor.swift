import Glibc
package import SluiceCoordinator
package import SluiceModel
import SluiceProcess
import SluiceStore
import SluiceWire
import Synchronization

/// Runs the trials of one command, one after the other, and stores what comes in as it comes in.
///
/// Nothing is stored before the first trial has its start instant: a run that could not start is no run.
package final class RunConductor: Sendable {
    private let request: RunRequest
    private let cluster: LocalCluster
    private let onNotice: @Sendable (RunNotice) -> Void
    private let record: Mutex<RunRecord>
    private let isStored = Mutex(false)
    private let isInterrupted = Atomic(false)

    /// - Parameters:
    ///   - configuration: says how agents are started; its `agentCount` must be the workload's.
    ///   - onNotice: called in order, and must return soon.
    package init(
        request: RunRequest, configuration: LocalClusterConfiguration, onNotice: @escaping @Sendable (RunNotice) -> Void
    ) {
        self.request = request
        self.onNotice = onNotice
        cluster = LocalCluster(configuration: configuration)
        let now = Int64(time(nil))
        record = Mutex(
            RunRecord(
                id: RunIdentifier.make(atSeconds: now), command: request.command, workload: request.workload,
                workloadText: request.workloadText, moduleHashes: [:], strategies: request.strategies.map(\.name),
                blocks: request.blocks, startedAtSeconds: now, status: .running, statusReason: "",
                host: HostReader.current(), workloadPath: request.workloadPath))
    }

    /// The user wants an end. What was measured so far is kept.
    package func interrupt() {
        isInterrupted.store(true, ordering: .relaxed)
        cluster.interrupt()
    }

    /// - Returns: the run as it was stored, complete, degraded or interrupted.
    package func run() async throws(RunFailure) -> RunRecord {
        let modules = try await ModuleLibrary.read(
            for: request.workload, strategies: request.strategies,
            onProgress: { [onNotice] in onNotice(.log($0)) },
            isCancelled: { [self] in isInterrupted.load(ordering: .relaxed) })
        let store = try PendingStore.checked(path: request.storePath)
        record.withLock { record in
            record.workload = modules.resolved(request.workload)
            for strategy in request.strategies {
                record.moduleHashes[strategy.name] = modules.hashes(of: strategy, plugins: request.workload.plugins)
            }
        }
        do {
            let (status, reason) = try await cluster.running { _ in try await self.runTrials(modules, store) }
            return try finish(store, status, reason)
        } catch {
            let stored = isStored.withLock { $0 } ? record.withLock { $0.id } : nil
            throw store.failure(RunFailure(error), endsRun: stored)
        }
    }

    private func runTrials(_ modules: ModuleLibrary, _ store: PendingStore) async throws -> (RunStatus, reason: String)
    {
        let planner = TrialPlanner(workload: request.workload, runID: record.withLock { $0.id }, modules: modules)
        // The only strategy's own start comes at once, and says the same.
        if request.strategies.count > 1, try await !rehearse(planner, modules) { return (.interrupted, "interrupted") }
        let entries = TrialOrder.entries(strategies: request.strategies.map(\.name), blocks: request.blocks)
        for (position, entry) in entries.enumerated() {
            if position % request.strategies.count == 0, try await isDecided(blocks: entry.block) {
                record.withLock { $0.blocks = entry.block }
                break
            }
            guard let strategy = request.strategies.first(where: { $0.name == entry.strategy }) else { continue }
            let plan = planner.plan(strategy: strategy, block: entry.block)
            let begins = RunNotice.trialBegins(plan, position: position, trials: entries.count)
            onNotice(begins)
            let outcome = try await run(plan, position: position, modules, store) { [onNotice] reason in
                onNotice(.log("strategy \(entry.strategy), block \(entry.block + 1): \(reason); it begins again"))
                onNotice(begins)
            }
            guard outcome.status == .complete else {
                if outcome.status == .failed { throw failure(of: outcome) }
                return (outcome.status, outcome.reason)
            }
        }
        return (.complete, "")
    }

    /// After so many blocks no more are needed.
    private func isDecided(blocks: Int) async throws -> Bool {
        guard let looks = request.looks, looks.afterBlocks.contains(blocks) else { return false }
        var soFar = record.withLock { $0 }
        soFar.status = .complete
        soFar.blocks = blocks
        return try await !looks.goesOn(soFar)
    }

    /// Starts every strategy once before the first is measured, so that none turns out to be unusable only when its
    /// turn comes. `false`: interrupted.
    private func rehearse(_ planner: TrialPlanner, _ modules: ModuleLibrary) async throws -> Bool {
        var failures: [String] = []
        for (position, strategy) in request.strategies.enumerated() {
            onNotice(
                .rehearsalBegins(strategy: strategy.name, position: position, strategies: request.strategies.count))
            let outcome = try await cluster.rehearse(
                plan: planner.rehearsal(of: strategy), modules: modules.contents)
            switch outcome.status {
            case .complete: break
            case .interrupted: return false
            case .running, .degraded, .failed: failures.append("strategy \(strategy.name): \(outcome.reason)")
            }
            // Without its agents nothing that follows could start.
            if !outcome.lostAgents.isEmpty { break }
        }
        guard failures.isEmpty else { throw RunFailure.couldNotStart(failures.joined(separator: "\n")) }
        return true
    }

    private func run(
        _ plan: TrialPlan, position: Int, _ modules: ModuleLibrary, _ store: PendingStore,
        onMissedStart: @escaping @Sendable (_ reason: String) -> Void
    ) async throws -> TrialOutcome {
        var trial = TrialRecord(
            identity: plan.trial, position: position, seed: plan.load.seed, status: .running, statusReason: "",
            startedAtSeconds: nil, agents: [])
        let machine = Mutex<MachineReading?>(nil)
        let outcome = try await cluster.runTrial(plan: plan, modules: modules.contents) { [trial] event in
            switch event {
            case .phase(.starting(let instant)):
                machine.withLock { $0 = .now() }
                try self.begin(trial, store)
                self.onNotice(.loadBegins(plan.trial, instantNanoseconds: instant))
            case .phase: break
            case .batch(let batch):
                try store.opened().append(batch, trial: plan.trial)
                self.onNotice(.batch(plan.trial, batch))
            case .anomaly(let anomaly): self.onNotice(.log("\(anomaly)"))
            case .missedStart(let reason):
                try store.opened().removeTrial(plan.trial)
                onMissedStart(reason)
            }
        }
        trial.status = outcome.status
        trial.statusReason = outcome.reason
        trial.startedAtSeconds = outcome.startedAtSeconds
        trial.agents = outcome.reports
        trial.machine = machine.withLock { $0.map { MachineReading.now().load(since: $0) } }
        if outcome.startInstantNanoseconds != nil { try store.opened().finishTrial(trial) }
        onNotice(.trialEnded(trial))
        return outcome
    }

    private func begin(_ trial: TrialRecord, _ store: PendingStore) throws {
        let store = try store.opened()
        try isStored.withLock { isStored in
            if !isStored { try store.beginRun(record.withLock { $0 }) }
            isStored = true
        }
        try store.beginTrial(trial)
    }

    private func finish(_ store: PendingStore, _ status: RunStatus, _ reason: String) throws -> RunRecord {
        let finished = record.withLock { record in
            record.status = status
            record.statusReason = reason
            return record
        }
        guard isStored.withLock({ $0 }) else {
            throw status == .interrupted ? RunFailure.interruptedBeforeStart : RunFailure.couldNotStart(reason)
        }
        try store.opened().finishRun(id: finished.id, status: status, reason: reason, blocks: finished.blocks)
        return finished
    }

    private func failure(of outcome: TrialOutcome) -> RunFailure {
        switch outcome.failureKind {
        case .couldNotStart, .stopped: .couldNotStart("strategy \(outcome.trial.strategy): \(outcome.reason)")
        case .processLost, .missedStart, .internalError, nil: .internalError(outcome.reason)
        }
    }
}
