internal import SluiceAnalysis
internal import SluiceModel

/// What the line of a running trial shows.
package struct ProgressState: Sendable, Equatable {
    /// Its name.
    package var strategy: String
    /// Position of the trial in the run, from 0.
    package var trial: Int
    /// Of the whole run.
    package var trials: Int
    /// From 0.
    package var block: Int
    /// Of the whole run.
    package var blocks: Int
    /// `starting`, `warmup`, `hold`, `ramp`, `ending`.
    package var phase: String
    /// Since the trial's start instant.
    package var elapsedNanoseconds: Int64
    /// Planned, of the trial.
    package var durationNanoseconds: Int64
    /// Until the whole run ends, trials to come included; `nil`: unknown.
    package var remainingNanoseconds: Int64?
    /// Requests that were answered, in the last interval; `nil` before the first.
    package var answeredPerSecond: Double?
    /// `nil`: too few samples for it; the slowest request of the interval stands in for it.
    package var p99Nanoseconds: Int64?
    /// More than 1 % of them failed.
    package var isP99Infinite: Bool
    /// The slowest request of the interval; `nil` before the first.
    package var maximumNanoseconds: Int64?
    /// The largest of any worker.
    package var heapBytes: Int?
    /// Requests that failed so far in this trial.
    package var failedRequests: Int
    /// VMs that died so far in this trial.
    package var vmFailures: Int

    /// Everything that is not given is unknown, and no failures.
    package init(
        strategy: String, trial: Int, trials: Int, block: Int, blocks: Int, phase: String, elapsedNanoseconds: Int64,
        durationNanoseconds: Int64, remainingNanoseconds: Int64? = nil, answeredPerSecond: Double? = nil,
        p99Nanoseconds: Int64? = nil, isP99Infinite: Bool = false, maximumNanoseconds: Int64? = nil,
        heapBytes: Int? = nil, failedRequests: Int = 0,
        vmFailures: Int = 0
    ) {
        self.strategy = strategy
        self.trial = trial
        self.trials = trials
        self.block = block
        self.blocks = blocks
        self.phase = phase
        self.elapsedNanoseconds = elapsedNanoseconds
        self.durationNanoseconds = durationNanoseconds
        self.remainingNanoseconds = remainingNanoseconds
        self.answeredPerSecond = answeredPerSecond
        self.p99Nanoseconds = p99Nanoseconds
        self.isP99Infinite = isP99Infinite
        self.maximumNanoseconds = maximumNanoseconds
        self.heapBytes = heapBytes
        self.failedRequests = failedRequests
        self.vmFailures = vmFailures
    }
}

/// Draws progress as one line of a bounded width.
package enum ProgressLine {
    /// `go  trial 3/6  block 2/3  hold  7/17 s  answered 50/s  p99 6.20 ms  heap 20.6 MiB  ETA 1 min 20 s`, without a
    /// line break. Seconds are the trial's. When the width does not hold all parts, the least important is left out
    /// first; the latency stays, and the name is cut for it.
    package static func render(_ state: ProgressState, width: Int) -> String {
        let name = Escape.terminal(state.strategy)
        var parts = parts(of: state)
        func line(_ name: String) -> String { ([name] + parts.map(\.text)).joined(separator: "  ") }
        while line(name).count > width, parts.count > 1,
            let least = parts.indices.min(by: { parts[$0].importance < parts[$1].importance })
        {
            parts.remove(at: least)
        }
        let excess = line(name).count - width
        let shortened = excess > 0 ? TextTable.cut(name, to: max(1, name.count - excess)) : name
        return String(line(shortened).prefix(max(0, width)))
    }

    /// In the order in which they are shown.
    private static func parts(of state: ProgressState) -> [(importance: Int, text: String)] {
        func seconds(_ nanoseconds: Int64) -> Int64 { (nanoseconds + 500_000_000) / 1_000_000_000 }
        let elapsed = max(0, min(state.elapsedNanoseconds, state.durationNanoseconds))
        let isMaximum = state.p99Nanoseconds == nil && state.maximumNanoseconds != nil && !state.isP99Infinite
        let finite = (state.p99Nanoseconds ?? state.maximumNanoseconds).map { Units.duration(nanoseconds: $0) }
        let latency = state.isP99Infinite ? "∞" : finite ?? "n/a"
        var parts: [(importance: Int, text: String)] = [
            (3, "trial \(state.trial + 1)/\(state.trials)"), (1, "block \(state.block + 1)/\(state.blocks)"),
            (6, state.phase), (7, "\(seconds(elapsed))/\(seconds(state.durationNanoseconds)) s"),
        ]
        if let rate = state.answeredPerSecond {
            parts.append((4, "answered \(Units.rate(perSecond: rate.rounded()))"))
        }
        parts.append((10, "\(isMaximum ? "max" : "p99") \(latency)"))
        parts.append((5, "heap \(state.heapBytes.map(Units.bytes) ?? "n/a")"))
        if state.failedRequests > 0 { parts.append((8, "\(grouped(state.failedRequests)) failed")) }
        if state.vmFailures > 0 { parts.append((9, counted(state.vmFailures, "VM death"))) }
        if let remaining = state.remainingNanoseconds { parts.append((2, "ETA \(countdown(remaining))")) }
        return parts
    }

    /// `42 s`, `1 min 20 s`, `1 h 5 min`.
    static func countdown(_ nanoseconds: Int64) -> String {
        let seconds = max(0, Int((Double(nanoseconds) / 1e9).rounded(.up)))
        return switch seconds {
        case ..<60: "\(seconds) s"
        case ..<3600: "\(seconds / 60) min \(seconds % 60) s"
        default: "\(seconds / 3600) h \(seconds % 3600 / 60) min"
        }
    }
}
