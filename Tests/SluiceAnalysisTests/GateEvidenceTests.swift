import RunFixtures
import SluiceAnalysis
import SluiceModel
import Testing

@Suite struct `Gate on blocks` {
    private static let limit = RelativeBudget(quantile: 0.9, allowedFraction: 0.05)

    /// The candidate takes so much longer; the baseline runs twice.
    private func run(
        slowdown: Double, againSlowdown: Double = 1.000001, blocks: Int = 8, atMost: Int? = 40
    ) -> FixtureRun {
        func guest(_ factor: Double) -> FixtureGuest {
            FixtureGuest(
                course: .level(bytes: 4 << 20), serviceNanoseconds: Int64(2_000_000 * factor), module: "a.wasm")
        }
        var run = FixtureRun(guests: [
            ("old", guest(1)), ("new", guest(slowdown)), ("old-again", guest(againSlowdown)),
        ])
        run.command = "gate"
        run.candidate = "new"
        run.baseline = "old"
        run.baselineAgain = "old-again"
        run.atMostBlocks = atMost
        run.blocks = blocks
        run.holdSeconds = 4
        run.ratePerSecond = 100
        run.budgets = Budgets(againstBaseline: [Self.limit])
        return run
    }

    @Test func `an equal candidate passes at the first look`() throws {
        let decision = try GateDecision(summary: run(slowdown: 1.000002).summary())
        #expect(decision.exitCode == .pass)
        #expect(decision.results.map(\.name) == ["against_baseline.p90"])
        let evidence = try #require(decision.evidence)
        #expect(evidence.isDecided)
        #expect(evidence.blocks == 8)
        #expect(evidence.looks == [8, 16, 24, 40])
        #expect(evidence.armChecks.map(\.differs) == [false])
        let comparison = evidence.comparisons[0]
        let effect = try #require(comparison.effect)
        #expect(abs(try #require(effect.fraction)) < 0.03)
        #expect(try #require(effect.lowerFraction) < 0 || abs(try #require(effect.fraction)) < 0.01)
        #expect(comparison.blocks.count == 8)
        #expect(try #require(comparison.leastDetectableFraction) > 0.05)
    }

    @Test func `the command that repeats a gate names modules that stood in for strategies`() throws {
        var run = run(slowdown: 1.2)
        #expect(try run.summary().run.repeatCommand.hasSuffix(" --candidate new --baseline old --at-most 40"))
        run.candidateArgument = "next.wasm"
        run.baselineArgument = "oci://registry.test/team/mine:1.2"
        let words = " --candidate next.wasm --baseline 'oci://registry.test/team/mine:1.2' --at-most 40"
        #expect(try run.summary().run.repeatCommand.hasSuffix(words))
    }

    @Test func `a slower candidate fails, and a faster one passes`() throws {
        let slower = try GateDecision(summary: run(slowdown: 1.2).summary())
        #expect(slower.exitCode == .budgetFailed)
        #expect(slower.evidence?.comparisons.map(\.outcome) == [.fail])
        #expect(abs(try #require(slower.evidence?.comparisons[0].effect?.fraction) - 0.2) < 0.03)
        #expect(try GateDecision(summary: run(slowdown: 0.7).summary()).exitCode == .pass)
    }

    @Test func `an effect at the limit stays open`() throws {
        let decision = try GateDecision(summary: run(slowdown: 1.05).summary())
        #expect(decision.exitCode == .inconclusive)
        #expect(decision.evidence?.isDecided == false)
    }

    @Test func `a baseline that differs from itself makes the measurement invalid`() throws {
        let decision = try GateDecision(summary: run(slowdown: 1.000002, againSlowdown: 1.3).summary())
        #expect(decision.exitCode == .invalid)
        #expect(decision.evidence?.armChecks.map(\.differs) == [true])
        #expect(decision.reason.contains("old against itself"))
    }

    @Test func `a candidate that fails requests is infinitely slow and does not pass`() throws {
        var run = run(slowdown: 0.5)
        run.guests[1].guest.course = .linear(bytesPerRequest: 4_194_304)
        run.capBytes = 24 << 20
        let decision = try GateDecision(summary: run.summary())
        #expect(decision.exitCode != .pass)
        #expect(decision.results[0].state == .fail)
        #expect(decision.results[0].measured == "∞")
        let comparison = try #require(decision.evidence?.comparisons.first)
        #expect(comparison.effect == nil)
        #expect(comparison.standardDeviation == nil)
        #expect(comparison.blocks.allSatisfy { $0.candidateNanoseconds == nil })
    }

