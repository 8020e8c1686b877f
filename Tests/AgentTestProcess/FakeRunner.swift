import Glibc
import SluiceAgent
import SluiceModel
import SluiceProcess
import SluiceWire
import Synchronization

/// A load that is made up: a batch for each worker every 100 ms. What goes wrong is said in the first plugin's
/// configuration.
struct FakeRunner: TrialRunner {
    func artifactKey(for host: HostSettings) throws -> String? { host.engine == .null ? nil : "fake-1" }

    /// Native code is the module backwards. The file that `envoyProfile` names gets a line for each compilation.
    func compile(module: [UInt8], name: String, for host: HostSettings) throws -> [UInt8] {
        if module.starts(with: Array("not a module".utf8)) {
            throw TrialFailure(kind: .couldNotStart, reason: "the module is not WebAssembly")
        }
        if let file = fopen(host.envoyProfile, "a") {
            fputs("compiled\n", file)
            fclose(file)
        }
        usleep(50_000)
        return module.reversed()
    }

    func prepare(plan: TrialPlan, agent: Int, modules: [ContentHash: PreparedModule]) throws -> any PreparedTrial {
        let behaviour = String(decoding: plan.plugins[0].specification.configuration, as: UTF8.self)
        if behaviour == "fail to prepare" { throw TrialFailure(kind: .couldNotStart, reason: "the plugin said no") }
        if behaviour == "prepare for ever" { while true { sleep(1) } }
        for plugin in plan.plugins {
            guard let module = modules[plugin.moduleHash] else {
                throw TrialFailure(kind: .internalError, reason: "a module is missing")
            }
            let bytes = try PrivateFile.read(module.modulePath)
            guard ContentHash(of: bytes) == plugin.moduleHash else {
                throw TrialFailure(kind: .internalError, reason: "a module is damaged")
            }
            if let path = module.artifactPath, try ArtifactCache.read(path) != bytes.reversed() {
                throw TrialFailure(kind: .internalError, reason: "native code is not that of the module")
            }
        }
        return FakeTrial(plan: plan, agent: agent, behaviour: behaviour)
    }
}

final class FakeTrial: PreparedTrial {
    private static let intervalNanoseconds: Int64 = 100_000_000

    private struct State {
        var isStopped = false
        var isDone = false
    }

    private let plan: TrialPlan
    private let agent: Int
    private let behaviour: String
    private let state = Mutex(State())

    init(plan: TrialPlan, agent: Int, behaviour: String) {
        self.plan = plan
        self.agent = agent
        self.behaviour = behaviour
    }

    func start(atMonotonicNanoseconds instant: Int64, onBatch: @escaping @Sendable (IntervalBatch) -> Void) {
        try? OperatingSystemThread.start(name: "fake-load") {
            self.load(from: instant, onBatch)
            self.state.withLock { $0.isDone = true }
        }
    }

    func stop() {
        if behaviour != "ignore stop" { state.withLock { $0.isStopped = true } }
    }

    func wait() throws -> AgentTrialReport {
        while !state.withLock({ $0.isDone }) { usleep(1000) }
        if behaviour == "fail at the end" {
            throw TrialFailure(kind: .internalError, reason: "the numbers do not add up")
        }
        return AgentTrialReport(
            agent: agent, plannedRequests: [1, 2], cpuNanoseconds: 3, maximumResidentBytes: 4,
            residentBeyondGuestsBytes: 5, engine: EngineIdentity(name: plan.host.engine, version: "fake"))
    }

    private func load(from instant: Int64, _ onBatch: @Sendable (IntervalBatch) -> Void) {
        Self.sleep(until: instant)
        let skew = MonotonicClock.nowNanoseconds() - instant
        let count = max(1, Int(plan.load.durationNanoseconds / Self.intervalNanoseconds))
        for sequence in 0..<count {
            let start = Int64(sequence) * Self.intervalNanoseconds
            Self.sleep(until: instant + start + Self.intervalNanoseconds)
            let isLast = sequence == count - 1 || state.withLock { $0.isStopped }
            for worker in 0..<plan.load.workers {
                onBatch(
                    batch(
                        worker, sequence, start, skewNanoseconds: skew, isLast: isLast && behaviour != "no last batch"))
            }
            // A fault, not a signal that is sent: the runtime's handler would come back from that one.
            if behaviour == "crash" && sequence == 2 && agent == 0 { UnsafeMutablePointer(bitPattern: 8)!.pointee = 1 }
            if isLast { return }
        }
    }

    private func batch(
        _ worker: Int, _ sequence: Int, _ start: Int64, skewNanoseconds: Int64, isLast: Bool
    ) -> IntervalBatch {
        var counts = OutcomeCounts()
        counts.succeeded = 10
        let segment = LoadSegment(
            role: .measured, counts: counts, startLag: .empty, harnessLag: .empty, serviceTime: .empty,
            responseTime: EncodedHistogram(bytes: Array(repeating: 7, count: 300)))
        return IntervalBatch(
            agent: agent, worker: worker, sequence: sequence, startNanoseconds: start,
            endNanoseconds: start + Self.intervalNanoseconds, segments: [segment], heap: HeapSample(), growth: [],
            failures: [], vmEvents: VMEventCounts(),
            metrics: [
                MetricSample(timeNanoseconds: start, name: "process", value: Int64(getpid())),
                MetricSample(timeNanoseconds: start, name: "skew", value: skewNanoseconds),
            ], isLast: isLast)
    }

    private static func sleep(until instant: Int64) {
        var time = timespec(tv_sec: Int(instant / 1_000_000_000), tv_nsec: Int(instant % 1_000_000_000))
        while clock_nanosleep(CLOCK_MONOTONIC, Int32(TIMER_ABSTIME), &time, nil) == EINTR {}
    }
}
