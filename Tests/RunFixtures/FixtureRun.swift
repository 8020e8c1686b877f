package import SluiceAnalysis
internal import SluiceHistogram
package import SluiceModel

/// A run that never happened: records and batches as agents would have sent them, from simulated guests.
package struct FixtureRun: Sendable {
    package var name = "large-body"
    package var about = "10 MiB allocated per request; the case that made a collector keep every large block."
    package var command = "compare"
    package var guests: [(name: String, guest: FixtureGuest)]
    package var ratePerSecond = 50.0
    package var warmupSeconds = 2
    package var holdSeconds = 15
    package var agents = 2
    package var workers = 1
    package var blocks = 2
    package var capBytes = 96 << 20
    package var budgets = Budgets()
    package var observations: [Observation] = []
    package var candidate: String?
    package var baseline: String?
    package var baselineAgain: String?
    package var candidateArgument: String?
    package var baselineArgument: String?
    package var atMostBlocks: Int?
    package var status = RunStatus.complete
    package var statusReason = ""
    package var engine = EngineName.cranelift
    /// `false` leaves the histograms empty, which makes long runs quick where only memory is looked at.
    package var recordsLatencies = true
    /// Puts something out of order in a batch; returns `nil` to lose it.
    package var tamper: @Sendable (IntervalBatch, TrialIdentity) -> IntervalBatch? = { batch, _ in batch }
    /// Puts something out of order in a record.
    package var tamperRecord: @Sendable (TrialRecord) -> TrialRecord = { $0 }

    package init(guests: [(name: String, guest: FixtureGuest)]) { self.guests = guests }

    package var runRecord: RunRecord {
        RunRecord(
            id: "20261121-101530-4f2a", command: command, workload: workload, workloadText: "sluice: 1\n",
            moduleHashes: Dictionary(uniqueKeysWithValues: guests.map { ($0.name, [Self.hash(of: $0.guest.module)]) }),
            strategies: guests.map(\.name), blocks: blocks, startedAtSeconds: 1_795_256_130, status: status,
            statusReason: statusReason,
            host: HostIdentity(
                cpu: "Example CPU 3000", cpuCount: 2, kernel: "6.1.0-27-amd64", clockSource: "tsc",
                memoryBytes: 24 << 30))
    }

    package var trialRecords: [TrialRecord] {
        var records: [TrialRecord] = []
        for block in 0..<blocks {
            for (name, _) in guests {
                let identity = TrialIdentity(runID: runRecord.id, strategy: name, block: block)
                let agentReports = (0..<agents).map { agent in
                    AgentTrialReport(
                        agent: agent,
                        plannedRequests: [
                            plannedRequests(.warmup, agent: agent), plannedRequests(.measured, agent: agent),
                        ],
                        cpuNanoseconds: 1_400_000_000, maximumResidentBytes: 80 << 20,
                        residentBeyondGuestsBytes: 30 << 20, engine: EngineIdentity(name: engine, version: "50.0.1"),
                        vms: VMPreparation(canaries: 1, memory: engine == .null ? .none : .own))
                }
                records.append(
                    tamperRecord(
                        TrialRecord(
                            identity: identity, position: records.count, seed: 42 + UInt64(block), status: status,
                            statusReason: "", startedAtSeconds: 1_795_256_131, agents: agentReports,
                            machine: MachineLoad(
                                busyFraction: 0.3, stealFraction: 0.0004, pressureFraction: 0.012, throttledPeriods: 0)
                        )))
            }
        }
        return records
    }

    package func summary(coordinator: CoordinatorState? = nil) throws -> RunSummary {
        try RunAnalyser.analyse(run: runRecord, trials: trialRecords, coordinator: coordinator) { trial, body in
            for batch in batches(of: trial) { try body(batch) }
        }
    }

    package func batches(of trial: TrialIdentity) -> [IntervalBatch] {
        guard let guest = guests.first(where: { $0.name == trial.strategy })?.guest else { return [] }
        return (0..<agents * workers).flatMap { index in
            var simulation = FixtureWorker(
                run: self, guest: guest, index: index,
                seed: UInt64(trial.block * 1000 + index) &+ UInt64(guest.serviceNanoseconds))
            return simulation.batches().compactMap { tamper($0, trial) }
        }
    }

    private func plannedRequests(_ role: LoadRole, agent: Int) -> Int {
        let seconds = role == .warmup ? 0..<warmupSeconds : warmupSeconds..<warmupSeconds + holdSeconds
        let first = Int(Double(seconds.lowerBound) * ratePerSecond)
        let end = Int(Double(seconds.upperBound) * ratePerSecond)
        return (first..<end).count { $0 % (agents * workers) / workers == agent }
    }

    package static func hash(of text: String) -> ContentHash {
        var generator = SeededGenerator(seed: text.utf8.reduce(5381) { $0 &* 33 &+ UInt64($1) })
        let digits = (0..<64).map { _ in "0123456789abcdef".randomElement(using: &generator)! }
        return ContentHash(hexadecimal: String(digits))!
    }

    private var workload: Workload {
        func phase(_ kind: Phase.Kind, _ seconds: Int) -> Phase {
            Phase(
                kind: kind, durationNanoseconds: Int64(seconds) * 1_000_000_000, startRatePerSecond: ratePerSecond,
                endRatePerSecond: ratePerSecond, arrivals: .constant)
        }
        return Workload(
            name: name, about: about,
            load: Load(
                phases: [phase(.warmup, warmupSeconds), phase(.hold, holdSeconds)], agents: agents, workers: workers,
                timeoutNanoseconds: 10_000_000_000, seed: 42),
            target: InProcessTarget(
                upstream: Upstream(
                    status: 200, headers: [], body: .text(Template(literal: "hello world")),
                    latencyNanoseconds: .constant(0))),
            variables: [],
            requests: [
                RequestTemplate(
                    weight: 1, method: "POST", path: Template(literal: "/upload"), authority: "sluice.test",
                    headers: [], body: .randomBytes(sizeBytes: .constant(1024)), trailers: [], expectation: .nothing)
            ],
            plugins: [
                PluginSpecification(
                    name: "gc-test", rootID: "", configuration: [], vmID: "", vmConfiguration: [],
                    environmentVariables: [], failurePolicy: .reload, reloadBaseIntervalNanoseconds: 1_000_000_000,
                    module: nil)
            ],
            host: HostSettings(
                envoyProfile: "1.39", memoryCapBytes: capBytes, deadlineNanoseconds: 5_000_000_000, engine: engine),
            strategies: guests.map { name, guest in
                Strategy(
                    name: name, module: ModuleReference(written: guest.module, path: "/" + guest.module),
                    environmentVariables: guest.environment, vmLife: guest.vmLife, body: guest.body)
            },
            observations: observations,
            gate: GateSettings(
                candidate: candidate, baseline: baseline, blocks: blocks, atMostBlocks: atMostBlocks,
                baselineAgain: baselineAgain, candidateArgument: candidateArgument, baselineArgument: baselineArgument),
            budgets: budgets)
    }
}
