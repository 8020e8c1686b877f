import Glibc
package import SluiceAnalysis
package import SluiceCoordinator
import SluiceModel
import SluiceStore
import SluiceWire
import Synchronization

/// Finds the smallest heap of each strategy, and sweeps over larger ones; stores every replay and the study.
package final class HeapStudyConductor: Sendable {
    private let request: HeapStudyRequest
    private let cluster: LocalCluster
    private let onNotice: @Sendable (HeapStudyNotice) -> Void
    private let isInterrupted = Atomic(false)

    /// - Parameters:
    ///   - configuration: says how the agent is started; there is one, whatever the workload says.
    ///   - onNotice: called in order, and must return soon.
    package init(
        request: HeapStudyRequest, configuration: LocalClusterConfiguration,
        onNotice: @escaping @Sendable (HeapStudyNotice) -> Void
    ) {
        self.request = request
        self.onNotice = onNotice
        var configuration = configuration
        configuration.agentCount = 1
        // Hundreds of short trials, on one host: what the message needs to arrive there.
        configuration.adjust = { $0.leadTimeNanoseconds = 100_000_000 }
        cluster = LocalCluster(configuration: configuration)
    }

    /// The user wants an end. What was found so far is kept.
    package func interrupt() {
        isInterrupted.store(true, ordering: .relaxed)
        cluster.interrupt()
    }

    /// - Returns: the study as it was stored, complete, degraded or interrupted.
    package func run() async throws(RunFailure) -> HeapStudy {
        let modules = try await ModuleLibrary.read(
            for: request.workload, strategies: request.strategies,
            onProgress: { [onNotice] in onNotice(.log($0)) },
            isCancelled: { [self] in isInterrupted.load(ordering: .relaxed) })
        let store = try PendingStore.checked(path: request.storePath)
        let record = record(modules)
        let trials = StudyTrials(cluster: cluster, modules: modules.contents, store: store, record: record)
        let seeds = (0..<request.searches).map { TrialPlanner.seed(request.workload.load.seed, block: $0) }
        let study = Mutex(
            HeapStudy(
                run: record, requests: request.requestsOfReplay, seeds: seeds, repeatCommand: request.repeatCommand))
        do {
            try await cluster.running { _ in
                do {
                    try await self.fill(study, modules, trials, runID: record.id)
                    study.withLock { $0.status = .complete }
                } catch let stop as StudyTrials.Stop {
                    study.withLock {
                        $0.status = stop.status
                        $0.statusReason = stop.reason
                    }
                }
            }
            guard trials.hasBegun else { throw RunFailure.interruptedBeforeStart }
            let engines = await trials.engines.sorted()
            let finished = study.withLock { study in
                study.engines = engines
                return study
            }
            try store.opened().saveHeapStudy(finished)
            try store.opened().finishRun(id: record.id, status: finished.status, reason: finished.statusReason)
            return finished
        } catch {
            throw store.failure(RunFailure(error), endsRun: trials.hasBegun ? record.id : nil)
        }
    }

    private func fill(
        _ study: borrowing Mutex<HeapStudy>, _ modules: ModuleLibrary, _ trials: StudyTrials, runID: String
    ) async throws {
        let planner = ReplayPlanner(
            workload: request.workload,
            planner: TrialPlanner(workload: request.workload, runID: runID, modules: modules))
        for strategy in request.strategies {
            let blank = StrategyMinimumHeap(
                name: strategy.name, module: strategy.module.written,
                moduleHash: modules.hash(of: strategy.module).hexadecimal)
            let finder = MinimumHeapFinder(
                strategy: strategy, trials: trials, planner: planner, request: request, onNotice: onNotice)
            let found = try await finder.find(blank) { partial in study.withLock { $0.keep(partial) } }
            study.withLock { $0.keep(found) }
        }
        guard let invocations = request.sweepInvocations else { return }
        let (found, base) = study.withLock { ($0.strategies, $0.baseBytes) }
        let sweeper = HeapSweeper(
            strategies: request.strategies, found: found, trials: trials, planner: planner, invocations: invocations,
            onNotice: onNotice)
        try await sweeper.sweep(baseBytes: base) { sweep in study.withLock { $0.sweep = sweep } }
    }

    private func record(_ modules: ModuleLibrary) -> RunRecord {
        let now = Int64(time(nil))
        var hashes: [String: [ContentHash]] = [:]
        for strategy in request.strategies {
            hashes[strategy.name] = modules.hashes(of: strategy, plugins: request.workload.plugins)
        }
        return RunRecord(
            id: RunIdentifier.make(atSeconds: now), command: "heap", workload: modules.resolved(request.workload),
            workloadText: request.workloadText, moduleHashes: hashes, strategies: request.strategies.map(\.name),
            blocks: request.searches, startedAtSeconds: now, status: .running, statusReason: "",
            host: HostReader.current())
    }
}
