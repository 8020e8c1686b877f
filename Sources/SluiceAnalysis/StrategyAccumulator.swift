internal import SluiceHistogram
internal import SluiceModel

extension LatencyDistribution {
    fileprivate func judged(
        by share: HarnessShare, _ run: RunRecord, floorNanoseconds: Int64 = harnessFloorNanoseconds
    ) -> LatencyDistribution {
        var distribution = self
        distribution.judge(
            by: share, timeoutNanoseconds: run.workload.load.timeoutNanoseconds, floorNanoseconds: floorNanoseconds)
        return distribution
    }
}

extension Load {
    /// Lag of the harness that changes nothing about a warm-up: a worker's time between two arrivals at its highest
    /// rate.
    var warmupLagNanoseconds: Int64 {
        let rates = phases.filter { $0.kind == .warmup }.map { max($0.startRatePerSecond, $0.endRatePerSecond) }
        guard let rate = rates.max(), rate > 0 else { return LatencyDistribution.harnessFloorNanoseconds }
        let apart = Int64(min(Double(agents * workers) / rate, 1) * 1e9)
        return max(apart, LatencyDistribution.harnessFloorNanoseconds)
    }
}

/// Joins the trials of one strategy.
struct StrategyAccumulator {
    let strategy: Strategy
    private let run: RunRecord
    private(set) var trials: [TrialSummary] = []
    private(set) var agentReports: [AgentTrialReport] = []
    private(set) var plannedRequests: Int? = 0
    private(set) var counts = OutcomeCounts()
    private(set) var warmupCounts = OutcomeCounts()
    private(set) var responseTime = LatencyHistogram()
    private(set) var serviceTime = LatencyHistogram()
    private(set) var startLag = LatencyHistogram()
    private(set) var harnessLag = LatencyHistogram()
    private var warmupResponseTime = LatencyHistogram()
    private var warmupHarnessLag = LatencyHistogram()
    private(set) var integrity: [TrialIntegrity] = []
    private var vmEvents = VMEventCounts()
    private var failures: FailureGrouping
    private static let checkFailuresKept = 5
    private var checkFailures: [CheckFailureExample] = []
    private var heapsByTrial: [[WorkerHeap]] = []
    private var hostAllocations = HostAllocationLedger()
    private var measuredSeconds: Double? = 0
    private var metrics: [String: [MetricSeries]] = [:]
    private var liveRuns: [LiveHeapEvidence.Run] = []
    private var lastLiveBytes: Int64?
    private var pauses = PauseTrack()

    init(strategy: Strategy, run: RunRecord) {
        self.strategy = strategy
        self.run = run
        failures = FailureGrouping(
            environment: strategy.environmentVariables.map { "\($0.name)=\($0.value)" })
    }

    mutating func add(_ finished: consuming TrialAccumulator) throws(AnalysisError) {
        var trial = finished
        let summary = try trial.finish()
        trials.append(summary)
        agentReports += trial.record.agents
        plannedRequests = sum(plannedRequests, summary.plannedRequests)
        counts += trial.counts
        warmupCounts += trial.warmupCounts
        responseTime.add(trial.responseTime)
        serviceTime.add(trial.sums.serviceTime)
        startLag.add(trial.sums.startLag)
        harnessLag.add(trial.sums.harnessLag)
        if !trial.sums.warmupHarnessLag.isEmpty {
            warmupResponseTime.add(trial.warmupResponseTime)
            warmupHarnessLag.add(trial.sums.warmupHarnessLag)
        }
        vmEvents += trial.vmEvents
        trial.failures.forEach { failures.add($0) }
        let examples = (checkFailures + trial.checkFailures).sorted {
            ($0.block, $0.requestIndex) < ($1.block, $1.requestIndex)
        }
        checkFailures = Array(examples.prefix(Self.checkFailuresKept))
        heapsByTrial.append(trial.workerHeaps)
        hostAllocations += trial.hostAllocations
        measuredSeconds = sum(measuredSeconds, trial.measuredSeconds)
        for (name, agents) in trial.metrics {
            metrics[name, default: []] += agents.sorted { $0.key < $1.key }.map {
                MetricSeries(block: trial.record.identity.block, agent: $0.key, points: $0.value)
            }
        }
        pauses.add(trial.sums.pauses)
        addLiveHeap(of: trial)
        integrity.append(
            TrialIntegrity(
                block: summary.block, status: summary.status, planned: summary.plannedRequests,
                plannedWarmup: trial.plannedRequests(.warmup), counted: trial.counts.total,
                countedWarmup: trial.warmupCounts.total, missingBatches: trial.missingBatches,
                duplicateBatches: trial.duplicateBatches, silentWorkers: trial.silentWorkers,
                agentsReported: trial.record.agents.count, answered: trial.counts.succeeded + trial.counts.checkFailed,
                unfinished: trial.counts.unfinished,
                responseSamples: trial.responseTime.count, serviceSamples: trial.sums.serviceTime.count,
                outOfRange: trial.counts.outOfRange + trial.warmupCounts.outOfRange,
                workerUtilisation: trial.workerUtilisation, machine: trial.record.machine))
    }

