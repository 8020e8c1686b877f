internal import SluiceModel

/// What has to be right about a trial's record for its figures to mean anything.
struct TrialIntegrity {
    var block: Int
    var status: RunStatus
    /// `nil`: an agent did not report.
    var planned: Int?
    var plannedWarmup: Int?
    var counted: Int
    var countedWarmup: Int
    var missingBatches: Int
    var duplicateBatches: Int
    var silentWorkers: Int
    var agentsReported: Int
    /// Requests with a response, as expected or not.
    var answered: Int
    /// In flight at the end, with their age in the histograms.
    var unfinished: Int
    var responseSamples: Int
    var serviceSamples: Int
    var outOfRange: Int
}

/// The trip wires of a measurement.
enum ValidityRules {
    /// The generator may be late by this part of the p99 that it measures.
    static let harnessLagFraction = 0.1
    /// ... but by this much at any rate: response times count from the intended start, so the lag is inside them and
    /// bounds their error. A pacer that sleeps and then spins is this punctual on a shared machine and no better, and
    /// budgets are in milliseconds, of which this is at most a tenth. A p99 of some microseconds could not be measured
    /// otherwise; that it is then mostly the harness's own is said as a caution.
    static let harnessLagFloorNanoseconds: Int64 = 100_000
    /// Below this many samples p99.9 of the lag is noise.
    private static let samplesForP999 = 10_000

    static func checks(of strategy: StrategySummary, integrity: [TrialIntegrity], load: Load) -> [ValidityCheck] {
        [
            generatorOnTime(strategy), everyRequestCounted(strategy, integrity), histogramsMatchCounts(integrity),
            insideRange(strategy, integrity), everyBatchThere(integrity), planMatchesLoad(integrity, load),
        ].map { check in
            var named = check
            named.strategy = strategy.name
            return named
        }
    }

    private static func check(_ name: String, _ state: ValidityCheck.State, _ detail: String) -> ValidityCheck {
        ValidityCheck(name: name, strategy: nil, state: state, detail: detail)
    }

    static func generatorOnTime(_ strategy: StrategySummary) -> ValidityCheck {
        let name = "generator on time"
        let lag = strategy.harnessLag
        let quantiles = lag.samples >= samplesForP999 ? [0.999, 0.99, 0.9, 0.5] : [0.99, 0.9, 0.5]
        guard
            let (quantile, measured) = quantiles.lazy.compactMap({ quantile in
                lag.tabulated(quantile).nanoseconds.map { (quantile, $0) }
            }).first,
            let reference = strategy.responseTime.finiteReference, let response = reference.figure.nanoseconds
        else { return check(name, .notAvailable, "too few requests to tell whether the generator was on time") }
        let limit = max(Int64(Double(response) * harnessLagFraction), harnessLagFloorNanoseconds)
        let sentence =
            "the idle harness was late by \(Units.duration(nanoseconds: measured)) "
            + "(\(quantileName(quantile))) for a response time of \(Units.duration(nanoseconds: response)) "
            + "(\(quantileName(reference.quantile)))"
        if measured > limit {
            return check(name, .tripped, "\(sentence); at most \(Units.duration(nanoseconds: limit)) is allowed")
        }
        if Double(measured) > Double(response) * harnessLagFraction {
            return check(
                name, .caution,
                "\(sentence): response times this short are partly the harness's own, so read the service time")
        }
        return check(name, .passed, sentence)
    }

    private static func everyRequestCounted(
        _ strategy: StrategySummary, _ integrity: [TrialIntegrity]
    ) -> ValidityCheck {
        let name = "every request counted"
        for trial in integrity {
            guard let planned = trial.planned, let plannedWarmup = trial.plannedWarmup else {
                // A lost agent is reported as such; where none was lost, the missing report is a defect.
                return trial.status == .complete
                    ? check(name, .tripped, "block \(trial.block + 1): an agent did not say what it had planned")
                    : check(name, .notAvailable, "block \(trial.block + 1): not every agent reported")
            }
            if planned != trial.counted || plannedWarmup != trial.countedWarmup {
                let detail =
                    "block \(trial.block + 1): \(grouped(planned + plannedWarmup)) requests planned, the outcome of "
                    + "\(grouped(trial.counted + trial.countedWarmup)) known"
                return check(name, trial.status == .complete ? .tripped : .notAvailable, detail)
            }
        }
        guard !integrity.isEmpty else { return check(name, .tripped, "no trial was run") }
        return check(
            name, .passed, "the outcome of every planned request is known (\(grouped(strategy.counts.total)))")
    }

