package import SluiceModel

/// Turns a workload into the plans of its trials.
package struct TrialPlanner: Sendable {
    private let workload: Workload
    private let runID: String
    private let modules: ModuleLibrary

    /// - Parameter modules: must hold every module of the workload.
    package init(workload: Workload, runID: String, modules: ModuleLibrary) {
        self.workload = workload
        self.runID = runID
        self.modules = modules
    }

    /// The plan of one trial.
    ///
    /// - Parameter strategy: one of the workload.
    package func plan(strategy: Strategy, block: Int) -> TrialPlan {
        var load = workload.load
        load.seed = Self.seed(load.seed, block: block)
        var host = workload.host
        host.engine = strategy.engine ?? host.engine
        return TrialPlan(
            trial: TrialIdentity(runID: runID, strategy: strategy.name, block: block), agentCount: load.agents,
            load: load, target: workload.target, variables: workload.variables,
            requests: workload.requests.map { request in
                var request = request
                if request.body != nil, let body = strategy.body { request.body = body }
                return request
            },
            plugins: workload.plugins.map { specification in
                let module = specification.module ?? strategy.module
                var resolved = specification
                resolved.module = module
                return PlannedPlugin(
                    specification: resolved, moduleHash: modules.hash(of: module),
                    environmentVariables: Self.merge(
                        specification.environmentVariables,
                        specification.module == nil ? strategy.environmentVariables : []))
            },
            host: host, vmLife: strategy.vmLife, observations: workload.observations)
    }

    /// The plan by which a strategy is tried before the run's first trial: its modules, in one VM for each agent.
    ///
    /// - Parameter strategy: one of the workload.
    package func rehearsal(of strategy: Strategy) -> TrialPlan {
        var plan = plan(strategy: strategy, block: 0)
        // No message of a rehearsal can be taken for one of a trial.
        plan.trial.runID += "-rehearsal"
        plan.load.workers = 1
        return plan
    }

    /// The same for all strategies of a block, another for each block; block 0 has the workload's own.
    package static func seed(_ seed: UInt64, block: Int) -> UInt64 { seed &+ UInt64(block) &* 0x9e37_79b9_7f4a_7c15 }

    private static func merge(
        _ own: [EnvironmentVariable], _ replacements: [EnvironmentVariable]
    ) -> [EnvironmentVariable] {
        own.filter { variable in !replacements.contains { $0.name == variable.name } } + replacements
    }
}