    private mutating func addLiveHeap(of trial: TrialAccumulator) {
        // Where a VM has died the series belongs to several heaps, and a slope through it would mean nothing.
        let diedAt = Set(trial.failures.map(\.agent))
        for (agent, run) in trial.liveHeap.sorted(by: { $0.key < $1.key }) {
            lastLiveBytes = max(lastLiveBytes ?? .min, Int64(run.points.last?.bytes ?? 0))
            if !diedAt.contains(agent) { liveRuns.append(run) }
        }
    }

    private func sum<Number: AdditiveArithmetic>(_ left: Number?, _ right: Number?) -> Number? {
        left.flatMap { left in right.map { left + $0 } }
    }

    func summary(quantiles: [Double]) -> StrategySummary {
        let requests = counts.total + warmupCounts.total
        let cpu = agentReports.reduce(0) { $0 + $1.cpuNanoseconds }
        return StrategySummary(
            name: strategy.name, description: description, trials: trials, plannedRequests: plannedRequests,
            counts: counts, warmupCounts: warmupCounts,
            responseTime: judged(responseTime, quantiles), serviceTime: judgedService(quantiles),
            startLag: LatencyDistribution(startLag, infinite: 0),
            harnessLag: LatencyDistribution(harnessLag, infinite: 0),
            spectrum: responseTime.spectrum(infiniteCount: withoutLatency(responseTime)).map {
                LatencySpectrumPoint(quantile: $0.quantile, nanoseconds: $0.nanoseconds, rank: $0.rank)
            },
            answeredPerSecond: measuredSeconds.flatMap {
                $0 > 0 ? Double(counts.succeeded + counts.checkFailed) / $0 : nil
            },
            cpuNanosecondsPerRequest: plannedRequests != nil && cpu > 0 && requests > 0
                ? Double(cpu) / Double(requests) : nil,
            heap: heapSummary, vmEvents: vmEvents, failures: failures.finish(), checkFailures: checkFailures,
            metrics: metricSummaries, mutatorUtilisation: mutatorUtilisation)
    }

    /// While a request waits for something outside, its service time says nothing about a collector.
    private var mutatorUtilisation: MutatorUtilisation {
        guard run.workload.target.upstream.latencyNanoseconds == .constant(0) else {
            return .unknown("Service times hold the upstream's latency.")
        }
        guard vmEvents.callOuts == 0 else { return .unknown("Service times hold the latency of call-outs.") }
        guard case .value(let median) = serviceTime.quantile(0.5, samplesNeededBeyond: 0) else {
            return .unknown("No request has a service time.")
        }
        return pauses.utilisation(medianNanoseconds: median)
    }

    /// Response times of the warm-up, which nothing prints: what is judged by them is whether the load of the whole
    /// trial was the one that was planned. Less than the time between two arrivals piles nothing up.
    var warmup: LatencyDistribution {
        let infinite = max(0, warmupCounts.total - warmupResponseTime.count)
        return LatencyDistribution(warmupResponseTime, infinite: infinite).judged(
            by: HarnessShare(responses: warmupResponseTime, infinite: infinite, lags: warmupHarnessLag), run,
            floorNanoseconds: run.workload.load.warmupLagNanoseconds)
    }

    private func judged(_ histogram: LatencyHistogram, _ quantiles: [Double]) -> LatencyDistribution {
        let infinite = withoutLatency(histogram)
        return LatencyDistribution(histogram, infinite: infinite, quantiles: quantiles).judged(
            by: HarnessShare(responses: histogram, infinite: infinite, lags: harnessLag), run)
    }

    /// A service time begins when the request does: the harness can only be late in it where it waits for something.
    private func judgedService(_ quantiles: [Double]) -> LatencyDistribution {
        let infinite = withoutLatency(serviceTime)
        return run.workload.target.upstream.latencyNanoseconds == .constant(0)
            ? LatencyDistribution(serviceTime, infinite: infinite, quantiles: quantiles)
            : judged(serviceTime, quantiles)
    }

    /// Every request that has no latency counts as infinitely slow: refused, trapped, timed out, reset. Requests in
    /// flight at the end have their age in the histograms, the least that their latency can have been.
    private func withoutLatency(_ histogram: LatencyHistogram) -> Int { max(0, counts.total - histogram.count) }

    private var metricSummaries: [MetricSummary] {
        run.workload.observations.compactMap { observation in
            metrics[observation.metric].map {
                MetricSummary(name: observation.metric, role: observation.role.rawValue, series: $0)
            }
        }
    }

    private var heapSummary: HeapSummary {
        let liveName = run.workload.observations.first { $0.role == .liveHeap }?.metric ?? ""
        let live = LiveHeapEvidence(metric: liveName, lastBytes: lastLiveBytes, runs: liveRuns)
        return HeapSummary(
            linear: memorySummary(.linear, live: live), gcHeap: memorySummary(.gcHeap, live: live),
            live: live?.summary, hostAllocatedBytes: hostAllocations.bytes, hostAllocations: hostAllocations.calls,
            hostAllocationsByExport: hostAllocations.exports,
            growthEventsWithoutDetail: heapsByTrial.joined().reduce(0) { $0 + $1.growthEventsWithoutDetail })
    }

