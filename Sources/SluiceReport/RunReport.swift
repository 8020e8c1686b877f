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

    /// The verdict in one or two words.
    package var verdictWord: String {
        if let decision, !decision.results.isEmpty { return decision.exitCode.word }
        return summary.measurementExitCode == .pass ? "MEASURED" : summary.measurementExitCode.word
    }

    /// Whether the verdict is good news.
    package var verdictTone: Tone {
        switch verdictWord {
        case ExitCode.pass.word: .good
        case "MEASURED", ExitCode.inconclusive.word: .neutral
        default: .bad
        }
    }

    /// The verdict in one sentence.
    package var verdictSentence: String {
        if let decision, !decision.results.isEmpty { return sentence(decision.reason) }
        guard summary.measurementExitCode == .pass else {
            let run = summary.run
            let reason =
                run.status == .complete || run.statusReason.isEmpty
                ? summary.validity.reasons.joined(separator: "; ") : run.statusReason
            return sentence(reason.isEmpty ? "the run ended as \(summary.run.status.rawValue)" : reason)
        }
        if !summary.budgets.isEmpty, let candidate = summary.candidate {
            return "The measurement is valid; the budgets are about \(candidate), which was not part of this run."
        }
        return "The measurement is valid; the workload has no budgets to decide about."
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
