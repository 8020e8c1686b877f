internal import Glibc
package import SluiceModel
internal import SluiceStatistics

/// Puts stored runs of one workload side by side, and says of each that does not belong there why.
///
///     var builder = RunHistoryBuilder(reference: latest, summary: itsSummary)
///     for record in earlier where builder.accepts(record) { builder.add(record, try summary(of: record)) }
///     let history = builder.finish()
package struct RunHistoryBuilder {
    /// A difference of levels below this part is not called a change: it is what another day does.
    private static let leastChange = 0.02

    private let reference: RunRecord
    private let engines: [String]
    private var runs: [(record: RunRecord, summary: RunSummary)]
    private var leftOut: [LeftOutRun] = []

    /// - Parameter summary: of the reference, which is complete and valid.
    package init(reference: RunRecord, summary: RunSummary) {
        self.reference = reference
        engines = summary.run.engines
        runs = [(reference, summary.withoutCurves)]
    }

    /// Why a run has no figures to compare, as far as its record tells; `nil` when it may have some.
    package static func problem(of record: RunRecord) -> String? {
        if record.command == "heap" { return "a study of smallest heaps, without load" }
        guard record.status == .complete else { return "the run is \(record.status.rawValue)" }
        return nil
    }

    /// Why a run's figures are not to be used; `nil` when they are.
    package static func problem(of summary: RunSummary) -> String? {
        summary.validity.isValid
            ? nil : "the measurement is invalid: \(summary.validity.reasons.joined(separator: "; "))"
    }

    /// Whether a run, by its record alone, can be compared; one that cannot is listed with the reason.
    package mutating func accepts(_ record: RunRecord) -> Bool {
        guard record.id != reference.id else { return false }
        guard let reason = Self.problem(of: record) ?? Self.difference(of: record, from: reference) else { return true }
        leaveOut(record, reason)
        return false
    }

    /// Takes a run that was accepted, unless its summary shows that it cannot be compared either.
    package mutating func add(_ record: RunRecord, _ summary: RunSummary) {
        if let reason = Self.problem(of: summary) { return leaveOut(record, reason) }
        guard summary.run.engines == engines else {
            return leaveOut(
                record, "engine \(Self.list(summary.run.engines)), not \(Self.list(engines))")
        }
        runs.append((record, summary.withoutCurves))
    }

    /// Lists a run as one that is not compared.
    package mutating func leaveOut(_ record: RunRecord, _ reason: String) {
        leftOut.append(LeftOutRun(id: record.id, startedAtSeconds: record.startedAtSeconds, reason: reason))
    }

    /// The history of all that was added.
    package func finish() -> RunHistory {
        let sorted = runs.sorted {
            ($0.record.startedAtSeconds, $0.record.id) < ($1.record.startedAtSeconds, $1.record.id)
        }
        var names = reference.workload.strategies.map(\.name)
        for run in sorted { names += run.summary.strategies.map(\.name).filter { !names.contains($0) } }
        let strategies = names.map { name in Self.history(of: name, in: sorted.map(\.summary)) }
        return RunHistory(
            version: RunHistory.currentVersion, workload: reference.workload.name, reference: reference.id,
            host: reference.host, engines: engines, seed: reference.workload.load.seed,
            runs: sorted.map {
                HistoryRun(
                    id: $0.record.id, startedAtSeconds: $0.record.startedAtSeconds, command: $0.record.command,
                    blocks: $0.record.blocks)
            },
            leftOut: leftOut.sorted { ($0.startedAtSeconds, $0.id) < ($1.startedAtSeconds, $1.id) },
            strategies: strategies.filter { $0.runCount > 0 })
    }

    private static func list(_ names: [String]) -> String { names.isEmpty ? "n/a" : names.joined(separator: ", ") }

    private static func history(of name: String, in summaries: [RunSummary]) -> StrategyHistory {
        let strategies = summaries.map { $0.strategy(named: name).flatMap { $0.trials.isEmpty ? nil : $0 } }
        let modules = strategies.map { $0?.description.moduleHashes }
        return StrategyHistory(
            name: name, modules: modules, heapVerdicts: strategies.map { $0?.heap.verdict },
            metrics: HistoryMetric.allCases.map { metric in
                let values = strategies.map { $0.map(metric.value) ?? .unknown }
                return MetricHistory(
                    metric: metric, values: values, changes: changes(in: values, modules: modules))
            })
    }

    /// On logarithms, because what changes the cost of a request changes it by a factor.
    private static func changes(in values: [HistoryValue], modules: [[String]?]) -> [HistoryChange] {
        let known = values.indices.filter { (values[$0].number ?? 0) > 0 }
        let logarithms = known.map { log(values[$0].number ?? 1) }
        return ChangePoints.find(in: logarithms, leastDifference: log(1 + leastChange)).map { change in
            let run = known[change.index]
            let earlier = modules[..<run].last { $0 != nil } ?? nil
            return HistoryChange(
                run: run, before: exp(change.before), after: exp(change.after), probability: change.probability,
                modulesChanged: earlier != modules[run])
        }
    }
}

