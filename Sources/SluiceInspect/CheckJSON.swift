import Foundation

/// The report for machines: `dashboards/check.schema.json` describes it. A key that is absent is not known.
package enum CheckJSON {
    private struct Document: Encodable {
        let format = "sluice-check"
        let version = CheckReport.formatVersion
        let report: CheckReport
    }

    /// Keys are in alphabetical order and snake case.
    package static func render(_ report: CheckReport) throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        return String(decoding: try encoder.encode(Document(report: report)), as: UTF8.self)
    }
}
