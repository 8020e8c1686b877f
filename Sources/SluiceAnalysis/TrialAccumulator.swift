package import SluiceHistogram
package import SluiceModel

/// Takes the batches of one trial as they come.
struct TrialAccumulator {
    let record: TrialRecord
    let timing: TrialTiming
    private let expectedWorkers: Int
    private let concurrentVMs: Int
    private let observations: [Observation]
    private let timeoutNanoseconds: Int64
    /// Requests wait for nothing outside of their plugins.
    private let isUpstreamImmediate: Bool

    private struct WorkerID: Hashable, Comparable {
        var agent: Int
        var worker: Int
        static func < (left: WorkerID, right: WorkerID) -> Bool {
            (left.agent, left.worker) < (right.agent, right.worker)
        }
    }
    private struct Received {
        var sequences: Set<Int> = []
        var hasLast = false
        var outcomes = 0
    }

    private var received: [WorkerID: Received] = [:]
    private var heaps: [WorkerID: WorkerHeap] = [:]
    private var series = IntervalSeries()
    private var summation: SegmentSummation
    private var collections: CollectionTrack
    /// Of all segments, once the trial is finished.
    private(set) var sums = SegmentSums()
    private(set) var duplicateBatches = 0
    private(set) var counts = OutcomeCounts()
    private(set) var warmupCounts = OutcomeCounts()
    private(set) var responseTime = LatencyHistogram()
    private(set) var warmupResponseTime = LatencyHistogram()
    private(set) var vmEvents = VMEventCounts()
    private(set) var failures: [FailureOccurrence] = []
    private(set) var checkFailures: [CheckFailureExample] = []
    private(set) var hostAllocations = HostAllocationLedger()
    private(set) var lastEndNanoseconds: Int64 = 0
    /// By metric name and agent.
    private(set) var metrics: [String: [Int: [MetricPoint]]] = [:]
    /// Live bytes against requests of the agent's first worker.
    private(set) var liveHeap: [Int: LiveHeapEvidence.Run] = [:]

    /// `concurrentVMs`: that a worker has at once.
    init(record: TrialRecord, workload: Workload, concurrentVMs: Int) {
        self.record = record
        timing = TrialTiming(
            warmupNanoseconds: workload.load.warmupNanoseconds,
            durationNanoseconds: workload.load.durationNanoseconds)
        expectedWorkers = workload.load.agents * workload.load.workers
        self.concurrentVMs = max(1, concurrentVMs)
        observations = workload.observations
        summation = SegmentSummation(trial: record.identity)
        collections = CollectionTrack(metric: observations.first { $0.role == .collections }?.metric)
        timeoutNanoseconds = workload.load.timeoutNanoseconds
        isUpstreamImmediate = workload.target.upstream.latencyNanoseconds == .constant(0)
    }

    mutating func consume(_ batch: IntervalBatch) {
        let id = WorkerID(agent: batch.agent, worker: batch.worker)
        // A batch that comes twice, after a reconnection say, must not count twice.
        guard received[id, default: Received()].sequences.insert(batch.sequence).inserted else {
            duplicateBatches += 1
            return
        }
        received[id]!.hasLast = received[id]!.hasLast || batch.isLast
        received[id]!.outcomes += batch.segments.reduce(0) { $0 + $1.counts.total }
        let hadCollection = collections.hadCollection(in: batch)
        for segment in batch.segments {
            if segment.role == .measured { counts += segment.counts } else { warmupCounts += segment.counts }
            summation.add(
                SegmentSums.Part(
                    segment: segment, agent: batch.agent, worker: batch.worker, hadCollection: hadCollection))
        }
        series.add(batch)
        heaps[
            id,
            default: WorkerHeap(
                agent: batch.agent, worker: batch.worker, timing: timing, concurrentVMs: concurrentVMs)
        ].consume(batch)
        vmEvents += batch.vmEvents
        hostAllocations.add(batch.heap)
        lastEndNanoseconds = max(lastEndNanoseconds, batch.endNanoseconds)
        failures += batch.failures.map {
            FailureOccurrence(block: record.identity.block, agent: batch.agent, worker: batch.worker, failure: $0)
        }
        checkFailures += batch.checkFailures.map {
            CheckFailureExample(
                block: record.identity.block, agent: batch.agent, requestIndex: $0.requestIndex, message: $0.message)
        }
        consumeMetrics(of: batch, outcomes: received[id]!.outcomes, hadCollection: hadCollection)
    }

    /// The metrics of an agent are the same for all its workers: the first worker's are taken.
    private mutating func consumeMetrics(of batch: IntervalBatch, outcomes: Int, hadCollection: Bool?) {
        guard batch.worker == 0 else { return }
        for sample in batch.metrics {
            metrics[sample.name, default: [:]][batch.agent, default: []].append(
                MetricPoint(seconds: Double(sample.timeNanoseconds) / 1e9, value: sample.value))
            guard observations.contains(where: { $0.metric == sample.name && $0.role == .liveHeap }) else { continue }
            // What is live is known after a collection. Until the next one the plugin repeats itself.
            guard hadCollection != false else { continue }
            liveHeap[batch.agent, default: LiveHeapEvidence.Run(points: [])].points.append(
                (requests: Double(outcomes), bytes: Double(sample.value)))
        }
    }

