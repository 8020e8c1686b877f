import Dispatch
import Glibc
import SluiceGenerate
import SluiceHistogram
import SluiceLoad
import SluiceModel
import SluiceProcess
import SluiceProxyWasm
import SluiceSchedule
import Synchronization

/// Everything that one worker delivered, added up.
struct WorkerRun {
    var batches: [IntervalBatch]
    /// As the worker says.
    var spunNanoseconds: Int64
    /// CPU time of the thread meanwhile.
    var cpuNanoseconds: Int64

    /// Runs a worker alone against a target, on the calling thread.
    static func run(
        _ load: Load, target: some RequestTarget, requests: [RequestTemplate] = [.plain], stopAfter: Int64? = nil,
        openRequestLimit: Int = LoadWorker.openRequestLimit
    ) throws -> WorkerRun {
        let collector = BatchCollector(agent: 0, workers: 1)
        let stop = StopFlag()
        let start = MonotonicClock.nowNanoseconds() + 20_000_000
        var worker = LoadWorker(
            worker: 0, startNanoseconds: start, timeoutNanoseconds: load.timeoutNanoseconds,
            concurrency: load.concurrency ?? .max, epochRequests: load.epochRequests ?? .max,
            schedule: ArrivalSchedule(load: load, workerCount: 1).cursor(worker: 0),
            generator: RequestGenerator(requests: requests, variables: [], seed: load.seed), target: target,
            checker: try ResponseChecker(templates: requests), collector: collector,
            observedMetrics: ObservedMetrics(observations: [], shared: SharedHostState()), stop: stop,
            openRequestLimit: openRequestLimit)
        if let stopAfter {
            Task.detached {
                try? await Task.sleep(for: .nanoseconds(start + stopAfter - MonotonicClock.nowNanoseconds()))
                stop.set()
            }
        }
        let batches = Batches()
        let collected = DispatchGroup()
        DispatchQueue.global().async(group: collected) {
            collector.run { batches.append($0) }
        }
        let cpuBefore = threadCPUNanoseconds()
        let spun = worker.run()
        let cpu = threadCPUNanoseconds() - cpuBefore
        collector.close()
        collected.wait()
        return WorkerRun(batches: batches.all, spunNanoseconds: spun, cpuNanoseconds: cpu)
    }

    private static func threadCPUNanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    func counts(_ role: LoadRole = .measured) -> OutcomeCounts {
        segments(role).reduce(into: OutcomeCounts()) { $0 += $1.counts }
    }

    func histogram(_ part: KeyPath<LoadSegment, EncodedHistogram>, role: LoadRole = .measured) throws
        -> LatencyHistogram
    {
        var sum = LatencyHistogram()
        for segment in segments(role) { sum.add(try LatencyHistogram(encoded: segment[keyPath: part].bytes)) }
        return sum
    }

    private func segments(_ role: LoadRole) -> [LoadSegment] {
        batches.flatMap(\.segments).filter { $0.role == role }
    }
}

private final class Batches: Sendable {
    private let batches = Mutex<[IntervalBatch]>([])
    func append(_ batch: IntervalBatch) { batches.withLock { $0.append(batch) } }
    var all: [IntervalBatch] { batches.withLock { $0 } }
}

extension RequestTemplate {
    static let plain = RequestTemplate(
        weight: 1, method: "GET", path: Template(literal: "/"), authority: "sluice.test", headers: [], body: nil,
        trailers: [], expectation: .nothing)

    static func expecting(_ expectation: SluiceModel.Expectation) -> RequestTemplate {
        var template = plain
        template.expectation = expectation
        return template
    }

    /// With 32 random bytes as its body.
    static var withRandomBody: RequestTemplate {
        var template = plain
        template.body = .randomBytes(sizeBytes: .constant(32))
        return template
    }
}

extension Load {
    /// One worker, constant arrivals.
    static func constant(
        ratePerSecond: Double, milliseconds: Int64, timeoutMilliseconds: Int64 = 10_000, warmupMilliseconds: Int64 = 0
    ) -> Load {
        func phase(_ kind: Phase.Kind, _ milliseconds: Int64) -> Phase {
            Phase(
                kind: kind, durationNanoseconds: milliseconds * 1_000_000, startRatePerSecond: ratePerSecond,
                endRatePerSecond: ratePerSecond, arrivals: .constant)
        }
        let warmup = warmupMilliseconds > 0 ? [phase(.warmup, warmupMilliseconds)] : []
        return Load(
            phases: warmup + [phase(.hold, milliseconds)], agents: 1, workers: 1,
            timeoutNanoseconds: timeoutMilliseconds * 1_000_000, seed: 1)
    }
}

extension QuantileFigure {
    /// The value, when there is one.
    var nanoseconds: Int64? { if case .value(let nanoseconds) = self { nanoseconds } else { nil } }
}
