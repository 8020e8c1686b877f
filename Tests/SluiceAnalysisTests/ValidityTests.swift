import RunFixtures
import SluiceAnalysis
import SluiceHistogram
import SluiceModel
import Testing

@Suite struct `Validity of a measurement` {
    private func tripped(_ run: FixtureRun) throws -> [String] {
        try run.summary().validity.checks.filter { $0.state == .tripped }.map(\.name)
    }

    @Test func `an orderly run is valid`() throws {
        let summary = try Fixtures.largeBody.summary()
        #expect(summary.validity.reasons.isEmpty)
        #expect(summary.validity.isValid)
        #expect(summary.measurementExitCode == .pass)
    }

    @Test func `a late generator makes it invalid`() throws {
        var run = Fixtures.passing
        run.guests[0].guest.harnessLagNanoseconds = 900_000
        #expect(try tripped(run) == ["generator on time", "send lag"])
        #expect(try run.summary().measurementExitCode == .invalid)
    }

    @Test func `microseconds of lag under microseconds of latency are a caution`() throws {
        var run = Fixtures.passing
        run.guests[0].guest.serviceNanoseconds = 5_000
        run.guests[0].guest.harnessLagNanoseconds = 60_000
        let summary = try run.summary()
        #expect(summary.validity.isValid)
        #expect(
            summary.validity.checks.filter { $0.state == .caution }.map(\.name) == [
                "generator on time", "warm-up on time",
            ])
    }

    @Test func `a lost batch makes it invalid, twice the same does not count twice`() throws {
        var run = Fixtures.passing
        run.tamper = { batch, trial in trial.block == 0 && batch.agent == 1 && batch.sequence == 5 ? nil : batch }
        #expect(try tripped(run) == ["every request counted", "every batch received"])

        let whole = Fixtures.passing
        let twice = try RunAnalyser.analyse(run: whole.runRecord, trials: whole.trialRecords) { trial, body in
            for batch in whole.batches(of: trial) {
                try body(batch)
                if batch.sequence == 3 { try body(batch) }
            }
        }
        #expect(twice.validity.isValid)
        #expect(twice.validity.cautions.count == 1)
        #expect(try twice.strategies[0].counts == whole.summary().strategies[0].counts)
    }

    @Test func `a worker's missing end makes it invalid`() throws {
        var run = Fixtures.passing
        run.tamper = { batch, _ in
            var changed = batch
            changed.isLast = false
            return changed
        }
        #expect(try tripped(run) == ["every batch received"])
    }

    @Test func `a silent worker makes it invalid`() throws {
        var run = Fixtures.passing
        run.tamper = { batch, _ in batch.agent == 1 ? nil : batch }
        #expect(try tripped(run).contains("every batch received"))
    }

    @Test func `samples out of range make it invalid`() throws {
        var run = Fixtures.passing
        run.tamper = { batch, _ in
            var changed = batch
            changed.segments[0].counts.outOfRange += batch.sequence == 4 ? 1 : 0
            return changed
        }
        #expect(try tripped(run) == ["inside the range"])
    }

    @Test func `histograms that disagree with the counts make it invalid`() throws {
        var run = Fixtures.passing
        run.tamper = { batch, _ in
            guard batch.sequence == 4 else { return batch }
            guard var more = try? LatencyHistogram(encoded: batch.segments[0].responseTime.bytes) else { return nil }
            _ = more.record(nanoseconds: 1_000_000)
            var changed = batch
            changed.segments[0].responseTime = EncodedHistogram(bytes: more.encoded())
            return changed
        }
        #expect(try tripped(run) == ["histograms match counts"])
    }

    @Test func `a plan that is not the workload's makes it invalid`() throws {
        var run = Fixtures.passing
        run.tamperRecord = { record in
            var changed = record
            changed.agents[0].plannedRequests[1] -= 400
            return changed
        }
        #expect(try tripped(run) == ["every request counted", "plan matches load"])
    }

    @Test func `an agent that says nothing of its plan makes a complete run invalid`() throws {
        var run = Fixtures.passing
        run.tamperRecord = { record in
            var changed = record
            changed.agents.removeLast()
            return changed
        }
        #expect(try tripped(run) == ["every request counted"])
        #expect(try run.summary().strategies[0].plannedRequests == nil)
    }

    @Test func `agents with different engine versions make it invalid`() throws {
        var run = Fixtures.passing
        run.tamperRecord = { record in
            var changed = record
            changed.agents[0].engine.version = "50.0.2"
            return changed
        }
        #expect(try tripped(run) == ["one engine"])
    }

    @Test(arguments: [
        (RunStatus.complete, ExitCode.pass), (.degraded, .degraded), (.interrupted, .interrupted),
        (.failed, .internalError), (.running, .invalid),
    ]) func `the state of the run decides the exit code`(status: RunStatus, code: ExitCode) throws {
        var run = Fixtures.passing
        run.status = status
        #expect(try run.summary().measurementExitCode == code)
        #expect(try GateDecision(summary: run.summary()).exitCode == code)
    }

    @Test func `a lost agent is degraded, not invalid, and what it sent is there`() throws {
        var run = Fixtures.passing
        run.status = .degraded
        run.statusReason = "agent 1 was lost in block 1"
        run.tamper = { batch, _ in batch.agent == 1 && batch.sequence > 6 ? nil : batch }
        run.tamperRecord = { record in
            var changed = record
            changed.agents.removeLast()
            return changed
        }
        let summary = try run.summary()
        #expect(summary.validity.isValid)
        #expect(summary.measurementExitCode == .degraded)
        #expect(summary.strategies[0].counts.total > 0)
    }

    @Test func `a damaged histogram is an error that names the place`() throws {
        var run = Fixtures.passing
        run.tamper = { batch, _ in
            var changed = batch
            changed.segments[0].serviceTime.bytes[12] ^= 0xff
            return changed
        }
        #expect(throws: AnalysisError.self) { try run.summary() }
    }

    @Test func `a trial of a strategy that the run does not have is an error`() throws {
        var run = Fixtures.passing
        run.tamperRecord = { record in
            var changed = record
            changed.identity.strategy = "other"
            return changed
        }
        #expect(throws: AnalysisError.unknownStrategy("other")) { try run.summary() }
    }
}
