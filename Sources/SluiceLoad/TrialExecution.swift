import SluiceEngine
package import SluiceModel
import SluiceProcess
package import SluiceProxyWasm
import SluiceSchedule
import Synchronization

/// Why a trial could not begin.
package enum TrialStartError: Error, Equatable {
    /// A pattern of an expectation.
    case pattern(PatternError)
    /// The operating system refused something.
    case system(String)
    /// A plugin did not start; the failure says why.
    case plugin(VMFailure)
}

/// One agent's part of one trial: its workers, each with its own thread, VMs and share of the schedule.
///
/// `prepare` makes threads and VMs and leaves them waiting; `start` lets them go at a common instant; batches arrive
/// through its closure, on the collector's thread, each worker's last one with `isLast`; `wait` returns after all.
package final class TrialExecution: Sendable {
    private let plan: TrialPlan
    private let agent: Int
    private let schedule: ArrivalSchedule
    private let stopFlag = StopFlag()
    private let gate: StartGate
    private let spun = SpunTime()
    private let collector: BatchCollector
    private let workerThreads: [OperatingSystemThread]
    private let collectorThread = Mutex<OperatingSystemThread?>(nil)
    /// VMs that were started, configured and thrown away before those of the workers.
    package let canaries: Int

    /// Builds every VM; returns when all workers are ready to start.
    ///
    /// - Throws: that of a canary, or the first worker's reason, after all threads have ended.
    package static func prepare(
        plan: TrialPlan, agent: Int, plugins: [ChainPlugin]
    ) throws(TrialStartError) -> TrialExecution {
        let shared = SharedHostState(limits: plan.host.limits)
        let canaries = try CanaryVMs.start(plugins, plan: plan, shared: shared)
        let execution = TrialExecution(
            plan: plan, agent: agent, plugins: plugins, shared: shared, canaries: canaries)
        if let failure = execution.gate.waitForWorkers() {
            execution.gate.open(instant: nil)
            execution.wait()
            throw failure
        }
        return execution
    }

    private init(plan: TrialPlan, agent: Int, plugins: [ChainPlugin], shared: SharedHostState, canaries: Int) {
        self.canaries = canaries
        let workers = plan.load.workers
        let gate = StartGate(workers: workers)
        let schedule = ArrivalSchedule(load: plan.load, workerCount: plan.workerCount)
        let collector = BatchCollector(agent: agent, workers: workers)
        self.plan = plan
        self.agent = agent
        self.gate = gate
        self.schedule = schedule
        self.collector = collector
        workerThreads = (0..<workers).compactMap { [stopFlag, spun] worker in
            Self.startThread(number: worker, gate) { () throws(TrialStartError) in
                let setup = try WorkerSetup(
                    plan: plan, worker: agent * workers + worker, plugins: plugins, shared: shared)
                guard let start = gate.arriveAndWait() else { return }
                var loop = setup.worker(
                    number: worker, startNanoseconds: start,
                    schedule: schedule.cursor(worker: agent * workers + worker), collector: collector,
                    stop: stopFlag)
                spun.add(loop.run())
            }
        }
    }

    private static func startThread(
        number: Int, _ gate: StartGate, _ body: @escaping @Sendable () throws(TrialStartError) -> Void
    ) -> OperatingSystemThread? {
        do throws(ProcessError) {
            return try OperatingSystemThread(
                name: "sluice-load-\(number)", stackBytes: EngineSettings.requiredThreadStackBytes
            ) {
                do throws(TrialStartError) { try body() } catch { gate.fail(error) }
            }
        } catch {
            gate.fail(.system(error.description))
            return nil
        }
    }

    /// Lets the workers go. Once.
    ///
    /// - Parameters:
    ///   - instant: the common start on CLOCK_MONOTONIC.
    ///   - onBatch: may take its time; the workers do not wait for it.
    package func start(atMonotonicNanoseconds instant: Int64, onBatch: @escaping @Sendable (IntervalBatch) -> Void) {
        collectorThread.withLock { [collector] thread in
            do throws(ProcessError) {
                thread = try OperatingSystemThread(name: "sluice-collect") { collector.run(deliver: onBatch) }
            } catch {
                // The agent that runs this process reports its end, with this line.
                preconditionFailure("cannot start the collector: \(error)")
            }
        }
        gate.open(instant: instant)
    }

    /// Ends the trial early; requests in flight are counted as unfinished. Any thread, any number of times.
    package func stop() { stopFlag.set() }

    /// Blocks until every worker has ended and every batch is delivered. Once, after `start`.
    package func wait() {
        for thread in workerThreads { thread.join() }
        collector.close()
        collectorThread.withLock { $0?.join() }
    }

    /// CPU time that all workers together spent spinning while they waited; complete after `wait`.
    package var spunNanoseconds: Int64 { spun.nanoseconds }

    /// What this agent's part of the schedule holds, by role (index: `LoadRole.rawValue`).
    package var plannedRequests: [Int] {
        let first = agent * plan.load.workers
        return LoadRole.allCases.map {
            Int(schedule.plannedRequests(role: $0, workers: first..<first + plan.load.workers))
        }
    }
}

/// Time that several threads add to.
private final class SpunTime: Sendable {
    private let total = Atomic<Int64>(0)

    var nanoseconds: Int64 { total.load(ordering: .relaxed) }

    func add(_ nanoseconds: Int64) { total.add(nanoseconds, ordering: .relaxed) }
}
