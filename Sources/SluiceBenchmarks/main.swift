// Measures what the hot path costs, beside a minimal host in C on the same engine. Ratios of medians of rounds that
// alternate hold on a busy machine; the absolute values are for orientation.
//
//   SluiceBenchmarks                 all of them
//   SluiceBenchmarks allocations     heap allocations per request, as one number, for a test

if CommandLine.arguments.dropFirst().first == "allocations" {
    print(try AllocationBenchmark.allocationsPerThousandRequests())
} else {
    try GuestCallBenchmark.run()
    try RequestBenchmark.run()
    try RecordingBenchmark.run()
    try GenerationBenchmark.run()
    let allocations = try AllocationBenchmark.allocationsPerThousandRequests()
    print("allocations: \(allocations) in 1,000 header-auth requests in the steady state")
}
