import Foundation
import RunFixtures
import SluiceAnalysis
import SluiceModel
import Testing

/// Stored runs of one workload side by side.
@Suite struct `History of a workload` {
    /// A run of the passing fixture on a day of its own.
    private func run(
        day: Int, serviceNanoseconds: Int64 = 400_000, _ change: (inout RunRecord) -> Void = { _ in }
    ) throws -> (record: RunRecord, summary: RunSummary) {
        var fixture = Fixtures.passing
        fixture.holdSeconds = 4
        fixture.warmupSeconds = 0
        fixture.blocks = 1
        fixture.agents = 1
        fixture.guests[0].guest.serviceNanoseconds = serviceNanoseconds
        var record = fixture.runRecord
        record.id = "202611\(10 + day)-101530-4f2a"
        record.startedAtSeconds += Int64(day) * 86_400
        change(&record)
        return (record, try fixture.summary())
    }

    private func history(_ runs: [(record: RunRecord, summary: RunSummary)]) throws -> RunHistory {
        let latest = try #require(runs.last)
        var builder = RunHistoryBuilder(reference: latest.record, summary: latest.summary)
        for run in runs.reversed() where builder.accepts(run.record) { builder.add(run.record, run.summary) }
        return builder.finish()
    }

    @Test func `a run that became slower is a change point of its latencies and of nothing else`() throws {
        let runs = try (0..<12).map { day in
            try run(day: day, serviceNanoseconds: Int64(day < 7 ? 400_000 : 520_000) + Int64(day % 3) * 1000) {
                if day >= 7 { $0.moduleHashes["conservative"] = [FixtureRun.hash(of: "new")] }
            }
        }
        let history = try history(runs)
        #expect(history.runs.map(\.id) == runs.map(\.record.id))
        #expect(history.leftOut.isEmpty)
        let strategy = try #require(history.strategies.first)
        for metric in strategy.metrics {
            let isLatency = metric.metric == .responseTimeP50 || metric.metric == .responseTimeP99
            #expect(metric.changes.map(\.run) == (isLatency ? [7] : []), "\(metric.metric)")
        }
        let change = try #require(strategy.metrics[0].changes.first)
        #expect(change.after / change.before > 1.2 && change.after / change.before < 1.4)
    }

    @Test func `runs that cannot be compared are named with the reason`() throws {
        let other = try run(day: 1) { $0.workload.load.seed = 7 }
        let text = try run(day: 2) { $0.workloadText += "# changed\n" }
        let machine = try run(day: 3) { $0.host.kernel = "6.2" }
        let broken = try run(day: 4) { $0.status = .interrupted }
        let study = try run(day: 5) { $0.command = "heap" }
        let allocator = try run(day: 6) { $0.workload.host.allocator = .proxyOnMemoryAllocate }
        let body = try run(day: 7) {
            $0.workload.strategies[0].environmentVariables = [.init(name: "GOGC", value: "9")]
        }
        var engine = try run(day: 8)
        engine.summary.run.engines = ["winch 50.0.1"]
        var invalid = try run(day: 9)
        invalid.summary.validity.checks[0].state = .tripped
        let latest = try run(day: 10)
        let history = try history([other, text, machine, broken, study, allocator, body, engine, invalid, latest])
        #expect(history.runs.count == 1)
        let reasons = [
            "seed 7, not 42", "another text of the workload", "another machine: kernel 6.2", "the run is interrupted",
            "a study of smallest heaps", "allocator", "strategy conservative with other settings",
            "engine winch 50.0.1, not cranelift 50.0.1", "the measurement is invalid",
        ]
        #expect(history.leftOut.count == reasons.count)
        for (run, reason) in zip(history.leftOut, reasons) { #expect(run.reason.hasPrefix(reason), "\(run.reason)") }
    }

    @Test func `what is not known stays unknown, and infinity is no number`() throws {
        var runs = try (0..<3).map { try run(day: $0) }
        runs[0].summary.strategies[0].responseTime.quantiles = []
        runs[0].summary.strategies[0].cpuNanosecondsPerRequest = nil
        for index in runs[1].summary.strategies[0].responseTime.quantiles.indices {
            runs[1].summary.strategies[0].responseTime.quantiles[index].figure = .infinite()
        }
        let strategy = try #require(try history(runs).strategies.first)
        let p99 = try #require(strategy.metrics.first { $0.metric == .responseTimeP99 })
        #expect(p99.values[0] == .unknown)
        #expect(p99.values[1].isInfinite && p99.values[1].number == nil)
        #expect(p99.values[2].number != nil)
        #expect(strategy.metrics.first { $0.metric == .cpuPerRequest }?.values[0] == .unknown)
        #expect(strategy.metrics.allSatisfy { $0.changes.isEmpty })
    }
}