    private func memorySummary(_ kind: MemoryKind, live: LiveHeapEvidence?) -> MemorySummary {
        let workers = heapsByTrial.flatMap { $0 }
        let memories = workers.map { $0.memories[kind.rawValue] }
        let judge = HeapJudge(
            kind: kind, capBytes: run.workload.host.memoryCapBytes, vmLife: strategy.vmLife,
            replacedVMs: vmEvents.recycled, workers: workers, live: live, requestsPerSecond: requestsPerSecondOfOneVM)
        let judgement = judge.judge()
        let deaths = judge.deaths
        return MemorySummary(
            name: kind == .linear ? "linear memory" : "Wasm GC heap", capBytes: run.workload.host.memoryCapBytes,
            highWaterBytes: memories.filter(\.wasSeen).map(\.highWaterBytes).max(),
            trials: zip(trials, heapsByTrial).map { trial, heaps in
                let memories = heaps.map { $0.memories[kind.rawValue] }
                return TrialMemory(
                    block: trial.block, highWaterBytes: memories.filter(\.wasSeen).map(\.highWaterBytes).max(),
                    startBytes: memories.compactMap(\.firstStartBytes).max(),
                    endBytes: memories.compactMap(\.lastBytes).max())
            },
            growthsGranted: memories.reduce(0) { $0 + $1.granted },
            growthsRefused: memories.reduce(0) { $0 + $1.refused },
            mostMeasuredGrowthsOfOneVM: memories.map(\.mostMeasuredGrowthsOfAnyVM).max() ?? 0,
            verdict: judgement.verdict, explanation: judgement.explanation,
            secondHalf: deaths.isEmpty
                ? workers.flatMap { $0.judged(kind) }.compactMap { Staircase($0).secondHalf }
                    .max { $0.bytesPerThousandRequests < $1.bytesPerThousandRequests } : nil,
            bytesPerThousandRequests: judgement.bytesPerThousandRequests, requestsToCap: judgement.requestsToCap,
            smallestVisibleLeakBytesPerRequest: judgement.smallestVisibleLeak,
            evidence: judgement.evidence, usableCapBytes: judgement.usableCapBytes, deaths: deathSummary(of: deaths))
    }

    /// Of the whole load, as a worker has one VM at a time.
    private var requestsPerSecondOfOneVM: Double? {
        let load = run.workload.load
        let seconds = Double(load.durationNanoseconds) / 1e9 * Double(trials.count * load.agents * load.workers)
        let requests = counts.total + warmupCounts.total
        return seconds > 0 && requests > 0 ? Double(requests) / seconds : nil
    }

    private func deathSummary(of deaths: [VMFailure]) -> DeathSummary? {
        let numbers = deaths.map(\.vmRequestNumber).sorted()
        guard let least = numbers.first, let most = numbers.last else { return nil }
        return DeathSummary(
            count: numbers.count, leastRequests: least, medianRequests: numbers[(numbers.count - 1) / 2],
            mostRequests: most, firstRequestIndex: deaths.compactMap(\.requestIndex).min())
    }

    private var description: StrategyDescription {
        StrategyDescription(
            module: strategy.module.resolved,
            moduleHashes: (run.moduleHashes[strategy.name] ?? []).map(\.hexadecimal),
            pluginsInOneVM: SharedVMs(run, strategy).names,
            environment: strategy.environmentVariables.map { "\($0.name)=\($0.value)" },
            vmLife: strategy.vmLife.words, engine: (strategy.engine ?? run.workload.host.engine).rawValue,
            memory: memoryWords, canaries: canaries, body: strategy.body?.words)
    }

    private var memoryWords: String? {
        let kinds = Set(agentReports.map { $0.vms?.memory })
        return kinds.count == 1 ? kinds.first??.words : nil
    }

    private var canaries: Int? {
        guard !agentReports.isEmpty else { return nil }
        return agentReports.reduce(Int?(0)) { sum($0, $1.vms?.canaries) }
    }
}

extension VMLife {
    /// `until it fails`, `1 request`, `until it is larger than 64 MiB`.
    var words: String {
        switch self {
        case .unlimited: "until it fails"
        case .requests(let limit): counted(limit, "request")
        case .heap(let bytes): "until it is larger than \(Units.bytes(bytes))"
        case .recompiled(let limit): "\(counted(limit, "request")), the module compiled anew for each"
        }
    }
}

extension BodyGenerator {
    /// What the body consists of, without its size.
    var words: String {
        switch self {
        case .text: "text"
        case .ascii: "ASCII"
        case .randomBytes: "random bytes"
        case .pointerLike: "pointer-like words"
        case .json: "JSON"
        case .gzipOf(let inner): "gzip of \(inner.words)"
        case .file(let written, _): "file \(written)"
        }
    }

    /// Words that are printable text can never be addresses of a small heap.
    var isText: Bool {
        switch self {
        case .text, .ascii, .json: true
        case .randomBytes, .pointerLike, .gzipOf, .file: false
        }
    }
}
