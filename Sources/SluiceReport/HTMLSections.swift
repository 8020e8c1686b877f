internal import SluiceAnalysis
internal import SluiceModel

/// Budgets in the HTML report.
enum HTMLBudgets {
    /// The candidate's stand on the verdict card; here are the same budgets against the other strategies.
    static func write(_ report: RunReport, _ html: inout HTMLWriter) {
        guard let decision = report.decision else { return }
        html.element("p", "The budgets are about \(decision.candidate); they stand under the verdict.")
        for other in decision.information where !other.results.isEmpty {
            html.element("h3", "\(other.strategy), for information")
            table(other.results, caption: "Budgets against \(other.strategy), for information", &html)
        }
    }

    static func table(_ results: [BudgetResult], caption: String, _ html: inout HTMLWriter) {
        // The result stands first: on a phone the columns to the right are out of sight.
        html.table(
            caption: caption, header: ["budget", "result", "measured", "limit", "margin", "note"],
            rows: results.map { result in
                [
                    .init(result.title),
                    .init(result.state.rawValue, mark: "m-\(RunReport.tone(of: result.state).rawValue)"),
                    .init(result.measured),
                    .init(result.limit), .init(ReportText.margin(result)), .init(result.detail, style: "wide soft"),
                ]
            }, left: [1, 5])
    }
}

/// VM failures in the HTML report.
enum HTMLFailures {
    private static let framesShown = 16

    static func write(_ summary: RunSummary, _ html: inout HTMLWriter) {
        guard summary.strategies.contains(where: { !$0.failures.isEmpty }) else { return }
        html.card("VM failures", id: "failures") { html in
            for strategy in summary.strategies {
                for group in strategy.failures { write(group, of: strategy.name, &html) }
            }
        }
    }

    static func writeChecks(_ summary: RunSummary, _ html: inout HTMLWriter) {
        let concerned = summary.strategies.filter { !$0.checkFailures.isEmpty }
        guard !concerned.isEmpty else { return }
        html.card("Failed checks", id: "checks") { html in
            for strategy in concerned {
                html.element("p", ReportText.checkFailures(strategy))
                html.element("pre", strategy.checkFailures.map(ReportText.checkFailure).joined(separator: "\n"))
            }
        }
    }

    private static func write(_ group: FailureGroup, of strategy: String, _ html: inout HTMLWriter) {
        let failure = group.first.failure
        html.markup("<div class=\"failure\">")
        html.element("h3", "\(strategy): \(ReportText.failureTitle(group))")
        html.element("p", ReportText.failurePlace(group))
        html.element("p", "\(failure.message); \(ReportText.failureMemory(failure)).")
        if !failure.backtrace.isEmpty {
            var frames = failure.backtrace.prefix(framesShown).enumerated().map {
                ReportText.frame($0.element, at: $0.offset)
            }
            if failure.backtrace.count > framesShown {
                frames.append("… \(counted(failure.backtrace.count - framesShown, "more frame"))")
            }
            html.element("pre", frames.joined(separator: "\n"))
        }
        if !failure.lastLogLines.isEmpty {
            html.element("p", class: "note", "Last log lines of the VM:")
            html.element("pre", failure.lastLogLines.joined(separator: "\n"))
        }
        if let known = group.knownCause {
            html.markup("<div class=\"cause\">")
            html.markup(
                "<p><strong>Known cause: \(Escape.markup(known.title)).</strong> \(Escape.markup(known.cause))</p>")
            html.markup("<p><strong>Way out:</strong> \(Escape.markup(known.wayOut))</p>")
            html.markup("</div>")
        }
        html.markup("</div>")
    }
}
