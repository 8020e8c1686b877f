internal import SluiceHistogram
internal import SluiceModel

/// The wires on the harness's own lag, one for each span whose figures are printed.
enum HarnessChecks {
    /// A trip of these makes a measurement invalid. The others are of a handful of requests, any of which one hiccup of
    /// the machine can be: those figures are marked one by one.
    private static func isHeadline(_ quantile: LatencyQuantile) -> Bool {
        quantile.quantile == 0.5 || quantile.quantile <= 0.99 && !quantile.figure.fewSamples
    }
    /// Below this many samples p99.9 of the lag is noise.
    private static let samplesForP999 = 10_000

    /// - Parameter warmupLagNanoseconds: what is allowed in the warm-up in any case.
    static func checks(
        of strategy: StrategySummary, warmup: LatencyDistribution, warmupLagNanoseconds: Int64
    ) -> [ValidityCheck] {
        let spanBound = "≤ 10 % or 100 µs"
        let warmupBound = "≤ 10 % or \(Units.duration(nanoseconds: warmupLagNanoseconds))"
        let response = strategy.responseTime
        guard strategy.plannedRequests != 0 else { return [ticksOnTime(strategy)] + blocks(strategy) }
        let checks = [
            span(
                ValidityCheck.generatorOnTime, response.quantiles.filter(isHeadline),
                figures: .measured, noun: "response times"),
            tail(response.quantiles.filter { !isHeadline($0) }),
            warmup.population == 0
                ? nil
                : span(
                    "warm-up on time", warmup.quantiles.filter(isHeadline),
                    figures: .wholeTrial, noun: "warm-up response times"),
        ].compactMap { $0 }.map { check in
            var bounded = check
            bounded.bound = check.figures == .wholeTrial ? warmupBound : spanBound
            return bounded
        }
        return checks + [sendLag(strategy)] + blocks(strategy)
    }

    private static let mostLateTicks = 0.01

    /// Where nothing is sent, ticks are the load: those that came late although no plugin ran.
    private static func ticksOnTime(_ strategy: StrategySummary) -> ValidityCheck {
        let events = strategy.vmEvents
        let late = events.ticksLateByHarness + events.callOutsLateByHarness
        let due = events.ticks + events.callOutsAnswered + events.callOutsFailed
        var check = ValidityCheck(
            name: ValidityCheck.generatorOnTime, state: .notAvailable, detail: "no tick was due", figures: .all,
            bound: "≤ 1 % of ticks and answers")
        guard due > 0 else { return check }
        let share = Double(late) / Double(due)
        check.measured = Units.percentage(fraction: share)
        check.state = share > mostLateTicks ? .tripped : .passed
        check.detail =
            "\(grouped(late)) of \(counted(due, "tick")) and answers of call-outs came more than 1 ms late because of "
            + "the harness"
        return check
    }

    /// The figure of a span that is worst off decides.
    private static func span(
        _ name: String, _ quantiles: [LatencyQuantile], figures: ValidityCheck.Figures, noun: String
    ) -> ValidityCheck {
        let judged = quantiles.filter { $0.figure.isAvailable && $0.figure.harness != nil }
        guard let worst = judged.max(by: { excess($0) < excess($1) }), let part = worst.figure.harness else {
            return ValidityCheck(
                name: name, state: .notAvailable,
                detail: "too few requests to tell whether the generator was on time", figures: figures)
        }
        var check = ValidityCheck(
            name: name, state: .passed, detail: sentence(worst), figures: figures,
            measured: "\(part.cell) of \(quantileName(worst.quantile))")
        if part.isTooMuch {
            let broken = judged.filter(\.figure.isInvalid).map { quantileName($0.quantile) }
            check.state = .tripped
            check.detail +=
                "; at most \(Units.duration(nanoseconds: part.allowedNanoseconds)) is allowed, so "
                + "\(broken.joined(separator: ", ")) of the \(noun) \(broken.count == 1 ? "is" : "are") not valid"
        } else if let own = judged.first(where: isMostlyFloor) {
            check.state = .caution
            check.detail =
                "\(sentence(own)): response times this short are partly the harness's own"
                + (figures == .measured ? ", so read the service time" : "")
        }
        return check
    }

