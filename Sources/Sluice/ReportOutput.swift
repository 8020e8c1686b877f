import ArgumentParser
import Foundation
import SluiceAnalysis
import SluiceReport

/// A form that a report can take.
enum ReportFormat: String, CaseIterable, ExpressibleByArgument {
    case terminal, json, markdown, html, junit, hgrm

    /// The text of a report in this form.
    ///
    /// - Parameter colour: of a terminal.
    func render(_ report: RunReport, colour: Bool) throws -> String {
        switch self {
        case .terminal: TerminalReport.render(report, colour: colour)
        case .json: try JSONReport.render(report, pretty: true)
        case .markdown: MarkdownReport.render(report)
        case .html: HTMLReport.render(report)
        case .junit: JUnitReport.render(report)
        case .hgrm: report.summary.strategies.map { PercentileDistribution.render($0) }.joined(separator: "\n")
        }
    }

    var fileExtension: String {
        switch self {
        case .terminal: "txt"
        case .markdown: "md"
        case .junit: "xml"
        case .json, .html, .hgrm: rawValue
        }
    }
}

/// Where `run`, `compare` and `gate` put what they found.
struct ReportOptions: ParsableArguments {
    @Option(help: ArgumentHelp("What goes to standard output: terminal or json.", valueName: "format"))
    var format = ReportFormat.terminal

    @Option(name: .customLong("report-directory"), help: "The folder that the report files are written to.")
    var directory = "sluice-report"

    @Flag(name: .customLong("no-report"), help: "Writes no report files.")
    var isSuppressed = false

    func validate() throws {
        guard [.terminal, .json].contains(format) else {
            throw ValidationError(
                "--format is terminal or json here; 'sluice report --format \(format.rawValue)' writes the others")
        }
    }

    /// Prints the report and writes it as HTML, Markdown and JSON.
    func publish(_ report: RunReport) throws {
        try Output.write(format.render(report, colour: TerminalStyle.isInteractive(STDOUT_FILENO)))
        guard !isSuppressed else { return }
        let base = "\(directory)/\(report.summary.run.workload)-\(report.summary.run.id)"
        for format in [ReportFormat.html, .markdown, .json] {
            try ReportFile.write(try format.render(report, colour: false), to: "\(base).\(format.fileExtension)")
        }
        Output.writeError("report: \(base).html (also .md and .json)\n")
    }
}

/// Files that reports go to.
enum ReportFile {
    /// Makes missing folders; replaces the file in one step.
    static func write(_ text: String, to path: String) throws {
        do {
            let file = URL(fileURLWithPath: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            // A device, a pipe or a link is written to, not replaced.
            let kind = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
            let isPlain = kind == nil || kind == .typeRegular
            try Data(text.utf8).write(to: file, options: isPlain ? .atomic : [])
        } catch {
            throw CommandEnd(.internalError, "cannot write \(path): \(error.localizedDescription)")
        }
    }
}
