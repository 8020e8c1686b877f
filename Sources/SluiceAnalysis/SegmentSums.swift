internal import SluiceHistogram
internal import SluiceModel

/// What is summed of the segments of a trial. Unpacking their histograms is most of an analysis, so that it is done on
/// other threads, while the caller reads on.
struct SegmentSums: Sendable {
    private(set) var serviceTime = LatencyHistogram()
    private(set) var startLag = LatencyHistogram()
    private(set) var harnessLag = LatencyHistogram()
    private(set) var warmupHarnessLag = LatencyHistogram()
    private(set) var pauses = PauseTrack()

    /// A segment, and where it comes from.
    struct Part: Sendable {
        var segment: LoadSegment
        var agent: Int
        var worker: Int
        /// See `PauseTrack.Interval`.
        var hadCollection: Bool?
    }

    fileprivate mutating func add(_ part: Part, _ decoder: HistogramDecoder) throws(HistogramError) {
        let segment = part.segment
        guard segment.role == .measured else {
            return warmupHarnessLag.add(try decoder.decode(segment.harnessLag.bytes))
        }
        let services = try decoder.decode(segment.serviceTime.bytes)
        serviceTime.add(services)
        pauses.add(services, hadCollection: part.hadCollection)
        startLag.add(try decoder.decode(segment.startLag.bytes))
        harnessLag.add(try decoder.decode(segment.harnessLag.bytes))
    }

    fileprivate mutating func add(_ other: SegmentSums) {
        serviceTime.add(other.serviceTime)
        startLag.add(other.startLag)
        harnessLag.add(other.harnessLag)
        warmupHarnessLag.add(other.warmupHarnessLag)
        pauses.add(other.pauses)
    }

    fileprivate static func of(
        _ parts: [Part], trial: TrialIdentity
    ) -> Result<SegmentSums, AnalysisError> {
        var sums = SegmentSums()
        let decoder = HistogramDecoder()
        for part in parts {
            do {
                try sums.add(part, decoder)
            } catch {
                return .failure(.damagedHistogram(trial: trial, agent: part.agent, worker: part.worker, error))
            }
        }
        return .success(sums)
    }
}

/// Takes segments as they come, and has them summed in lots.
struct SegmentSummation {
    /// Segments of a lot: enough to be worth a thread.
    private static let lot = 2048

    private let trial: TrialIdentity
    private let tasks = ParallelTasks<Result<SegmentSums, AnalysisError>>()
    private var pending: [SegmentSums.Part] = []

    init(trial: TrialIdentity) { self.trial = trial }

    mutating func add(_ part: SegmentSums.Part) {
        pending.append(part)
        guard pending.count == Self.lot else { return }
        let parts = pending
        pending = []
        let trial = trial
        tasks.begin { SegmentSums.of(parts, trial: trial) }
    }

    /// To be called once, after the last segment.
    mutating func finish() throws(AnalysisError) -> SegmentSums {
        let rest = SegmentSums.of(pending, trial: trial)
        pending = []
        var sums = SegmentSums()
        for output in tasks.finish() + [rest] { sums.add(try output.get()) }
        return sums
    }
}
