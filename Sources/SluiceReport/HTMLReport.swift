internal import SluiceAnalysis
internal import SluiceModel

/// The report as one HTML file: no network, no script, light and dark, printable, readable on a phone and by ear.
package enum HTMLReport {
    /// The whole page.
    package static func render(_ report: RunReport) -> String {
        let summary = report.summary
        var html = HTMLWriter(title: "\(summary.run.workload): \(report.verdictWord)")
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
        utilisation(summary, &html)
        html.card("Raw histograms and repetition", id: "raw") { raw(summary, &$0) }
        return html.page()
    }

    private static func verdict(_ report: RunReport, _ html: inout HTMLWriter) {
        let run = report.summary.run
        html.markup("<section class=\"card verdict \(report.verdictTone.rawValue)\" aria-labelledby=\"verdict\">")
        html.markup("<h2 id=\"verdict\" class=\"word\">\(Escape.markup(report.verdictWord))</h2>")
        html.element("p", class: "sentence", report.verdictSentence)
        if let decision = report.decision, !decision.results.isEmpty {
            HTMLBudgets.table(decision.results, caption: "Budgets of \(decision.candidate)", &html)
        }
        HTMLComparison.write(report, &html)
        let scope = report.verdictScope.isEmpty ? "" : report.verdictScope + " "
        html.element(
            "p", class: "soft",
            scope + "Run \(run.id), \(ReportText.date(run.startedAtSeconds)), "
                + "\(counted(report.summary.strategies.count, "strategy", plural: "strategies")) × "
                + "\(counted(run.blocks, "block")).")
        html.markup("</section>")
    }

    private static func validity(_ validity: Validity, _ html: inout HTMLWriter) {
        html.card("Validity: \(validity.word)", id: "validity") { html in
            html.element("p", "\(validity.tally). A wire that trips makes the figures beside it invalid.")
            let open = validity.checks.filter { $0.state == .tripped || $0.state == .caution }
            if !open.isEmpty { checks(open, caption: "Wires that tripped or need care", &html) }
            html.markup("<details><summary>All wires, measured against their bounds</summary>")
            checks(validity.checks, caption: "All wires", &html)
            html.markup("</details>")
        }
    }

    private static func checks(_ checks: [ValidityCheck], caption: String, _ html: inout HTMLWriter) {
        html.table(
            caption: caption, header: Array(ValidityText.header.dropLast()),
            rows: checks.map { check in
                let mark =
                    switch check.state {
                    case .passed: "m-good"
                    case .tripped: "m-bad"
                    case .caution, .notAvailable: "m-neutral"
                    }
                return ValidityText.cells(check).dropLast().enumerated().map { column, text in
                    switch column {
                    case 0: .init(text, style: "wide", note: check.detail)
                    case 2: .init(text, mark: mark)
                    default: .init(text)
                    }
                }
            }, left: [1, 2, 3, 4, 5])
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
                let notes = [
                    1: strategy.responseTime.median, 2: strategy.responseTime.p99, 3: strategy.responseTime.p999,
                ]
                return ReportText.matrixCells(strategy).enumerated().map { column, text in
                    column == 6
                        ? .init(text, mark: mark(of: strategy.heap.verdict))
                        : .init(text, note: notes[column].flatMap(ReportText.intervalBeside))
                }
            }, left: [6])
        for line in summary.strategies.compactMap(ReportText.ownWork) { html.element("p", class: "note", line) }
        for line in ReportText.legend(summary) { html.element("p", class: "note", line) }
        let intervals = ReportText.intervals(summary)
        if let note = intervals.first { html.element("p", class: "note", note) }
        html.element("h3", "Heap")
        for strategy in summary.strategies {
            let memory = strategy.heap.decisive
            html.markup(
                "<p><strong>\(Escape.markup(strategy.name))</strong>: \(memory.verdict.word). "
                    + "\(HTMLWriter.escaped(memory.explanation)) <span class=\"soft\">"
                    + "\(HTMLWriter.escaped(HeapText.figures(of: memory)))</span></p>")
            let ledger = HeapText.ledger(of: strategy)
            if !ledger.isEmpty { html.element("p", class: "note", ledger) }
        }
        html.table(
            caption: "Heap by strategy", header: ReportText.heapHeader,
            rows: summary.strategies.map { ReportText.heapCells($0).map { .init($0) } })
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
                caption: SpectrumChart.sentences(summary),
                legend: summary.strategies.enumerated().map { ($0.element.name, "s\($0.offset % 6)") }
            ) { SpectrumChart.render(summary, $0) }
        }
        if summary.run.blocks > 1 { html.card("Blocks", id: "blocks") { blocks(summary, &$0) } }
        html.card("Response time and memory over time", id: "latency-heading") { html in
            html.element(
                "p", class: "note",
                "Thick: the median of each second. Thin: its slowest answered request. Dotted: its p99, where ten "
                    + "samples lie beyond it; read it as an order of magnitude. One line a block. Red bars: the share "
                    + "of requests that failed. Shaded: the warm-up. Below, on the same axis: the memory of each "
                    + "worker's VM, with a cross where a VM died.")
            for (index, strategy) in summary.strategies.enumerated() {
                html.element("h3", strategy.name)
                html.figure(caption: [LatencyChart.sentence(strategy)]) {
                    LatencyChart.render(strategy, index: index, in: summary, $0)
                }
            }
        }
        html.card("Memory against requests", id: "memory-heading") { html in
            html.element(
                "p", class: "note",
                "One staircase for each worker and block; a cross is the death of a VM. \(HeapChart.capNote(summary))")
            for (index, strategy) in summary.strategies.enumerated() {
                html.element("h3", strategy.name)
                html.figure(caption: [HeapChart.sentence(strategy)]) {
                    HeapChart.render(strategy, index: index, in: summary, $0)
                }
            }
        }
    }

    private static func utilisation(_ summary: RunSummary, _ html: inout HTMLWriter) {
        html.card(UtilisationText.title, id: "utilisation") { html in
            html.element("p", UtilisationText.meaning)
            html.table(
                caption: "\(UtilisationText.title) by strategy and window", header: UtilisationText.header,
                rows: summary.strategies.map { UtilisationText.cells($0).map { .init($0) } })
            for note in UtilisationText.notes(summary) { html.element("p", class: "note", note) }
        }
    }

    private static func blocks(_ summary: RunSummary, _ html: inout HTMLWriter) {
        html.figure(caption: [BlockChart.sentence(summary)]) { BlockChart.render(summary, $0) }
        html.table(
            caption: "Figures by block", header: ReportText.blockHeader,
            rows: summary.strategies.flatMap { strategy in
                strategy.trials.map { trial in
                    let response = trial.responseTime
                    let notes = [2: response.median, 3: response.tabulated(0.9), 4: response.p99]
                    return ReportText.blockCells(strategy, trial).enumerated().map { column, text in
                        .init(text, note: notes[column].flatMap(ReportText.intervalBeside))
                    }
                }
            }, left: [8])
    }

    private static func raw(_ summary: RunSummary, _ html: inout HTMLWriter) {
        html.element("p", "Repeat the run with:")
        html.element("pre", summary.run.repeatCommand)
        html.element("p", class: "note", ReportText.repeatNote)
        html.markup("<details><summary>Response-time histograms (base64 of the HdrHistogram V2 encoding)</summary>")
        for strategy in summary.strategies {
            html.element("h3", strategy.name)
            html.element(
                "pre",
                strategy.responseTime.histogram.isEmpty ? "no samples" : strategy.responseTime.histogram)
        }
        html.markup("</details>")
    }
}
