internal import SluiceAnalysis
internal import SluiceModel

/// What the line of a running trial shows.
package struct ProgressState: Sendable, Equatable {
    /// Its name.
    package var strategy: String
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
    /// Of the last interval; `nil` before the first.
    package var ratePerSecond: Double?
    /// `nil`: too few samples for it; the slowest request of the interval stands in for it.
    package var p99Nanoseconds: Int64?
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
        strategy: String, block: Int, blocks: Int, phase: String, elapsedNanoseconds: Int64,
        durationNanoseconds: Int64, remainingNanoseconds: Int64? = nil, ratePerSecond: Double? = nil,
        p99Nanoseconds: Int64? = nil, maximumNanoseconds: Int64? = nil, heapBytes: Int? = nil, failedRequests: Int = 0,
        vmFailures: Int = 0
    ) {
        self.strategy = strategy
        self.block = block
        self.blocks = blocks
        self.phase = phase
        self.elapsedNanoseconds = elapsedNanoseconds
        self.durationNanoseconds = durationNanoseconds
        self.remainingNanoseconds = remainingNanoseconds
        self.ratePerSecond = ratePerSecond
        self.p99Nanoseconds = p99Nanoseconds
        self.maximumNanoseconds = maximumNanoseconds
        self.heapBytes = heapBytes
        self.failedRequests = failedRequests
        self.vmFailures = vmFailures
    }
}

/// Draws progress as one line of a bounded width.
package enum ProgressLine {
    /// `conservative  block 1/2  hold  7/17 s  50/s  p99 6.20 ms  heap 20.6 MiB  ETA 1 min 20 s`, without a line break.
    /// Parts at the end are left out, from the least important, when the width does not hold them; the name is cut
    /// last.
    package static func render(_ state: ProgressState, width: Int) -> String {
        let elapsed = max(0, min(state.elapsedNanoseconds, state.durationNanoseconds))
        let required = [
            "block \(state.block + 1)/\(state.blocks)", state.phase,
            "\(elapsed / 1_000_000_000)/\((state.durationNanoseconds + 500_000_000) / 1_000_000_000) s",
        ]
        var optional: [(importance: Int, text: String)] = []
        if let rate = state.ratePerSecond {
            optional.append((4, Units.rate(perSecond: rate.rounded())))
        }
        let latency = state.p99Nanoseconds ?? state.maximumNanoseconds
        let quantile = state.p99Nanoseconds == nil && latency != nil ? "max" : "p99"
        optional.append((6, "\(quantile) \(latency.map { Units.duration(nanoseconds: $0) } ?? "n/a")"))
        optional.append((5, "heap \(state.heapBytes.map(Units.bytes) ?? "n/a")"))
        if state.failedRequests > 0 { optional.append((7, "\(grouped(state.failedRequests)) failed")) }
        if state.vmFailures > 0 { optional.append((8, counted(state.vmFailures, "VM death"))) }
        if let remaining = state.remainingNanoseconds { optional.append((3, "ETA \(countdown(remaining))")) }

        func line(_ name: String) -> String {
            ([name] + required + optional.map(\.text)).joined(separator: "  ")
        }
        let name = Escape.terminal(state.strategy)
        while line(name).count > width,
            let least = optional.indices.min(by: { optional[$0].importance < optional[$1].importance })
        {
            optional.remove(at: least)
        }
        let excess = line(name).count - width
        let shortened = excess > 0 ? TextTable.cut(name, to: max(1, name.count - excess)) : name
        return String(line(shortened).prefix(max(0, width)))
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
