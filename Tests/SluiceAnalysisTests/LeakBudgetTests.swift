import RunFixtures
import SluiceAnalysis
import SluiceModel
import Testing

/// Budgets on leaks, against heaps whose course is known.
@Suite struct `Leak budgets` {
    struct Case: Sendable, CustomTestStringConvertible {
        var course: FixtureGuest.Course
        var vmRequests: Int?
        var state: BudgetResult.State
        var testDescription: String { "\(course), \(vmRequests.map { "\($0)" } ?? "forbidden"): \(state)" }
    }

    // 20,000 B a request reach the cap of 1 GiB after 53,000. A level heap of 20 MiB would have shown 3,100 B.
    @Test(arguments: [
        Case(course: .level(bytes: 20 << 20), vmRequests: nil, state: .pass),
        Case(course: .level(bytes: 20 << 20), vmRequests: 100_000, state: .pass),
        Case(course: .level(bytes: 20 << 20), vmRequests: 10_000_000, state: .inconclusive),
        Case(course: .linear(bytesPerRequest: 20_000), vmRequests: nil, state: .fail),
        Case(course: .linear(bytesPerRequest: 20_000), vmRequests: 10_000, state: .pass),
        Case(course: .linear(bytesPerRequest: 20_000), vmRequests: 100_000, state: .fail),
    ]) func `growth is held against the life that a VM must have`(_ example: Case) throws {
        let guest = FixtureGuest(course: example.course, policy: .steps(bytes: 65_536), module: "a.wasm")
        var run = FixtureRun(guests: [("only", guest)])
        run.capBytes = 1 << 30
        run.holdSeconds = 60
        run.blocks = 1
        run.recordsLatencies = false
        let budgets = Budgets(leak: LeakBudget(vmRequests: example.vmRequests))
        let result = try GateDecision(summary: run.summary(), budgets: budgets).results[0]
        #expect(result.name == "heap.leak")
        #expect(result.state == example.state, "\(result.detail)")
        #expect(!result.detail.isEmpty)
    }

    @Test func `a VM that died at its cap leaks, and one without memory shows nothing`() throws {
        var run = Fixtures.largeBody
        run.candidate = "leak-prone"
        let budgets = Budgets(leak: LeakBudget(vmRequests: 1))
        #expect(try GateDecision(summary: run.summary(), budgets: budgets).results[0].state == .fail)
        run = Fixtures.passing
        run.engine = .null
        let result = try GateDecision(summary: run.summary(), budgets: budgets).results[0]
        #expect(result.state == .fail && result.measured == "n/a")
    }
}
