import SluiceEngine
import SluiceModel
import SluiceProcess
import SluiceProxyWasm
import Synchronization

/// VMs that show whether plugins start, before any worker has one: made, started, configured and thrown away, one for
/// each plugin, as Envoy does on its main thread. What they leave in shared data, queues and metrics stays, as there.
enum CanaryVMs {
    /// - Returns: how many were made.
    static func start(
        _ plugins: [ChainPlugin], plan: TrialPlan, shared: SharedHostState
    ) throws(TrialStartError) -> Int {
        let failure = Mutex<TrialStartError?>(nil)
        let made = Atomic<Int>(0)
        do throws(ProcessError) {
            // Guests need more stack than the caller's thread may have.
            try OperatingSystemThread(name: "sluice-canary", stackBytes: EngineSettings.requiredThreadStackBytes) {
                do throws(PluginStartError) {
                    for plugin in plugins { made.add(try start(plugin, plan, shared), ordering: .relaxed) }
                } catch {
                    failure.withLock { $0 = .plugin(error.failure) }
                }
            }.join()
        } catch {
            throw .system(error.description)
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
        return made.load(ordering: .relaxed)
    }

    /// No `proxy_on_done` follows, as in Envoy.
    private static func start(
        _ plugin: ChainPlugin, _ plan: TrialPlan, _ shared: SharedHostState
    ) throws(PluginStartError) -> Int {
        let now = MonotonicClock.nowNanoseconds()
        let chain = FilterChain(
            plugins: [plugin], vmLife: .unlimited, shared: shared, services: HostServices(plan), workerIndex: 0,
            seed: plan.load.seed, nowNanoseconds: now)
        try chain.start(nowNanoseconds: now)
        var observations = ChainObservations()
        chain.drain(into: &observations, startNanoseconds: now)
        return observations.vmEvents.created
    }
}

extension HostServices {
    /// What a plan says about the surroundings of its plugins.
    init(_ plan: TrialPlan, logObserver: (any LogObserver)? = nil) {
        self.init(
            clusters: plan.target.clusters.map(\.name), properties: plan.target.properties,
            foreignFunctions: plan.host.foreignFunctions, limits: plan.host.limits, logObserver: logObserver)
    }
}
