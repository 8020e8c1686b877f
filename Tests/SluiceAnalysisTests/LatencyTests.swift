import RunFixtures
import SluiceAnalysis
import SluiceHistogram
import SluiceModel
import Testing

@Suite struct `Latency figures` {
    /// One strategy under so many requests that every quantile up to p99 is supported.
    private func passing() throws -> StrategySummary { try Fixtures.passing.summary().strategies[0] }

    @Test func `quantiles come from all samples of all workers and blocks`() throws {
        let run = Fixtures.passing
        var everything = LatencyHistogram()
        for trial in run.trialRecords {
            for batch in run.batches(of: trial.identity) {
                for segment in batch.segments where segment.role == .measured {
                    everything.add(try LatencyHistogram(encoded: segment.responseTime.bytes))
                }
            }
        }
        let strategy = try passing()
        #expect(strategy.responseTime.samples == everything.count)
        for quantile in [0.5, 0.9, 0.99] {
            guard case .value(let expected) = everything.quantile(quantile) else {
                Issue.record("no value for \(quantile)")
                continue
            }
            #expect(strategy.responseTime.tabulated(quantile).nanoseconds == expected)
        }
        #expect(strategy.responseTime.maximum.nanoseconds == everything.maximumNanoseconds)
    }

    @Test func `the order in which batches come changes nothing`() throws {
        var random = SeededGenerator(seed: 7)
        let run = Fixtures.largeBody
        let expected = try run.summary()
        let shuffled = try RunAnalyser.analyse(run: run.runRecord, trials: run.trialRecords) { trial, body in
            // Each worker's batches stay in order, as its connection delivers them; workers interleave at random.
            var queues = Dictionary(grouping: run.batches(of: trial), by: \.agent)
            while !queues.isEmpty {
                let agent = queues.keys.sorted().randomElement(using: &random)!
                try body(queues[agent]!.removeFirst())
                if queues[agent]!.isEmpty { queues[agent] = nil }
            }
        }
        #expect(shuffled == expected)
    }

    /// A run of one worker in which so many of 1,000 measured requests are refused.
    private func run(refusing refused: Int, of total: Int) throws -> StrategySummary {
        var run = FixtureRun(guests: [
            ("only", FixtureGuest(course: .none, serviceNanoseconds: 500_000, module: "a.wasm"))
        ])
        run.agents = 1
        run.blocks = 1
        run.warmupSeconds = 0
        run.holdSeconds = 1
        run.ratePerSecond = Double(total)
        run.tamper = { batch, _ in
            var answers = LatencyHistogram()
            for _ in refused..<total { _ = answers.record(nanoseconds: 500_000) }
            var counts = OutcomeCounts()
            counts.succeeded = total - refused
            counts.refused = refused
            var changed = batch
            let encoded = EncodedHistogram(bytes: answers.encoded())
            changed.segments = [
                LoadSegment(
                    role: .measured, counts: counts, startLag: encoded, harnessLag: .empty, serviceTime: encoded,
                    responseTime: encoded)
            ]
            return changed
        }
        return try run.summary().strategies[0]
    }

    @Test(arguments: [
        // requests, refused, p50, p99, p99.9, max
        (1_000, 0, "500 µs", "~500 µs", "n/a", "500 µs"),
        (999, 0, "500 µs", "n/a", "n/a", "500 µs"),
        (10_000, 0, "500 µs", "500 µs", "~500 µs", "500 µs"),
        (10_000, 99, "500 µs", "500 µs", "~∞", "∞"), (10_000, 100, "500 µs", "500 µs", "∞", "∞"),
        (10_000, 101, "500 µs", "∞", "∞", "∞"),
        (1_000, 500, "500 µs", "∞", "∞", "∞"),
        (1_000, 501, "∞", "∞", "∞", "∞"),
        (10, 10, "~∞", "~∞", "~∞", "∞"),
        (20, 2, "~500 µs", "n/a", "n/a", "∞"),
    ]) func `failed requests are infinitely slow and small samples say so`(
        total: Int, refused: Int, median: String, p99: String, p999: String, maximum: String
    ) throws {
        let response = try run(refusing: refused, of: total).responseTime
        let words = [response.median, response.p99, response.p999, response.maximum].map(\.words)
        #expect(words == [median, p99, p999, maximum])
    }

    @Test func `a quantile that was not tabulated is read off the histogram`() throws {
        let response = try passing().responseTime
        let p95 = response.figure(at: 0.95)
        let median = try #require(response.median.nanoseconds)
        let p99 = try #require(response.p99.nanoseconds)
        let value = try #require(p95.nanoseconds)
        #expect(value >= median && value <= p99)
    }

    @Test func `the spectrum ends where failures begin`() throws {
        let strategy = try run(refusing: 250, of: 1_000)
        #expect(strategy.spectrum.last?.quantile == 0.75)
        #expect(strategy.spectrum.last?.rank == 750)
    }

    @Test func `warm-up requests are in no figure`() throws {
        let strategy = try passing()
        let run = Fixtures.passing
        #expect(strategy.counts.total == Int(run.ratePerSecond) * run.holdSeconds * run.blocks)
        #expect(strategy.warmupCounts.total == Int(run.ratePerSecond) * run.warmupSeconds * run.blocks)
        #expect(strategy.responseTime.samples == strategy.counts.succeeded)
    }

    @Test func `requests in flight at the end count with their age`() throws {
        var run = Fixtures.passing
        run.tamper = { batch, _ in
            guard batch.isLast else { return batch }
            var changed = batch
            changed.segments[0].counts.succeeded -= 3
            changed.segments[0].counts.unfinished += 3
            return changed
        }
        let summary = try run.summary()
        #expect(summary.validity.isValid)
        let strategy = summary.strategies[0]
        #expect(strategy.responseTime.infinite == 0)
        #expect(strategy.responseTime.population == strategy.counts.total)
        #expect(strategy.counts.unfinished == 3 * run.agents * run.blocks)
        #expect(strategy.errorFraction == 0)
    }

    @Test func `failed checks keep their latencies and give examples`() throws {
        var run = Fixtures.passing
        run.tamper = { batch, trial in
            var changed = batch
            changed.segments[0].counts.succeeded -= 1
            changed.segments[0].counts.checkFailed += 1
            changed.checkFailures = [CheckFailure(requestIndex: Int64(1000 - batch.sequence), message: "status 403")]
            return changed
        }
        let strategy = try run.summary().strategies[0]
        #expect(strategy.responseTime.infinite == 0)
        #expect(strategy.counts.checkFailed == run.holdSeconds * run.agents * run.blocks)
        #expect(strategy.checkFailures.count == 5)
        #expect(strategy.checkFailures.first?.requestIndex == 984)
        #expect(strategy.checkFailures.allSatisfy { $0.block == 0 && $0.message == "status 403" })
    }

    @Test func `intervals join workers second by second`() throws {
        let trial = try passing().trials[0]
        #expect(trial.intervals.count == 17)
        #expect(trial.intervals.allSatisfy { $0.answered == 400 && $0.ratePerSecond == 400 })
        #expect(trial.intervals.map(\.isWarmup) == [true, true] + Array(repeating: false, count: 15))
        #expect(trial.intervals.allSatisfy { $0.p99Nanoseconds == nil })
    }
}
