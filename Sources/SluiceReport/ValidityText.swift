internal import SluiceAnalysis

/// The trip wires as tables and sentences.
enum ValidityText {
    /// `held`, `TRIPPED`, `caution`, `n/a`.
    static func word(_ state: ValidityCheck.State) -> String {
        switch state {
        case .passed: "held"
        case .tripped: "TRIPPED"
        case .caution: "caution"
        case .notAvailable: "n/a"
        }
    }

    static let header = ["wire", "strategy", "result", "measured", "bound", "figures", "what was found"]

    static func cells(_ check: ValidityCheck) -> [String] {
        [
            check.name, check.strategy ?? "all", word(check.state),
            check.measured ?? (check.state == .notAvailable ? "n/a" : ""), check.bound ?? "", check.figures.words,
            check.detail,
        ]
    }

    /// Tables with a column for each strategy, as many side by side as fit; the wires of the whole run stand first.
    static func tables(_ summary: RunSummary, width: Int) -> [String] {
        let checks = summary.validity.checks
        var lines = table(checks.filter { $0.strategy == nil }, columns: [("run", nil)])
        var rest = summary.strategies.map(\.name)[...]
        while !rest.isEmpty {
            var number = rest.count
            var part: [String] = []
            repeat {
                part = table(checks.filter { $0.strategy != nil }, columns: rest.prefix(number).map { ($0, $0) })
                number -= 1
            } while number > 0 && part.contains { $0.count > width }
            lines += [""] + part
            rest = rest.dropFirst(number + 1)
        }
        return lines
    }

    private static func table(
        _ checks: [ValidityCheck], columns: [(title: String, strategy: String?)]
    ) -> [String] {
        var names: [String] = []
        for check in checks where !names.contains(check.name) { names.append(check.name) }
        let rows = names.map { name -> [String] in
            let named = checks.filter { $0.name == name }
            return [name, named.compactMap(\.bound).first ?? ""]
                + columns.map { column in named.first { $0.strategy == column.strategy }.map(cell) ?? "" }
        }
        return TextTable(
            header: ["wire", "bound"] + columns.map { TextTable.cut($0.title, to: 18) }, rows: rows, wordColumns: [1]
        ).lines(indent: "  ")
    }

    private static func cell(_ check: ValidityCheck) -> String {
        switch check.state {
        case .passed: check.measured ?? "held"
        case .tripped: "✗ " + (check.measured ?? "tripped")
        case .caution: "! " + (check.measured ?? "caution")
        case .notAvailable: "n/a"
        }
    }
}
