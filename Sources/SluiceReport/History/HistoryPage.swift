package import SluiceAnalysis

/// A history as one HTML file, in the dress of the run report.
package enum HistoryPage {
    /// The whole page.
    package static func render(_ history: RunHistory) -> String {
        var html = HTMLWriter(title: "\(history.workload): history")
        html.element("h1", HistoryText.title(history))
        html.element("p", class: "lead", HistoryText.conditions(history))
        html.element("p", HistoryText.note)
        for (index, strategy) in history.strategies.enumerated() {
            html.card(strategy.name, id: "strategy-\(index)") { card(strategy, index, history, &$0) }
        }
        if !history.leftOut.isEmpty {
            html.card("Left out", id: "left-out") { html in
                html.table(
                    caption: "Runs that cannot be compared", header: ["run", "started", "why"],
                    rows: history.leftOut.map {
                        [.init($0.id), .init(ReportText.date($0.startedAtSeconds)), .init($0.reason, style: "wide")]
                    }, left: [1, 2])
            }
        }
        return html.page()
    }

    private static func card(
        _ strategy: StrategyHistory, _ index: Int, _ history: RunHistory, _ html: inout HTMLWriter
    ) {
        for line in HistoryText.changes(strategy, of: history) { html.element("p", line) }
        for metric in strategy.metrics {
            html.figure(caption: [HistoryChart.sentence(metric)]) { layout in
                HistoryChart.render(metric, id: "history-\(index)-\(metric.metric.rawValue)", style: index % 6, layout)
            }
        }
        html.table(
            caption: "Runs of \(strategy.name)", header: HistoryText.header,
            rows: HistoryText.rows(strategy, of: history).map { $0.map { .init($0) } },
            left: HistoryText.wordColumns)
    }
}
