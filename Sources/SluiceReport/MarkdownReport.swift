internal import SluiceAnalysis
internal import SluiceModel

/// The report for a job summary or a review: GitHub-flavoured Markdown. Charts are in the HTML report.
package enum MarkdownReport {
    private static let framesShown = 8
    /// A job summary beyond 1 MiB is dropped as a whole, so the number of failures that are listed is bounded.
    private static let failuresShown = 20

    /// The whole text; headings begin at the first level.
    package static func render(_ report: RunReport) -> String {
        let summary = report.summary
        var lines = [
            "# \(text(summary.run.workload)): \(report.verdictWord)", "", text(report.verdictSentence), "",
        ]
        if !report.verdictScope.isEmpty { lines += [text(report.verdictScope), ""] }
        let card = GateText.card(report)
        if !card.isEmpty { lines += card.map { "- \(text($0))" } + [""] }
        lines += ["\(text(summary.run.about))", ""]
        lines += table(ReportText.matrixHeader, summary.strategies.map(ReportText.matrixCells), words: [6])
        lines +=
            (summary.strategies.compactMap(ReportText.ownWork) + ReportText.legend(summary)
            + ReportText.intervals(summary)).map { "- \(text($0))" } + [""]
        if let decision = report.decision, !decision.results.isEmpty {
            lines += ["## Budgets of \(text(decision.candidate))", ""]
            lines += budgets(decision.results)
            for other in decision.information where !other.results.isEmpty {
                lines += ["### \(text(other.strategy)), for information", ""] + budgets(other.results)
            }
        }
        if let evidence = report.decision?.evidence, !GateText.blockRows(evidence).isEmpty {
            lines += ["## Blocks of the comparison", ""]
            lines += table(GateText.blockHeader, GateText.blockRows(evidence))
        }
        lines += validity(summary.validity)
        lines += ["## Heap", ""]
        for strategy in summary.strategies {
            let memory = strategy.heap.decisive
            let ledger = HeapText.ledger(of: strategy)
            lines.append(
                "- **\(text(strategy.name))**: \(memory.verdict.word). "
                    + text([memory.explanation, ledger].filter { !$0.isEmpty }.joined(separator: " ")))
        }
        lines.append("")
        lines += table(ReportText.heapHeader, summary.strategies.map(ReportText.heapCells))
        lines += ["## \(UtilisationText.title)", ""]
        lines += table(UtilisationText.header, summary.strategies.map(UtilisationText.cells))
        lines += ([UtilisationText.meaning] + UtilisationText.notes(summary)).map { "- \(text($0))" } + [""]
        for finding in summary.findings { lines += ["### \(text(finding.title))", "", text(finding.text), ""] }
        lines += failures(summary)
        let checked = summary.strategies.filter { !$0.checkFailures.isEmpty }
        if !checked.isEmpty { lines += ["## Failed checks", ""] }
        for strategy in checked {
            lines += [text(ReportText.checkFailures(strategy)), ""]
            lines += strategy.checkFailures.map { "- \(text(ReportText.checkFailure($0)))" } + [""]
        }
        lines += ["## More figures", ""]
        lines += table(ReportText.detailHeader, summary.strategies.map(ReportText.detailCells))
        lines += table(ReportText.outcomeHeader, summary.strategies.map(ReportText.outcomeCells))
        if summary.run.blocks > 1 {
            lines += ["## Blocks", ""]
            lines += table(
                ReportText.blockHeader,
                summary.strategies.flatMap { strategy in strategy.trials.map { ReportText.blockCells(strategy, $0) } },
                words: [8])
        }
        lines += ["## Identity", ""]
        lines += ReportText.identity(summary).map { "- \(text($0.label)): \(text($0.value))" }
        lines += ["", "Repeat with <code>\(text(summary.run.repeatCommand))</code>."]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func budgets(_ results: [BudgetResult]) -> [String] {
        table(
            ReportText.budgetHeader + ["note"], results.map { ReportText.budgetCells($0) + [$0.detail] }, words: [4, 5])
    }

    private static func validity(_ validity: Validity) -> [String] {
        let word = validity.isValid ? validity.word : "**\(validity.word)**"
        var lines = ["## Validity", "", "\(word): \(validity.tally).", ""]
        let order: [ValidityCheck.State] = [.tripped, .caution, .notAvailable, .passed]
        lines += table(
            ValidityText.header,
            order.flatMap { state in validity.checks.filter { $0.state == state }.map(ValidityText.cells) },
            words: [1, 2, 4, 5, 6])
        return lines
    }

    private static func failures(_ summary: RunSummary) -> [String] {
        let all = summary.strategies.flatMap { strategy in strategy.failures.map { (strategy.name, $0) } }
        guard !all.isEmpty else { return [] }
        var lines = ["## VM failures", ""]
        for (strategy, group) in all.prefix(failuresShown) {
            let failure = group.first.failure
            lines += ["### \(text(strategy)): \(text(ReportText.failureTitle(group)))", ""]
            lines += [text(ReportText.failurePlace(group)), ""]
            lines += ["\(text(failure.message)); \(ReportText.failureMemory(failure)).", "", "<pre>"]
            for (depth, frame) in failure.backtrace.prefix(framesShown).enumerated() {
                lines.append(oneLine(ReportText.frame(frame, at: depth)))
            }
            lines += failure.lastLogLines.map { "log: \(oneLine($0))" }
            lines += ["</pre>", ""]
            if let known = group.knownCause {
                lines += ["**\(text(known.title))**: \(text(known.cause))", "", "Way out: \(text(known.wayOut))", ""]
            }
        }
        if all.count > failuresShown {
            lines += ["\(counted(all.count - failuresShown, "more group")) of failures in the JSON report.", ""]
        }
        return lines
    }

    private static func table(_ header: [String], _ rows: [[String]], words: Set<Int> = []) -> [String] {
        let rule = header.indices.map { $0 == 0 || words.contains($0) ? "---" : "---:" }
        let lines = ([header.map(text), rule] + rows.map { $0.map(text) }).map { "| \($0.joined(separator: " | ")) |" }
        return lines + [""]
    }

    private static func text(_ text: String) -> String { Escape.markdown(text) }

    /// Inside `<pre>`, where an empty line would end the block.
    private static func oneLine(_ text: String) -> String {
        let line = Escape.markup(text).split(whereSeparator: \.isNewline).joined(separator: " ")
        return line.isEmpty ? " " : line
    }
}
