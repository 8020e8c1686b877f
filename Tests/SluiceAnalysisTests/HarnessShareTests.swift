import RunFixtures
import SluiceAnalysis
import SluiceHistogram
import SluiceModel
import Testing

/// What is said about a figure for the harness's own lag inside it.
@Suite struct `The harness's share of a figure` {
    private struct Request {
        var plugin: Int64
        var harness: Int64
    }

    /// A run of one worker with exactly these measured requests, after a quiet warm-up.
    private func run(_ requests: [Request], budgets: Budgets = Budgets()) -> FixtureRun {
        var run = FixtureRun(guests: [("only", FixtureGuest(course: .none, module: "a.wasm"))])
        run.agents = 1
        run.blocks = 1
        run.warmupSeconds = 0
        run.holdSeconds = 1
        run.ratePerSecond = Double(requests.count)
        run.budgets = budgets
        let segment = Self.segment(requests, role: .measured)
        run.tamperRecord = { record in
            var changed = record
            for index in changed.agents.indices { changed.agents[index].cpuNanoseconds = 100_000_000 }
            return changed
        }
        run.tamper = { batch, _ in
            var changed = batch
            changed.segments = [segment]
            return changed
        }
        return run
    }

    private static func segment(_ requests: [Request], role: LoadRole) -> LoadSegment {
        var response = LatencyHistogram()
        var service = LatencyHistogram()
        var lag = LatencyHistogram()
        for request in requests {
            _ = response.record(nanoseconds: request.plugin + request.harness)
            _ = service.record(nanoseconds: request.plugin)
            _ = lag.record(nanoseconds: request.harness)
        }
        var counts = OutcomeCounts()
        counts.succeeded = requests.count
        let lags = EncodedHistogram(bytes: lag.encoded())
        return LoadSegment(
            role: role, counts: counts, startLag: lags, harnessLag: lags,
            serviceTime: EncodedHistogram(bytes: service.encoded()),
            responseTime: EncodedHistogram(bytes: response.encoded()))
    }

