// Measures what the hot path costs, beside a minimal host in C on the same engine. Ratios of medians of rounds that
// alternate hold on a busy machine; the absolute values are for orientation.
//
//   SluiceBenchmarks                 all of them
//   SluiceBenchmarks analysis        an hour's run of ten agents: analysis and report beside SQLite's time to read it
//   SluiceBenchmarks allocations     heap allocations per request, as one number, for a test
//   SluiceBenchmarks streams         heap bytes of an open stream, as one number, for a test
//   SluiceBenchmarks worker ENGINE REQUESTS
//                                    one worker alone, for a profiler: nanoseconds per request
//   SluiceBenchmarks chain REQUESTS
//                                    the same for the filter chain alone
//   SluiceBenchmarks fresh           a fresh VM for each request beside the C host's bare instance
//   SluiceBenchmarks minimal-host REQUESTS
//                                    the same for the C host

import SluiceModel

let arguments = Array(CommandLine.arguments.dropFirst())
if arguments.first == "allocations" {
    print(try AllocationBenchmark.allocationsPerThousandRequests())
} else if arguments.first == "fresh" {
    try ChainBenchmark.runFreshInstances()
} else if arguments.first == "analysis" {
    try AnalysisBenchmark.run()
} else if arguments.first == "streams" {
    print(try StreamMemoryBenchmark.bytesPerStream())
} else if arguments.count == 3, arguments[0] == "worker", let engine = EngineName(rawValue: arguments[1]),
    let requests = Int(arguments[2])
{
    print(try WorkerBench.run(BenchmarkPlugin(engine: engine), requests: requests).nanosecondsPerRequest)
} else if arguments.count == 2, arguments[0] == "chain", let requests = Int(arguments[1]) {
    print(try ChainBenchmark.nanosecondsPerRequest(BenchmarkPlugin(engine: .cranelift), requests: requests))
} else if arguments.count == 2, arguments[0] == "minimal-host", let requests = UInt32(arguments[1]) {
    print(try MinimalHost().request(count: requests))
} else {
    try GuestCallBenchmark.run()
    try ChainBenchmark.run()
    try ChainBenchmark.runFreshInstances()
    try RequestBenchmark.run()
    try RecordingBenchmark.run()
    try GenerationBenchmark.run()
    try AnalysisBenchmark.run()
    let allocations = try AllocationBenchmark.allocationsPerThousandRequests()
    print("open streams: \(try StreamMemoryBenchmark.bytesPerStream()) bytes of the host's memory each")
    print("allocations: \(allocations) in 1,000 header-auth requests in the steady state")
}