    @Test func `without a baseline in the run, or with one block, nothing is decided`() throws {
        var alone = run(slowdown: 1)
        alone.guests = [alone.guests[1]]
        let decision = try GateDecision(summary: alone.summary())
        #expect(decision.exitCode == .inconclusive)
        #expect(decision.results[0].detail == "the baseline was not part of the run")
        #expect(try GateDecision(summary: run(slowdown: 1, blocks: 1).summary()).exitCode == .inconclusive)
        var unnamed = run(slowdown: 1)
        unnamed.baseline = nil
        #expect(try GateDecision(summary: unnamed.summary()).results[0].detail == "no baseline is named")
    }

    @Test func `an absolute budget needs its interval below it, not only its figure`() throws {
        var run = run(slowdown: 1, blocks: 8, atMost: nil)
        run.tamper = { batch, _ in batch }
        let measured = try #require(
            try GateDecision(summary: run.summary()).evidence?.comparisons[0].blocks[0].candidateNanoseconds)
        for (factor, state) in [(1.5, BudgetResult.State.pass), (0.7, .fail)] {
            run.budgets = Budgets(responseTime: [
                QuantileBudget(quantile: 0.9, limitNanoseconds: Int64(Double(measured) * factor))
            ])
            let decision = try GateDecision(summary: run.summary())
            #expect(decision.results.map(\.state) == [state])
            #expect(decision.evidence?.comparisons[0].baseline == nil)
        }
    }

    @Test func `the baseline against itself is a wire of the measurement`() throws {
        func wire(_ run: FixtureRun) throws -> ValidityCheck {
            try #require(try run.summary().validity.checks.first { $0.name == "A/A arm" })
        }
        let equal = try wire(run(slowdown: 1.000002))
        #expect(equal.state == .passed && equal.measured != nil)
        let unequal = run(slowdown: 1.000002, againSlowdown: 1.3)
        #expect(try wire(unequal).state == .tripped)
        #expect(try !unequal.summary().validity.isValid)
        var alone = run(slowdown: 1)
        alone.baselineAgain = nil
        #expect(try wire(alone).state == .notAvailable)
    }

    @Test func `budgets of service time are decided by the blocks as well`() throws {
        var run = run(slowdown: 1, blocks: 8, atMost: nil)
        for (limit, state) in [(3_000_000, BudgetResult.State.pass), (1_500_000, .fail)] {
            run.budgets = Budgets(serviceTime: [QuantileBudget(quantile: 0.9, limitNanoseconds: Int64(limit))])
            let decision = try GateDecision(summary: run.summary())
            #expect(decision.results.map(\.state) == [state])
            let comparison = try #require(decision.evidence?.comparisons.first)
            #expect(comparison.name == "service_time.p90" && comparison.blocks.count == 8)
            #expect(comparison.effect != nil)
        }
    }

    @Test func `a candidate that is the baseline is called so`() throws {
        let decision = try GateDecision(summary: run(slowdown: 1).summary(), candidate: "old")
        #expect(decision.results[0].detail == "the candidate is the baseline")
    }

    /// What a look makes of the blocks so far.
    @Test func `more blocks are wanted as long as they can change something`() throws {
        func wants(_ run: FixtureRun, _ budgets: Budgets? = nil) throws -> Bool {
            var run = run
            if let budgets { run.budgets = budgets }
            return try GateDecision(summary: run.summary()).wantsMoreBlocks
        }
        #expect(try !wants(run(slowdown: 1.000002)))
        #expect(try !wants(run(slowdown: 1.2)))
        #expect(try wants(run(slowdown: 1.05)))
        // Decided, and a budget that blocks say nothing about is still open, or may come back.
        let open = Budgets(
            serviceTime: [QuantileBudget(quantile: 0.999, limitNanoseconds: 50_000_000)],
            againstBaseline: [Self.limit])
        #expect(try wants(run(slowdown: 1.000002), open))
        // Beyond its limit in every block; and a share of errors that may fall again.
        let slow = Budgets(serviceTime: [QuantileBudget(quantile: 0.5, limitNanoseconds: 1_000_000)])
        #expect(try !wants(run(slowdown: 1.000002), slow))
        var failing = run(slowdown: 1.000002)
        failing.guests[1].guest.course = .linear(bytesPerRequest: 4_194_304)
        failing.capBytes = 24 << 20
        #expect(try wants(failing, Budgets(errorFraction: 0)))
        // What memory has reached stays.
        #expect(try !wants(run(slowdown: 1.05), Budgets(againstBaseline: [Self.limit], heapHighWaterBytes: 1 << 20)))
    }
}
