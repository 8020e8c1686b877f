import SluiceModel
import SluiceSchedule

/// Loads for tests in one line.
enum TestLoads {
    static func phase(
        _ kind: Phase.Kind = .hold, seconds: Double, rate: Double, to endRate: Double? = nil,
        _ arrivals: ArrivalProcess = .constant
    ) -> Phase {
        Phase(
            kind: kind, durationNanoseconds: Int64((seconds * 1e9).rounded()), startRatePerSecond: rate,
            endRatePerSecond: endRate ?? rate, arrivals: arrivals)
    }

    static func load(seed: UInt64 = 1, _ phases: Phase...) -> Load {
        Load(phases: phases, agents: 1, workers: 1, timeoutNanoseconds: 10_000_000_000, seed: seed)
    }

    static func all(_ schedule: ArrivalSchedule, worker: Int = 0) -> [Arrival] {
        var cursor = schedule.cursor(worker: worker)
        var arrivals: [Arrival] = []
        while let arrival = cursor.next() { arrivals.append(arrival) }
        return arrivals
    }
}

extension Load {
    /// The expected number of arrivals before a time, by integration in small steps: independent of the code tested.
    func expectedArrivals(beforeSeconds end: Double) -> Double {
        var total = 0.0
        var start = 0.0
        for phase in phases {
            let duration = Double(phase.durationNanoseconds) / 1e9
            let inside = min(max(end - start, 0), duration)
            let steps = 1000
            for step in 0..<steps {
                let middle = (Double(step) + 0.5) / Double(steps) * inside
                let slope = (phase.endRatePerSecond - phase.startRatePerSecond) / duration
                total += (phase.startRatePerSecond + slope * middle) * inside / Double(steps)
            }
            start += duration
        }
        return total
    }
}
