import RunFixtures
import SluiceAnalysis
import SluiceModel
import Testing

@Suite struct `Plugins in one VM` {
    /// Of a run with two plugins of one module.
    private func summary(_ change: (inout PluginSpecification) -> Void) throws -> StrategySummary {
        let fixture = FixtureRun(
            guests: [("one", FixtureGuest(course: .linear(bytesPerRequest: 1000), module: "a.wasm"))])
        var run = fixture.runRecord
        var other = run.workload.plugins[0]
        other.name = "other"
        change(&other)
        run.workload.plugins.append(other)
        run.moduleHashes = run.moduleHashes.mapValues { $0 + $0 }
        return try RunAnalyser.analyse(run: run, trials: fixture.trialRecords) { trial, body in
            for batch in fixture.batches(of: trial) { try body(batch) }
        }.strategies[0]
    }

    @Test func `are named, and their memory is one curve`() throws {
        let strategy = try summary { _ in }
        #expect(strategy.description.pluginsInOneVM == [["gc-test", "other"]])
        #expect(strategy.trials[0].heapCurves[0].points.contains { $0.event == .sample })
    }

    @Test func `are not those of other VMs, whose memories have no sum on a curve`() throws {
        let changes: [(inout PluginSpecification) -> Void] = [
            { $0.vmID = "own" }, { $0.vmConfiguration = [1] }, { $0.placement = .firstWorker },
        ]
        for change in changes {
            let strategy = try summary(change)
            #expect(strategy.description.pluginsInOneVM == nil)
            #expect(!strategy.trials[0].heapCurves[0].points.contains { $0.event == .sample })
        }
    }
}
