import ArgumentParser
import SluiceAnalysis
import SluiceModel
import SluiceReport
import SluiceStatistics
import SluiceTrials
import SluiceWorkload

struct GateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gate",
        abstract: "Decides on the budgets of a workload: by a new run of the candidate, or on a stored run.",
        discussion: """
            Exits with 0 only when every budget is met by a valid measurement. A budget without samples fails.

            Budgets against a baseline are decided by whole blocks: the candidate, the baseline and the baseline again \
            run back to back with the same requests. The gate looks after 8, 16, 24 and 40 blocks, and stops as soon \
            as it can decide.
            """)

    @Argument(help: "The workload file; not needed with --run.")
    var workload: String?

    @OptionGroup var hostOptions: HostOptions

    @Option(name: .customLong("run"), help: "Judges this stored run instead of running anything.")
    var runIdentifier: String?

    @Option(
        help: ArgumentHelp(
            "What is judged: a strategy, or a module. (default: the workload's gate.candidate, or the first strategy)",
            valueName: "strategy|module"))
    var candidate: String?

    @Option(
        help: ArgumentHelp(
            "What it is compared with: a strategy, or a module. (default: the workload's gate.baseline)",
            valueName: "strategy|module"))
    var baseline: String?

    @Option(help: "Runs exactly so many blocks. (default: the workload's gate.blocks)")
    var blocks: Int?

    @Option(name: .customLong("at-most"), help: "Stops when it can decide, at the latest after so many blocks.")
    var atMost: Int?

    @Option(help: ArgumentHelp("Takes no more blocks than fit into this time, 30m for example.", valueName: "duration"))
    var timeBudget: String?

    @Option(name: .customLong("junit"), help: "Writes a JUnit file with one test case a budget.")
    var junitPath: String?

    @OptionGroup var storeOptions: StoreOptions
    @OptionGroup var reportOptions: ReportOptions

    func validate() throws {
        if (workload == nil) == (runIdentifier == nil) {
            throw ValidationError("name either a workload file or a stored run with --run")
        }
        if let blocks, !(1...1000).contains(blocks) { throw ValidationError("--blocks is from 1 to 1000") }
        if let atMost, !(1...40).contains(atMost) { throw ValidationError("--at-most is from 1 to 40") }
        if blocks != nil, atMost != nil || timeBudget != nil {
            throw ValidationError("--blocks fixes the number of blocks: leave out --at-most and --time-budget")
        }
        if runIdentifier != nil,
            baseline != nil || blocks != nil || atMost != nil || timeBudget != nil || hostOptions.allocator != nil
        {
            throw ValidationError(
                "--run judges what is stored: leave out --baseline, --blocks, --at-most, --time-budget and --allocator")
        }
        if let timeBudget, WorkloadReader.duration(timeBudget) == nil {
            throw ValidationError("--time-budget is a duration such as 90s, 30m or 2h")
        }
    }

    func run() async throws {
        try reportOptions.check()
        if let junitPath { try ReportFile.checkFile(junitPath) }
        let summary = try await measured()
        let decision: GateDecision
        do throws(GateError) { decision = try GateDecision(summary: summary, candidate: judged) } catch {
            throw CommandEnd(.usage, error.description)
        }
        let report = RunReport(summary: summary, decision: decision)
        try reportOptions.publish(report)
        if let junitPath { try ReportFile.write(JUnitReport.render(report), to: junitPath) }
        if decision.exitCode != .pass { throw CommandEnd(decision.exitCode) }
    }

    /// Of a new run the arms have been chosen already, and the run knows them.
    private var judged: String? { runIdentifier == nil ? nil : candidate }

    private func measured() async throws -> RunSummary {
        if let runIdentifier {
            let store = try StoredRun.open(storeOptions.path)
            let record = try StoredRun.find(runIdentifier, in: store)
            guard record.command != "heap" else {
                throw CommandEnd(.usage, "run \(record.id) is a heap study, which no budget is about")
            }
            return try StoredRun.summary(of: record, storePath: storeOptions.path)
        }
        let file = workload ?? ""
        let (workload, text) = try hostOptions.read(file)
        guard !workload.budgets.isEmpty else {
            throw CommandEnd(.usage, "\(file) has no budgets: there is nothing to decide on")
        }
        let arms = try GateArms(of: workload, candidate: candidate, baseline: baseline)
        let plan = try GatePlan(
            workload: workload, arms: arms.all.count, blocks: blocks, atMost: atMost,
            budgetNanoseconds: timeBudget.flatMap(WorkloadReader.duration),
            pilot: GatePilot.find(workloadText: text, storePath: storeOptions.path))
        let path = storeOptions.path
        return try await RunSession(
            command: "gate",
            workload: arms.applied(
                to: workload, atMostBlocks: plan.atMostBlocks, blocks: plan.looks.mostBlocks), workloadText: text,
            workloadPath: file, strategies: arms.all, blocks: plan.looks.mostBlocks,
            looks: Looks(afterBlocks: plan.looks.looks) { try Self.goesOn($0, storePath: path) },
            announcement: plan.announcement(workload, arms), storePath: path
        ).run()
    }

    /// Looks at the blocks so far, and says what it sees.
    private static func goesOn(_ record: RunRecord, storePath: String) throws -> Bool {
        let decision = try GateDecision(summary: try StoredRun.summary(of: record, storePath: storePath))
        if let evidence = decision.evidence { Output.writeError(GateText.look(evidence) + "\n") }
        return decision.wantsMoreBlocks
    }
}
