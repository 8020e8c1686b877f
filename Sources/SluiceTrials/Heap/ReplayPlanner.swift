import SluiceModel

/// Plans of the trials of a heap study: one agent with one worker, and so one heap.
struct ReplayPlanner: Sendable {
    let workload: Workload
    let planner: TrialPlanner

    /// All requests are due at once and wait for their turn, one in flight at a time, and the upstream answers at once:
    /// the same requests in the same order, as fast as the plugin takes them. Arrival times play no part in how much
    /// memory they need, and a search has hundreds of replays.
    ///
    /// - Parameters:
    ///   - position: of the trial among those of its strategy, from 0.
    ///   - search: decides the seed.
    ///   - epochRequests: the requests repeat after so many; `nil`: they do not.
    ///   - timeoutNanoseconds: for all requests together.
    func replay(
        of strategy: Strategy, position: Int, search: Int, requests: Int, epochRequests: Int?, limit: MemoryLimit?,
        timeoutNanoseconds: Int64
    ) -> TrialPlan {
        var plan = limited(planner.plan(strategy: strategy, block: search), limit, position: position)
        plan.load.phases = [
            Phase(
                kind: .hold, durationNanoseconds: Int64(requests) * 1000, startRatePerSecond: 1e6,
                endRatePerSecond: 1e6, arrivals: .constant)
        ]
        plan.load.concurrency = 1
        plan.load.epochRequests = epochRequests
        plan.load.timeoutNanoseconds = timeoutNanoseconds
        plan.target.upstream.latencyNanoseconds = .constant(0)
        return plan
    }

    /// The workload's own load in open loop, as far as it falls to one worker.
    func sweepTrial(of strategy: Strategy, position: Int, invocation: Int, limit: MemoryLimit) -> TrialPlan {
        var plan = limited(planner.plan(strategy: strategy, block: invocation), limit, position: position)
        plan.load.phases = phasesOfOneWorker
        return plan
    }

    /// The phases of the workload at the rate that one of its workers has.
    var phasesOfOneWorker: [Phase] {
        let workers = Double(max(1, workload.load.agents * workload.load.workers))
        return workload.load.phases.map { phase in
            var phase = phase
            phase.startRatePerSecond /= workers
            phase.endRatePerSecond /= workers
            return phase
        }
    }

    /// A VM that has failed stays so: the answer is known then. The upstream always answers, so that a request without
    /// a response is the plugin's.
    private func limited(_ plan: TrialPlan, _ limit: MemoryLimit?, position: Int) -> TrialPlan {
        var plan = plan
        plan.trial.block = position
        plan.agentCount = 1
        plan.load.agents = 1
        plan.load.workers = 1
        plan.target.upstream.failures = UpstreamFailures()
        // The limit is a VM's, so that it is also that of other plugins in it.
        let keys = zip(plan.plugins, workload.plugins).filter { $0.1.module == nil }.map { vmKey(of: $0.0) }
        for index in plan.plugins.indices {
            plan.plugins[index].specification.failurePolicy = .closed
            if keys.contains(vmKey(of: plan.plugins[index])) { plan.plugins[index].memoryLimit = limit }
        }
        return plan
    }

    private func vmKey(of plugin: PlannedPlugin) -> VMKey {
        VMKey(plugin.specification, moduleHash: plugin.moduleHash)
    }
}
