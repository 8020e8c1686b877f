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
    /// CPU time of the agents' processes over that of their workers; `nil` when unknown.
    var workerUtilisation: Double?
    var machine: MachineLoad?
}

/// The trip wires of a measurement.
enum ValidityRules {
    static func checks(
        of strategy: StrategySummary, warmup: LatencyDistribution, integrity: [TrialIntegrity], run: RunRecord
    ) -> [ValidityCheck] {
        guard !integrity.isEmpty else { return notRun(strategy.name, in: run) }
        let checks =
            HarnessChecks.checks(
                of: strategy, warmup: warmup, warmupLagNanoseconds: run.workload.load.warmupLagNanoseconds)
            + SaturationChecks.checks(of: strategy, integrity: integrity) + [
                everyRequestCounted(strategy, integrity), histogramsMatchCounts(integrity),
                insideRange(strategy, integrity), everyBatchThere(integrity),
                planMatchesLoad(integrity, run.workload.load),
            ]
        return checks.map { check in
            var named = check
            named.strategy = strategy.name
            return named
        }
    }

    /// A run that was cut short may not have come to every strategy.
    private static func notRun(_ strategy: String, in run: RunRecord) -> [ValidityCheck] {
        [
            ValidityCheck(
                name: "every request counted", strategy: strategy,
                state: run.status == .complete ? .tripped : .notAvailable,
                detail: run.status == .running ? "no trial has begun yet" : "no trial was run", figures: .all),
            ValidityCheck(
                name: ValidityCheck.generatorOnTime, strategy: strategy, state: .notAvailable,
                detail: "there are no requests to tell it from", figures: .measured),
        ]
    }

    private static func check(_ name: String, _ state: ValidityCheck.State, _ detail: String) -> ValidityCheck {
        ValidityCheck(name: name, state: state, detail: detail, figures: .all)
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
}

/// `p50`, `p99.9`, `max`.
package func quantileName(_ quantile: Double) -> String {
    guard quantile < 1 else { return "max" }
    var digits = Units.fixed(quantile * 100, decimals: 4)
    while digits.hasSuffix("0") { digits.removeLast() }
    if digits.hasSuffix(".") { digits.removeLast() }
    return "p\(digits)"
}
