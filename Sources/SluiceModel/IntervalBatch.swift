/// What one worker saw in one interval of one trial. The unit of everything that is sent and stored.
///
/// Times are nanoseconds since the trial's common start instant.
package struct IntervalBatch: Sendable, Equatable {
    package var agent: Int
    package var worker: Int
    /// 0, 1, 2 … for each worker; a gap means that a batch was lost.
    package var sequence: Int
    package var startNanoseconds: Int64
    package var endNanoseconds: Int64
    /// One entry for each role that had anything to record.
    package var segments: [LoadSegment]
    package var heap: HeapSample
    package var growth: [GrowthEvent]
    package var failures: [VMFailure]
    package var vmEvents: VMEventCounts
    package var metrics: [MetricSample]
    /// The first few of each worker, as examples; `OutcomeCounts.checkFailed` has the number.
    package var checkFailures: [CheckFailure]
    /// Set in the worker's last batch.
    package var isLast: Bool

    /// Failures of an interval that are kept with all that is known of them. Of the others the logs and most of the
    /// backtrace are left out, so that a batch stays within what can be sent; every failure is there.
    package static let detailedFailureLimit = 64
    /// Growth events of an interval that are kept; `heap.growthEventsWithoutDetail` counts the others.
    package static let growthEventLimit = 65_536

    package init(
        agent: Int, worker: Int, sequence: Int, startNanoseconds: Int64, endNanoseconds: Int64,
        segments: [LoadSegment], heap: HeapSample, growth: [GrowthEvent], failures: [VMFailure],
        vmEvents: VMEventCounts, metrics: [MetricSample], checkFailures: [CheckFailure] = [], isLast: Bool
    ) {
        self.agent = agent
        self.worker = worker
        self.sequence = sequence
        self.startNanoseconds = startNanoseconds
        self.endNanoseconds = endNanoseconds
        self.segments = segments
        self.heap = heap
        self.growth = growth
        self.failures = failures
        self.vmEvents = vmEvents
        self.metrics = metrics
        self.checkFailures = checkFailures
        self.isLast = isLast
    }
}

/// A response that was not what the workload expects.
package struct CheckFailure: Sendable, Codable, Equatable {
    package var requestIndex: Int64
    /// What was expected and what came, in one line.
    package var message: String
    package init(requestIndex: Int64, message: String) {
        self.requestIndex = requestIndex
        self.message = message
    }
}

/// The requests whose outcome became known in an interval and whose intended start lies in phases of one role.
package struct LoadSegment: Sendable, Equatable {
    package var role: LoadRole
    package var counts: OutcomeCounts
    /// actual start − intended start, of every request
    package var startLag: EncodedHistogram
    /// The time during which a request was due (to start, or to go on after its upstream) and the worker was not
    /// running a plugin: the harness was late. Of every request.
    package var harnessLag: EncodedHistogram
    /// end − actual start, of requests that were answered, and the age of unfinished ones
    package var serviceTime: EncodedHistogram
    /// end − intended start of the same requests. Failed ones are counted (`OutcomeCounts.failed`), not recorded:
    /// they are infinitely slow.
    package var responseTime: EncodedHistogram

    package init(
        role: LoadRole, counts: OutcomeCounts, startLag: EncodedHistogram, harnessLag: EncodedHistogram,
        serviceTime: EncodedHistogram, responseTime: EncodedHistogram
    ) {
        self.role = role
        self.counts = counts
        self.startLag = startLag
        self.harnessLag = harnessLag
        self.serviceTime = serviceTime
        self.responseTime = responseTime
    }
}

/// A histogram of nanoseconds in the HdrHistogram V2 compressed encoding (not base64). Empty: no samples.
package struct EncodedHistogram: Sendable, Equatable {
    package var bytes: [UInt8]
    package init(bytes: [UInt8]) { self.bytes = bytes }
    package static let empty = EncodedHistogram(bytes: [])
}

/// How requests ended. Every planned request is counted exactly once.
package struct OutcomeCounts: Sendable, Codable, Equatable {
    /// Answered as expected.
    package var succeeded = 0
    /// Answered, but not as the workload expects. The latencies count as they are.
    package var checkFailed = 0
    /// Answered 503 without the plugin, because its VM had failed before.
    package var refused = 0
    /// The plugin's VM failed while this request was in it.
    package var trapped = 0
    /// No response within the timeout, those that were never started among them.
    package var timedOut = 0
    /// Stream reset or closed without a response.
    package var reset = 0
    /// Still in flight when the trial ended; their age is in the histograms.
    package var unfinished = 0
    /// Of the timed-out ones, those that were never started: their turn came after their timeout, or the worker had as
    /// many open as it can have (65,536), as its target had stopped answering. No service time, no response time.
    package var neverStarted = 0
    /// Samples outside the histogram's range. Above 0 the measurement is invalid.
    package var outOfRange = 0

    package init() {}

    /// Every request whose outcome is known.
    package var total: Int { answered + failed + unfinished }
    /// Those with a response.
    package var answered: Int { succeeded + checkFailed }
    /// Those that count as infinitely slow.
    package var failed: Int { refused + trapped + timedOut + reset }

    package static func += (left: inout OutcomeCounts, right: OutcomeCounts) {
        left.succeeded += right.succeeded
        left.checkFailed += right.checkFailed
        left.refused += right.refused
        left.trapped += right.trapped
        left.timedOut += right.timedOut
        left.reset += right.reset
        left.unfinished += right.unfinished
        left.neverStarted += right.neverStarted
        left.outOfRange += right.outOfRange
    }
}
