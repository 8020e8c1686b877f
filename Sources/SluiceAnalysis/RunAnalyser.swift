package import SluiceModel

/// Turns a stored run into its summary: trial by trial, batch by batch, holding one trial's histograms at a time.
///
///     var analyser = RunAnalyser(run: run)
///     for trial in trials {
///         analyser.beginTrial(trial)
///         store.forEachBatch(trial.identity) { try analyser.consume($0) }
///         try analyser.endTrial()
///     }
///     let summary = analyser.finish()
package struct RunAnalyser {
    private let run: RunRecord
    private let coordinator: CoordinatorState?
    private let quantiles: [Double]
    private var strategies: [StrategyAccumulator]
    private var trial: TrialAccumulator?
    private var seeds: [Int: UInt64] = [:]

    /// - Parameters:
    ///   - coordinator: of a run that has not ended, as far as it is known.
    ///   - additionalQuantiles: tabulated beside the usual ones and those that the workload's budgets name.
    package init(run: RunRecord, coordinator: CoordinatorState? = nil, additionalQuantiles: [Double] = []) {
        self.run = run
        self.coordinator = run.status == .running ? coordinator : nil
        let budgets = run.workload.budgets
        quantiles =
            LatencyDistribution.standardQuantiles + additionalQuantiles
            + (budgets.responseTime + budgets.serviceTime).map(\.quantile)
        let wanted = Set(run.strategies)
        strategies = run.workload.strategies.filter { wanted.contains($0.name) }.map {
            StrategyAccumulator(strategy: $0, run: run)
        }
    }

    /// Batches that follow belong to this trial, until it is ended.
    package mutating func beginTrial(_ record: TrialRecord) {
        precondition(trial == nil, "the trial before has not been ended")
        seeds[record.identity.block] = record.seed
        let strategy = run.workload.strategies.first { $0.name == record.identity.strategy }
        trial = TrialAccumulator(
            record: record, workload: run.workload,
            concurrentVMs: strategy.map { SharedVMs(run, $0).count } ?? run.workload.plugins.count)
    }

    /// The next batch of the trial that was begun; in any order.
    package mutating func consume(_ batch: IntervalBatch) throws(AnalysisError) {
        precondition(trial != nil, "no trial was begun")
        trial!.consume(batch)
    }

    /// Joins the trial to its strategy. Throws when the run does not have that strategy, or a histogram is damaged.
    package mutating func endTrial() throws(AnalysisError) {
        guard let finished = trial else { preconditionFailure("no trial was begun") }
        trial = nil
        let name = finished.record.identity.strategy
        guard let index = strategies.firstIndex(where: { $0.strategy.name == name }) else {
            throw .unknownStrategy(name)
        }
        try strategies[index].add(finished)
    }

    /// The summary of all trials that were ended.
    package func finish() -> RunSummary {
        let summaries = strategies.map { $0.summary(quantiles: quantiles) }
        let engines = strategies.flatMap { $0.agentReports.map(\.engine) }
        var checks = RunChecks.checks(of: run, coordinator: coordinator, engines: engines)
        let runChecks = checks.count
        for (accumulator, summary) in zip(strategies, summaries) {
            checks += ValidityRules.checks(
                of: summary, warmup: accumulator.warmup, integrity: accumulator.integrity, run: run)
        }
        let gate = run.workload.gate
        var summary = RunSummary(
            version: RunSummary.currentVersion, run: description(engines: engines),
            validity: Validity(checks: checks), strategies: summaries,
            findings: Findings.all(in: summaries, of: run), budgets: run.workload.budgets,
            candidate: gate.candidate ?? summaries.first?.name, baseline: gate.baseline,
            baselineAgain: gate.baselineAgain, atMostBlocks: run.command == "gate" ? gate.atMostBlocks : nil)
        let arms = GateEvidence.armChecks(summary, run.workload.budgets)
        summary.validity.checks.insert(RunChecks.repeatability(arms), at: runChecks)
        return summary
    }

    /// The whole of it for callers that can hand out the batches of a trial.
    package static func analyse(
        run: RunRecord, trials: [TrialRecord], coordinator: CoordinatorState? = nil,
        forEachBatch: (_ trial: TrialIdentity, _ body: (IntervalBatch) throws -> Void) throws -> Void
    ) throws -> RunSummary {
        var analyser = RunAnalyser(run: run, coordinator: coordinator)
        for trial in trials {
            analyser.beginTrial(trial)
            try forEachBatch(trial.identity) { try analyser.consume($0) }
            try analyser.endTrial()
        }
        return analyser.finish()
    }

    private func description(engines: [EngineIdentity]) -> RunDescription {
        let load = run.workload.load
        return RunDescription(
            id: run.id, command: run.command, workload: run.workload.name, about: run.workload.about,
            startedAtSeconds: run.startedAtSeconds, status: run.status, statusReason: run.statusReason,
            isInProgress: coordinator == .alive,
            blocks: run.blocks, agents: load.agents, workersPerAgent: load.workers,
            phases: load.phases.map(\.words), warmupSeconds: Double(load.warmupNanoseconds) / 1e9,
            durationSeconds: Double(load.durationNanoseconds) / 1e9, timeoutNanoseconds: load.timeoutNanoseconds,
            memoryCapBytes: run.workload.host.memoryCapBytes, envoyProfile: run.workload.host.envoyProfile,
            departures: run.workload.host.departures,
            engines: Set(engines.map { "\($0.name.rawValue) \($0.version)" }).sorted(), host: run.host,
            seeds: seeds.sorted { $0.key < $1.key }.map(\.value), repeatCommand: repeatCommand)
    }

    private var repeatCommand: String {
        var command = "sluice \(run.command) \(ShellWord.quoted(run.workloadPath ?? "\(run.workload.name).yaml"))"
        let allocator = run.workload.host.allocator
        if allocator != .malloc { command += " --allocator \(allocator.rawValue)" }
        if run.command == "run" {
            command += " --strategy \(ShellWord.quoted(run.strategies.joined(separator: ",")))"
        } else if run.command == "gate" {
            let gate = run.workload.gate
            command += " --candidate \(ShellWord.quoted(gate.candidateArgument ?? gate.candidate ?? run.strategies[0]))"
            if let baseline = gate.baseline, run.strategies.contains(baseline) {
                command += " --baseline \(ShellWord.quoted(gate.baselineArgument ?? baseline))"
            }
            if let most = gate.atMostBlocks { return command + " --at-most \(most)" }
        } else if run.strategies != run.workload.strategies.map(\.name) {
            command += " --strategies \(ShellWord.quoted(run.strategies.joined(separator: ",")))"
        }
        if run.command != "run" { command += " --blocks \(run.blocks)" }
        return command
    }
}

extension HostSettings {
    fileprivate var departures: [String] {
        (link == .strict ? [] : ["link \(link.rawValue)"])
            + (allocator == .malloc ? [] : ["allocator \(allocator.rawValue)"])
    }
}

extension Phase {
    /// `hold 15.0 s at 50/s, constant arrivals`.
    package var words: String {
        let rate =
            startRatePerSecond == endRatePerSecond
            ? "at \(Units.rate(perSecond: startRatePerSecond))"
            : "from \(Units.rate(perSecond: startRatePerSecond)) to \(Units.rate(perSecond: endRatePerSecond))"
        return "\(kind.rawValue) \(Units.duration(nanoseconds: durationNanoseconds)) \(rate), "
            + "\(arrivals.rawValue) arrivals"
    }
}
