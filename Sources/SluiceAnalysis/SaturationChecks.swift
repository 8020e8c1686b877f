internal import SluiceModel
internal import SluiceStatistics

/// The wires on a plugin, or a machine, that could not keep up: then latencies depend on how long the test lasted.
enum SaturationChecks {
    private static let leastSent = 0.999
    private static let mostUtilisation = 0.9
    private static let mostSteal = 0.01
    private static let mostPressure = 0.05

    static func checks(of strategy: StrategySummary, integrity: [TrialIntegrity]) -> [ValidityCheck] {
        [
            achieved(strategy), utilisation(integrity), inFlight(strategy), steal(integrity),
            pressure(integrity), throttling(integrity),
        ]
    }

    private static func achieved(_ strategy: StrategySummary) -> ValidityCheck {
        var check = ValidityCheck(
            name: "achieved rate", state: .notAvailable, detail: "not every agent said what it had planned",
            figures: .measured, bound: "≥ 99.9 % of offered")
        guard let planned = strategy.plannedRequests, planned > 0 else { return check }
        guard planned == strategy.counts.total else {
            check.detail = "the outcome of some planned requests is not known"
            return check
        }
        let sent = planned - strategy.counts.neverStarted
        let share = Double(sent) / Double(planned)
        check.measured = "\(Units.fixed(share * 100, decimals: 2)) %"
        check.detail = "\(grouped(sent)) of \(grouped(planned)) planned requests were started before their timeout"
        check.state = share >= leastSent ? .passed : .tripped
        return check
    }

    /// CPU time of the agents' processes over that of their workers, of the trial that is worst off.
    private static func utilisation(_ integrity: [TrialIntegrity]) -> ValidityCheck {
        let known = integrity.compactMap(\.workerUtilisation)
        var check = ValidityCheck(
            name: "workers busy", state: .notAvailable, detail: "the agents' CPU time is not known", figures: .times,
            bound: "≤ 90 %")
        guard known.count == integrity.count, let most = known.max() else { return check }
        check.measured = Units.percentage(fraction: most)
        check.state = most > mostUtilisation ? .tripped : .passed
        check.detail =
            "an agent used \(Units.percentage(fraction: most)) of its workers' CPU time"
            + (most > mostUtilisation ? ": at this rate the plugin is saturated" : "")
        return check
    }

    private static func inFlight(_ strategy: StrategySummary) -> ValidityCheck {
        let trends = strategy.trials.compactMap { InFlightTrend($0.intervals) }
        var check = ValidityCheck(
            name: "requests in flight", state: .notAvailable,
            detail: "growth needs \(InFlightTrend.leastIntervals) seconds with answers in the second half of a trial",
            figures: .measured, bound: "no growth")
        guard let worst = trends.max(by: { $0.rise < $1.rise }) else { return check }
        let growing = trends.filter(\.isGrowing)
        check.measured = "\(Units.significant(worst.first)) to \(Units.significant(worst.last))"
        check.state = growing.isEmpty ? .passed : .tripped
        check.detail =
            growing.isEmpty
            ? "answered requests did not pile up in the second half of any trial"
            : "answered requests went on piling up in the second half of \(counted(growing.count, "trial")): the "
                + "plugin cannot keep up with the rate"
        return check
    }

    private static func steal(_ integrity: [TrialIntegrity]) -> ValidityCheck {
        share(
            "steal", integrity.map { $0.machine?.stealFraction }, most: mostSteal, bound: "≤ 1 %",
            detail: "of the machine's CPU time was taken by its host")
    }

    private static func pressure(_ integrity: [TrialIntegrity]) -> ValidityCheck {
        share(
            "CPU pressure", integrity.map { $0.machine?.pressureFraction }, most: mostPressure, bound: "≤ 5 %",
            detail: "of the time something on the machine waited for a CPU")
    }

    private static func share(
        _ name: String, _ fractions: [Double?], most: Double, bound: String, detail: String
    ) -> ValidityCheck {
        var check = ValidityCheck(
            name: name, state: .notAvailable, detail: "the kernel did not tell", figures: .times, bound: bound)
        guard let worst = fractions.compactMap({ $0 }).max(), !fractions.contains(nil) else { return check }
        check.measured = Units.percentage(fraction: worst)
        check.state = worst > most ? .tripped : .passed
        check.detail = "\(Units.percentage(fraction: worst)) \(detail)"
        return check
    }

    private static func throttling(_ integrity: [TrialIntegrity]) -> ValidityCheck {
        let periods = integrity.map { $0.machine?.throttledPeriods }
        var check = ValidityCheck(
            name: "throttled periods", state: .notAvailable, detail: "the process is in no group that tells",
            figures: .times, bound: "0")
        guard let worst = periods.compactMap({ $0 }).max(), !periods.contains(nil) else { return check }
        check.measured = grouped(worst)
        check.state = worst > 0 ? .tripped : .passed
        check.detail = "the CPU limit of the container stopped it in \(counted(worst, "period"))"
        return check
    }
}

/// Answered requests in flight over the second half of a trial: response time × rate of each second, by Little's law.
/// Those that are never answered stay for their timeout and no longer, and are counted as failed.
struct InFlightTrend {
    /// Seconds with answers below which nothing is said.
    static let leastIntervals = 7
    /// Standard normal quantile of 0.999: chance alone is not to make a run invalid.
    private static let significance = 3.09

    /// At the beginning and the end of the half, on its Theil–Sen line.
    let first: Double
    let last: Double
    private let isSignificant: Bool

    var rise: Double { last - first }
    /// More than doubled, by more than one request, and more steadily than chance would.
    var isGrowing: Bool { isSignificant && rise > 1 && last > 2 * max(first, 0) }

    init?(_ intervals: [IntervalPoint]) {
        let measured = intervals.filter { !$0.isWarmup }
        let half = measured.suffix((measured.count + 1) / 2)
        // At one rate, because more requests are in flight on a ramp without anything piling up.
        let rate = half.reduce(0) { $0 + $1.ratePerSecond } / Double(max(1, half.count))
        let points = half.compactMap { interval in
            interval.medianNanoseconds.map { (x: interval.startSeconds, y: Double($0) / 1e9 * rate) }
        }
        guard points.count >= Self.leastIntervals, let slope = TheilSen.slope(of: points) else { return nil }
        let middle = points.map(\.y).sorted()[points.count / 2]
        let halfSpan = (points[points.count - 1].x - points[0].x) / 2
        first = max(0, middle - slope * halfSpan)
        last = middle + slope * halfSpan
        isSignificant = Self.kendall(points.map(\.y)) > Self.significance
    }

    /// Kendall's S over its standard deviation: how consistently later values are the larger ones.
    private static func kendall(_ values: [Double]) -> Double {
        var sum = 0
        for later in values.indices {
            for earlier in values.indices.prefix(later) {
                sum += values[later] > values[earlier] ? 1 : values[later] < values[earlier] ? -1 : 0
            }
        }
        let count = Double(values.count)
        return Double(sum) / (count * (count - 1) * (2 * count + 5) / 18).squareRoot()
    }
}
