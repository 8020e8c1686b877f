internal import SluiceHistogram
package import SluiceModel

/// What came of one replay of a sequence of requests, or of one trial of a sweep: counted from its batches.
package struct ReplayTally: Sendable {
    /// Outcomes of all phases.
    package private(set) var counts = OutcomeCounts()
    /// Outcomes of the measured phases.
    package private(set) var measuredCounts = OutcomeCounts()
    /// From the start instant to the end of the last request.
    package private(set) var durationNanoseconds: Int64 = 0
    /// The first failure of a VM; what follows it is refused.
    package private(set) var failure: VMFailure?
    /// Highest of any VM; 0 when nothing was seen of it.
    package private(set) var linearHighWaterBytes = 0
    /// The same of the Wasm GC heap.
    package private(set) var gcHeapHighWaterBytes = 0
    /// Size of the smallest linear memory at its creation: what the module declares. `nil` when none was seen.
    package private(set) var linearStartBytes: Int?
    private(set) var responseTime = LatencyHistogram()
    private(set) var serviceTime = LatencyHistogram()
    private var sequences: [Int: (count: Int, highest: Int, hasLast: Bool)] = [:]

    private let trial: TrialIdentity

    package init(trial: TrialIdentity) { self.trial = trial }

    /// The next batch, in any order.
    package mutating func consume(_ batch: IntervalBatch) throws(AnalysisError) {
        let worker = batch.agent << 16 | batch.worker
        let seen = sequences[worker] ?? (0, -1, false)
        sequences[worker] = (seen.count + 1, max(seen.highest, batch.sequence), seen.hasLast || batch.isLast)
        durationNanoseconds = max(durationNanoseconds, batch.endNanoseconds)
        for failed in batch.failures where failed.timeNanoseconds < failure?.timeNanoseconds ?? .max {
            failure = failed
        }
        linearHighWaterBytes = max(linearHighWaterBytes, batch.heap.linearHighWaterBytes)
        gcHeapHighWaterBytes = max(gcHeapHighWaterBytes, batch.heap.gcHeapHighWaterBytes)
        for event in batch.growth where event.granted {
            switch event.memory {
            case .linear:
                linearHighWaterBytes = max(linearHighWaterBytes, event.toBytes)
                if event.fromBytes == 0 { linearStartBytes = min(linearStartBytes ?? .max, event.toBytes) }
            case .gcHeap: gcHeapHighWaterBytes = max(gcHeapHighWaterBytes, event.toBytes)
            }
        }
        for segment in batch.segments {
            counts += segment.counts
            guard segment.role == .measured else { continue }
            measuredCounts += segment.counts
            do throws(HistogramError) {
                try Self.add(segment.responseTime, to: &responseTime)
                try Self.add(segment.serviceTime, to: &serviceTime)
            } catch {
                throw .damagedHistogram(trial: trial, agent: batch.agent, worker: batch.worker, error)
            }
        }
    }

    private static func add(_ encoded: EncodedHistogram, to histogram: inout LatencyHistogram) throws(HistogramError) {
        if !encoded.bytes.isEmpty { histogram.add(try LatencyHistogram(encoded: encoded.bytes)) }
    }

    /// Every batch of every worker that was heard of has come.
    package var isWhole: Bool {
        !sequences.isEmpty && sequences.values.allSatisfy { $0.hasLast && $0.count == $0.highest + 1 }
    }

    /// Whether the sequence went through.
    ///
    /// - Parameters:
    ///   - planned: requests of the schedule.
    ///   - checkFailures: failed checks that an unconstrained replay has as well.
    package func verdict(planned: Int, checkFailures: Int) -> MinimumHeapSearch.Verdict {
        if let failure { return Self.verdict(on: failure) }
        if counts.timedOut > 0 {
            return .tooSmall(reason: "\(counted(counts.timedOut, "request")) came too late")
        }
        guard isWhole, counts.total == planned, counts.outOfRange == 0 else {
            return .crashed(
                message: "the outcomes of \(grouped(counts.total)) of \(counted(planned, "request")) are known")
        }
        guard counts.answered == planned else {
            return .crashed(message: "\(counted(planned - counts.answered, "request")) had no response")
        }
        guard counts.checkFailed <= checkFailures else {
            return .tooSmall(
                reason: "\(counted(counts.checkFailed, "response")) were not as the workload expects, "
                    + "\(grouped(checkFailures)) without a limit")
        }
        return .ran
    }

    private static func verdict(on failure: VMFailure) -> MinimumHeapSearch.Verdict {
        let place = "at request \(grouped(failure.vmRequestNumber)) of the VM's life"
        guard failure.kind.isAllocatorFailure || failure.kind == .deadlineExceeded else {
            let frames = failure.backtrace.prefix(3).map { $0.functionName ?? "<wasm function \($0.functionIndex)>" }
            let stack = frames.isEmpty ? "" : " in \(frames.joined(separator: " ← "))"
            return .crashed(message: "\(failure.kind.rawValue) \(place): \(failure.message)\(stack)")
        }
        return .tooSmall(reason: "\(failure.kind.rawValue) \(place)")
    }
}
