import ArgumentParser
import SluiceAnalysis
import SluiceModel
import SluiceReport

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs one strategy of a workload once and prints a summary.")

    @OptionGroup var workloadOptions: WorkloadOptions

    @Option(help: "The strategy to run. (default: the gate's candidate, or the first)")
    var strategy: String?

    @OptionGroup var storeOptions: StoreOptions
    @OptionGroup var reportOptions: ReportOptions

    func run() async throws {
        let (workload, text) = try workloadOptions.read()
        try reportOptions.check()
        let name = strategy ?? workload.gate.candidate ?? workload.strategies[0].name
        let summary = try await RunSession(
            command: "run", workload: workload, workloadText: text, workloadPath: workloadOptions.workload,
            strategies: try StrategySelection.select([name], of: workload), blocks: 1, storePath: storeOptions.path
        ).run()
        try reportOptions.publish(RunReport(summary: summary))
        let code = summary.measurementExitCode
        if code != .pass { throw CommandEnd(code) }
    }
}
