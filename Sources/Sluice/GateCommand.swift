import ArgumentParser
import SluiceAnalysis
import SluiceModel
import SluiceReport

struct GateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gate",
        abstract: "Decides on the budgets of a workload: by a new run of the candidate, or on a stored run.",
        discussion: """
            Exits with 0 only when every budget is met by a valid measurement. A budget without samples fails.
            """)

    @Argument(help: "The workload file; not needed with --run.")
    var workload: String?

    @Option(name: .customLong("run"), help: "Judges this stored run instead of running anything.")
    var runIdentifier: String?

    @Option(help: "The strategy that is judged. (default: the workload's gate.candidate, or the first)")
    var candidate: String?

    @Option(help: "How often the candidate runs. (default: the workload's gate.blocks)")
    var blocks: Int?

    @Option(name: .customLong("junit"), help: "Writes a JUnit file with one test case a budget.")
    var junitPath: String?

    @OptionGroup var storeOptions: StoreOptions
    @OptionGroup var reportOptions: ReportOptions

    func validate() throws {
        if (workload == nil) == (runIdentifier == nil) {
            throw ValidationError("name either a workload file or a stored run with --run")
        }
        if let blocks, !(1...1000).contains(blocks) { throw ValidationError("--blocks is from 1 to 1000") }
    }

    func run() async throws {
        let summary = try await measured()
        let decision: GateDecision
        do throws(GateError) { decision = try GateDecision(summary: summary, candidate: candidate) } catch {
            throw CommandEnd(.usage, error.description)
        }
        let report = RunReport(summary: summary, decision: decision)
        try reportOptions.publish(report)
        if let junitPath { try ReportFile.write(JUnitReport.render(report), to: junitPath) }
        if decision.exitCode != .pass { throw CommandEnd(decision.exitCode) }
    }

    private func measured() async throws -> RunSummary {
        if let runIdentifier {
            let store = try StoredRun.open(storeOptions.path)
            let record = try StoredRun.find(runIdentifier, in: store)
            guard record.command != "heap" else {
                throw CommandEnd(.usage, "run \(record.id) is a heap study, which no budget is about")
            }
            return try StoredRun.summary(of: record, storePath: storeOptions.path)
        }
        var options = WorkloadOptions()
        options.workload = workload ?? ""
        let (workload, text) = try options.read()
        guard !workload.budgets.isEmpty else {
            throw CommandEnd(.usage, "\(options.workload) has no budgets: there is nothing to decide on")
        }
        let name = candidate ?? workload.gate.candidate ?? workload.strategies[0].name
        return try await RunSession(
            command: "gate", workload: workload, workloadText: text,
            strategies: try StrategySelection.select([name], of: workload),
            blocks: blocks ?? workload.gate.blocks, storePath: storeOptions.path
        ).run()
    }
}
