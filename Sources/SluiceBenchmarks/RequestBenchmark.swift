import SluiceModel

/// A whole request with everything around it, against the C host's bare request; and the part of a `header-auth`
/// request that the harness itself is.
enum RequestBenchmark {
    private static let requests = 200_000

    static func run() throws {
        try runBesideMinimalHost()
        try runHarnessAlone()
    }

    /// The same plugin on both sides.
    private static func runBesideMinimalHost() throws {
        let host = try MinimalHost()
        let plugin = try BenchmarkPlugin(engine: .cranelift)
        let medians = try Rounds.medians([
            { try WorkerBench.run(plugin, requests: requests).nanosecondsPerRequest },
            { host.request(count: UInt32(requests)) },
        ])
        Rounds.report("whole request", medians[0], against: medians[1], named: "C host's bare request", limit: 2)
    }

    private static func runHarnessAlone() throws {
        let null = try BenchmarkPlugin.headerAuth(engine: .null)
        let cranelift = try BenchmarkPlugin.headerAuth(engine: .cranelift)
        let medians = try Rounds.medians([
            { try WorkerBench.run(null, requests: requests).nanosecondsPerRequest },
            { try WorkerBench.run(cranelift, requests: requests).nanosecondsPerRequest },
        ])
        Rounds.report("harness alone", medians[0], against: medians[1], named: "header-auth request", limit: 0.25)
    }
}
