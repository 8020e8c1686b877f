/// Walks the arrivals of one worker. A call allocates nothing.
package struct WorkerSchedule: Sendable {
    private let schedule: ArrivalSchedule
    private var index: Int64
    private var phase = 0
    private var cache = PoissonCellCache()

    init(schedule: ArrivalSchedule, worker: Int) {
        self.schedule = schedule
        index = Int64(worker)
    }

    /// The next arrival of this worker in time, or `nil` after the last.
    package mutating func next() -> Arrival? {
        while phase < schedule.phases.count, index >= schedule.phases[phase].endIndex { phase += 1 }
        guard phase < schedule.phases.count else { return nil }
        let arrival = ArrivalSchedule.arrival(at: index, in: schedule.phases[phase], &cache)
        index += Int64(schedule.workerCount)
        return arrival
    }
}
