package import SluiceModel
import SluiceWire

/// Plans that `FakeRunner` understands.
package enum FakePlan {
    /// - Parameters:
    ///   - behaviour: what goes wrong, in the fake runner's words; empty: nothing.
    ///   - compileLog: gets a line for each compilation.
    package static func make(
        module: [UInt8], agents: Int, seconds: Double, behaviour: String = "", block: Int = 0,
        compileLog: String = "/dev/null", engine: EngineName = .cranelift
    ) -> TrialPlan {
        let specification = PluginSpecification(
            name: "fake", rootID: "", configuration: Array(behaviour.utf8), vmID: "", vmConfiguration: [],
            environmentVariables: [],
            failurePolicy: .closed, reloadBaseIntervalNanoseconds: 1, module: nil)
        return TrialPlan(
            trial: TrialIdentity(runID: "run", strategy: "fake", block: block), agentCount: agents,
            load: Load(
                phases: [
                    Phase(
                        kind: .hold, durationNanoseconds: Int64(seconds * 1e9), startRatePerSecond: 10,
                        endRatePerSecond: 10, arrivals: .constant)
                ], agents: agents, workers: 2, timeoutNanoseconds: 1_000_000_000, seed: 1),
            target: InProcessTarget(
                upstream: Upstream(
                    status: 200, headers: [], body: .text(Template(literal: "")), latencyNanoseconds: .constant(0))),
            variables: [], requests: [],
            plugins: [
                PlannedPlugin(
                    specification: specification, moduleHash: ContentHash(of: module), environmentVariables: [])
            ],
            host: HostSettings(
                envoyProfile: compileLog, memoryCapBytes: 1, deadlineNanoseconds: 1, engine: engine),
            vmLife: .unlimited, observations: [])
    }
}
