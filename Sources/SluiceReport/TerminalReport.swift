internal import SluiceAnalysis
internal import SluiceModel

/// The report for a terminal, at most 100 columns wide unless a name or a log line is longer. A narrower terminal gets
/// tables without their least important columns.
package enum TerminalReport {
    private static let framesShown = 8
    private static let logLinesShown = 4

    /// `colour` adds ANSI colours; without it the text is the same. `columns` are the terminal's; `nil`: there is none.
    package static func render(_ report: RunReport, colour: Bool, columns: Int? = nil) -> String {
        let summary = report.summary
        let paint = Paint(isOn: colour, columns: columns)
        var lines: [String] = []
        lines += head(report, paint)
        lines += section("Strategies", paint)
        lines += matrix(summary, paint)
        lines += TextTable(
            header: ReportText.detailHeader, rows: summary.strategies.map(ReportText.detailCells),
            dropOrder: [6, 3, 1, 4, 5]
        ).lines(indent: "  ", columns: columns)
        lines.append("")
        lines += TextTable(
            header: ReportText.outcomeHeader, rows: summary.strategies.map(ReportText.outcomeCells),
            dropOrder: [8, 7, 3, 4, 6, 5, 1]
        ).lines(indent: "  ", columns: columns)
        lines.append("")
        for line in summary.strategies.compactMap(ReportText.ownWork) {
            lines += TextTable.wrapped(line, width: paint.width, indent: "  ", hanging: "    ")
        }
        lines += ReportText.legend(summary).flatMap { TextTable.wrapped($0, width: paint.width, indent: "  ") }
        for (number, line) in ReportText.intervals(summary).enumerated() {
            lines += TextTable.wrapped(
                line, width: paint.width, indent: number == 0 ? "  " : "    ", hanging: number == 0 ? "  " : "      ")
        }
        lines += heap(summary, paint)
        lines += utilisation(summary, paint)
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
        lines += TextTable.wrapped(run.about, width: paint.width, indent: "")
        let word = paint.tone(report.verdictTone, report.verdictWord)
        let sentence = TextTable.wrapped(
            report.verdictSentence, width: paint.width - report.verdictWord.count, indent: "")
        lines.append("")
        lines.append("\(word)  \(sentence.first ?? "")")
        let indent = String(repeating: " ", count: report.verdictWord.count + 2)
        lines += sentence.dropFirst().map { indent + $0 }
        if !report.verdictScope.isEmpty { lines.append(indent + Escape.terminal(report.verdictScope)) }
        lines += GateText.card(report).flatMap {
            TextTable.wrapped($0, width: paint.width, indent: indent, hanging: indent + "  ")
        }
        return lines
    }

    private static func utilisation(_ summary: RunSummary, _ paint: Paint) -> [String] {
        section(UtilisationText.title, paint)
            + TextTable(
                header: UtilisationText.header, rows: summary.strategies.map(UtilisationText.cells)
            ).lines(indent: "  ", columns: paint.columns)
            + ([UtilisationText.meaning] + UtilisationText.notes(summary)).flatMap {
                TextTable.wrapped($0, width: paint.width, indent: "  ", hanging: "    ")
            }
    }

    private static func matrix(_ summary: RunSummary, _ paint: Paint) -> [String] {
        TextTable(
            header: ReportText.matrixHeader, rows: summary.strategies.map(ReportText.matrixCells), wordColumns: [6],
            // What is never left out: p99, and what the heap does.
            dropOrder: [1, 4, 3, 8, 5, 7]
        ).lines(indent: "  ", columns: paint.columns) + [""]
    }

    private static func heap(_ summary: RunSummary, _ paint: Paint) -> [String] {
        var lines = section("Heap", paint)
        for strategy in summary.strategies {
            let memory = strategy.heap.decisive
            lines.append("  \(paint.bold(strategy.name)): \(memory.verdict.word)")
            lines += TextTable.wrapped(memory.explanation, width: paint.width, indent: "    ")
            if memory.verdict != .notAvailable {
                lines += TextTable.wrapped(HeapText.figures(of: memory), width: paint.width, indent: "    ")
            }
            let ledger = HeapText.ledger(of: strategy)
            if !ledger.isEmpty { lines += TextTable.wrapped(ledger, width: paint.width, indent: "    ") }
        }
        return lines
    }

    private static func findings(_ summary: RunSummary, _ paint: Paint) -> [String] {
        guard !summary.findings.isEmpty else { return [] }
        return section("Findings", paint)
            + summary.findings.flatMap { finding in
                ["  \(paint.bold(finding.title))"] + TextTable.wrapped(finding.text, width: paint.width, indent: "    ")
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
        lines += TextTable.wrapped(ReportText.failurePlace(group), width: paint.width, indent: "    ")
        lines += TextTable.wrapped(
            "\(Escape.terminal(failure.message)); \(ReportText.failureMemory(failure))", width: paint.width,
            indent: "    ")
        for (depth, frame) in failure.backtrace.prefix(framesShown).enumerated() {
            lines.append("      " + Escape.terminal(ReportText.frame(frame, at: depth)))
        }
        if failure.backtrace.count > framesShown {
            lines.append("      … \(counted(failure.backtrace.count - framesShown, "more frame"))")
        }
        for line in shownLog(failure.lastLogLines) {
            lines.append("      log: " + TextTable.cut(Escape.terminal(line), to: paint.width - 11))
        }
        if let known = group.knownCause {
            lines += TextTable.wrapped(
                "Known cause: \(known.title). \(known.cause)", width: paint.width, indent: "    ")
            lines += TextTable.wrapped("Way out: \(known.wayOut)", width: paint.width, indent: "    ")
        }
        return lines
    }

    /// The last lines; in place of the first of them the one that says why, when it comes earlier.
    private static func shownLog(_ lines: [String]) -> [String] {
        let last = lines.suffix(logLinesShown)
        guard let why = lines.firstIndex(where: LastWords.begin), why < last.startIndex else { return Array(last) }
        return [lines[why]] + last.dropFirst()
    }

    private static func checkFailures(_ summary: RunSummary, _ paint: Paint) -> [String] {
        let concerned = summary.strategies.filter { !$0.checkFailures.isEmpty }
        guard !concerned.isEmpty else { return [] }
        return section("Failed checks", paint)
            + concerned.flatMap { strategy in
                TextTable.wrapped(ReportText.checkFailures(strategy), width: paint.width, indent: "  ")
                    + strategy.checkFailures.flatMap {
                        TextTable.wrapped(
                            ReportText.checkFailure($0), width: paint.width, indent: "    ", hanging: "      ")
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
            widestFirstCell: 30, dropOrder: [3, 2, 1]
        ).lines(indent: "    ", columns: paint.columns)
        var lines = [table[0]]
        for (result, line) in zip(results, table.dropFirst()) {
            let tone = RunReport.tone(of: result.state)
            let word = result.state.rawValue
            lines.append(line.dropLast(word.count) + paint.tone(tone, word))
            if !result.detail.isEmpty {
                lines += TextTable.wrapped(result.detail, width: paint.width, indent: "      ")
            }
        }
        return lines
    }

    private static func blocks(_ summary: RunSummary, _ paint: Paint) -> [String] {
        guard summary.run.blocks > 1 else { return [] }
        let rows = summary.strategies.flatMap { strategy in
            strategy.trials.map { ReportText.blockCells(strategy, $0) }
        }
        return section("Blocks", paint)
            + TextTable(header: ReportText.blockHeader, rows: rows, wordColumns: [8], dropOrder: [3, 2, 5, 6, 7, 1])
            .lines(indent: "  ", columns: paint.columns)
    }

    private static func validity(_ summary: RunSummary, _ paint: Paint) -> [String] {
        let validity = summary.validity
        let tone: RunReport.Tone = !validity.isValid ? .bad : validity.isGeneratorJudged ? .good : .neutral
        var lines = section("Validity", paint)
        lines.append("  \(paint.tone(tone, validity.word)): \(validity.tally)")
        for check in validity.checks where check.state == .tripped || check.state == .caution {
            lines += TextTable.wrapped(
                "\(check.state == .tripped ? "✗" : "!") \(check.name): \(check.sentence)", width: paint.width,
                indent: "  ", hanging: "    ")
        }
        lines.append("")
        lines += ValidityText.tables(summary, width: paint.width)
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
                Escape.terminal(value), width: paint.width, indent: "  \(padded)  ",
                hanging: String(repeating: " ", count: labelWidth + 4))
        }
        lines.append("  repeat with: \(Escape.terminal(summary.run.repeatCommand))")
        return lines
    }
}

/// ANSI colours, or none, and how much room there is.
private struct Paint {
    let isOn: Bool
    /// Of the terminal; `nil`: there is none.
    let columns: Int?

    /// Of running text.
    var width: Int { min(100, max(20, columns ?? 100)) }

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
