import SluiceModel

/// A header look-up, with its allocation in the guest, against the C host's.
enum GuestCallBenchmark {
    private static let lookUps = 2000

    static func run() throws {
        let host = try MinimalHost()
        let plain = try BenchmarkPlugin(engine: .cranelift)
        let looking = try BenchmarkPlugin(engine: .cranelift, lookUpsPerRequest: lookUps)
        let medians = try Rounds.medians([
            { try WorkerBench.run(plain, requests: 500).nanosecondsPerRequest },
            { try WorkerBench.run(looking, requests: 500).nanosecondsPerRequest },
            { host.lookUp(count: 1_000_000) },
        ])
        Rounds.report(
            "header look-up", (medians[1] - medians[0]) / Double(lookUps), against: medians[2], named: "C host",
            limit: 2)
    }
}