extension RunHistoryBuilder {
    /// What makes figures of two runs of a workload incomparable, whatever their modules; `nil` when nothing does.
    private static func difference(of record: RunRecord, from reference: RunRecord) -> String? {
        let (one, other) = (record.workload, reference.workload)
        if one.load.seed != other.load.seed { return "seed \(one.load.seed), not \(other.load.seed)" }
        if record.workloadText != reference.workloadText { return "another text of the workload" }
        if one.host.allocator != other.host.allocator {
            return "allocator \(one.host.allocator.rawValue), not \(other.host.allocator.rawValue)"
        }
        // The same text can mean something else to another version of Sluice, or with another file beside it.
        let isSameLoad =
            one.load == other.load && one.target == other.target && one.variables == other.variables
            && one.requests == other.requests && one.host == other.host
            && one.plugins.map(\.withoutModule) == other.plugins.map(\.withoutModule)
        guard isSameLoad else { return "the same text, but read as another load or host" }
        for strategy in one.strategies where record.strategies.contains(strategy.name) {
            guard let same = other.strategies.first(where: { $0.name == strategy.name }) else { continue }
            guard strategy.withoutModule == same.withoutModule else {
                return "strategy \(strategy.name) with other settings"
            }
        }
        return difference(of: record.host, from: reference.host)
    }

    private static func difference(of host: HostIdentity, from reference: HostIdentity) -> String? {
        let pairs = [
            ("CPU", host.cpu, reference.cpu), ("CPUs", "\(host.cpuCount)", "\(reference.cpuCount)"),
            ("kernel", host.kernel, reference.kernel), ("clock", host.clockSource, reference.clockSource),
            ("memory", Units.bytes(host.memoryBytes), Units.bytes(reference.memoryBytes)),
        ]
        let parts = pairs.filter { $0.1 != $0.2 }.map { "\($0.0) \($0.1), not \($0.2)" }
        return parts.isEmpty ? nil : "another machine: \(parts.joined(separator: "; "))"
    }
}

extension HistoryMetric {
    fileprivate func value(of strategy: StrategySummary) -> HistoryValue {
        switch self {
        case .responseTimeP50: HistoryValue(strategy.responseTime.median)
        case .responseTimeP99: HistoryValue(strategy.responseTime.p99)
        case .heapHighWater: HistoryValue(strategy.heap.decisive.highWaterBytes.map(Double.init))
        case .cpuPerRequest: HistoryValue(strategy.cpuNanosecondsPerRequest)
        }
    }
}

extension HistoryValue {
    fileprivate init(_ number: Double?) { self.init(number: number, isInfinite: false) }

    /// A figure that can be the harness's own is not followed.
    fileprivate init(_ figure: LatencyFigure) {
        let isUsable = figure.isAvailable && !figure.isInvalid
        self.init(
            number: isUsable ? figure.nanoseconds.map(Double.init) : nil, isInfinite: isUsable && figure.isInfinite)
    }
}

extension PluginSpecification {
    fileprivate var withoutModule: PluginSpecification {
        var copy = self
        copy.module = nil
        return copy
    }
}

extension Strategy {
    fileprivate var withoutModule: Strategy {
        var copy = self
        copy.module = ModuleReference(written: "", path: "")
        return copy
    }
}

extension RunSummary {
    /// What a history needs: curves of many runs at once would be in nobody's interest.
    fileprivate var withoutCurves: RunSummary {
        var copy = self
        for strategy in copy.strategies.indices {
            copy.strategies[strategy].metrics = []
            copy.strategies[strategy].spectrum = []
            for trial in copy.strategies[strategy].trials.indices {
                copy.strategies[strategy].trials[trial].intervals = []
                copy.strategies[strategy].trials[trial].heapCurves = []
            }
        }
        return copy
    }
}
