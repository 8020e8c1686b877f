package import SluiceModel

/// Values of the model with every field drawn at random, the same for the same seed.
package struct RandomModel: Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// SplitMix64.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// 0 ..< bound.
    package mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    package mutating func chance(_ probability: Double) -> Bool { Double(next() >> 11) * 0x1p-53 < probability }

    /// Small, large, and the largest numbers alike.
    package mutating func natural() -> Int { Int(next() >> (1 + UInt64(below(63)))) }

    package mutating func text() -> String {
        let characters = ["a", "Z", " ", "\n", "\"", "é", "漢", "🧵", "\u{0}", "\u{7f}"]
        return (0..<below(12)).map { _ in characters[below(characters.count)] }.joined()
    }

    package mutating func bytes() -> [UInt8] { (0..<below(64)).map { _ in UInt8(truncatingIfNeeded: next()) } }

    package mutating func some<Value>(_ make: (inout RandomModel) -> Value) -> [Value] {
        (0..<below(4)).map { _ in make(&self) }
    }

    package mutating func maybe<Value>(_ make: (inout RandomModel) -> Value) -> Value? {
        chance(0.5) ? make(&self) : nil
    }

    package mutating func trial() -> TrialIdentity {
        TrialIdentity(runID: text(), strategy: text(), block: natural())
    }

    package mutating func report() -> AgentTrialReport {
        AgentTrialReport(
            agent: natural(), plannedRequests: some { $0.natural() }, cpuNanoseconds: Int64(natural()),
            maximumResidentBytes: natural(), residentBeyondGuestsBytes: chance(0.5) ? natural() : -natural(),
            engine: EngineIdentity(name: EngineName.allCases[below(EngineName.allCases.count)], version: text()),
            vms: maybe { VMPreparation(canaries: $0.natural(), memory: $0.chance(0.5) ? .own : .none) })
    }

    package mutating func batch() -> IntervalBatch {
        IntervalBatch(
            agent: natural(), worker: natural(), sequence: natural(), startNanoseconds: Int64(natural()),
            endNanoseconds: Int64(natural()), segments: some { $0.segment() }, heap: heap(),
            growth: some { $0.growth() }, failures: some { $0.failure() }, vmEvents: vmEvents(),
            metrics: some {
                MetricSample(timeNanoseconds: Int64($0.natural()), name: $0.text(), value: -Int64($0.natural()))
            },
            checkFailures: some { CheckFailure(requestIndex: Int64($0.natural()), message: $0.text()) },
            isLast: chance(0.5))
    }

    private mutating func segment() -> LoadSegment {
        var counts = OutcomeCounts()
        counts.succeeded = natural()
        counts.checkFailed = natural()
        counts.refused = natural()
        counts.trapped = natural()
        counts.timedOut = natural()
        counts.reset = natural()
        counts.unfinished = natural()
        counts.neverStarted = natural()
        counts.outOfRange = natural()
        return LoadSegment(
            role: LoadRole.allCases[below(2)], counts: counts, startLag: EncodedHistogram(bytes: bytes()),
            harnessLag: EncodedHistogram(bytes: bytes()), serviceTime: EncodedHistogram(bytes: bytes()),
            responseTime: EncodedHistogram(bytes: bytes()))
    }

    private mutating func heap() -> HeapSample {
        HeapSample(
            linearBytes: maybe { $0.natural() }, gcHeapBytes: maybe { $0.natural() }, linearHighWaterBytes: natural(),
            gcHeapHighWaterBytes: natural(), hostAllocatedBytes: natural(), hostAllocations: natural(),
            growthEventsWithoutDetail: natural(), vmRequests: natural(),
            memoryAllocateBytes: maybe { $0.natural() }, memoryAllocateCalls: maybe { $0.natural() })
    }

    private mutating func growth() -> GrowthEvent {
        GrowthEvent(
            timeNanoseconds: Int64(natural()), requestIndex: maybe { Int64($0.natural()) }, vmRequestNumber: natural(),
            vmOrdinal: natural(), memory: MemoryKind.allCases[below(2)], fromBytes: natural(), toBytes: natural(),
            granted: chance(0.5))
    }

    private mutating func failure() -> VMFailure {
        VMFailure(
            kind: VMFailureKind.allCases[below(VMFailureKind.allCases.count)], timeNanoseconds: Int64(natural()),
            plugin: text(), requestIndex: maybe { Int64($0.natural()) }, vmRequestNumber: natural(),
            workerRequestNumber: natural(), vmOrdinal: natural(), callback: text(), message: text(),
            backtrace: some {
                BacktraceFrame(
                    functionIndex: UInt32(truncatingIfNeeded: $0.next()), functionName: $0.maybe { $0.text() },
                    moduleOffset: $0.chance(0.5) ? $0.natural() : nil)
            }, lastLogLines: some { $0.text() }, linearBytes: natural(), gcHeapBytes: natural(),
            refusedToBytes: maybe { $0.natural() })
    }

    private mutating func vmEvents() -> VMEventCounts {
        var counts = VMEventCounts()
        counts.created = natural()
        counts.recycled = natural()
        counts.failed = natural()
        counts.reloadSucceeded = natural()
        counts.reloadFailed = natural()
        counts.reloadBackoff = natural()
        counts.callOuts = natural()
        counts.callOutsAnswered = natural()
        counts.callOutsFailed = natural()
        counts.callOutsCancelled = natural()
        counts.ticks = natural()
        counts.ticksLateByPlugin = natural()
        counts.callOutsLateByPlugin = natural()
        counts.ticksLateByHarness = natural()
        counts.callOutsLateByHarness = natural()
        counts.logLinesSuppressed = natural()
        counts.queueMessagesRefused = natural()
        counts.queuesRefused = natural()
        counts.callOutsRefused = natural()
        counts.metricsRefused = natural()
        counts.sharedDataRefused = natural()
        counts.streamChangesRefused = natural()
        return counts
    }
}
