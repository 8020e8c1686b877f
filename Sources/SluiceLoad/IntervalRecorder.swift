import SluiceHistogram
import SluiceModel

/// What a worker has recorded since it last handed over.
///
/// What every request adds to is plain memory, reached through `segments`: recording checks nothing and counts no
/// references. `@unchecked`: it belongs to one thread at a time, and changes hands under the collector's lock.
final class IntervalRecorder: @unchecked Sendable {
    /// The samples of one role.
    struct Segment: ~Copyable {
        var counts = OutcomeCounts()
        var startLag = LatencyRecorder()
        var harnessLag = LatencyRecorder()
        var serviceTime = LatencyRecorder()
        var responseTime = LatencyRecorder()

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
                role: role, counts: counts, startLag: EncodedHistogram(bytes: startLag.histogram.encoded()),
                harnessLag: EncodedHistogram(bytes: harnessLag.histogram.encoded()),
                serviceTime: EncodedHistogram(bytes: serviceTime.histogram.encoded()),
                responseTime: EncodedHistogram(bytes: responseTime.histogram.encoded()))
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

    /// One for each role: `record` adds to them.
    let segments: UnsafeMutablePointer<Segment>
    private static let roles: [LoadRole] = [.warmup, .measured]
    var observations = TargetObservations()
    var metrics: [MetricSample] = []
    var checkFailures: [CheckFailure] = []
    var startNanoseconds: Int64 = 0
    var endNanoseconds: Int64 = 0
    var isLast = false
    var worker = 0
    var sequence = 0

    init() {
        segments = .allocate(capacity: Self.roles.count)
        for index in Self.roles.indices { (segments + index).initialize(to: Segment()) }
    }

    deinit {
        segments.deinitialize(count: Self.roles.count)
        segments.deallocate()
    }

    /// Empty, with every buffer kept.
    func reset() {
        for index in Self.roles.indices { segments[index].reset() }
        observations.reset()
        metrics.removeAll(keepingCapacity: true)
        checkFailures.removeAll(keepingCapacity: true)
        isLast = false
    }

    func batch(agent: Int) -> IntervalBatch {
        var filled: [LoadSegment] = []
        for (index, role) in Self.roles.enumerated() where segments[index].counts.total > 0 {
            filled.append(segments[index].loadSegment(role: role))
        }
        return IntervalBatch(
            agent: agent, worker: worker, sequence: sequence, startNanoseconds: startNanoseconds,
            endNanoseconds: endNanoseconds, segments: filled, heap: observations.heap, growth: observations.growth,
            failures: observations.failures, vmEvents: observations.vmEvents, metrics: metrics,
            checkFailures: checkFailures, isLast: isLast)
    }
}

/// All segments of a recorder, in the order of its roles.
extension UnsafeMutablePointer<IntervalRecorder.Segment> {
    @inline(__always)
    func record(_ sample: IntervalRecorder.Sample) {
        let segment =
            switch sample.role {
            case .warmup: self
            case .measured: self + 1
            }
        var hasLatency = false
        switch sample.outcome {
        case .succeeded:
            segment.pointee.counts.succeeded &+= 1
            hasLatency = true
        case .checkFailed:
            segment.pointee.counts.checkFailed &+= 1
            hasLatency = true
        case .unfinished:
            segment.pointee.counts.unfinished &+= 1
            hasLatency = true
        case .refused: segment.pointee.counts.refused &+= 1
        case .trapped: segment.pointee.counts.trapped &+= 1
        case .timedOut: segment.pointee.counts.timedOut &+= 1
        case .reset: segment.pointee.counts.reset &+= 1
        }
        if sample.serviceTimeNanoseconds == nil { segment.pointee.counts.neverStarted &+= 1 }
        var inRange = segment.pointee.startLag.record(nanoseconds: max(1, sample.startLagNanoseconds))
        inRange = segment.pointee.harnessLag.record(nanoseconds: max(1, sample.harnessLagNanoseconds)) && inRange
        if hasLatency {
            inRange =
                segment.pointee.responseTime.record(nanoseconds: max(1, sample.responseTimeNanoseconds)) && inRange
            if let service = sample.serviceTimeNanoseconds {
                inRange = segment.pointee.serviceTime.record(nanoseconds: max(1, service)) && inRange
            }
        }
        if !inRange { segment.pointee.counts.outOfRange &+= 1 }
    }
}
