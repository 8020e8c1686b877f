import RunFixtures
import SluiceAnalysis
import SluiceHistogram
import SluiceModel
import Testing

@Suite struct `Wires on saturation and the machine` {
    private func check(_ name: String, _ run: FixtureRun) throws -> ValidityCheck? {
        try run.summary().validity.checks.first { $0.name == name }
    }

    @Test func `an orderly run holds every wire, with its value and its bound`() throws {
        let checks = try Fixtures.passing.summary().validity.checks
        for name in ["achieved rate", "workers busy", "requests in flight", "steal", "CPU pressure", "send lag"] {
            let check = checks.first { $0.name == name }
            #expect(check?.state == .passed, "\(name)")
            #expect(check?.measured != nil && check?.bound != nil, "\(name)")
        }
    }

    @Test(arguments: [
        (MachineLoad(stealFraction: 0.02, pressureFraction: 0.01, throttledPeriods: 0), ["steal"]),
        (MachineLoad(stealFraction: 0, pressureFraction: 0.2, throttledPeriods: 0), ["CPU pressure"]),
        (MachineLoad(stealFraction: 0, pressureFraction: 0, throttledPeriods: 3), ["throttled periods"]),
        (MachineLoad(stealFraction: 0.01, pressureFraction: 0.05, throttledPeriods: 0), []),
    ]) func `a machine that was not ours alone makes it invalid`(machine: MachineLoad, tripped: [String]) throws {
        var run = Fixtures.passing
        run.tamperRecord = { record in
            var changed = record
            if record.identity.block == 1 { changed.machine = machine }
            return changed
        }
        #expect(try run.summary().validity.checks.filter { $0.state == .tripped }.map(\.name) == tripped)
    }

    @Test func `what nobody looked at is n-a, not held`() throws {
        var run = Fixtures.passing
        run.tamperRecord = { record in
            var changed = record
            changed.machine = nil
            return changed
        }
        #expect(try check("steal", run)?.state == .notAvailable)
        #expect(try check("steal", run)?.measured == nil)
        #expect(try run.summary().validity.isValid)
    }

    @Test func `busy workers make it invalid`() throws {
        var run = Fixtures.passing
        run.tamperRecord = { record in
            var changed = record
            for index in changed.agents.indices { changed.agents[index].cpuNanoseconds = 16_000_000_000 }
            return changed
        }
        #expect(try check("workers busy", run)?.state == .tripped)
    }

    /// Response times that rise by so many milliseconds each second.
    private func rising(byMilliseconds rise: Int) -> FixtureRun {
        var run = Fixtures.passing
        run.tamper = { batch, _ in
            var changed = batch
            for index in changed.segments.indices {
                var histogram = LatencyHistogram()
                for _ in 0..<changed.segments[index].counts.succeeded {
                    _ = histogram.record(nanoseconds: 400_000 + Int64(batch.sequence * rise) * 1_000_000)
                }
                changed.segments[index].responseTime = EncodedHistogram(bytes: histogram.encoded())
            }
            return changed
        }
        return run
    }

    @Test func `requests that pile up make it invalid`() throws {
        #expect(try check("requests in flight", rising(byMilliseconds: 0))?.state == .passed)
        // From 0.4 to 6.4 ms at 400 a second: never more than three requests at a time, and less than twice as many.
        #expect(try check("requests in flight", rising(byMilliseconds: 1))?.state == .passed)
        var run = rising(byMilliseconds: 0)
        let steady = run.tamper
        run.tamper = { batch, trial in
            guard batch.sequence > 8, var changed = steady(batch, trial) else { return steady(batch, trial) }
            var histogram = LatencyHistogram()
            for _ in 0..<changed.segments[0].counts.succeeded {
                _ = histogram.record(nanoseconds: Int64(batch.sequence - 8) * 100_000_000)
            }
            changed.segments[0].responseTime = EncodedHistogram(bytes: histogram.encoded())
            return changed
        }
        #expect(try check("requests in flight", run)?.state == .tripped)
    }

    @Test func `requests that were never started make it invalid`() throws {
        var run = Fixtures.passing
        run.tamper = { batch, _ in
            var changed = batch
            guard let last = changed.segments.indices.last, changed.segments[last].role == .measured else {
                return batch
            }
            changed.segments[last].counts.neverStarted = 2
            return changed
        }
        #expect(try check("achieved rate", run)?.state == .tripped)
    }
}

@Suite struct `A run that has not ended` {
    private func summary(_ coordinator: CoordinatorState?) throws -> RunSummary {
        var run = Fixtures.largeBody
        run.status = .running
        run.tamperRecord = { record in
            var changed = record
            changed.status = record.identity.block == 0 ? .complete : .running
            if changed.status == .running { changed.agents = [] }
            return changed
        }
        run.tamper = { batch, trial in trial.block == 1 && batch.sequence > 6 ? nil : batch }
        return try run.summary(coordinator: coordinator)
    }

    @Test func `is not called dead while its coordinator lives`() throws {
        let summary = try summary(.alive)
        #expect(summary.run.isInProgress)
        // Even a budget that what has come in so far exceeds.
        let failing = try GateDecision(summary: summary, budgets: Budgets(heapHighWaterBytes: 1))
        #expect(failing.results.map(\.state) == [.fail])
        #expect(failing.exitCode == .inconclusive)
        #expect(failing.reason.contains("still going on"))
        #expect(summary.validity.isValid)
        #expect(!summary.validity.cautions.joined().contains("died"))
        let decision = try GateDecision(summary: summary)
        #expect(decision.exitCode == .inconclusive)
        #expect(decision.reason.contains("still going on"))
    }

    @Test func `is invalid when its coordinator died or cannot be seen`() throws {
        #expect(try summary(.dead).validity.reasons.first == "the run was never finished: its coordinator died")
        for coordinator in [.dead, .unknown, nil] as [CoordinatorState?] {
            let summary = try summary(coordinator)
            #expect(!summary.run.isInProgress)
            #expect(try GateDecision(summary: summary).exitCode == .invalid)
        }
    }
}
