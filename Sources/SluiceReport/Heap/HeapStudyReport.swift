internal import Foundation
package import SluiceAnalysis
internal import SluiceModel

/// A heap study as text, as Markdown and as JSON.
package enum HeapStudyReport {
    private static let width = 100

    /// For a terminal.
    package static func terminal(_ study: HeapStudy) -> String {
        var lines = [
            Escape.terminal(
                "\(study.workload) · run \(study.runID) · smallest heaps · \(ReportText.date(study.startedAtSeconds))")
        ]
        lines += TextTable.wrapped(study.about, width: width, indent: "") + [""]
        lines += TextTable.wrapped(
            "\(HeapStudyText.word(study))  \(HeapStudyText.sentence(study))", width: width, indent: "",
            hanging: String(repeating: " ", count: HeapStudyText.word(study).count + 2))
        lines += ["", "Smallest heaps"]
        lines +=
            TextTable(
                header: HeapStudyText.minimumHeader, rows: study.strategies.map(HeapStudyText.minimumCells),
                wordColumns: HeapStudyText.minimumWords
            ).lines(indent: "  ") + [""]
        let notes = study.strategies.flatMap { HeapStudyText.notes($0, of: study) }
        lines += (notes + HeapStudyText.legend(study)).flatMap {
            TextTable.wrapped($0, width: width, indent: "  ", hanging: "    ")
        }
        let leaks = HeapStudyText.leaks(study)
        if !leaks.isEmpty { lines += ["", "Leaks"] }
        lines += leaks.flatMap { TextTable.wrapped($0, width: width, indent: "  ", hanging: "    ") }
        if study.sweep != nil {
            lines += ["", "Time and space"]
            for metric in HeapStudyText.metrics {
                lines.append("  \(metric.title)")
                lines +=
                    TextTable(
                        header: HeapStudyText.sweepHeader(study), rows: HeapStudyText.sweepRows(metric, study)
                    ).lines(indent: "    ") + [""]
            }
            lines += HeapStudyText.sweepLegend(study).flatMap {
                TextTable.wrapped($0, width: width, indent: "  ", hanging: "    ")
            }
        }
        lines += ["", "Identity"]
        let pairs = HeapStudyText.identity(study)
        let labelWidth = min(26, pairs.map(\.label.count).max() ?? 0)
        for (label, value) in pairs {
            let name = Escape.terminal(label)
            let padded = name + String(repeating: " ", count: max(0, labelWidth - name.count))
            lines += TextTable.wrapped(
                Escape.terminal(value), width: width, indent: "  \(padded)  ",
                hanging: String(repeating: " ", count: labelWidth + 4))
        }
        lines.append("  repeat with: \(Escape.terminal(study.repeatCommand))")
        return lines.joined(separator: "\n") + "\n"
    }

    /// For a job summary or a review.
    package static func markdown(_ study: HeapStudy) -> String {
        var lines = ["# \(text(study.workload)): smallest heaps", "", text(HeapStudyText.sentence(study)), ""]
        lines += table(
            HeapStudyText.minimumHeader, study.strategies.map(HeapStudyText.minimumCells),
            words: HeapStudyText.minimumWords)
        let notes = study.strategies.flatMap { HeapStudyText.notes($0, of: study) }
        lines += (notes + HeapStudyText.legend(study)).map { "- \(text($0))" } + [""]
        let leaks = HeapStudyText.leaks(study)
        if !leaks.isEmpty { lines += ["## Leaks", ""] + leaks.map { "- \(text($0))" } + [""] }
        if study.sweep != nil {
            lines += ["## Time and space", ""]
            for metric in HeapStudyText.metrics {
                lines += ["### \(metric.title)", ""]
                lines += table(HeapStudyText.sweepHeader(study), HeapStudyText.sweepRows(metric, study))
            }
            lines += HeapStudyText.sweepLegend(study).map { "- \(text($0))" } + [""]
        }
        lines += ["## Identity", ""]
        lines += HeapStudyText.identity(study).map { "- \(text($0.label)): \(text($0.value))" }
        lines += ["", "Repeat with <code>\(text(study.repeatCommand))</code>."]
        return lines.joined(separator: "\n") + "\n"
    }

    private struct Document: Encodable {
        let format = "sluice-heap-study"
        let version: Int
        let study: HeapStudy
        let exitCode: Int32
    }

    /// For machines: keys in alphabetical order and snake case; one that is absent is not known.
    package static func json(_ study: HeapStudy) throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        let document = Document(version: study.version, study: study, exitCode: study.exitCode.rawValue)
        return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
    }

    private static func table(_ header: [String], _ rows: [[String]], words: Set<Int> = []) -> [String] {
        let rule = header.indices.map { $0 == 0 || words.contains($0) ? "---" : "---:" }
        return ([header.map(text), rule] + rows.map { $0.map(text) }).map { "| \($0.joined(separator: " | ")) |" } + [
            ""
        ]
    }

    private static func text(_ text: String) -> String { Escape.markdown(text) }
}
