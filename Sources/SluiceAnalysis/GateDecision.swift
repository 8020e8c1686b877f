package import SluiceModel

/// What became of one budget.
package struct BudgetResult: Sendable, Codable, Equatable {
    /// Whether the budget is met.
    package enum State: String, Sendable, Codable, Equatable {
        case pass, fail
        /// Samples are there, but too few to decide.
        case inconclusive
        /// The figure can be the harness's own, so that nothing can be said about the plugin.
        case invalid
    }
    /// Where it stands in the workload: `response_time.p99`.
    package var name: String
    /// `response time p99`.
    package var title: String
    /// Whether it is met.
    package var state: State
    /// As people read it: `5.12 ms`, `∞`, `n/a`.
    package var measured: String
    /// As people read it.
    package var limit: String
    /// Measured less limit, over the limit; `nil` when either is not a finite number above 0.
    package var excessFraction: Double?
    /// Why, where the figures alone do not say it; empty otherwise.
    package var detail: String
}

/// All budgets against one strategy.
package struct StrategyBudgets: Sendable, Codable, Equatable {
    /// Its name.
    package var strategy: String
    /// In the order of the workload file.
    package var results: [BudgetResult]
}

/// Budgets against a run: what `gate` exits with, and what every report prints about budgets.
package struct GateDecision: Sendable, Codable, Equatable {
    /// The strategy that is decided about.
    package var candidate: String
    /// What `gate` exits with.
    package var exitCode: ExitCode
    /// One sentence: what decided.
    package var reason: String
    /// Of the candidate.
    package var results: [BudgetResult]
    /// The same budgets against the other strategies: information, not decided upon.
    package var information: [StrategyBudgets]
    /// What blocks say, and how the gate looked at them; `nil` where there is one block, or nothing to compare.
    package var evidence: GateEvidence?

    /// Throws when the run has no strategy of the candidate's name.
    package init(
        summary: RunSummary, budgets: Budgets? = nil, candidate: String? = nil
    ) throws(GateError) {
        let names = summary.strategies.map(\.name)
        guard let name = candidate ?? summary.candidate, let strategy = summary.strategy(named: name) else {
            throw .unknownCandidate(candidate ?? summary.candidate ?? "", known: names)
        }
        let budgets = budgets ?? summary.budgets
        self.candidate = name
        let evidence = GateEvidence(summary, budgets: budgets, candidate: name)
        self.evidence = evidence
        let results =
            BudgetRules.results(of: strategy, budgets: budgets).map { RelativeRules.refine($0, evidence) }
            + RelativeRules.results(evidence, budgets: budgets, baseline: summary.baseline, strategy: strategy)
        self.results = results
        information = summary.strategies.filter { $0.name != name }.map {
            StrategyBudgets(strategy: $0.name, results: BudgetRules.results(of: $0, budgets: budgets))
        }
        // A comparison is worth no more than either of its sides.
        let compared = [summary.baseline, summary.baselineAgain].compactMap { $0 }
        let validity = summary.validity.concerning(
            strategies: [name] + (budgets.againstBaseline.isEmpty ? [] : compared))
        var codes = [summary.run.exitCode]
        if !validity.isValid || results.contains(where: { $0.state == .invalid }) { codes.append(.invalid) }
        if !validity.isGeneratorJudged { codes.append(.inconclusive) }
        if results.contains(where: { $0.state == .fail }) { codes.append(.budgetFailed) }
        if results.isEmpty || results.contains(where: { $0.state == .inconclusive }) { codes.append(.inconclusive) }
        // What has come in so far may look otherwise at the end.
        exitCode = summary.run.isInProgress ? .inconclusive : ExitCode.worst(of: codes)
        reason = Self.reason(exitCode, results: results, validity: validity, run: summary.run, candidate: name)
    }

    private static func reason(
        _ code: ExitCode, results: [BudgetResult], validity: Validity, run: RunDescription, candidate: String
    ) -> String {
        func list(_ state: BudgetResult.State) -> String {
            results.filter { $0.state == state }.map(\.title).joined(separator: ", ")
        }
        return switch code {
        case .pass:
            "\(candidate) stays within \(results.count == 1 ? "its budget" : "all its \(results.count) budgets")"
        case .budgetFailed: "\(candidate) exceeds: \(list(.fail))"
        case .inconclusive: openReason(list(.inconclusive), results: results, validity: validity, run: run)
        case .invalid:
            (validity.reasons + (list(.invalid).isEmpty ? [] : ["not valid: \(list(.invalid))"]))
                .joined(separator: "; ")
        case .degraded, .interrupted, .internalError, .usage:
            run.statusReason.isEmpty ? "the run ended as \(run.status.rawValue)" : run.statusReason
        }
    }
}

extension GateDecision {
    /// Whether another look, after more blocks, can change what is decided; asked while the run goes on.
    ///
    /// A run ends early on a failure only where blocks to come cannot take it back: what memory has reached, and what
    /// the plan of looks accounts for. A share of errors can still fall.
    package var wantsMoreBlocks: Bool {
        let looked = Set((evidence?.comparisons ?? []).map(\.name))
        let isFinal = results.contains { result in
            result.state == .fail
                && (looked.contains(result.name) || result.name == "allocator_failures"
                    || result.name.hasPrefix("heap."))
        }
        return !isFinal && (results.contains { $0.state != .pass } || evidence.map { !$0.isDecided } ?? false)
    }

    private static func openReason(
        _ open: String, results: [BudgetResult], validity: Validity, run: RunDescription
    ) -> String {
        if run.isInProgress { return "the run is still going on; it is decided about when it has ended" }
        if results.isEmpty { return "the workload has no budgets to decide about" }
        return open.isEmpty
            ? "whether the generator was on time could not be judged" : "too few samples to decide about: \(open)"
    }
}

/// Why no decision can be asked for.
package enum GateError: Error, Sendable, Equatable, CustomStringConvertible {
    case unknownCandidate(String, known: [String])

    package var description: String {
        switch self {
        case .unknownCandidate(let name, let known):
            "no strategy named '\(name)' in this run; it has \(known.joined(separator: ", "))"
        }
    }
}
