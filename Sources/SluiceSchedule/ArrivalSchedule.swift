package import SluiceModel

/// All intended starts of a trial: a pure function of (load, seed, index), the same for every agent and worker.
///
/// Open loop: nothing here knows about responses. Worker w of W takes the indices that are w modulo W, so that the
/// union over the workers is the same schedule whatever W is.
package struct ArrivalSchedule: Sendable {
    /// A phase with its place in the trial.
    struct PlacedPhase: Sendable {
        var arrivals: PhaseArrivals
        var role: LoadRole
        var startNanoseconds: Int64
        /// Index of the phase's first arrival.
        var firstIndex: Int64
        var endIndex: Int64
    }

    /// Workers of all agents together.
    package let workerCount: Int
    let phases: [PlacedPhase]

    /// Takes time in proportion to the expected arrivals of Poisson phases (about 6 ns each), else none.
    ///
    /// `workerCount`: workers of all agents together, 1 or more. Every phase has a duration above 0 and finite rates
    /// that are not below 0; one whose rate is 0 has no arrivals.
    package init(load: Load, workerCount: Int) {
        precondition(workerCount > 0)
        self.workerCount = workerCount
        var phases: [PlacedPhase] = []
        var start: Int64 = 0
        var index: Int64 = 0
        for (ordinal, phase) in load.phases.enumerated() {
            guard phase.startRatePerSecond > 0 || phase.endRatePerSecond > 0 else {
                start += phase.durationNanoseconds
                continue
            }
            let key = StreamKey.purpose(0x6172_7269_7661_6c00 + UInt64(ordinal), seed: load.seed)
            let arrivals = PhaseArrivals(phase, key: key)
            phases.append(
                PlacedPhase(
                    arrivals: arrivals, role: phase.role, startNanoseconds: start, firstIndex: index,
                    endIndex: index + arrivals.count))
            start += phase.durationNanoseconds
            index += arrivals.count
        }
        self.phases = phases
    }

    /// All arrivals of the trial.
    package var totalRequests: Int64 { phases.last?.endIndex ?? 0 }

    /// Arrivals of a role over all workers.
    package func plannedRequests(role: LoadRole) -> Int64 {
        phases.reduce(0) { $0 + ($1.role == role ? $1.endIndex - $1.firstIndex : 0) }
    }

    /// Arrivals of a role that fall to some of the workers: an agent's share.
    package func plannedRequests(role: LoadRole, workers: Range<Int>) -> Int64 {
        precondition(workers.lowerBound >= 0 && workers.upperBound <= workerCount)
        return phases.reduce(0) { total, phase in
            guard phase.role == role else { return total }
            return workers.reduce(total) {
                $0 + share($1, before: phase.endIndex) - share($1, before: phase.firstIndex)
            }
        }
    }

    /// Any arrival without the ones before it; `nil` outside `0..<totalRequests`.
    package func arrival(at index: Int64) -> Arrival? {
        guard index >= 0, let phase = phases.first(where: { index < $0.endIndex }) else { return nil }
        var cache = PoissonCellCache()
        return Self.arrival(at: index, in: phase, &cache)
    }

    /// The arrivals of one worker in order; `worker` in `0..<workerCount`.
    package func cursor(worker: Int) -> WorkerSchedule {
        precondition((0..<workerCount).contains(worker))
        return WorkerSchedule(schedule: self, worker: worker)
    }

    @inline(__always)
    static func arrival(at index: Int64, in phase: PlacedPhase, _ cache: inout PoissonCellCache) -> Arrival {
        let offset = phase.arrivals.offsetNanoseconds(ordinal: index - phase.firstIndex, cache: &cache)
        return Arrival(index: index, offsetNanoseconds: phase.startNanoseconds + offset, role: phase.role)
    }

    /// Indices below `end` that are `worker` modulo `workerCount`.
    private func share(_ worker: Int, before end: Int64) -> Int64 {
        let count = Int64(workerCount)
        return (end + count - 1 - Int64(worker)) / count
    }
}
