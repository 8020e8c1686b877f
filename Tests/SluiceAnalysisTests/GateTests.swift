import RunFixtures
import SluiceAnalysis
import SluiceModel
import Testing

@Suite struct `Gate decisions` {
    @Test func `all budgets met is a pass`() throws {
        let decision = try GateDecision(summary: Fixtures.passing.summary())
        #expect(decision.exitCode == .pass)
        #expect(decision.results.map(\.state) == [.pass, .pass, .pass, .pass, .pass])
    }

    @Test func `the other strategies are information`() throws {
        let decision = try GateDecision(summary: Fixtures.largeBody.summary())
        #expect(decision.candidate == "conservative")
        #expect(decision.exitCode == .inconclusive)
        #expect(decision.results.filter { $0.state == .inconclusive }.map(\.name) == ["response_time.p99.9"])
        #expect(decision.information.map(\.strategy) == ["no-gc", "leak-prone"])
        #expect(decision.information.allSatisfy { $0.results.allSatisfy { $0.state == .fail } })
    }

    @Test func `failures make a quantile infinite and fail it, whatever is allowed`() throws {
        var run = Fixtures.largeBody
        run.candidate = "leak-prone"
        run.budgets = Budgets(responseTime: [QuantileBudget(quantile: 0.99, limitNanoseconds: .max)])
        let decision = try GateDecision(summary: run.summary())
        #expect(decision.exitCode == .budgetFailed)
        #expect(decision.results[0].measured == "∞")
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var budgets: Budgets
        var state: BudgetResult.State
        var measured: String
        var testDescription: String { "\(measured): \(state)" }
    }

    @Test(arguments: [
        Case(budgets: Budgets(heapHighWaterBytes: 20 << 20), state: .pass, measured: "20.0 MiB"),
        Case(budgets: Budgets(heapHighWaterBytes: (20 << 20) - 1), state: .fail, measured: "20.0 MiB"),
        Case(budgets: Budgets(gcHeapHighWaterBytes: 1 << 30), state: .fail, measured: "n/a"),
        Case(budgets: Budgets(growthEvents: 0), state: .pass, measured: "0"),
        Case(budgets: Budgets(allocatorFailures: 0), state: .pass, measured: "0"),
        Case(budgets: Budgets(errorFraction: 0), state: .pass, measured: "0 %"),
    ]) func `a budget is met up to its limit`(_ example: Case) throws {
        let result = try GateDecision(summary: Fixtures.passing.summary(), budgets: example.budgets).results[0]
        #expect(result.state == example.state)
        #expect(result.measured == example.measured)
    }

    @Test func `budgets without a single sample fail`() throws {
        var run = Fixtures.passing
        run.engine = .null
        run.tamper = { batch, _ in
            var changed = batch
            changed.segments = []
            return changed
        }
        let budgets = Budgets(
            responseTime: [QuantileBudget(quantile: 0.99, limitNanoseconds: .max)],
            serviceTime: [QuantileBudget(quantile: 1, limitNanoseconds: .max)], heapHighWaterBytes: .max,
            gcHeapHighWaterBytes: .max, growthEvents: .max, allocatorFailures: .max, errorFraction: 1)
        let decision = try GateDecision(summary: run.summary(), budgets: budgets)
        #expect(decision.results.count == 7)
        #expect(decision.results.filter { $0.state != .fail }.map(\.name) == [])
        #expect(decision.exitCode == .invalid)
    }

    @Test func `growths that the ledger lost may make a budget inconclusive, never pass`() throws {
        var run = Fixtures.passing
        run.tamper = { batch, _ in
            var changed = batch
            changed.heap.growthEventsWithoutDetail = batch.sequence == 9 ? 2 : 0
            return changed
        }
        let lost = 2 * run.agents * run.blocks
        let summary = try run.summary()
        for (limit, state) in [(lost - 1, BudgetResult.State.inconclusive), (lost, .pass)] {
            let decision = try GateDecision(summary: summary, budgets: Budgets(growthEvents: limit))
            #expect(decision.results[0].state == state)
        }
    }

