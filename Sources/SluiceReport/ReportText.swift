internal import Foundation
internal import SluiceAnalysis
internal import SluiceModel

/// Words and cells that several formats share, so that they say the same.
enum ReportText {
    /// The strategy matrix; the first column is text, the others are figures, the last two text again.
    static let matrixHeader = [
        "strategy", "p50", "p99", "p99.9", "max", "high water", "heap", "VM deaths", "errors",
    ]

    static func matrixCells(_ strategy: StrategySummary) -> [String] {
        let deaths = strategy.vmEvents.failed
        return [
            strategy.name, strategy.responseTime.median.words, strategy.responseTime.p99.words,
            strategy.responseTime.p999.words, strategy.responseTime.maximum.words,
            strategy.heap.decisive.highWaterBytes.map(Units.bytes) ?? "n/a", strategy.heap.verdict.word,
            grouped(deaths), strategy.errorFraction.map { Units.percentage(fraction: $0) } ?? "n/a",
        ]
    }

    /// What must be read with the figures that are marked with `~`.
    static func intervals(_ summary: RunSummary) -> [String] {
        let lines = summary.strategies.flatMap { strategy in
            [("response time", strategy.responseTime), ("service time", strategy.serviceTime)].compactMap {
                name, distribution in
                let parts = distribution.quantiles.compactMap { quantile -> String? in
                    guard quantile.figure.fewSamples, let interval = quantile.figure.interval else { return nil }
                    return "\(quantileName(quantile.quantile)) \(interval.words)"
                }
                return parts.isEmpty ? nil : "\(strategy.name), \(name): \(parts.joined(separator: "; "))"
            }
        }
        return lines.isEmpty ? [] : [intervalNote] + lines
    }

    /// Below a figure that is marked with `~`; `nil` for the others.
    static func intervalBeside(_ figure: LatencyFigure) -> String? {
        figure.fewSamples && figure.isAvailable ? figure.interval?.words : nil
    }

    static let heapHeader = [
        "strategy", "at start", "high water", "cap", "growths", "refused", "each 1,000 requests", "requests to cap",
        "leak excluded",
    ]

    /// Of the memory that decides.
    static func heapCells(_ strategy: StrategySummary) -> [String] {
        let memory = strategy.heap.decisive
        let start = memory.trials.compactMap(\.startBytes).max()
        return [
            strategy.name, start.map(Units.bytes) ?? "n/a", memory.highWaterBytes.map(Units.bytes) ?? "n/a",
            Units.bytes(memory.capBytes), grouped(memory.growthsGranted), grouped(memory.growthsRefused),
            memory.bytesPerThousandRequests.map { Units.bytes(Int($0.rounded())) } ?? "n/a",
            (memory.requestsToCap ?? memory.deaths?.medianRequests).map(grouped) ?? "n/a",
            memory.smallestVisibleLeakBytesPerRequest.map { "above \(Units.bytes(Int($0.rounded(.up)))) a request" }
                ?? "n/a",
        ]
    }

    static let intervalNote =
        "95 % intervals of the figures marked ~, by the binomial ranks of the samples. They take requests for "
        + "independent; collections make slow ones cluster, so another trial can lie outside."

    static let detailHeader = [
        "strategy", "service p50", "service p99", "start lag p99", "harness lag", "answered", "CPU/request",
    ]

    static func detailCells(_ strategy: StrategySummary) -> [String] {
        let lag = strategy.harnessLag
        let reference = [0.999, 0.99, 0.9, 0.5].first { lag.tabulated($0).isAvailable }
        return [
            strategy.name, strategy.serviceTime.median.words, strategy.serviceTime.p99.words,
            strategy.startLag.p99.words,
            reference.map { "\(lag.tabulated($0).words) (\(quantileName($0)))" } ?? "n/a",
            strategy.answeredPerSecond.map { Units.rate(perSecond: ($0 * 10).rounded() / 10) } ?? "n/a",
            strategy.cpuNanosecondsPerRequest.map { Units.duration(nanoseconds: Int64($0)) } ?? "n/a",
        ]
    }

    static let outcomeHeader = [
        "strategy", "planned", "succeeded", "check failed", "refused", "trapped", "timed out", "reset", "unfinished",
    ]

