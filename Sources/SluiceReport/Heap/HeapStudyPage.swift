package import SluiceAnalysis
internal import SluiceModel

/// A heap study as one HTML file, in the dress of the run report.
package enum HeapStudyPage {
    /// The whole page.
    package static func render(_ study: HeapStudy) -> String {
        var html = HTMLWriter(title: "\(study.workload): smallest heaps")
        html.element("h1", study.workload)
        html.element("p", class: "lead", study.about)
        let tone = study.exitCode == .pass ? "neutral" : "bad"
        html.markup("<section class=\"card verdict \(tone)\" aria-labelledby=\"verdict\">")
        html.markup("<h2 id=\"verdict\" class=\"word\">\(Escape.markup(HeapStudyText.word(study)))</h2>")
        html.element("p", class: "sentence", HeapStudyText.sentence(study))
        html.markup("</section>")
        html.card("Smallest heaps", id: "minimum") { minimum(study, &$0) }
        let leaks = HeapStudyText.leaks(study)
        if !leaks.isEmpty {
            html.card("Leaks", id: "leaks") { html in for leak in leaks { html.element("p", leak) } }
        }
        if study.sweep != nil { html.card("Time and space", id: "sweep-heading") { sweep(study, &$0) } }
        html.card("Every size that was tried", id: "attempts") { attempts(study, &$0) }
        html.card("Identity and repetition", id: "identity") { html in
            html.markup("<dl>")
            for (label, value) in HeapStudyText.identity(study) {
                html.element("dt", label)
                html.element("dd", value)
            }
            html.markup("</dl>")
            html.element("pre", study.repeatCommand)
        }
        return html.page()
    }

    private static func minimum(_ study: HeapStudy, _ html: inout HTMLWriter) {
        html.table(
            caption: "Smallest heap by strategy", header: HeapStudyText.minimumHeader,
            rows: study.strategies.map { HeapStudyText.minimumCells($0).map { .init($0) } },
            left: HeapStudyText.minimumWords)
        for strategy in study.strategies {
            for note in HeapStudyText.notes(strategy, of: study) { html.element("p", note) }
        }
        for line in HeapStudyText.legend(study) { html.element("p", class: "note", line) }
    }

    private static func sweep(_ study: HeapStudy, _ html: inout HTMLWriter) {
        for (index, metric) in HeapStudyText.metrics.enumerated() {
            html.element("h3", metric.title)
            if metric.value != nil {
                html.figure(
                    caption: HeapSweepChart.sentences(study, metric),
                    legend: study.strategies.enumerated().map { ($0.element.name, "s\($0.offset % 6)") }
                ) { HeapSweepChart.render(study, metric, identifier: "sweep-\(index)", $0) }
            }
            html.table(
                caption: "\(metric.title) by heap size and strategy", header: HeapStudyText.sweepHeader(study),
                rows: HeapStudyText.sweepRows(metric, study).map { row in
                    row.map { .init($0, mark: $0 == HeapStudyText.notRunning ? "m-bad" : nil) }
                })
        }
        for line in HeapStudyText.sweepLegend(study) { html.element("p", class: "note", line) }
    }

    private static func attempts(_ study: HeapStudy, _ html: inout HTMLWriter) {
        html.markup("<details><summary>By strategy and search, in the order in which they were tried</summary>")
        let rows = study.strategies.flatMap { strategy in
            strategy.searches.enumerated().flatMap { number, search in
                search.attempts.map { attempt -> [HTMLWriter.Cell] in
                    [
                        .init(strategy.name), .init("\(number + 1)"), .init(Units.bytes(attempt.bytes)),
                        attempt.ran
                            ? .init("ran", mark: "m-good")
                            : attempt.crashed == true
                                ? .init("crashed", mark: "m-bad") : .init("too small", mark: "m-neutral"),
                        .init(attempt.reason, style: "wide"),
                    ]
                }
            }
        }
        html.table(
            caption: "Every size that was tried", header: ["strategy", "search", "heap", "result", "why"], rows: rows,
            left: [3, 4])
        html.markup("</details>")
    }
}
