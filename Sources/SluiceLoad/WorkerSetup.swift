import SluiceGenerate
import SluiceModel
import SluiceProcess
import SluiceProxyWasm
import SluiceSchedule

/// A worker's VMs and compiled expectations, built on the worker's own thread before the trial starts.
struct WorkerSetup {
    private let plan: TrialPlan
    private let chain: FilterChain
    private let checker: ResponseChecker
    private let observedMetrics: ObservedMetrics
    private let index: Int

    /// - Parameter worker: counts the workers of all agents.
    init(plan: TrialPlan, worker: Int, plugins: [ChainPlugin], shared: SharedHostState) throws(TrialStartError) {
        self.plan = plan
        let isFirst = worker % plan.load.workers == 0
        let plugins = plugins.filter { isFirst || $0.planned.specification.placement == .everyWorker }
        let logNumbers: LogNumbers?
        do throws(PatternError) {
            checker = try ResponseChecker(templates: plan.requests)
            logNumbers = try LogNumbers(plan.observations)
        } catch {
            throw .pattern(error)
        }
        let now = MonotonicClock.nowNanoseconds()
        chain = FilterChain(
            plugins: plugins, vmLife: plan.vmLife, shared: shared,
            services: HostServices(plan, logObserver: logNumbers), workerIndex: worker, seed: plan.load.seed,
            nowNanoseconds: now)
        index = worker
        do throws(PluginStartError) { try chain.start(nowNanoseconds: now) } catch { throw .plugin(error.failure) }
        observedMetrics = ObservedMetrics(
            observations: plan.observations, shared: shared, logNumbers: logNumbers)
    }

    private func target() -> any RequestTarget {
        guard plan.plugins.contains(where: { $0.specification.type == .tcp }) else {
            return InProcessTarget(
                chain: chain, target: plan.target, variables: plan.variables, seed: plan.load.seed, worker: index)
        }
        return ConnectionTarget(
            chain: chain, target: plan.target, requests: plan.requests, variables: plan.variables,
            seed: plan.load.seed, worker: index)
    }

    /// - Parameter number: counts the workers of this agent.
    func worker(
        number: Int, startNanoseconds: Int64, schedule: WorkerSchedule, collector: BatchCollector, stop: StopFlag
    ) -> LoadWorker {
        LoadWorker(
            worker: number, startNanoseconds: startNanoseconds, timeoutNanoseconds: plan.load.timeoutNanoseconds,
            concurrency: plan.load.concurrency ?? .max, epochRequests: plan.load.epochRequests ?? .max,
            restNanoseconds: plan.requests.isEmpty ? plan.load.durationNanoseconds : nil, schedule: schedule,
            generator: RequestGenerator(
                requests: plan.requests, variables: plan.variables, seed: plan.load.seed),
            target: target(), checker: checker, collector: collector, observedMetrics: observedMetrics, stop: stop)
    }
}
