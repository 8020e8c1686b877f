internal import SluiceAnalysis
internal import SluiceModel

/// The report as one HTML file: no network, no script, light and dark, printable, readable on a phone and by ear.
package enum HTMLReport {
    /// The whole page.
    package static func render(_ report: RunReport) -> String {
        let summary = report.summary
        var html = HTMLWriter()
        html.markup("<!doctype html>")
        html.markup("<html lang=\"en\"><head><meta charset=\"utf-8\">")
        html.markup("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">")
        html.element("title", "\(summary.run.workload): \(report.verdictWord)")
        html.markup("<style>\(HTMLStyle.sheet)</style></head><body><main>")
        html.element("h1", summary.run.workload)
        html.element("p", class: "lead", summary.run.about)
        verdict(report, &html)
        validity(summary.validity, &html)
        html.card("Identity", id: "identity") { identity(summary, &$0) }
        html.card("Strategies", id: "strategies") { strategies(summary, &$0) }
        findings(summary, &html)
        if report.decision?.results.isEmpty == false {
            html.card("Budgets", id: "budgets") { HTMLBudgets.write(report, &$0) }
        }
        HTMLFailures.write(summary, &html)
        HTMLFailures.writeChecks(summary, &html)
        charts(summary, &html)
        html.card("Raw histograms and repetition", id: "raw") { raw(summary, &$0) }
        html.markup("</main></body></html>")
        return html.lines.joined(separator: "\n") + "\n"
    }

    private static func verdict(_ report: RunReport, _ html: inout HTMLWriter) {
        let run = report.summary.run
        html.markup("<section class=\"card verdict \(report.verdictTone.rawValue)\" aria-labelledby=\"verdict\">")
        html.markup("<h2 id=\"verdict\" class=\"word\">\(Escape.markup(report.verdictWord))</h2>")
        html.element("p", class: "sentence", report.verdictSentence)
        if let decision = report.decision, !decision.results.isEmpty {
            HTMLBudgets.table(decision.results, caption: "Budgets of \(decision.candidate)", &html)
        }
        let scope = report.verdictScope.isEmpty ? "" : report.verdictScope + " "
        html.element(
            "p", class: "soft",
            scope + "Run \(run.id), \(ReportText.date(run.startedAtSeconds)), "
                + "\(counted(report.summary.strategies.count, "strategy", plural: "strategies")) × "
                + "\(counted(run.blocks, "block")).")
        html.markup("</section>")
    }

    private static func validity(_ validity: Validity, _ html: inout HTMLWriter) {
        html.card(validity.isValid ? "Validity: valid" : "Validity: INVALID", id: "validity") { html in
            let passed = validity.checks.filter { $0.state == .passed }
            let others = validity.checks.filter { $0.state != .passed }
            if !others.isEmpty { checks(others, &html) }
            html.markup("<details><summary>\(counted(passed.count, "check")) passed</summary>")
            checks(passed, &html)
            html.markup("</details>")
        }
    }

    private static func checks(_ checks: [ValidityCheck], _ html: inout HTMLWriter) {
        html.table(
            caption: "Validity checks", header: ["check", "strategy", "result", "what was found"],
            rows: checks.map { check in
                let (word, mark) =
                    switch check.state {
                    case .passed: ("passed", "m-good")
                    case .tripped: ("tripped", "m-bad")
                    case .caution: ("caution", "m-neutral")
                    case .notAvailable: ("n/a", "m-neutral")
                    }
                return [
                    .init(check.name), .init(check.strategy ?? "all"), .init(word, mark: mark),
                    .init(check.detail, style: "wide"),
                ]
            }, left: [1, 2, 3])
    }

    private static func identity(_ summary: RunSummary, _ html: inout HTMLWriter) {
        html.markup("<dl>")
        for (label, value) in ReportText.identity(summary) {
            html.element("dt", label)
            html.element("dd", value)
        }
        html.markup("</dl>")
    }

    private static func strategies(_ summary: RunSummary, _ html: inout HTMLWriter) {
        html.table(
            caption: "Response time, heap and failures by strategy", header: ReportText.matrixHeader,
            rows: summary.strategies.map { strategy in
                ReportText.matrixCells(strategy).enumerated().map { column, text in
                    column == 6 ? .init(text, mark: mark(of: strategy.heap.verdict)) : .init(text)
                }
            }, left: [6])
        for line in ReportText.legend(summary) { html.element("p", class: "note", line) }
        html.element("h3", "Heap")
        for strategy in summary.strategies {
            let memory = strategy.heap.decisive
            html.markup(
                "<p><strong>\(Escape.markup(strategy.name))</strong>: \(memory.verdict.word). "
                    + "\(HTMLWriter.escaped(memory.explanation)) <span class=\"soft\">"
                    + "\(HTMLWriter.escaped(HeapText.figures(of: memory)))</span></p>")
        }
        html.element("h3", "Service time, lag and cost")
        html.table(
            caption: "Service time, lag and cost by strategy", header: ReportText.detailHeader,
            rows: summary.strategies.map { ReportText.detailCells($0).map { .init($0) } })
        html.element("h3", "Outcomes of the measured requests")
        html.table(
            caption: "Outcomes by strategy", header: ReportText.outcomeHeader,
            rows: summary.strategies.map { ReportText.outcomeCells($0).map { .init($0) } })
    }

    private static func mark(of verdict: HeapVerdict) -> String {
        switch verdict {
        case .hitCap, .growing: "m-bad"
        case .plateaued: "m-good"
        case .inconclusive, .notAvailable: "m-neutral"
        }
    }

    private static func findings(_ summary: RunSummary, _ html: inout HTMLWriter) {
        guard !summary.findings.isEmpty else { return }
        html.card("Findings", id: "findings") { html in
            for finding in summary.findings {
                html.element("h3", finding.title)
                html.element("p", finding.text)
            }
        }
    }

    private static func charts(_ summary: RunSummary, _ html: inout HTMLWriter) {
        html.card("Response time by quantile", id: "spectrum-heading") { html in
            html.figure(
                SpectrumChart.render(summary), label: "Percentile spectrum",
                caption: SpectrumChart.sentences(summary))
        }
        if summary.run.blocks > 1 {
            html.card("Blocks", id: "blocks") { html in
                html.table(
                    caption: "Figures by block", header: ReportText.blockHeader,
                    rows: summary.strategies.flatMap { strategy in
                        strategy.trials.map { ReportText.blockCells(strategy, $0).map { .init($0) } }
                    }, left: [8])
            }
        }
        html.card("Response time over time", id: "latency-heading") { html in
            html.element(
                "p", class: "note",
                "Thick: the median of each second. Thin: its slowest answered request. Dotted: its p99, where a second "
                    + "has samples enough. One line a block. Red bars: the share of requests that failed. Shaded: the "
                    + "warm-up."
            )
            for (index, strategy) in summary.strategies.enumerated() {
                html.element("h3", strategy.name)
                html.figure(
                    LatencyChart.render(strategy, index: index, in: summary),
                    label: "Response time of \(strategy.name) over time", caption: [LatencyChart.sentence(strategy)])
            }
        }
        html.card("Memory against requests", id: "memory-heading") { html in
            html.element(
                "p", class: "note",
                "One staircase for each worker and block; a cross is the death of a VM. \(HeapChart.capNote(summary))")
            for (index, strategy) in summary.strategies.enumerated() {
                html.element("h3", strategy.name)
                html.figure(
                    HeapChart.render(strategy, index: index, in: summary),
                    label: "Memory of \(strategy.name) against requests", caption: [HeapChart.sentence(strategy)])
            }
        }
    }

    private static func raw(_ summary: RunSummary, _ html: inout HTMLWriter) {
        html.element("p", "Repeat the run with:")
        html.element("pre", summary.run.repeatCommand)
        html.element("p", class: "note", ReportText.repeatNote)
        html.markup("<details><summary>Response-time histograms (base64 of the HdrHistogram V2 encoding)</summary>")
        for strategy in summary.strategies {
            html.element("h3", strategy.name)
            html.element(
                "pre", class: "raw",
                strategy.responseTime.histogram.isEmpty ? "no samples" : strategy.responseTime.histogram)
        }
        html.markup("</details>")
    }
}
