import SluiceModel

/// Heap allocations of the worker's thread once its buffers have their sizes: what a longer run has more than a
/// shorter one.
enum AllocationBenchmark {
    static func allocationsPerThousandRequests() throws -> UInt64 {
        let plugin = try BenchmarkPlugin(engine: .cranelift)
        let short = try WorkerBench.run(plugin, requests: 2_000).allocations
        let long = try WorkerBench.run(plugin, requests: 22_000).allocations
        return long > short ? (long - short) / 20 : 0
    }
}
