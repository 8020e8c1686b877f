import CAllocationCounter
import SluiceGenerate
import SluiceLoad
import SluiceModel
import SluiceProcess
import SluiceProxyWasm
import SluiceSchedule

/// A whole load worker at its highest rate: schedule, generation, chain, checks, histograms and ledger.
enum WorkerBench {
    struct Result {
        var nanosecondsPerRequest: Double
        /// Of the worker's thread.
        var allocations: UInt64
    }

    /// Every request is due at once, so that the worker never waits.
    static func run(_ plugin: BenchmarkPlugin, requests: Int) throws -> Result {
        let ratePerSecond = 1e9
        let load = Load(
            phases: [
                Phase(
                    kind: .hold, durationNanoseconds: Int64(requests), startRatePerSecond: ratePerSecond,
                    endRatePerSecond: ratePerSecond, arrivals: .constant)
            ], agents: 1, workers: 1, timeoutNanoseconds: 3_000_000_000_000, seed: 1)
        let shared = SharedHostState()
        let start = MonotonicClock.nowNanoseconds()
        let chain = FilterChain(
            plugins: [plugin.plugin], vmLife: .unlimited, shared: shared, workerIndex: 0, nowNanoseconds: start)
        try chain.start(nowNanoseconds: start)
        let upstream = Upstream(
            status: 200, headers: [], body: .text(Template(literal: "")), latencyNanoseconds: .constant(0))
        let collector = BatchCollector(agent: 0, workers: 16)
        var worker = LoadWorker(
            worker: 0, startNanoseconds: start, timeoutNanoseconds: load.timeoutNanoseconds,
            schedule: ArrivalSchedule(load: load, workerCount: 1).cursor(worker: 0),
            generator: RequestGenerator(requests: [BenchmarkPlugin.request], variables: [], seed: 1),
            target: SluiceLoad.InProcessTarget(
                chain: chain, target: SluiceModel.InProcessTarget(upstream: upstream), variables: [], seed: 1, worker: 0
            ),
            checker: try ResponseChecker(templates: [BenchmarkPlugin.request]), collector: collector,
            observedMetrics: ObservedMetrics(observations: [], shared: shared), stop: StopFlag())
        sluice_allocation_count_start()
        let nanoseconds = Rounds.time { _ = worker.run() }
        let allocations = sluice_allocation_count_stop()
        collector.close()
        var answered = 0
        collector.run { batch in
            answered += batch.segments.reduce(0) { $0 + $1.counts.succeeded }
        }
        precondition(answered == requests, "\(answered) of \(requests) requests were answered")
        return Result(nanosecondsPerRequest: nanoseconds / Double(requests), allocations: allocations)
    }
}
