import RunFixtures
import SluiceAnalysis
import SluiceModel
import Testing

@Suite struct `Plugins in one VM` {
    /// Of a run with two plugins of one module.
    private func summary(
        _ tamper: @escaping @Sendable (inout IntervalBatch) -> Void,
        _ change: (inout PluginSpecification) -> Void
    ) throws -> StrategySummary {
        var fixture = FixtureRun(
            guests: [("one", FixtureGuest(course: .linear(bytesPerRequest: 20_000), module: "a.wasm"))])
        fixture.tamper = { batch, _ in
            var changed = batch
            tamper(&changed)
            return changed
        }
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
        let strategy = try summary({ _ in }) { _ in }
        #expect(strategy.description.pluginsInOneVM == [["gc-test", "other"]])
        #expect(strategy.trials[0].heapCurves[0].points.contains { $0.event == .sample })
    }

    @Test(arguments: [0, 1])
    func `of which one leaks make the verdict, whichever it is in the chain`(leaking: Int) throws {
        let strategy = try summary({ batch in
            for index in batch.growth.indices { batch.growth[index].vmOrdinal = leaking }
            guard batch.sequence == 0 else { return }
            batch.growth.append(
                GrowthEvent(
                    timeNanoseconds: -1, requestIndex: nil, vmRequestNumber: 0, vmOrdinal: 1 - leaking, memory: .linear,
                    fromBytes: 0, toBytes: 1 << 19, granted: true))
        }) { $0.vmID = "own" }
        #expect(strategy.heap.linear.verdict == .growing, "\(strategy.heap.linear.explanation)")
    }

    @Test func `of which one grows in its ticks are not called level`() throws {
        let strategy = try summary({ batch in
            for index in batch.growth.indices {
                let event = batch.growth[index]
                batch.growth[index].vmOrdinal = 1
                batch.growth[index].vmRequestNumber = 0
                batch.growth[index].requestIndex = nil
                guard event.vmRequestNumber == 0 else { continue }
                var other = event
                other.vmOrdinal = 0
                batch.growth.append(other)
            }
        }) { $0.vmID = "own" }
        let memory = strategy.heap.linear
        #expect(memory.verdict == .inconclusive)
        #expect(memory.explanation.contains("in no request, but in ticks"), "\(memory.explanation)")
        #expect(memory.mostMeasuredGrowthsOfOneVM > 0)
        let start = try #require(memory.trials[0].startBytes)
        #expect(start < memory.highWaterBytes ?? 0)
    }

    @Test func `are not those of other VMs, whose memories have no sum on a curve`() throws {
        let changes: [(inout PluginSpecification) -> Void] = [
            { $0.vmID = "own" }, { $0.vmConfiguration = [1] }, { $0.placement = .firstWorker },
        ]
        for change in changes {
            let strategy = try summary({ _ in }, change)
            #expect(strategy.description.pluginsInOneVM == nil)
            #expect(!strategy.trials[0].heapCurves[0].points.contains { $0.event == .sample })
        }
    }
}