    static func outcomeCells(_ strategy: StrategySummary) -> [String] {
        let counts = strategy.counts
        return [strategy.name, strategy.plannedRequests.map(grouped) ?? "n/a"]
            + [
                counts.succeeded, counts.checkFailed, counts.refused, counts.trapped, counts.timedOut, counts.reset,
                counts.unfinished,
            ].map(grouped)
    }

    /// What plugins did outside of requests; `nil` when they did nothing.
    static func ownWork(_ strategy: StrategySummary) -> String? {
        let events = strategy.vmEvents
        guard events.ticks + events.callOuts > 0 else { return nil }
        return "\(strategy.name): \(counted(events.ticks, "tick")), late by more than 1 ms "
            + "\(grouped(events.ticksLateByPlugin)) because of a plugin and \(grouped(events.ticksLateByHarness)) "
            + "because of the harness; \(counted(events.callOuts, "call-out")), "
            + "\(grouped(events.callOutsAnswered)) answered, \(grouped(events.callOutsFailed)) failed, "
            + "\(grouped(events.callOutsCancelled)) cancelled"
    }

    static let blockHeader = ["strategy", "block", "p50", "p90", "p99", "max", "high water", "failed", "status"]

    static func blockCells(_ strategy: StrategySummary, _ trial: TrialSummary) -> [String] {
        let memory = strategy.heap.decisive.trials.first { $0.block == trial.block }
        return [
            strategy.name, "\(trial.block + 1)", trial.responseTime.median.words,
            trial.responseTime.tabulated(0.9).words, trial.responseTime.p99.words, trial.responseTime.maximum.words,
            memory?.highWaterBytes.map(Units.bytes) ?? "n/a", grouped(trial.counts.failed), trial.status.rawValue,
        ]
    }

    static let budgetHeader = ["budget", "measured", "limit", "margin", "result"]

    static func budgetCells(_ result: BudgetResult) -> [String] {
        [result.title, result.measured, result.limit, margin(result), result.state.rawValue]
    }

    /// How far below the limit, or above it.
    static func margin(_ result: BudgetResult) -> String {
        guard let excess = result.excessFraction else { return "" }
        // Beyond that, a percentage is harder to read than a multiple.
        if excess >= 9 { return "\(Units.significant(excess + 1)) × the limit" }
        return excess <= 0
            ? "\(Units.percentage(fraction: -excess)) left" : "\(Units.percentage(fraction: excess)) over"
    }

    /// What `~`, ∞ and n/a stand for, as far as they occur.
    static func legend(_ summary: RunSummary) -> [String] {
        let cells = summary.strategies.flatMap { matrixCells($0) + detailCells($0) }
        var lines = [
            "Latencies are response times from the intended start, percentiles are of merged histograms; they and the "
                + "errors are of the measured phases. High water, heap and VM deaths are of the whole trial."
        ]
        if cells.contains(where: { $0.contains("~") }) {
            lines.append(
                "~ few samples: \(SampleRule.leastSamplesBeyond) to \(SampleRule.enoughSamplesBeyond - 1) lie beyond "
                    + "the quantile; read it with its interval.")
        }
        if cells.contains(where: { $0.hasPrefix("!") }) {
            lines.append("! not valid: too much of it can be the harness's own lag, see Validity.")
        }
        if cells.contains(where: { $0.contains("∞") }) {
            lines.append("∞ the quantile falls among failed requests, which count as infinitely slow.")
        }
        if cells.contains("n/a") {
            lines.append(
                "n/a not available: fewer than \(SampleRule.leastSamplesBeyond) samples beyond it, or unknown.")
        }
        return lines
    }

    /// `2 × growth-refused in gc-test, first at request 117 of a VM …`.
    static func failureTitle(_ group: FailureGroup) -> String {
        "\(grouped(group.count)) × \(group.kind.rawValue) in \(group.first.failure.plugin)"
    }

