import SluiceHistogram
import SluiceModel
import SluiceStore

/// A stored run as ten agents leave it after an hour: 36,000 batches of a second each, with a heap that grows and a
/// collector that reports.
struct HourOfLoad {
    static let agents = 10
    static let seconds = 3600
    static let requestsPerBatch = 100
    private static let runID = "20261121-101530-4f2a"
    /// Intervals that differ: so many encodings are made, and used in turn.
    private static let variants = 97

    let path: String

    /// Writes the run into a new store.
    init(path: String) throws {
        self.path = path
        let store = try RunStore.open(path: path, mode: .create)
        try store.beginRun(Self.run)
        var trial = TrialRecord(
            identity: TrialIdentity(runID: Self.runID, strategy: "plugin", block: 0), position: 0, seed: 42,
            status: .running, statusReason: "", startedAtSeconds: 1_795_256_131, agents: [])
        try store.beginTrial(trial)
        let segments = (0..<Self.variants).map { Self.segment(seed: UInt64($0)) }
        // Batches come from all agents, second by second.
        for second in 0..<Self.seconds {
            for agent in 0..<Self.agents {
                let segment = segments[(second * Self.agents + agent) % Self.variants]
                try store.append(Self.batch(agent: agent, second: second, segment), trial: trial.identity)
            }
        }
        trial.status = .complete
        trial.agents = (0..<Self.agents).map {
            AgentTrialReport(
                agent: $0, plannedRequests: [0, Self.seconds * Self.requestsPerBatch], cpuNanoseconds: 900_000_000_000,
                maximumResidentBytes: 80 << 20, residentBeyondGuestsBytes: 30 << 20,
                engine: EngineIdentity(name: .cranelift, version: "50.0.1"))
        }
        try store.finishTrial(trial)
        try store.finishRun(id: Self.runID, status: .complete, reason: "")
        try store.close()
    }

    private static func batch(agent: Int, second: Int, _ segment: LoadSegment) -> IntervalBatch {
        let start = Int64(second) * 1_000_000_000
        let bytes = (2 + second / 60) << 20
        var growth: [GrowthEvent] = []
        if second % 60 == 0 {
            growth.append(
                GrowthEvent(
                    timeNanoseconds: start, requestIndex: Int64(second * requestsPerBatch),
                    vmRequestNumber: second * requestsPerBatch, vmOrdinal: 0, memory: .linear,
                    fromBytes: bytes - 1 << 20, toBytes: bytes, granted: true))
        }
        return IntervalBatch(
            agent: agent, worker: 0, sequence: second, startNanoseconds: start, endNanoseconds: start + 1_000_000_000,
            segments: [segment],
            heap: HeapSample(
                linearBytes: bytes, linearHighWaterBytes: bytes, hostAllocatedBytes: 64_000, hostAllocations: 300,
                vmRequests: (second + 1) * requestsPerBatch),
            growth: growth, failures: [], vmEvents: VMEventCounts(),
            metrics: [MetricSample(timeNanoseconds: start, name: "gc_collections", value: Int64(second / 3))],
            isLast: second == seconds - 1)
    }

    private static func segment(seed: UInt64) -> LoadSegment {
        var random = SeededRandom(key: seed)
        func histogram(around nanoseconds: UInt64) -> EncodedHistogram {
            var histogram = LatencyHistogram()
            for _ in 0..<requestsPerBatch {
                let sum = random.next(below: nanoseconds) + random.next(below: nanoseconds)
                // One request in fifty meets a collection.
                let pause = random.next(below: 50) == 0 ? 8 * nanoseconds : 0
                _ = histogram.record(nanoseconds: Int64(nanoseconds / 2 + sum / 2 + pause))
            }
            return EncodedHistogram(bytes: histogram.encoded())
        }
        var counts = OutcomeCounts()
        counts.succeeded = requestsPerBatch
        return LoadSegment(
            role: .measured, counts: counts, startLag: histogram(around: 30_000), harnessLag: histogram(around: 3_000),
            serviceTime: histogram(around: 900_000), responseTime: histogram(around: 950_000))
    }

    private static var run: RunRecord {
        let workload = Workload(
            name: "hour", about: "An hour of load from ten agents.",
            load: Load(
                phases: [
                    Phase(
                        kind: .hold, durationNanoseconds: Int64(seconds) * 1_000_000_000,
                        startRatePerSecond: Double(agents * requestsPerBatch),
                        endRatePerSecond: Double(agents * requestsPerBatch), arrivals: .poisson)
                ], agents: agents, workers: 1, timeoutNanoseconds: 10_000_000_000, seed: 42),
            target: InProcessTarget(
                upstream: Upstream(
                    status: 200, headers: [], body: .text(Template(literal: "")), latencyNanoseconds: .constant(0))),
            variables: [], requests: [],
            plugins: [
                PluginSpecification(
                    name: "plugin", rootID: "", configuration: [], vmID: "", vmConfiguration: [],
                    environmentVariables: [], failurePolicy: .reload, reloadBaseIntervalNanoseconds: 1_000_000_000,
                    module: nil)
            ],
            host: HostSettings(
                envoyProfile: "1.39", memoryCapBytes: 1 << 30, deadlineNanoseconds: 5_000_000_000,
                engine: .cranelift),
            strategies: [
                Strategy(
                    name: "plugin", module: ModuleReference(written: "plugin.wasm", path: "/plugin.wasm"),
                    environmentVariables: [], vmLife: .unlimited)
            ],
            observations: [Observation(metric: "gc_collections", role: .collections)],
            gate: GateSettings(candidate: nil, baseline: nil, blocks: 1),
            budgets: Budgets())
        return RunRecord(
            id: runID, command: "run", workload: workload, workloadText: "sluice: 1\n", moduleHashes: [:],
            strategies: ["plugin"], blocks: 1, startedAtSeconds: 1_795_256_130, status: .running, statusReason: "",
            host: HostIdentity(cpu: "a CPU", cpuCount: 2, kernel: "6.1", clockSource: "tsc", memoryBytes: 24 << 30))
    }
}
