internal import SluiceAnalysis
internal import SluiceModel

/// The report for a terminal, at most 100 columns wide unless a name or a log line is longer.
package enum TerminalReport {
    private static let width = 100
    private static let framesShown = 8
    private static let logLinesShown = 4

    /// `colour` adds ANSI colours; without it the text is the same.
    package static func render(_ report: RunReport, colour: Bool) -> String {
        let summary = report.summary
        let paint = Paint(isOn: colour)
        var lines: [String] = []
        lines += head(report, paint)
        lines += section("Strategies", paint)
        lines += matrix(summary)
        lines += TextTable(
            header: ReportText.detailHeader, rows: summary.strategies.map(ReportText.detailCells)
        ).lines(indent: "  ")
        lines.append("")
        lines += TextTable(
            header: ReportText.outcomeHeader, rows: summary.strategies.map(ReportText.outcomeCells)
        ).lines(indent: "  ")
        lines.append("")
        lines += ReportText.legend(summary).flatMap { TextTable.wrapped($0, width: width, indent: "  ") }
        for (number, line) in ReportText.intervals(summary).enumerated() {
            lines += TextTable.wrapped(
                line, width: width, indent: number == 0 ? "  " : "    ", hanging: number == 0 ? "  " : "      ")
        }
        lines += heap(summary, paint)
        lines += findings(summary, paint)
        lines += failures(summary, paint)
        lines += checkFailures(summary, paint)
        lines += budgets(report, paint)
        lines += blocks(summary, paint)
        lines += validity(summary, paint)
        lines += identity(summary, paint)
        return lines.joined(separator: "\n") + "\n"
    }

    private static func section(_ title: String, _ paint: Paint) -> [String] { ["", paint.bold(title)] }

    private static func head(_ report: RunReport, _ paint: Paint) -> [String] {
        let run = report.summary.run
        let strategies = counted(report.summary.strategies.count, "strategy", plural: "strategies")
        var lines = [
            paint.bold(run.workload) + " · run \(run.id) · \(strategies) × \(counted(run.blocks, "block")) · "
                + ReportText.date(run.startedAtSeconds)
        ]
        lines += TextTable.wrapped(run.about, width: width, indent: "")
        let word = paint.tone(report.verdictTone, report.verdictWord)
        let sentence = TextTable.wrapped(report.verdictSentence, width: width - report.verdictWord.count, indent: "")
        lines.append("")
        lines.append("\(word)  \(sentence.first ?? "")")
        let indent = String(repeating: " ", count: report.verdictWord.count + 2)
        lines += sentence.dropFirst().map { indent + $0 }
        if !report.verdictScope.isEmpty { lines.append(indent + Escape.terminal(report.verdictScope)) }
        lines += GateText.card(report).flatMap {
            TextTable.wrapped($0, width: width, indent: indent, hanging: indent + "  ")
        }
        return lines
    }

    private static func matrix(_ summary: RunSummary) -> [String] {
        TextTable(
            header: ReportText.matrixHeader, rows: summary.strategies.map(ReportText.matrixCells), wordColumns: [6]
        ).lines(indent: "  ") + [""]
    }

    private static func heap(_ summary: RunSummary, _ paint: Paint) -> [String] {
        var lines = section("Heap", paint)
        for strategy in summary.strategies {
            let memory = strategy.heap.decisive
            lines.append("  \(paint.bold(strategy.name)): \(memory.verdict.word)")
            lines += TextTable.wrapped(memory.explanation, width: width, indent: "    ")
            if memory.verdict != .notAvailable {
                lines += TextTable.wrapped(HeapText.figures(of: memory), width: width, indent: "    ")
            }
        }
        return lines
    }

    private static func findings(_ summary: RunSummary, _ paint: Paint) -> [String] {
        guard !summary.findings.isEmpty else { return [] }
        return section("Findings", paint)
            + summary.findings.flatMap { finding in
                ["  \(paint.bold(finding.title))"] + TextTable.wrapped(finding.text, width: width, indent: "    ")
            }
    }

    private static func failures(_ summary: RunSummary, _ paint: Paint) -> [String] {
        var lines: [String] = []
        for strategy in summary.strategies {
            for group in strategy.failures { lines += failure(group, of: strategy.name, paint) }
        }
        return lines.isEmpty ? [] : section("VM failures", paint) + lines
    }

    private static func failure(_ group: FailureGroup, of strategy: String, _ paint: Paint) -> [String] {
        let failure = group.first.failure
        var lines = ["  \(paint.bold(strategy)): \(paint.tone(.bad, ReportText.failureTitle(group)))"]
        lines += TextTable.wrapped(ReportText.failurePlace(group), width: width, indent: "    ")
        lines += TextTable.wrapped(
            "\(Escape.terminal(failure.message)); \(ReportText.failureMemory(failure))", width: width, indent: "    ")
        for (depth, frame) in failure.backtrace.prefix(framesShown).enumerated() {
            lines.append("      " + Escape.terminal(ReportText.frame(frame, at: depth)))
        }
        if failure.backtrace.count > framesShown {
            lines.append("      … \(counted(failure.backtrace.count - framesShown, "more frame"))")
        }
        for line in failure.lastLogLines.suffix(logLinesShown) {
            lines.append("      log: " + TextTable.cut(Escape.terminal(line), to: width - 11))
        }
        if let known = group.knownCause {
            lines += TextTable.wrapped(
                "Known cause: \(known.title). \(known.cause)", width: width, indent: "    ")
            lines += TextTable.wrapped("Way out: \(known.wayOut)", width: width, indent: "    ")
        }
        return lines
    }

    private static func checkFailures(_ summary: RunSummary, _ paint: Paint) -> [String] {
        let concerned = summary.strategies.filter { !$0.checkFailures.isEmpty }
        guard !concerned.isEmpty else { return [] }
        return section("Failed checks", paint)
            + concerned.flatMap { strategy in
                TextTable.wrapped(ReportText.checkFailures(strategy), width: width, indent: "  ")
                    + strategy.checkFailures.flatMap {
                        TextTable.wrapped(
                            ReportText.checkFailure($0), width: width, indent: "    ", hanging: "      ")
                    }
            }
    }

    private static func budgets(_ report: RunReport, _ paint: Paint) -> [String] {
        guard let decision = report.decision, !decision.results.isEmpty else { return [] }
        var lines = section("Budgets of \(decision.candidate)", paint)
        lines += budgetTable(decision.results, paint)
        for other in decision.information where !other.results.isEmpty {
            lines.append("  \(Escape.terminal(other.strategy)), for information")
            lines += budgetTable(other.results, paint)
        }
        return lines
    }

    private static func budgetTable(_ results: [BudgetResult], _ paint: Paint) -> [String] {
        let table = TextTable(
            header: ReportText.budgetHeader, rows: results.map(ReportText.budgetCells), wordColumns: [4],
            widestFirstCell: 30
        ).lines(indent: "    ")
        var lines = [table[0]]
        for (result, line) in zip(results, table.dropFirst()) {
            let tone = RunReport.tone(of: result.state)
            let word = result.state.rawValue
            lines.append(line.dropLast(word.count) + paint.tone(tone, word))
            if !result.detail.isEmpty { lines += TextTable.wrapped(result.detail, width: width, indent: "      ") }
        }
        return lines
    }

    private static func blocks(_ summary: RunSummary, _ paint: Paint) -> [String] {
        guard summary.run.blocks > 1 else { return [] }
        let rows = summary.strategies.flatMap { strategy in
            strategy.trials.map { ReportText.blockCells(strategy, $0) }
        }
        return section("Blocks", paint)
            + TextTable(header: ReportText.blockHeader, rows: rows, wordColumns: [8]).lines(indent: "  ")
    }

    private static func validity(_ summary: RunSummary, _ paint: Paint) -> [String] {
        let validity = summary.validity
        let tone: RunReport.Tone = !validity.isValid ? .bad : validity.isGeneratorJudged ? .good : .neutral
        var lines = section("Validity", paint)
        lines.append("  \(paint.tone(tone, validity.word)): \(validity.tally)")
        for check in validity.checks where check.state == .tripped || check.state == .caution {
            lines += TextTable.wrapped(
                "\(check.state == .tripped ? "✗" : "!") \(check.name): \(check.sentence)", width: width, indent: "  ",
                hanging: "    ")
        }
        lines.append("")
        lines += ValidityText.tables(summary, width: width)
        return lines
    }

    private static func identity(_ summary: RunSummary, _ paint: Paint) -> [String] {
        var lines = section("Identity", paint)
        let pairs = ReportText.identity(summary)
        let labelWidth = min(26, pairs.map(\.label.count).max() ?? 0)
        for (name, value) in pairs {
            let label = Escape.terminal(name)
            let padded = label + String(repeating: " ", count: max(0, labelWidth - label.count))
            lines += TextTable.wrapped(
                Escape.terminal(value), width: width, indent: "  \(padded)  ",
                hanging: String(repeating: " ", count: labelWidth + 4))
        }
        lines.append("  repeat with: \(Escape.terminal(summary.run.repeatCommand))")
        return lines
    }
}

/// ANSI colours, or none.
private struct Paint {
    let isOn: Bool

    func bold(_ text: String) -> String { wrap(text, "1") }
    func tone(_ tone: RunReport.Tone, _ text: String) -> String {
        switch tone {
        case .good: wrap(text, "1;32")
        case .bad: wrap(text, "1;31")
        case .neutral: wrap(text, "1;33")
        }
    }
    private func wrap(_ text: String, _ code: String) -> String {
        isOn ? "\u{1B}[\(code)m\(Escape.terminal(text))\u{1B}[0m" : Escape.terminal(text)
    }
}
