internal import SluiceHistogram
package import SluiceModel

/// Runs, trials and batches with something in every field, for tests and for the process that tests kill.
package enum SampleRecords {
    /// A run of two strategies.
    package static func run(id: String, startedAtSeconds: Int64 = 1_795_000_000) -> RunRecord {
        RunRecord(
            id: id, command: "compare", workload: workload, workloadText: "sluice: 1\nname: größer # 10 MiB\n",
            moduleHashes: ["conservative": [hash("a")], "no-gc": [hash("b"), hash("c")]],
            strategies: ["conservative", "no-gc"], blocks: 2, startedAtSeconds: startedAtSeconds, status: .running,
            statusReason: "",
            host: HostIdentity(
                cpu: "a CPU", cpuCount: 2, kernel: "6.1", clockSource: "tsc", memoryBytes: 24 << 30),
            workloadPath: "my workloads/größer.yaml")
    }

    /// A trial of a run, as it begins.
    package static func trial(runID: String, strategy: String = "conservative", block: Int = 0) -> TrialRecord {
        TrialRecord(
            identity: TrialIdentity(runID: runID, strategy: strategy, block: block), position: block, seed: .max,
            status: .running, statusReason: "", startedAtSeconds: nil, agents: [])
    }

    /// What two agents say at the end.
    package static let reports: [AgentTrialReport] = (0..<2).map {
        AgentTrialReport(
            agent: $0, plannedRequests: [100, 1_500], cpuNanoseconds: 12_345_678_901, maximumResidentBytes: 200 << 20,
            residentBeyondGuestsBytes: 30 << 20, engine: EngineIdentity(name: .cranelift, version: "50.0.1"),
            vms: $0 == 0 ? VMPreparation(canaries: 2, memory: .own) : nil)
    }

    /// A second of a worker that answers `requests` requests, with a growth, a failure and two metrics now and then.
    package static func batch(agent: Int, worker: Int = 0, sequence: Int, requests: Int = 100) -> IntervalBatch {
        let start = Int64(sequence) * 1_000_000_000
        var counts = OutcomeCounts()
        counts.succeeded = requests
        counts.timedOut = sequence % 3
        return IntervalBatch(
            agent: agent, worker: worker, sequence: sequence, startNanoseconds: start,
            endNanoseconds: start + 1_000_000_000,
            segments: [
                LoadSegment(
                    role: sequence < 2 ? .warmup : .measured, counts: counts,
                    startLag: latencies(median: 9_000, count: requests, seed: sequence),
                    harnessLag: latencies(median: 4_000, count: requests, seed: sequence + 1),
                    serviceTime: latencies(median: 90_000, count: requests, seed: sequence + 2),
                    responseTime: latencies(median: 100_000, count: requests, seed: sequence + 3))
            ],
            heap: HeapSample(
                linearBytes: sequence.isMultiple(of: 5) ? nil : 43 << 20, gcHeapBytes: nil,
                linearHighWaterBytes: 44 << 20, hostAllocatedBytes: requests * 512, hostAllocations: requests,
                vmRequests: requests * (sequence + 1), memoryAllocateBytes: sequence.isMultiple(of: 3) ? nil : requests,
                memoryAllocateCalls: sequence.isMultiple(of: 3) ? nil : 3),
            growth: [growth(at: start, granted: true), growth(at: start + 5, granted: false)],
            failures: sequence.isMultiple(of: 10) ? [failure(at: start)] : [], vmEvents: events,
            metrics: [
                MetricSample(timeNanoseconds: start, name: "gc_live_bytes", value: 1 << 40),
                MetricSample(timeNanoseconds: start, name: "gc_collections", value: -1),
            ],
            checkFailures: sequence.isMultiple(of: 4)
                ? [CheckFailure(requestIndex: Int64(sequence), message: "status 500, not 200")] : [],
            isLast: sequence == 1)
    }

    private static let workload = Workload(
        name: "large-body", about: "",
        load: Load(
            phases: [
                Phase(
                    kind: .hold, durationNanoseconds: 15_000_000_000, startRatePerSecond: 50, endRatePerSecond: 50,
                    arrivals: .poisson)
            ], agents: 2, workers: 1, timeoutNanoseconds: 10_000_000_000, seed: 1 << 63),
        target: InProcessTarget(
            upstream: Upstream(
                status: 200, headers: [], body: .ascii(sizeBytes: .uniform(1, 1_024)),
                latencyNanoseconds: .exponential(mean: 5e6))),
        variables: [], requests: [], plugins: [],
        host: HostSettings(
            envoyProfile: "1.39", memoryCapBytes: 96 << 20, deadlineNanoseconds: 5_000_000_000, engine: .cranelift),
        strategies: [
            Strategy(
                name: "conservative", module: ModuleReference(written: "a.wasm", path: "/plugins/a.wasm"),
                environmentVariables: [], vmLife: .requests(1))
        ],
        observations: [], gate: GateSettings(candidate: nil, baseline: nil, blocks: 2),
        budgets: Budgets(errorFraction: 0.001))

    private static let events: VMEventCounts = {
        var events = VMEventCounts()
        (events.created, events.recycled, events.failed) = (1, 2, 3)
        (events.reloadSucceeded, events.reloadFailed, events.reloadBackoff) = (4, 5, 6)
        (events.callOuts, events.callOutsAnswered, events.callOutsFailed) = (7, 8, 9)
        (events.callOutsCancelled, events.ticks) = (10, 11)
        (events.ticksLateByPlugin, events.callOutsLateByPlugin) = (12, 13)
        (events.ticksLateByHarness, events.callOutsLateByHarness) = (14, 15)
        (events.logLinesSuppressed, events.queueMessagesRefused) = (16, 17)
        (events.queuesRefused, events.callOutsRefused, events.metricsRefused) = (18, 19, 20)
        (events.sharedDataRefused, events.streamChangesRefused) = (21, 22)
        return events
    }()

    private static func hash(_ digit: Character) -> ContentHash {
        guard let hash = ContentHash(hexadecimal: String(repeating: digit, count: 64)) else {
            preconditionFailure("not a hexadecimal digit: \(digit)")
        }
        return hash
    }

    private static func growth(at nanoseconds: Int64, granted: Bool) -> GrowthEvent {
        GrowthEvent(
            timeNanoseconds: nanoseconds, requestIndex: granted ? 7 : nil, vmRequestNumber: 3, vmOrdinal: 1,
            memory: granted ? .linear : .gcHeap, fromBytes: 0, toBytes: 65_536, granted: granted)
    }

    private static func failure(at nanoseconds: Int64) -> VMFailure {
        VMFailure(
            kind: .growthRefused, timeNanoseconds: nanoseconds, plugin: "gc-test", requestIndex: nil,
            vmRequestNumber: 12, workerRequestNumber: 40, vmOrdinal: 2, callback: "proxy_on_request_body",
            message: "wasm trap: 'unreachable'\n",
            backtrace: (0..<8).map {
                BacktraceFrame(
                    functionIndex: UInt32($0), functionName: $0 == 0 ? nil : "runtime.alloc", moduleOffset: 1 << 20)
            },
            lastLogLines: ["panic: out of memory", "größer"], linearBytes: 96 << 20, gcHeapBytes: 0,
            refusedToBytes: 97 << 20)
    }

    /// Spread around a median over about one order of magnitude, with a tail.
    private static func latencies(median: Int64, count: Int, seed: Int) -> EncodedHistogram {
        var state = UInt64(truncatingIfNeeded: seed) &* 0x9e37_79b9_7f4a_7c15 | 1
        var histogram = LatencyHistogram()
        for index in 0..<count {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let spread = median / 2 + Int64(state >> 33) % median
            let isRecorded = histogram.record(nanoseconds: index % 100 == 0 ? spread * 10 : spread)
            precondition(isRecorded)
        }
        return EncodedHistogram(bytes: histogram.encoded())
    }
}
