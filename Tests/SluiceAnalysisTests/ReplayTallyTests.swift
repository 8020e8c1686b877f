import RunFixtures
import SluiceAnalysis
import SluiceModel
import Testing

@Suite struct `Replay tally` {
    private let trial = TrialIdentity(runID: "r", strategy: "s", block: 0)

    private func batch(
        _ counts: OutcomeCounts, sequence: Int = 0, isLast: Bool = true, failures: [VMFailure] = [],
        growth: [GrowthEvent] = []
    ) -> IntervalBatch {
        IntervalBatch(
            agent: 0, worker: 0, sequence: sequence, startNanoseconds: 0, endNanoseconds: 5_000_000,
            segments: [
                LoadSegment(
                    role: .measured, counts: counts, startLag: .empty, harnessLag: .empty, serviceTime: .empty,
                    responseTime: .empty)
            ], heap: HeapSample(), growth: growth, failures: failures, vmEvents: VMEventCounts(), metrics: [],
            isLast: isLast)
    }

    private func counts(_ change: (inout OutcomeCounts) -> Void) -> OutcomeCounts {
        var counts = OutcomeCounts()
        counts.succeeded = 10
        change(&counts)
        return counts
    }

    private func failure(_ kind: VMFailureKind) -> VMFailure {
        VMFailure(
            kind: kind, timeNanoseconds: 3, plugin: "p", requestIndex: 4, vmRequestNumber: 5, workerRequestNumber: 5,
            vmOrdinal: 0, callback: "proxy_on_log", message: "unreachable",
            backtrace: [BacktraceFrame(functionIndex: 1, functionName: "inner", moduleOffset: nil)],
            lastLogLines: [], linearBytes: 1, gcHeapBytes: 0, refusedToBytes: nil)
    }

    private func verdict(
        _ batches: [IntervalBatch], planned: Int = 10, checkFailures: Int = 0
    ) throws -> MinimumHeapSearch.Verdict {
        var tally = ReplayTally(trial: trial)
        for batch in batches { try tally.consume(batch) }
        return tally.verdict(planned: planned, checkFailures: checkFailures)
    }

    @Test func `all answers make a replay that ran`() throws {
        #expect(try verdict([batch(counts { _ in })]) == .ran)
    }

    @Test(arguments: VMFailureKind.allCases)
    func `want of memory and endless calls are too little, any other failure is a crash`(kind: VMFailureKind) throws {
        let verdict = try verdict([batch(counts { $0.succeeded = 4 }, failures: [failure(kind)])])
        switch kind {
        case .startUp, .trap:
            guard case .crashed(let message) = verdict else {
                Issue.record("\(verdict)")
                return
            }
            #expect(message.contains("unreachable") && message.contains("inner"))
        default: #expect(verdict == .tooSmall(reason: "\(kind.rawValue) at request 5 of the VM's life"))
        }
    }

    @Test func `late requests and answers of another kind than before are too little`() throws {
        #expect(
            try verdict([
                batch(
                    counts {
                        $0.succeeded = 8
                        $0.timedOut = 2
                    })
            ]) == .tooSmall(reason: "2 requests came too late"))
        let wrong = batch(
            counts {
                $0.succeeded = 7
                $0.checkFailed = 3
            })
        #expect(try verdict([wrong], checkFailures: 3) == .ran)
        guard case .tooSmall = try verdict([wrong], checkFailures: 2) else {
            Issue.record("three failed checks where there were two before")
            return
        }
    }

    @Test func `outcomes that are missing are never taken for success`() throws {
        for batches in [
            [], [batch(counts { $0.succeeded = 9 })], [batch(counts { _ in }, isLast: false)],
            [batch(counts { _ in }, sequence: 1)], [batch(counts { $0.outOfRange = 1 })],
        ] {
            guard case .crashed = try verdict(batches) else {
                Issue.record("\(batches)")
                continue
            }
        }
    }

    @Test func `sizes come from the ledger`() throws {
        func event(_ memory: MemoryKind, from: Int, to: Int, granted: Bool = true) -> GrowthEvent {
            GrowthEvent(
                timeNanoseconds: 0, requestIndex: nil, vmRequestNumber: 0, vmOrdinal: 0, memory: memory,
                fromBytes: from,
                toBytes: to, granted: granted)
        }
        var tally = ReplayTally(trial: trial)
        try tally.consume(
            batch(
                counts { _ in },
                growth: [
                    event(.linear, from: 0, to: 100), event(.linear, from: 100, to: 300),
                    event(.linear, from: 300, to: 900, granted: false), event(.gcHeap, from: 0, to: 70),
                ]))
        #expect(tally.linearStartBytes == 100)
        #expect(tally.linearHighWaterBytes == 300)
        #expect(tally.gcHeapHighWaterBytes == 70)
        #expect(tally.durationNanoseconds == 5_000_000)
    }
}