    /// To be called once, after the last batch.
    mutating func finish() throws(AnalysisError) -> TrialSummary {
        sums = try summation.finish()
        let intervals: [IntervalPoint]
        do {
            intervals = try series.finish(
                timing: timing, measured: &responseTime, warmup: &warmupResponseTime)
        } catch {
            throw .damagedHistogram(trial: record.identity, agent: nil, worker: nil, error)
        }
        series = IntervalSeries()
        let infinite = max(0, counts.total - responseTime.count)
        var response = LatencyDistribution(responseTime, infinite: infinite)
        response.judge(
            by: HarnessShare(responses: responseTime, infinite: infinite, lags: sums.harnessLag),
            timeoutNanoseconds: timeoutNanoseconds)
        let withoutService = max(0, counts.total - sums.serviceTime.count)
        var service = LatencyDistribution(sums.serviceTime, infinite: withoutService)
        // A service time begins when the request does: the harness can only be late in it where it waits for something.
        if !isUpstreamImmediate {
            service.judge(
                by: HarnessShare(responses: sums.serviceTime, infinite: withoutService, lags: sums.harnessLag),
                timeoutNanoseconds: timeoutNanoseconds)
        }
        return TrialSummary(
            block: record.identity.block, position: record.position, seed: record.seed, status: record.status,
            statusReason: record.statusReason, plannedRequests: plannedRequests(.measured), counts: counts,
            warmupCounts: warmupCounts,
            responseTime: response, serviceTime: service, intervals: intervals,
            heapCurves: workerHeaps.map(\.curve), missingBatches: missingBatches)
    }

    var workerHeaps: [WorkerHeap] { heaps.sorted { $0.key < $1.key }.map(\.value) }

    /// Of the schedules of all agents; `nil` unless every agent of the trial has reported.
    func plannedRequests(_ role: LoadRole) -> Int? {
        let agents = Set(received.keys.map(\.agent)).union(record.agents.map(\.agent))
        guard !agents.isEmpty, Set(record.agents.map(\.agent)) == agents else { return nil }
        var sum = 0
        for agent in record.agents {
            guard agent.plannedRequests.indices.contains(role.rawValue) else { return nil }
            sum += agent.plannedRequests[role.rawValue]
        }
        return sum
    }

    /// Gaps in the numbering, and one for each worker whose last batch is not there.
    var missingBatches: Int {
        received.values.reduce(0) { sum, worker in
            let highest = worker.sequences.max() ?? -1
            return sum + highest + 1 - worker.sequences.count + (worker.hasLast ? 0 : 1)
        }
    }

    /// Workers from which nothing came.
    var silentWorkers: Int { max(0, expectedWorkers - received.count) }

    /// CPU time of the agents' processes over that of their workers while the trial lasted; `nil` when unknown.
    var workerUtilisation: Double? {
        let cpu = record.agents.map(\.cpuNanoseconds)
        guard !cpu.isEmpty, !cpu.contains(0), lastEndNanoseconds > 0, expectedWorkers > 0 else { return nil }
        return Double(cpu.reduce(0, +)) / Double(lastEndNanoseconds) / Double(expectedWorkers)
    }

    /// Seconds of the measured phases that were seen; `nil` when none was. A complete trial saw all of them, though its
    /// last request was due a little before their end.
    var measuredSeconds: Double? {
        let isWhole = record.status == .complete && lastEndNanoseconds > timing.warmupNanoseconds
        let end = isWhole ? timing.durationNanoseconds : min(timing.durationNanoseconds, lastEndNanoseconds)
        return end > timing.warmupNanoseconds ? Double(end - timing.warmupNanoseconds) / 1e9 : nil
    }
}

/// Why stored batches cannot be analysed.
package enum AnalysisError: Error, Sendable, Equatable, CustomStringConvertible {
    /// `agent` and `worker` are `nil` when the histogram belonged to a joined interval.
    case damagedHistogram(trial: TrialIdentity, agent: Int?, worker: Int?, HistogramError)
    /// A trial's batches came for a strategy that the run does not have.
    case unknownStrategy(String)

    package var description: String {
        switch self {
        case .damagedHistogram(let trial, let agent, let worker, let error):
            "run \(trial.runID), strategy \(trial.strategy), block \(trial.block)"
                + (agent.map { ", agent \($0)" } ?? "") + (worker.map { ", worker \($0)" } ?? "")
                + ": damaged histogram: \(error)"
        case .unknownStrategy(let name): "the run has no strategy named '\(name)'"
        }
    }
}