    @Test func `an invalid candidate is never a pass; an invalid stranger does not matter`() throws {
        var run = Fixtures.passing
        run.guests.append(("late", run.guests[0].guest))
        run.guests[1].guest.harnessLagNanoseconds = 900_000
        let summary = try run.summary()
        #expect(try GateDecision(summary: summary).exitCode == .pass)
        #expect(try GateDecision(summary: summary, candidate: "late").exitCode == .invalid)
        #expect(summary.measurementExitCode == .invalid)
    }

    @Test func `no budgets cannot pass`() throws {
        let decision = try GateDecision(summary: Fixtures.passing.summary(), budgets: Budgets())
        #expect(decision.exitCode == .inconclusive)
    }

    @Test func `an unknown candidate is refused with the names there are`() throws {
        let summary = try Fixtures.passing.summary()
        #expect(throws: GateError.unknownCandidate("nobody", known: ["conservative"])) {
            try GateDecision(summary: summary, candidate: "nobody")
        }
    }

    @Test func `the worst exit code wins in the documented order`() {
        let order: [ExitCode] = [
            .interrupted, .internalError, .usage, .degraded, .invalid, .budgetFailed, .inconclusive, .pass,
        ]
        for (position, code) in order.enumerated() {
            #expect(ExitCode.worst(of: order.suffix(from: position).reversed()) == code)
        }
        #expect(order.map(\.rawValue) == [130, 70, 2, 5, 4, 1, 3, 0])
        #expect(Set(order) == Set(ExitCode.allCases))
    }
}

@Suite struct `VM failures` {
    @Test func `failures of one kind and place are one group with its first occurrence`() throws {
        let strategy = try #require(try Fixtures.largeBody.summary().strategy(named: "leak-prone"))
        let group = try #require(strategy.failures.first)
        #expect(strategy.failures.count == 1)
        #expect(group.count == strategy.vmEvents.failed)
        #expect(group.first.block == 0)
        #expect(group.first.failure.requestIndex == 134)
        #expect(group.knownCause?.title == "large blocks held by interior pointers")
    }

    @Test func `a module that nobody knows still has the cap explained`() throws {
        let strategy = try #require(try Fixtures.largeBody.summary().strategy(named: "no-gc"))
        #expect(strategy.failures.first?.knownCause?.title == "the memory cap refused a growth")
    }

    @Test func `a collector that is off is named by its environment`() throws {
        var run = Fixtures.largeBody
        run.guests[1].guest.environment = [EnvironmentVariable(name: "GOGC", value: "off")]
        let strategy = try #require(try run.summary().strategy(named: "no-gc"))
        #expect(strategy.failures.first?.knownCause?.title == "the collector is off")
    }

    @Test(arguments: [
        (["runtime._panic", "runtime.alloc", "main.onHttpRequestHeaders"], "TinyGo's heap reached the memory cap"),
        (["runtime.throw", "runtime.(*mcache).nextFree", "runtime.mallocgc"], "Go's heap reached the memory cap"),
        (["abort", "GC_malloc"], "conservative collector ran out of memory"),
        ([], "the memory cap refused a growth"),
    ]) func `the innermost frames name the runtime`(frames: [String], title: String) throws {
        var run = Fixtures.small
        run.guests[1].guest.backtrace = frames
        run.guests[1].guest.lastLogLines = []
        let strategy = try #require(try run.summary().strategies.last)
        #expect(strategy.failures.first?.knownCause?.title == title)
    }

    @Test func `a plain trap has no allocator's cause`() throws {
        var run = Fixtures.largeBody
        run.guests[1].guest.failureKind = .trap
        let strategy = try #require(try run.summary().strategy(named: "no-gc"))
        #expect(strategy.failures.first?.knownCause == nil)
        #expect(strategy.allocatorFailures == 0)
    }
}
