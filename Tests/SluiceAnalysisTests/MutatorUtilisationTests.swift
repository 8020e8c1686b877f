import RunFixtures
import SluiceAnalysis
import SluiceHistogram
import SluiceModel
import Testing

/// Minimum mutator utilisation of runs whose pauses are known.
@Suite struct `Minimum mutator utilisation` {
    /// Two intervals of 200 requests of 1 ms; in the second one some take longer.
    private func utilisation(
        slow: [Int64], collections: [Int64]? = nil, change: @escaping @Sendable (inout IntervalBatch) -> Void = { _ in }
    ) throws -> MutatorUtilisation {
        var run = FixtureRun(guests: [("only", FixtureGuest(course: .none, module: "a.wasm"))])
        run.agents = 1
        run.blocks = 1
        run.warmupSeconds = 0
        run.holdSeconds = 2
        if collections != nil { run.observations = [Observation(metric: "gc_collections", role: .collections)] }
        run.tamper = { batch, _ in
            var changed = batch
            var services = LatencyHistogram()
            for _ in 0..<200 { _ = services.record(nanoseconds: 1_000_000) }
            if batch.sequence == 1 { for service in slow { _ = services.record(nanoseconds: service) } }
            changed.segments[0].serviceTime = EncodedHistogram(bytes: services.encoded())
            changed.metrics =
                (collections?[batch.sequence]).map {
                    [MetricSample(timeNanoseconds: batch.endNanoseconds, name: "gc_collections", value: $0)]
                } ?? []
            change(&changed)
            return changed
        }
        return try run.summary().strategies[0].mutatorUtilisation
    }

    private func minimum(_ utilisation: MutatorUtilisation, milliseconds: Int64) -> Double? {
        utilisation.windows.first { $0.nanoseconds == milliseconds * 1_000_000 }?.minimum
    }

    /// A slot of the histogram is a thousandth wide.
    private func expect(_ value: Double?, about expected: Double) {
        #expect(value.map { abs($0 - expected) < 0.005 } == true, "\(value.map { "\($0)" } ?? "n/a"), not \(expected)")
    }

    @Test func `one long pause takes short windows whole, and of long ones its share`() throws {
        let utilisation = try utilisation(slow: [21_000_000])
        #expect(utilisation.evidence == .serviceTime)
        expect(minimum(utilisation, milliseconds: 1), about: 0)
        expect(minimum(utilisation, milliseconds: 10), about: 0)
        expect(minimum(utilisation, milliseconds: 100), about: 0.8)
        expect(minimum(utilisation, milliseconds: 1000), about: 0.98)
    }

    @Test func `short pauses in a row show where the longest pause does not`() throws {
        let utilisation = try utilisation(slow: Array(repeating: 2_000_000, count: 40))
        // Each request of 2 ms is half a pause, and fifty of them would fill a window.
        expect(minimum(utilisation, milliseconds: 10), about: 0.5)
        expect(minimum(utilisation, milliseconds: 100), about: 0.6)
        expect(minimum(utilisation, milliseconds: 1000), about: 0.96)
    }

    @Test func `a plugin that takes the same time for each request leaves everything to itself`() throws {
        let utilisation = try utilisation(slow: [])
        for window in utilisation.windows { expect(window.minimum, about: 1) }
    }

    @Test func `seconds without a reported collection have no pauses`() throws {
        let without = try utilisation(slow: [21_000_000], collections: [3, 3])
        #expect(without.evidence == .collections)
        expect(minimum(without, milliseconds: 100), about: 1)
        expect(minimum(try utilisation(slow: [21_000_000], collections: [3, 4]), milliseconds: 100), about: 0.8)
    }

    @Test func `what cannot be told is not a number`() throws {
        let calling = try utilisation(slow: []) { $0.vmEvents.callOuts = 1 }
        #expect(calling.evidence == .none && calling.windows.allSatisfy { $0.minimum == nil })
        let few = try utilisation(slow: []) { batch in
            batch.segments[0].serviceTime = .empty
        }
        #expect(few.windows.allSatisfy { $0.minimum == nil })
        #expect(few.windows.count == MutatorUtilisation.windowsNanoseconds.count)
    }
}