    private static func histogramsMatchCounts(_ integrity: [TrialIntegrity]) -> ValidityCheck {
        let name = "histograms match counts"
        for trial in integrity {
            for (what, samples) in [("response", trial.responseSamples), ("service", trial.serviceSamples)]
            where samples > trial.answered + trial.unfinished || samples < trial.answered - trial.outOfRange {
                return check(
                    name, .tripped,
                    "block \(trial.block + 1): \(grouped(trial.answered)) requests were answered, but the "
                        + "\(what) time histograms hold \(grouped(samples)) samples")
            }
        }
        return check(name, .passed, "one latency for each answered request")
    }

    private static func insideRange(_ strategy: StrategySummary, _ integrity: [TrialIntegrity]) -> ValidityCheck {
        let outside = integrity.reduce(0) { $0 + $1.outOfRange }
        return outside > 0
            ? check(
                "inside the range", .tripped, "\(counted(outside, "sample")) outside 0 to 1 h could not be recorded")
            : check("inside the range", .passed, "every sample lies between 0 and 1 h")
    }

    private static func everyBatchThere(_ integrity: [TrialIntegrity]) -> ValidityCheck {
        let name = "every batch received"
        let missing = integrity.reduce(0) { $0 + $1.missingBatches }
        let silent = integrity.reduce(0) { $0 + $1.silentWorkers }
        let twice = integrity.reduce(0) { $0 + $1.duplicateBatches }
        guard missing + silent > 0 else {
            return twice == 0
                ? check(name, .passed, "no gap in any worker's sequence")
                : check(name, .caution, "\(counted(twice, "batch")) came more than once and counted once")
        }
        let cutShort = integrity.contains { $0.status != .complete }
        return check(
            name, cutShort ? .notAvailable : .tripped,
            "\(grouped(missing)) interval batches are missing"
                + (silent > 0 ? " and \(counted(silent, "worker")) sent nothing" : ""))
    }

    /// The agents' schedules are compared with what the workload asks for, so that a wrong share of the load shows.
    private static func planMatchesLoad(_ integrity: [TrialIntegrity], _ load: Load) -> ValidityCheck {
        let name = "plan matches load"
        let expected = load.phases.reduce(0.0) { sum, phase in
            sum + (phase.startRatePerSecond + phase.endRatePerSecond) / 2 * Double(phase.durationNanoseconds) / 1e9
        }
        let poisson = load.phases.filter { $0.arrivals == .poisson }.reduce(0.0) { sum, phase in
            sum + (phase.startRatePerSecond + phase.endRatePerSecond) / 2 * Double(phase.durationNanoseconds) / 1e9
        }
        // Constant arrivals may differ by one a phase; the number of Poisson arrivals has the variance of its mean.
        let tolerance = Double(load.phases.count) + 6 * poisson.squareRoot()
        for trial in integrity {
            guard let planned = trial.planned, let plannedWarmup = trial.plannedWarmup else { continue }
            if abs(Double(planned + plannedWarmup) - expected) > tolerance {
                return check(
                    name, trial.status == .complete ? .tripped : .notAvailable,
                    "block \(trial.block + 1): the agents planned \(grouped(planned + plannedWarmup)) requests, the "
                        + "workload asks for \(grouped(Int(expected.rounded())))")
            }
        }
        return check(name, .passed, "the agents' schedules hold what the workload asks for")
    }

    /// What concerns all strategies together.
    static func runChecks(_ run: RunRecord, engines: [EngineIdentity]) -> [ValidityCheck] {
        var checks: [ValidityCheck] = []
        let reason = run.statusReason.isEmpty ? "" : ": \(run.statusReason)"
        let (state, detail): (ValidityCheck.State, String) =
            switch run.status {
            case .complete: (.passed, "the run is complete")
            case .degraded: (.caution, "an agent was lost\(reason)")
            case .interrupted: (.caution, "the run was interrupted\(reason)")
            case .failed: (.caution, "the run ended early\(reason)")
            case .running: (.tripped, "the run was never finished; its coordinator may have died")
            }
        checks.append(check("run complete", state, detail))
        let versions = Dictionary(grouping: engines, by: \.name).filter { Set($0.value.map(\.version)).count > 1 }
        if let (engine, found) = versions.min(by: { $0.key.rawValue < $1.key.rawValue }) {
            let list = Set(found.map(\.version)).sorted().joined(separator: ", ")
            checks.append(check("one engine", .tripped, "agents ran different versions of \(engine.rawValue): \(list)"))
        } else {
            checks.append(check("one engine", .passed, "all agents ran the same engine version"))
        }
        return checks
    }
}

/// `p50`, `p99.9`, `max`.
package func quantileName(_ quantile: Double) -> String {
    guard quantile < 1 else { return "max" }
    var digits = Units.fixed(quantile * 100, decimals: 4)
    while digits.hasSuffix("0") { digits.removeLast() }
    if digits.hasSuffix(".") { digits.removeLast() }
    return "p\(digits)"
}
