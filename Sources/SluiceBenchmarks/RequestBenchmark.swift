import SluiceModel

/// A whole header-auth request with everything around it, against the C host's bare request, and the harness's part.
enum RequestBenchmark {
    static func run() throws {
        let host = try MinimalHost()
        let cranelift = try BenchmarkPlugin(engine: .cranelift)
        let null = try BenchmarkPlugin(engine: .null)
        let requests = 200_000
        let medians = try Rounds.medians([
            { try WorkerBench.run(cranelift, requests: requests).nanosecondsPerRequest },
            { host.request(count: UInt32(requests)) },
            { try WorkerBench.run(null, requests: requests).nanosecondsPerRequest },
        ])
        Rounds.report("whole request", medians[0], against: medians[1], named: "C host's bare request", limit: 2)
        Rounds.report("harness alone", medians[2], against: medians[0], named: "whole request", limit: 0.25)
    }
}