    static func failurePlace(_ group: FailureGroup) -> String {
        let failure = group.first.failure
        let range =
            group.leastVMRequests == group.mostVMRequests
            ? "request \(grouped(group.leastVMRequests)) of the VM's life"
            : "request \(grouped(group.leastVMRequests)) to \(grouped(group.mostVMRequests)) of a VM's life "
                + "(median \(grouped(group.medianVMRequests)))"
        let first =
            failure.requestIndex.map { "request \(grouped(Int($0))) of the run" } ?? "outside any request"
        return "At \(range). The first: block \(group.first.block + 1), agent \(group.first.agent), worker "
            + "\(group.first.worker), \(first), request \(grouped(failure.vmRequestNumber)) of its VM, in "
            + "\(failure.callback), \(Units.fixed(Double(failure.timeNanoseconds) / 1e9, decimals: 2)) s "
            + "after the start."
    }

    /// `block 1, request 17: …`.
    static func checkFailure(_ example: CheckFailureExample) -> String {
        "block \(example.block + 1), request \(grouped(Int(example.requestIndex))): \(example.message)"
    }

    /// What stands before the examples.
    static func checkFailures(_ strategy: StrategySummary) -> String {
        "\(strategy.name): "
            + "\(counted(strategy.counts.checkFailed + strategy.warmupCounts.checkFailed, "failed check")), "
            + "warm-up included; for example"
    }

    static func failureMemory(_ failure: VMFailure) -> String {
        var parts = ["linear memory \(Units.bytes(failure.linearBytes))"]
        if failure.gcHeapBytes > 0 { parts.append("Wasm GC heap \(Units.bytes(failure.gcHeapBytes))") }
        if let asked = failure.refusedToBytes { parts.append("refused: growth to \(Units.bytes(asked))") }
        return parts.joined(separator: ", ")
    }

    static func frame(_ frame: BacktraceFrame, at depth: Int) -> String {
        let name = frame.functionName ?? "<wasm function \(frame.functionIndex)>"
        let offset = frame.moduleOffset.map { "0x\(String($0, radix: 16))" } ?? "n/a"
        return "\(depth): \(offset) - \(name)"
    }

    static func identity(_ summary: RunSummary) -> [(label: String, value: String)] {
        let run = summary.run
        let host = run.host
        var pairs: [(String, String)] = [
            ("run", "\(run.id), \(run.command), \(run.status.rawValue)"),
            ("started", date(run.startedAtSeconds)),
            ("load", run.phases.joined(separator: "; ")),
            (
                "shape",
                "\(counted(run.blocks, "block")), \(counted(run.agents, "agent")), "
                    + "\(counted(run.workersPerAgent, "worker")) each, timeout "
                    + Units.duration(nanoseconds: run.timeoutNanoseconds)
            ),
            ("memory cap", Units.bytes(run.memoryCapBytes)),
            ("engine", run.engines.isEmpty ? "n/a" : run.engines.joined(separator: ", ")),
            ("Envoy profile", ([run.envoyProfile] + run.departures).joined(separator: ", ")),
            (
                "host",
                "\(host.cpu), \(counted(host.cpuCount, "CPU")), \(Units.bytes(host.memoryBytes)), kernel "
                    + "\(host.kernel), clock \(host.clockSource)"
            ),
            ("seeds", run.seeds.map(String.init).joined(separator: ", ")),
        ]
        for strategy in summary.strategies {
            let description = strategy.description
            var text = description.module
            if !description.moduleHashes.isEmpty {
                text += " sha256 " + description.moduleHashes.map { String($0.prefix(12)) }.joined(separator: ", ")
            }
            for names in description.pluginsInOneVM ?? [] { text += ", one VM for " + names.joined(separator: " and ") }
            text += ", VM lives \(description.vmLife.hasPrefix("until") ? "" : "for ")\(description.vmLife)"
            if let canaries = description.canaries {
                text += ", VMs: 0 base, \(grouped(canaries)) canary, \(grouped(strategy.vmEvents.created)) worker"
            }
            // What a fresh VM costs depends on it.
            if strategy.vmEvents.recycled > 0, let memory = description.memory { text += ", \(memory)" }
            if !description.environment.isEmpty { text += ", " + description.environment.joined(separator: " ") }
            if let body = description.body { text += ", body: \(body)" }
            pairs.append((strategy.name, text))
        }
        return pairs.map { (label: $0.0, value: $0.1) }
    }

    /// UTC.
    static func date(_ unixSeconds: Int64) -> String {
        Date(timeIntervalSince1970: TimeInterval(unixSeconds)).formatted(.iso8601)
    }

    static let repeatNote = "The run's record holds the workload file, the module hashes and the seeds."
}
