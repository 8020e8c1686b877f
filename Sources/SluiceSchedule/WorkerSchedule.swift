import SluiceModel

/// Walks the arrivals of one worker. A call allocates nothing.
package struct WorkerSchedule: Sendable {
    private let schedule: ArrivalSchedule
    private var index: Int64
    private var phase = 0
    private var cache = PoissonCellCache()
    /// The next arrivals, computed together: looking up the phase is most of what one costs.
    private var offsets = InlineArray<16, Int64>(repeating: 0)
    private var offsetCount = 0
    private var taken = 0
    private var role = LoadRole.measured

    init(schedule: ArrivalSchedule, worker: Int) {
        self.schedule = schedule
        index = Int64(worker)
    }

    /// The next arrival of this worker in time, or `nil` after the last.
    package mutating func next() -> Arrival? {
        if taken == offsetCount {
            lookAhead()
            guard offsetCount > 0 else { return nil }
        }
        let arrival = Arrival(index: index, offsetNanoseconds: offsets[taken], role: role)
        taken += 1
        index += Int64(schedule.workerCount)
        return arrival
    }

    /// From `index` on, as far as its phase goes; none after the last phase.
    private mutating func lookAhead() {
        taken = 0
        offsetCount = 0
        while phase < schedule.phases.count, index >= schedule.phases[phase].endIndex { phase += 1 }
        guard phase < schedule.phases.count else { return }
        let placed = schedule.phases[phase]
        role = placed.role
        var next = index
        while offsetCount < offsets.count, next < placed.endIndex {
            offsets[offsetCount] = ArrivalSchedule.arrival(at: next, in: placed, &cache).offsetNanoseconds
            offsetCount += 1
            next += Int64(schedule.workerCount)
        }
    }
}
