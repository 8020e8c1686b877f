import SluiceHistogram
import SluiceModel

/// What it costs a worker to record one sample in one histogram.
enum RecordingBenchmark {
    static func run() throws {
        var recorder = LatencyRecorder()
        var random = SeededRandom(key: 1)
        let values = (0..<4096).map { _ in Int64(random.next(below: 50_000_000) + 1) }
        let medians = try Rounds.medians([
            {
                Rounds.time {
                    for _ in 0..<500 { for value in values { _ = recorder.record(nanoseconds: value) } }
                } / Double(500 * values.count)
            }
        ])
        print("record a sample: \(Units.significant(medians[0])) ns")
    }
}
