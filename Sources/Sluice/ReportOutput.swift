import ArgumentParser
import Glibc
import SluiceAnalysis
import SluiceReport

/// A form that a report can take.
enum ReportFormat: String, CaseIterable, ExpressibleByArgument {
    case terminal, json, markdown, html, junit, hgrm

    /// The text of a report in this form.
    ///
    /// - Parameters:
    ///   - colour: of a terminal.
    ///   - columns: of the terminal that it is for; `nil`: for none.
    func render(_ report: RunReport, colour: Bool, columns: Int? = nil) throws -> String {
        switch self {
        case .terminal: TerminalReport.render(report, colour: colour, columns: columns)
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

/// What `run`, `compare` and `gate` print; `sluice report` has the other forms.
enum PrintedFormat: String, CaseIterable, ExpressibleByArgument {
    case terminal, json

    var reportFormat: ReportFormat {
        switch self {
        case .terminal: .terminal
        case .json: .json
        }
    }
}

/// Where `run`, `compare` and `gate` put what they found.
struct ReportOptions: ParsableArguments {
    @Option(help: ArgumentHelp("What goes to standard output; 'sluice report' has more forms.", valueName: "format"))
    var format = PrintedFormat.terminal

    @Option(name: .customLong("report-directory"), help: "The folder that the report files are written to.")
    var directory = "sluice-report"

    @Flag(name: .customLong("no-report"), help: "Writes no report files.")
    var isSuppressed = false

    /// What would keep the reports from being written, found before anything runs.
    func check() throws {
        if !isSuppressed { try ReportFile.checkFolder(directory) }
    }

    /// Prints the report and writes it as HTML, Markdown and JSON.
    func publish(_ report: RunReport) throws {
        let colour = TerminalStyle.isInteractive(STDOUT_FILENO)
        let columns = TerminalStyle.columns(of: STDOUT_FILENO)
        try Output.write(format.reportFormat.render(report, colour: colour, columns: columns))
        guard !isSuppressed else { return }
        let base = "\(directory)/\(report.summary.run.workload)-\(report.summary.run.id)"
        for format in [ReportFormat.html, .markdown, .json] {
            try ReportFile.write(try format.render(report, colour: false), to: "\(base).\(format.fileExtension)")
        }
        Output.writeError("report: \(base).html (also .md and .json)\n")
    }
}
