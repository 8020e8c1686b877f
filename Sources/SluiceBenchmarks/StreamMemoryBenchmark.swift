import CAllocationCounter
import SluiceGenerate
import SluiceLoad
import SluiceModel
import SluiceProcess
import SluiceProxyWasm
import SluiceSchedule

/// What an open stream costs the host: heap memory of a whole load worker between the one that opens a thousand streams
/// in one VM and the one that opens ten thousand more. Guest memory is not part of it.
enum StreamMemoryBenchmark {
    private static let first: Int64 = 1_000
    private static let streams: Int64 = 10_000

    /// Bytes for each open stream of the plugin and the headers of the benchmarks.
    static func bytesPerStream() throws -> Int {
        let requests = first + streams + 1
        let load = Load(
            phases: [
                Phase(
                    kind: .hold, durationNanoseconds: requests, startRatePerSecond: 1e9, endRatePerSecond: 1e9,
                    arrivals: .constant)
            ], agents: 1, workers: 1, timeoutNanoseconds: 3_000_000_000_000, seed: 1)
        let shared = SharedHostState()
        let start = MonotonicClock.nowNanoseconds()
        let chain = FilterChain(
            plugins: [try BenchmarkPlugin(engine: .cranelift).plugin], vmLife: .unlimited, shared: shared,
            workerIndex: 0, nowNanoseconds: start)
        try chain.start(nowNanoseconds: start)
        // Nobody waits for the answers.
        let upstream = Upstream(
            status: 200, headers: [], body: .text(Template(literal: "")), latencyNanoseconds: .constant(1e12))
        let stop = StopFlag()
        let target = MeasuredTarget(
            SluiceLoad.InProcessTarget(
                chain: chain, target: SluiceModel.InProcessTarget(upstream: upstream), variables: [], seed: 1,
                worker: 0), marks: [first, first + streams], stop: stop)
        var worker = LoadWorker(
            worker: 0, startNanoseconds: start, timeoutNanoseconds: load.timeoutNanoseconds,
            schedule: ArrivalSchedule(load: load, workerCount: 1).cursor(worker: 0),
            generator: RequestGenerator(requests: [BenchmarkPlugin.request], variables: [], seed: 1), target: target,
            checker: try ResponseChecker(templates: [BenchmarkPlugin.request]),
            collector: BatchCollector(agent: 0, workers: 16),
            observedMetrics: ObservedMetrics(observations: [], shared: shared), stop: stop)
        _ = worker.run()
        precondition(target.heapBytes.count == 2, "the streams were not opened")
        return (target.heapBytes[1] - target.heapBytes[0]) / Int(streams)
    }
}

/// Looks at the heap when requests of certain indices begin, and stops the worker after the last of them.
private final class MeasuredTarget: RequestTarget {
    private let target: any RequestTarget
    private let marks: [Int64]
    private let stop: StopFlag
    /// In use at the marks.
    private(set) var heapBytes: [Int] = []

    init(_ target: any RequestTarget, marks: [Int64], stop: StopFlag) {
        self.target = target
        self.marks = marks
        self.stop = stop
    }

    func prepareRequest(index: Int64) -> Bool { target.prepareRequest(index: index) }

    func prepareTimers() -> Bool { target.prepareTimers() }

    func begin(slot: Int, request: inout GeneratedRequest, index: Int64, nowNanoseconds: Int64) -> TargetProgress {
        if marks.contains(index) {
            heapBytes.append(Int(sluice_heap_bytes()))
            if index == marks.last { stop.set() }
        }
        return target.begin(slot: slot, request: &request, index: index, nowNanoseconds: nowNanoseconds)
    }

    func resume(slot: Int, nowNanoseconds: Int64) -> TargetProgress {
        target.resume(slot: slot, nowNanoseconds: nowNanoseconds)
    }

    func cancel(slot: Int, nowNanoseconds: Int64) { target.cancel(slot: slot, nowNanoseconds: nowNanoseconds) }

    func withResponse(slot: Int, _ body: (_ headers: HeaderBlock, _ bytes: [UInt8]) -> Void) {
        target.withResponse(slot: slot, body)
    }

    var nextTimerNanoseconds: Int64? { target.nextTimerNanoseconds }

    func runTimers(nowNanoseconds: Int64, progressed: (_ slot: Int, TargetProgress) -> Void) -> TimerWork {
        target.runTimers(nowNanoseconds: nowNanoseconds, progressed: progressed)
    }

    func drain(into observations: inout TargetObservations, startNanoseconds: Int64) {
        target.drain(into: &observations, startNanoseconds: startNanoseconds)
    }

    func shutDown(nowNanoseconds: Int64) { target.shutDown(nowNanoseconds: nowNanoseconds) }
}