    /// Whatever lag met which request, a figure less its share is no more than the plugin's own figure.
    @Test(arguments: [3, 17, 40] as [UInt64]) func `is never understated`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for round in 0..<6 {
            let count = [30, 200, 1_000, 4_000][Int(random.next() % 4)]
            let requests = (0..<count).map { _ in
                let tail = random.next() % 20 == 0 ? 1 + 30 * random.unit() : 1
                let stall = random.next() % UInt64(5 + 40 * round) == 0 ? 40 * random.unit() : 1
                return Request(
                    plugin: Int64(400_000 * tail * (0.8 + 0.4 * random.unit())),
                    harness: Int64(20_000 * stall * random.unit()) + 1)
            }
            let own = requests.map(\.plugin).sorted()
            for quantile in try run(requests).summary().strategies[0].responseTime.quantiles {
                guard let value = quantile.figure.nanoseconds, let part = quantile.figure.harness else { continue }
                let rank = LatencyHistogram.rank(quantile.quantile, of: count)
                let least = Double(value - (part.atMostNanoseconds ?? value))
                // A histogram has 3 significant digits.
                #expect(least <= Double(own[rank - 1]) * 1.004 + 200, "seed \(seed), round \(round)")
            }
        }
    }

    @Test func `one late request spoils the maximum only`() throws {
        var requests = Array(repeating: Request(plugin: 2_000_000, harness: 20_000), count: 1_500)
        requests[700] = Request(plugin: 2_000_000, harness: 9_000_000)
        let budgets = Budgets(responseTime: [
            QuantileBudget(quantile: 0.99, limitNanoseconds: 5_000_000),
            QuantileBudget(quantile: 1, limitNanoseconds: 50_000_000),
            QuantileBudget(quantile: 1, limitNanoseconds: 5_000_000),
            QuantileBudget(quantile: 1, limitNanoseconds: 1_000_000),
        ])
        let summary = try run(requests, budgets: budgets).summary()
        let response = summary.strategies[0].responseTime
        #expect(response.p99.words == "~2.02 ms")
        #expect(response.maximum.words.hasPrefix("!11.0"))
        #expect(summary.validity.isValid && summary.validity.isGeneratorJudged)
        #expect(summary.validity.cautions.count == 1)
        let decision = try GateDecision(summary: summary)
        // Within it even with the harness; perhaps only because of it; beyond it even without.
        #expect(decision.results.map(\.state) == [.pass, .pass, .invalid, .fail])
        #expect(decision.exitCode == .invalid)
        #expect(decision.reason == "not valid: response time max")
    }

    /// 20 of 1,500 requests are too few for a p99.9 of the lag, and enough to be the whole p99.
    @Test func `few samples do not hide a late generator`() throws {
        var requests = Array(repeating: Request(plugin: 500_000, harness: 20_000), count: 1_500)
        for index in 0..<20 { requests[index * 70].harness = 5_000_000 }
        let budgets = Budgets(responseTime: [QuantileBudget(quantile: 0.99, limitNanoseconds: 2_000_000)])
        let summary = try run(requests, budgets: budgets).summary()
        #expect(summary.strategies[0].responseTime.p99.words.hasPrefix("!~"))
        #expect(summary.strategies[0].responseTime.median.words == "520 µs")
        #expect(summary.validity.cautions.count == 1)
        #expect(try GateDecision(summary: summary).exitCode == .invalid)
    }

    @Test func `a headline figure that can be the harness's makes all of the measured phases invalid`() throws {
        var requests = Array(repeating: Request(plugin: 500_000, harness: 20_000), count: 1_500)
        for index in 0..<200 { requests[index * 7].harness = 5_000_000 }
        let checks = try run(requests).summary().validity.checks.filter { $0.state == .tripped }
        #expect(checks.map(\.name) == ["generator on time"])
        #expect(checks.map(\.figures) == [.measured])
    }

    @Test func `the warm-up is judged for what is of the whole trial`() throws {
        var run = Fixtures.passing
        let late = Self.segment(
            Array(repeating: Request(plugin: 400_000, harness: 60_000_000), count: 200), role: .warmup)
        run.tamper = { batch, _ in
            var changed = batch
            if changed.segments.first?.role == .warmup {
                changed.segments[0] = late
            }
            return changed
        }
        let summary = try run.summary()
        let checks = summary.validity.checks.filter { $0.state == .tripped }
        #expect(checks.map(\.name) == ["warm-up on time"])
        #expect(checks.map(\.figures) == [.wholeTrial])
        #expect(summary.strategies[0].responseTime.quantiles.allSatisfy { !$0.figure.isInvalid })
        #expect(try GateDecision(summary: summary).exitCode == .invalid)
        // A worker has 200 arrivals a second: what is late by less than 5 ms piles nothing up.
        let short = Self.segment(
            Array(repeating: Request(plugin: 400_000, harness: 4_000_000), count: 200), role: .warmup)
        run.tamper = { batch, _ in
            var changed = batch
            if changed.segments.first?.role == .warmup { changed.segments[0] = short }
            return changed
        }
        #expect(try run.summary().validity.isValid)
    }

    @Test func `a block is judged by its own lag`() throws {
        var run = Fixtures.passing
        run.blocks = 20
        run.ratePerSecond = 100
        let late = Self.segment(
            Array(repeating: Request(plugin: 400_000, harness: 3_000_000), count: 3), role: .measured)
        run.tamper = { batch, trial in
            guard trial.block == 7, batch.sequence > 3, var segment = batch.segments.first else { return batch }
            guard var lag = try? LatencyHistogram(encoded: segment.harnessLag.bytes),
                let lags = try? LatencyHistogram(encoded: late.harnessLag.bytes)
            else { return nil }
            lag.add(lags)
            segment.harnessLag = EncodedHistogram(bytes: lag.encoded())
            var changed = batch
            changed.segments[0] = segment
            return changed
        }
        let strategy = try run.summary().strategies[0]
        let marked = strategy.trials.filter { $0.responseTime.quantiles.contains { $0.figure.isInvalid } }
        #expect(marked.map(\.block) == [7])
    }

    @Test func `with too few requests nothing is judged, and nothing passes`() throws {
        let summary = try run(
            Array(repeating: Request(plugin: 500_000, harness: 20_000), count: 8),
            budgets: Budgets(errorFraction: 0.5)
        ).summary()
        #expect(summary.validity.isValid)
        #expect(!summary.validity.isGeneratorJudged)
        #expect(summary.validity.word == "not judged")
        let decision = try GateDecision(summary: summary)
        #expect(decision.results.map(\.state) == [.pass])
        #expect(decision.exitCode == .inconclusive)
    }
}