    private static func tail(_ quantiles: [LatencyQuantile]) -> ValidityCheck {
        let judged = quantiles.filter { $0.figure.isAvailable && $0.figure.harness != nil }
        let name = "figures of few requests"
        guard let worst = judged.max(by: { excess($0) < excess($1) }), let part = worst.figure.harness else {
            return ValidityCheck(name: name, state: .notAvailable, detail: "no request was answered", figures: .tail)
        }
        var check = ValidityCheck(
            name: name, state: .passed, detail: sentence(worst), figures: .tail,
            measured: "\(part.cell) of \(quantileName(worst.quantile))")
        if part.isTooMuch {
            let broken = judged.filter(\.figure.isInvalid).map { quantileName($0.quantile) }
            check.state = .caution
            check.detail +=
                "; \(broken.joined(separator: ", ")) \(broken.count == 1 ? "is" : "are") marked ! and not "
                + "valid"
        }
        return check
    }

    /// How late the idle harness was for one request in a thousand, against the p99 that it measured.
    private static func sendLag(_ strategy: StrategySummary) -> ValidityCheck {
        let lag = strategy.harnessLag
        let p99 = strategy.responseTime.p99
        var check = ValidityCheck(
            name: "send lag", state: .notAvailable,
            detail: "p99.9 of the lag needs \(grouped(samplesForP999)) requests, and a p99 to compare it with",
            figures: .measured, bound: "≤ 10 % or 100 µs")
        guard lag.samples >= samplesForP999, let measured = lag.p999.nanoseconds, let response = p99.nanoseconds else {
            return check
        }
        let limit = LatencyDistribution.allowedHarness(in: response)
        check.measured = "\(Units.duration(nanoseconds: measured)) (p99.9)"
        check.state = measured > limit ? .tripped : .passed
        check.detail =
            "the idle harness was late by \(Units.duration(nanoseconds: measured)) (p99.9) for a response "
            + "time of \(Units.duration(nanoseconds: response)) (p99); at most \(Units.duration(nanoseconds: limit)) "
            + "is allowed"
        return check
    }

    /// Blocks are printed one by one, so each is judged by its own lag.
    private static func blocks(_ strategy: StrategySummary) -> [ValidityCheck] {
        guard strategy.trials.count > 1 else { return [] }
        let broken = strategy.trials.filter { trial in
            trial.responseTime.quantiles.contains { isHeadline($0) && $0.figure.isInvalid }
        }
        var check = ValidityCheck(
            name: "blocks on time", state: .passed, detail: "it was on time in every block",
            figures: .measured, measured: "\(broken.count) of \(strategy.trials.count) late", bound: "0")
        if !broken.isEmpty {
            check.state = .caution
            check.detail =
                "it was late in block \(broken.map { "\($0.block + 1)" }.joined(separator: ", ")); the "
                + "block's figures that are marked ! are not valid"
        }
        return [check]
    }

    private static func sentence(_ quantile: LatencyQuantile) -> String {
        let figure = quantile.figure
        let part = figure.harness?.words ?? "n/a"
        let value = figure.nanoseconds.map { Units.duration(nanoseconds: $0) } ?? "∞"
        return "\(part) of the \(quantileName(quantile.quantile)) of \(value) can be the harness's own lag"
    }

    private static func excess(_ quantile: LatencyQuantile) -> Double {
        guard let part = quantile.figure.harness, let most = part.atMostNanoseconds else { return .infinity }
        return Double(most) / Double(part.allowedNanoseconds)
    }

    /// Within what is allowed only because that is never less than the floor.
    private static func isMostlyFloor(_ quantile: LatencyQuantile) -> Bool {
        guard let value = quantile.figure.nanoseconds, let most = quantile.figure.harness?.atMostNanoseconds else {
            return false
        }
        return Double(most) > Double(value) * LatencyDistribution.harnessFraction
    }
}
