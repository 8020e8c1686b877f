import ArgumentParser
import SluiceAnalysis
import SluiceModel
import SluiceTrials

struct HeapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "heap",
        abstract: "Finds the smallest heap that each strategy runs in, and what heaps of other sizes cost.",
        discussion: """
            A search replays a fixed sequence of requests in memories of different sizes, every replay in fresh \
            processes. A size runs when 3 of 3 replays go through within 10 times the time without a limit. Exits \
            with 3 when a search broke off, as after a crash that more memory does not explain.
            """)

    @OptionGroup var workloadOptions: WorkloadOptions

    @Option(help: ArgumentHelp("Which strategies, in which order. (default: all)", valueName: "a,b,…"))
    var strategies: [String] = []

    @Option(help: "Searches of each strategy, each with a seed of its own.")
    var searches = 5

    @Option(
        help: """
            Requests of one replay. (default: as many as one worker has to answer in a trial of the workload, from \
            100 to 20000)
            """)
    var requests: Int?

    @Flag(
        help: """
            Searches as well with four times as many requests, and with the same ones four times over: what is kept of \
            each request, told apart from a cache.
            """)
    var leaks = false

    @Flag(help: "Runs all strategies in 1 to 6 times the smallest heap of any, for CPU time and p99.")
    var sweep = false

    @Option(help: "Trials of each point of the sweep.")
    var invocations = 10

    @OptionGroup var storeOptions: StoreOptions
    @OptionGroup var reportOptions: ReportOptions

    func validate() throws {
        if !strategies.isEmpty, StrategySelection.split(strategies).isEmpty {
            throw ValidationError("--strategies names no strategy")
        }
        if !(1...100).contains(searches) { throw ValidationError("--searches is from 1 to 100") }
        if let requests, !(1...10_000_000).contains(requests) {
            throw ValidationError("--requests is from 1 to 10000000")
        }
        if !(1...1000).contains(invocations) { throw ValidationError("--invocations is from 1 to 1000") }
    }

    func run() async throws {
        try reportOptions.check()
        let (workload, text) = try workloadOptions.read()
        guard !workload.requests.isEmpty else {
            throw CommandEnd(.usage, "the workload sends no requests: a replay repeats requests until they go through")
        }
        let request = HeapStudyRequest(
            workload: workload, workloadText: text,
            strategies: try StrategySelection.select(StrategySelection.split(strategies), of: workload),
            searches: searches, requests: requests, seeksLeaks: leaks, sweepInvocations: sweep ? invocations : nil,
            storePath: storeOptions.path, repeatCommand: repeatCommand)
        let study = try await HeapSession(request: request).run()
        try reportOptions.publish(study)
        if study.exitCode != .pass { throw CommandEnd(study.exitCode) }
    }

    private var repeatCommand: String {
        var words = ["sluice heap", ShellWord.quoted(workloadOptions.workload)]
        if let allocator = workloadOptions.host.allocator { words.append("--allocator \(allocator.rawValue)") }
        let names = StrategySelection.split(strategies)
        if !names.isEmpty { words.append("--strategies \(ShellWord.quoted(names.joined(separator: ",")))") }
        words.append("--searches \(searches)")
        if let requests { words.append("--requests \(requests)") }
        if leaks { words.append("--leaks") }
        if sweep { words.append("--sweep --invocations \(invocations)") }
        return words.joined(separator: " ")
    }
}
