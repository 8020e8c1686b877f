internal import Foundation
internal import SluiceAnalysis

/// The report for machines: `dashboards/report.schema.json` describes it. A key that is absent is not known.
package enum JSONReport {
    private struct Document: Encodable {
        let format = "sluice-report"
        let version: Int
        let verdict: Verdict
        let summary: RunSummary
        let decision: GateDecision?
    }
    private struct Verdict: Encodable {
        let word: String
        let sentence: String
        let isValid: Bool
    }

    /// Keys are in alphabetical order and snake case. `pretty` breaks lines, for people and for comparisons.
    package static func render(_ report: RunReport, pretty: Bool = false) throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting =
            pretty ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted] : [.sortedKeys, .withoutEscapingSlashes]
        let document = Document(
            version: report.summary.version,
            verdict: Verdict(
                word: report.verdictWord, sentence: report.verdictSentence,
                isValid: report.summary.validity.isValid),
            summary: report.summary, decision: report.decision)
        return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
    }
}
