import SluiceModel
import SluiceWorkload
import Testing

@Suite("Units")
struct UnitTests {
    @Test(
        "Durations",
        arguments: [
            ("1ns", 1), ("999us", 999_000), ("7µs", 7_000), ("7μs", 7_000), ("5ms", 5_000_000),
            ("1.5s", 1_500_000_000), ("0.000000001s", 1), ("2m", 120_000_000_000), ("1h", 3_600_000_000_000),
            ("0.1s", 100_000_000), ("1.000s", 1_000_000_000),
        ] as [(String, Int64)])
    func durations(text: String, nanoseconds: Int64) throws {
        #expect(try Reading.workload(["load": Self.load("timeout: \(text)")]).load.timeoutNanoseconds == nanoseconds)
    }

    @Test(
        "Sizes",
        arguments: [
            ("64KiB", 65_536), ("1MiB", 1_048_576), ("1.5MiB", 1_572_864), ("1GiB", 1_073_741_824),
            ("100kB", 100_000), ("1MB", 1_000_000), ("1GB", 1_000_000_000), ("65536B", 65_536), ("0.5GiB", 536_870_912),
        ])
    func sizes(text: String, bytes: Int) throws {
        #expect(try Reading.workload(["host": "{ memory: \(text) }"]).host.memoryCapBytes == bytes)
    }

    @Test(
        "Rates",
        arguments: [("50/s", 50), ("0.5/s", 0.5), ("30/m", 0.5), ("100/m", 100.0 / 60), ("1000000/s", 1e6)]
            as [(String, Double)])
    func rates(text: String, perSecond: Double) throws {
        let workload = try Reading.workload(["load": "{ phases: [{ kind: hold, duration: 1s, rate: \(text) }] }"])
        #expect(workload.load.phases.map(\.startRatePerSecond) == [perSecond])
    }

    @Test("Percentages", arguments: [("0%", 0), ("0.1%", 0.001), ("100%", 1), ("99.9%", 0.999)] as [(String, Double)])
    func percentages(text: String, fraction: Double) throws {
        #expect(try Reading.workload(["budgets": "{ errors: \(text) }"]).budgets.errorFraction == fraction)
    }

    @Test(
        "What is no duration is refused with what would be right",
        arguments: [
            ("5", "say `5s`"), ("", "is not a duration"), ("s", "is not a duration"), ("1 s", "say `1s`"),
            ("-1s", "is negative"), ("1,5s", "is not a unit"), ("1.s", "is not a duration"),
            (".5s", "is not a duration"),
            ("1m30s", "is not a unit"), ("1e3s", "is not a unit"), ("0x10s", "is not a unit"),
            ("1S", "did you mean `1s`?"),
            ("9223372036854775807h", "is too large"), ("99999999999999999999s", "too many digits"),
            ("0.1ns", "finer than a nanosecond"), ("--1s", "is negative"), ("١s", "is not a duration"),
            ("0s", "out of range"), ("1.0000000000000000001s", "too many digits"),
        ])
    func wrongDurations(text: String, words: String) {
        let error = #expect(throws: WorkloadErrors.self) {
            try Reading.workload(["load": Self.load("timeout: \"\(text)\"")])
        }
        #expect(error?.errors.count == 1)
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    @Test(
        "What is no percentage is refused", arguments: ["0.1", "101%", "-1%", "1 %", "50 percent", "%", "nan%"])
    func wrongPercentages(text: String) {
        #expect(throws: WorkloadErrors.self) { try Reading.workload(["budgets": "{ errors: \"\(text)\" }"]) }
    }

    @Test(
        "What is no rate is refused", arguments: ["50", "50/h", "50 /s", "/s", "-1/s", "0/s", "1/S", "2000000000/s"])
    func wrongRates(text: String) {
        #expect(throws: WorkloadErrors.self) {
            try Reading.workload(["load": "{ phases: [{ kind: hold, duration: 1s, rate: \"\(text)\" }] }"])
        }
    }

    private static func load(_ more: String) -> String {
        "{ phases: [{ kind: hold, duration: 1s, rate: 1/s }], \(more) }"
    }
}
