internal import SluiceAnalysis

/// The comparison with the baseline on the verdict card of the HTML report.
enum HTMLComparison {
    static func write(_ report: RunReport, _ html: inout HTMLWriter) {
        let card = GateText.card(report)
        guard !card.isEmpty, let evidence = report.decision?.evidence else { return }
        for line in card { html.element("p", line) }
        html.markup("<details><summary>\(counted(evidence.blocks, "block")), one by one</summary>")
        html.table(
            caption: "The candidate against the baseline by block", header: GateText.blockHeader,
            rows: GateText.blockRows(evidence).map { $0.map { .init($0) } })
        html.markup("</details>")
    }
}
