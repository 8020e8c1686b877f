import SluiceHistogram
import SluiceModel

/// What a worker has recorded since it last handed over. A value, so that recording needs no exclusivity checks, and
/// handing over moves a few pointers.
struct IntervalRecorder {
    /// The samples of one role.
    struct Segment {
        var counts = OutcomeCounts()
        var startLag = LatencyHistogram()
        var harnessLag = LatencyHistogram()
        var serviceTime = LatencyHistogram()
        var responseTime = LatencyHistogram()

        mutating func reset() {
            guard counts != OutcomeCounts() else { return }
            counts = OutcomeCounts()
            startLag.reset()
            harnessLag.reset()
            serviceTime.reset()
            responseTime.reset()
        }

        func loadSegment(role: LoadRole) -> LoadSegment {
            LoadSegment(
                role: role, counts: counts, startLag: EncodedHistogram(bytes: startLag.encoded()),
                harnessLag: EncodedHistogram(bytes: harnessLag.encoded()),
                serviceTime: EncodedHistogram(bytes: serviceTime.encoded()),
                responseTime: EncodedHistogram(bytes: responseTime.encoded()))
        }
    }

    /// How a request ended, in the order of `OutcomeCounts`.
    enum Outcome { case succeeded, checkFailed, refused, trapped, timedOut, reset, unfinished }

    /// One request, all of it known.
    struct Sample {
        var role: LoadRole
        var outcome: Outcome
        var startLagNanoseconds: Int64
        var harnessLagNanoseconds: Int64
        /// `nil`: never started.
        var serviceTimeNanoseconds: Int64?
        var responseTimeNanoseconds: Int64
    }

    private(set) var warmup = Segment()
    private(set) var measured = Segment()
    var observations = TargetObservations()
    var metrics: [MetricSample] = []
    var checkFailures: [CheckFailure] = []
    var startNanoseconds: Int64 = 0
    var endNanoseconds: Int64 = 0
    var isLast = false
    var worker = 0
    var sequence = 0

    mutating func record(_ sample: Sample) {
        switch sample.role {
        case .warmup: Self.record(sample, in: &warmup)
        case .measured: Self.record(sample, in: &measured)
        }
    }

    private static func record(_ sample: Sample, in segment: inout Segment) {
        var hasLatency = false
        switch sample.outcome {
        case .succeeded:
            segment.counts.succeeded += 1
            hasLatency = true
        case .checkFailed:
            segment.counts.checkFailed += 1
            hasLatency = true
        case .unfinished:
            segment.counts.unfinished += 1
            hasLatency = true
        case .refused: segment.counts.refused += 1
        case .trapped: segment.counts.trapped += 1
        case .timedOut: segment.counts.timedOut += 1
        case .reset: segment.counts.reset += 1
        }
        if sample.serviceTimeNanoseconds == nil { segment.counts.neverStarted += 1 }
        var inRange = segment.startLag.record(nanoseconds: max(1, sample.startLagNanoseconds))
        inRange = segment.harnessLag.record(nanoseconds: max(1, sample.harnessLagNanoseconds)) && inRange
        if hasLatency {
            inRange = segment.responseTime.record(nanoseconds: max(1, sample.responseTimeNanoseconds)) && inRange
            if let service = sample.serviceTimeNanoseconds {
                inRange = segment.serviceTime.record(nanoseconds: max(1, service)) && inRange
            }
        }
        if !inRange { segment.counts.outOfRange += 1 }
    }

    /// Empty, with every buffer kept.
    mutating func reset() {
        warmup.reset()
        measured.reset()
        observations.reset()
        metrics.removeAll(keepingCapacity: true)
        checkFailures.removeAll(keepingCapacity: true)
        isLast = false
    }

    func batch(agent: Int) -> IntervalBatch {
        var segments: [LoadSegment] = []
        if warmup.counts.total > 0 { segments.append(warmup.loadSegment(role: .warmup)) }
        if measured.counts.total > 0 { segments.append(measured.loadSegment(role: .measured)) }
        return IntervalBatch(
            agent: agent, worker: worker, sequence: sequence, startNanoseconds: startNanoseconds,
            endNanoseconds: endNanoseconds, segments: segments, heap: observations.heap, growth: observations.growth,
            failures: observations.failures, vmEvents: observations.vmEvents, metrics: metrics,
            checkFailures: checkFailures, isLast: isLast)
    }
}
