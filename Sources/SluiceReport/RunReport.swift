package import SluiceAnalysis
internal import SluiceModel

/// What every format renders: a run's summary, and the decision on its budgets.
package struct RunReport: Sendable {
    /// Everything that is printed.
    package var summary: RunSummary
    /// `nil` when the workload has no budgets, or the run no candidate.
    package var decision: GateDecision?

    /// With a decision of the caller's own, on budgets given elsewhere.
    package init(summary: RunSummary, decision: GateDecision?) {
        self.summary = summary
        self.decision = decision
    }

    /// With the workload's own budgets and candidate.
    package init(summary: RunSummary) {
        self.summary = summary
        decision = summary.budgets.isEmpty ? nil : try? GateDecision(summary: summary)
    }

    /// Good, bad, or neither: what a colour may underline, never the only sign of it.
    package enum Tone: String, Sendable { case good, bad, neutral }

    /// What a colour may underline about one budget.
    static func tone(of state: BudgetResult.State) -> Tone {
        switch state {
        case .pass: .good
        case .fail, .invalid: .bad
        case .inconclusive: .neutral
        }
    }

    /// The verdict in one or two words.
    package var verdictWord: String {
        if summary.run.isInProgress { return Self.running }
        if let decision, !decision.results.isEmpty { return decision.exitCode.word }
        guard summary.measurementExitCode == .pass else { return summary.measurementExitCode.word }
        if summary.hasNoAnswer { return Self.allFailed }
        return summary.validity.isGeneratorJudged ? Self.measured : Self.notJudged
    }
    private static let running = "RUNNING"
    private static let measured = "MEASURED"
    private static let allFailed = "ALL FAILED"
    private static let notJudged = "NOT JUDGED"

    /// Whether the verdict is good news.
    package var verdictTone: Tone {
        switch verdictWord {
        case ExitCode.pass.word: .good
        case Self.measured, Self.notJudged, Self.running, ExitCode.inconclusive.word: .neutral
        default: .bad
        }
    }

    /// The verdict in one sentence.
    package var verdictSentence: String {
        if summary.run.isInProgress { return inProgress }
        if let decision, !decision.results.isEmpty { return sentence(decision.reason) + others(decision) }
        guard summary.measurementExitCode == .pass else {
            let run = summary.run
            let reason =
                run.status == .complete || run.statusReason.isEmpty
                ? summary.validity.reasons.joined(separator: "; ") : run.statusReason
            return sentence(reason.isEmpty ? "the run ended as \(summary.run.status.rawValue)" : reason)
        }
        return [quality, failing, budgets].filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// Strategies beside the candidate whose measurement is invalid: a comparison ends with the code of all of them.
    private func others(_ decision: GateDecision) -> String {
        let invalid = summary.strategies.map(\.name).filter { name in
            name != decision.candidate
                && summary.validity.checks.contains { $0.strategy == name && $0.state == .tripped }
        }
        guard !invalid.isEmpty, decision.exitCode != .invalid else { return "" }
        return " The measurement of \(invalid.joined(separator: ", ")) is INVALID, see Validity."
    }

    private var inProgress: String {
        let run = summary.run
        let ended = summary.strategies.reduce(0) { $0 + $1.trials.count { $0.status != .running } }
        return "The run is still going on: \(ended) of \(counted(run.blocks * summary.strategies.count, "trial")) "
            + "ended so far, and these figures are of what has come in."
    }

    private var quality: String {
        let hasMarked = summary.strategies.contains { $0.responseTime.quantiles.contains(where: \.figure.isInvalid) }
        return summary.validity.isGeneratorJudged
            ? "The measurement is valid\(hasMarked ? ", except for the figures that are marked !" : "")."
            : "There are too few requests to tell whether the generator was on time, so no latency was judged."
    }

    private var failing: String {
        let names = summary.strategies.filter(\.hasNoAnswer).map(\.name)
        if names.isEmpty { return "" }
        return names.count == summary.strategies.count
            ? "All requests failed." : "All requests of \(names.joined(separator: ", ")) failed."
    }

    private var budgets: String {
        if !summary.budgets.isEmpty, let candidate = summary.candidate {
            return "The budgets are about \(candidate), which was not part of this run."
        }
        return "The workload has no budgets to decide about."
    }

    /// What the verdict is worth: it is the gate's only when `gate` asked for it.
    package var verdictScope: String {
        guard let decision, !decision.results.isEmpty else { return "" }
        return summary.run.command == "gate"
            ? "Decided by the gate on \(decision.candidate)."
            : "Budgets of \(decision.candidate), shown; only sluice gate decides on them."
    }

    private func sentence(_ text: String) -> String {
        guard let first = text.first else { return text }
        // Strategy names begin many reasons, and keep their spelling.
        let startsWithName = summary.strategies.contains { text.hasPrefix($0.name) }
        let begun = startsWithName ? text : first.uppercased() + text.dropFirst()
        return begun.hasSuffix(".") ? begun : begun + "."
    }
}
