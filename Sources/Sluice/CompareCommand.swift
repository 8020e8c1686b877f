import ArgumentParser
import SluiceAnalysis
import SluiceModel
import SluiceReport

struct CompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Runs the strategies of a workload, interleaved in blocks, and writes the comparison.",
        discussion: """
            Every trial runs in fresh processes and fresh VMs. Budgets are shown; only 'sluice gate' decides on them.
            """)

    @OptionGroup var workloadOptions: WorkloadOptions

    @Option(help: ArgumentHelp("Which strategies, in which order. (default: all)", valueName: "a,b,…"))
    var strategies: [String] = []

    @Option(help: "How often each strategy runs. (default: the workload's gate.blocks)")
    var blocks: Int?

    @OptionGroup var storeOptions: StoreOptions
    @OptionGroup var reportOptions: ReportOptions

    func validate() throws {
        if !strategies.isEmpty, StrategySelection.split(strategies).isEmpty {
            throw ValidationError("--strategies names no strategy")
        }
        if let blocks, !(1...1000).contains(blocks) { throw ValidationError("--blocks is from 1 to 1000") }
    }

    func run() async throws {
        let (workload, text) = try workloadOptions.read()
        try reportOptions.check()
        let summary = try await RunSession(
            command: "compare", workload: workload, workloadText: text, workloadPath: workloadOptions.workload,
            strategies: try StrategySelection.select(StrategySelection.split(strategies), of: workload),
            blocks: blocks ?? workload.gate.blocks, storePath: storeOptions.path
        ).run()
        try reportOptions.publish(RunReport(summary: summary))
        let code = summary.measurementExitCode
        if code != .pass { throw CommandEnd(code) }
    }
}
