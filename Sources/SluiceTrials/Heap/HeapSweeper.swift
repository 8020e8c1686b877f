import SluiceAnalysis
import SluiceModel

/// Runs every strategy in heaps of the same sizes.
struct HeapSweeper {
    /// Starting a trial's processes and VMs, roughly.
    private static let betweenTrialsNanoseconds: Int64 = 400_000_000
    /// A linear memory has at most so much.
    private static let mostBytes = 4 << 30

    let strategies: [Strategy]
    let found: [StrategyMinimumHeap]
    let trials: StudyTrials
    let planner: ReplayPlanner
    let invocations: Int
    let onNotice: @Sendable (HeapStudyNotice) -> Void

    private struct Place {
        var strategy: Int
        var factor: Double
        var bytes: Int
    }

    /// `nil` when no strategy has a smallest heap. All points are visited in each invocation before the next one
    /// begins, the strategies of a size back to back and in another order each time.
    ///
    /// - Parameter publish: called after each invocation with all of them so far.
    func sweep(baseBytes: Int?, publish: (HeapSweep) -> Void) async throws {
        guard let baseBytes else { return }
        let places = HeapSweep.factors.flatMap { factor in
            strategies.indices.map {
                Place(
                    strategy: $0, factor: factor, bytes: HeapSweep.bytes(factor: factor, baseBytes: baseBytes))
            }
        }
        var tallies = places.map { place in
            var tally = SweepPointTally(
                strategy: strategies[place.strategy].name, factor: place.factor, bytes: place.bytes)
            if let reason = reasonToSkip(place) { tally.skip(reason) }
            return tally
        }
        let runnable = tallies.count { $0.doesNotRun == nil } * invocations
        let duration = planner.workload.load.durationNanoseconds + Self.betweenTrialsNanoseconds
        onNotice(.sweepBegins(trials: runnable, nanoseconds: Int64(runnable) * duration))
        var position = 0
        for invocation in 0..<invocations {
            for index in order(places, invocation: invocation) where tallies[index].doesNotRun == nil {
                position += 1
                let place = places[index]
                onNotice(
                    .sweepTrial(
                        strategy: strategies[place.strategy].name, bytes: place.bytes, position: position,
                        trials: runnable))
                let result = try await run(place, invocation: invocation)
                tallies[index].add(
                    result.tally, verdict: result.verdict(checkFailures: .max),
                    cpuNanoseconds: result.cpuNanoseconds ?? 0)
            }
            publish(
                HeapSweep(
                    baseBytes: baseBytes, invocations: invocation + 1, load: planner.phasesOfOneWorker.map(\.words),
                    points: tallies.map(\.point)
                ).withOverheads())
        }
    }

    private func reasonToSkip(_ place: Place) -> String? {
        let heap = found[place.strategy]
        guard heap.form != nil, let minimum = heap.minimumBytes else {
            return heap.problem ?? heap.searches.lazy.compactMap(\.problem).first ?? "no smallest heap is known"
        }
        if place.bytes < minimum { return "its smallest heap is \(Units.bytes(minimum))" }
        return place.bytes > Self.mostBytes ? "no memory can be so large" : nil
    }

    private func order(_ places: [Place], invocation: Int) -> [Int] {
        let count = strategies.count
        return places.indices.map { index in
            index / count * count + (index % count + invocation) % count
        }
    }

    private func run(_ place: Place, invocation: Int) async throws -> StudyTrials.Result {
        let strategy = strategies[place.strategy]
        let limit = MemoryLimit(form: found[place.strategy].form ?? .fixed, bytes: place.bytes)
        return try await trials.run(strategy.name) { [planner] position in
            planner.sweepTrial(of: strategy, position: position, invocation: invocation, limit: limit)
        }
    }
}
