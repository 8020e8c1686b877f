import SluiceAnalysis
import SluiceModel

/// Who runs in a gate: the candidate, and the baseline twice where the candidate is compared with it.
struct GateArms {
    /// The workload's, or a module that stands in for its plugin.
    var candidate: Strategy
    var baseline: Strategy?
    /// The baseline once more, under another name.
    var again: Strategy?
    /// As the command line named them, where the run has them under other names.
    private var candidateArgument: String?
    private var baselineArgument: String?

    /// In the order of the first block.
    var all: [Strategy] { [baseline, candidate, again].compactMap { $0 } }

    /// - Parameters:
    ///   - candidate: name of a strategy, or path of a module; `nil`: the workload's candidate, or its first strategy.
    ///   - baseline: the same of the baseline; `nil`: the workload's, if it names one.
    init(of workload: Workload, candidate: String?, baseline: String?) throws {
        let own = workload.gate.candidate ?? workload.strategies[0].name
        self.candidate = try Self.arm(candidate ?? own, called: "candidate", like: own, of: workload)
        candidateArgument = candidate == self.candidate.name ? nil : candidate
        guard !workload.budgets.againstBaseline.isEmpty else {
            guard baseline == nil else {
                throw CommandEnd(.usage, "--baseline: workload \(workload.name) has no budgets against a baseline")
            }
            return
        }
        guard let baseline = baseline ?? workload.gate.baseline else {
            throw CommandEnd(
                .usage, "\(workload.name) has budgets against a baseline: name it with --baseline or gate.baseline")
        }
        var reference = try Self.arm(baseline, called: "baseline", like: own, of: workload)
        if reference.name == self.candidate.name {
            guard candidate != nil || workload.gate.candidate != nil else {
                throw CommandEnd(.usage, "candidate and baseline are the same strategy, \(reference.name)")
            }
            // Asked for by name: the same strategy against itself.
            reference.name = Self.freeName("baseline", in: workload)
        }
        self.baseline = reference
        baselineArgument = baseline == reference.name ? nil : baseline
        again = reference
        again?.name = Self.freeName("\(reference.name)-again", in: workload)
    }

    /// The workload as it is run, with these arms as its strategies.
    func applied(to workload: Workload, atMostBlocks: Int?, blocks: Int) -> Workload {
        var applied = workload
        if baseline != nil {
            applied.strategies = all
        } else if !workload.strategies.contains(candidate) {
            applied.strategies = [candidate]
        }
        applied.gate = GateSettings(
            candidate: candidate.name, baseline: baseline?.name, blocks: blocks, atMostBlocks: atMostBlocks,
            baselineAgain: again?.name, candidateArgument: candidateArgument, baselineArgument: baselineArgument)
        return applied
    }

    /// A strategy of that name; otherwise the file of that name in the place of the candidate's module.
    private static func arm(
        _ text: String, called role: String, like own: String, of workload: Workload
    ) throws -> Strategy {
        if let strategy = workload.strategies.first(where: { $0.name == text }) { return strategy }
        guard ModuleArgument.isModule(text),
            var strategy = workload.strategies.first(where: { $0.name == own })
        else { return try StrategySelection.select([text], of: workload)[0] }
        strategy.name = freeName(role, in: workload)
        strategy.module = try ModuleArgument.reference(text)
        return strategy
    }

    private static func freeName(_ name: String, in workload: Workload) -> String {
        var free = name
        while workload.strategies.contains(where: { $0.name == free }) { free += "-2" }
        return free
    }
}
