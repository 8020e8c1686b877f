import ArgumentParser
import Glibc
import SluiceAnalysis
import SluiceReport

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Writes the report of a stored run again.")

    @Argument(help: ArgumentHelp("The run, or how its identifier begins. (default: the latest)", valueName: "run"))
    var identifier: String?

    @Option(help: "The form of the report.")
    var format = ReportFormat.terminal

    @Option(name: [.short, .long], help: "A file to write to. (default: standard output)")
    var output: String?

    @OptionGroup var storeOptions: StoreOptions

    func run() throws {
        if let output { try ReportFile.checkFile(output) }
        let store = try StoredRun.open(storeOptions.path)
        let record = try StoredRun.find(identifier, in: store)
        if let study = try StoredRun.heapStudy(of: record, in: store) {
            guard let text = try format.render(study) else {
                throw CommandEnd(.usage, "a heap study has no form \(format.rawValue)")
            }
            if let output { try ReportFile.write(text, to: output) } else { try Output.write(text) }
            return
        }
        let summary = try StoredRun.summary(of: record, storePath: storeOptions.path)
        let colour = output == nil && TerminalStyle.isInteractive(STDOUT_FILENO)
        let text = try format.render(
            RunReport(summary: summary), colour: colour,
            columns: output == nil ? TerminalStyle.columns(of: STDOUT_FILENO) : nil)
        if let output { try ReportFile.write(text, to: output) } else { try Output.write(text) }
    }
}
