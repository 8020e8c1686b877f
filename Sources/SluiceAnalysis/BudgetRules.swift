internal import SluiceModel

/// Each budget against one strategy. A metric without a single sample fails its budget: nothing was shown.
enum BudgetRules {
    static func results(of strategy: StrategySummary, budgets: Budgets) -> [BudgetResult] {
        var results: [BudgetResult] = []
        for budget in budgets.responseTime {
            results.append(latency("response_time", "response time", strategy.responseTime, budget))
        }
        for budget in budgets.serviceTime {
            results.append(latency("service_time", "service time", strategy.serviceTime, budget))
        }
        if let limit = budgets.heapHighWaterBytes {
            results.append(highWater("heap.high_water", "heap high water", strategy.heap.linear, limit))
        }
        if let limit = budgets.gcHeapHighWaterBytes {
            results.append(highWater("heap.gc_high_water", "Wasm GC heap high water", strategy.heap.gcHeap, limit))
        }
        if let limit = budgets.growthEvents { results.append(growths(strategy, limit)) }
        if let budget = budgets.leak { results.append(LeakRules.result(of: strategy, budget)) }
        if let limit = budgets.allocatorFailures { results.append(allocatorFailures(strategy, limit)) }
        if let limit = budgets.errorFraction { results.append(errors(strategy, limit)) }
        return results
    }

    private static func latency(
        _ key: String, _ title: String, _ distribution: LatencyDistribution, _ budget: QuantileBudget
    ) -> BudgetResult {
        let quantile = quantileName(budget.quantile)
        let figure = distribution.figure(at: budget.quantile)
        var result = BudgetResult(
            name: "\(key).\(quantile)", title: "\(title) \(quantile)", state: .pass, measured: figure.words,
            limit: Units.duration(nanoseconds: budget.limitNanoseconds), excessFraction: nil, detail: "")
        result.excessFraction = figure.nanoseconds.flatMap { excess(Double($0), Double(budget.limitNanoseconds)) }
        if distribution.population == 0 {
            result.state = .fail
            result.detail = figure.unavailableBecause ?? ""
        } else {
            result.state = state(of: figure, limit: budget.limitNanoseconds)
            result.detail = evidence(figure, distribution)
        }
        if figure.isInvalid, result.state != .pass {
            result.state = withoutHarness(figure).map { $0 > budget.limitNanoseconds } ?? false ? .fail : .invalid
        }
        return result
    }

    /// The harness can only have made a figure longer. One that is within its limit as it is would be so without the
    /// harness; one that is beyond its limit is shown to be only when it still is without all that can be the
    /// harness's. `nil`: unknown.
    private static func withoutHarness(_ figure: LatencyFigure) -> Int64? {
        guard let least = figure.interval?.lowerNanoseconds ?? figure.nanoseconds, !figure.isInfinite else {
            return nil
        }
        return figure.harness?.atMostNanoseconds.map { least - $0 }
    }

    /// A quantile of the population is within its budget, or beyond it, when all of its interval is. The maximum is
    /// of these requests only, and has none.
    private static func state(of figure: LatencyFigure, limit: Int64) -> BudgetResult.State {
        if let interval = figure.interval {
            return interval.isWithin(limit) ? .pass : interval.isBeyond(limit) ? .fail : .inconclusive
        }
        guard figure.isAvailable else { return .inconclusive }
        return figure.nanoseconds.map { $0 <= limit } ?? false ? .pass : .fail
    }

    private static func evidence(_ figure: LatencyFigure, _ distribution: LatencyDistribution) -> String {
        var parts = [figure.unavailableBecause].compactMap { $0 }
        if figure.isInfinite {
            parts.append(
                "\(counted(distribution.infinite, "request")) of \(grouped(distribution.population)) failed and "
                    + (distribution.infinite == 1 ? "counts" : "count") + " as infinitely slow")
        }
        if let interval = figure.interval, figure.isAvailable ? !interval.isInfinite : interval.lowerNanoseconds != nil
        {
            parts.append("95 % interval \(interval.words)")
        }
        if figure.isInvalid, let harness = figure.harness {
            parts.append("\(harness.words) of it can be the harness's own")
        }
        return parts.joined(separator: "; ")
    }

    private static func highWater(
        _ name: String, _ title: String, _ memory: MemorySummary, _ limit: Int
    ) -> BudgetResult {
        let measured = memory.highWaterBytes
        return BudgetResult(
            name: name, title: title, state: measured.map { $0 <= limit } == true ? .pass : .fail,
            measured: measured.map(Units.bytes) ?? "n/a", limit: Units.bytes(limit),
            excessFraction: measured.flatMap { excess(Double($0), Double(limit)) },
            detail: measured == nil ? "no samples: the strategy's VMs have no \(memory.name)" : "")
    }

    /// Growths that the ledger counted but could not hold may all have been in one VM.
    private static func growths(_ strategy: StrategySummary, _ limit: Int) -> BudgetResult {
        let known = [strategy.heap.linear, strategy.heap.gcHeap].map(\.mostMeasuredGrowthsOfOneVM).max() ?? 0
        let unknown = strategy.heap.growthEventsWithoutDetail
        var result = BudgetResult(
            name: "heap.growth_events", title: "growths of one VM", state: .pass,
            measured: unknown > 0 ? "\(grouped(known)) to \(grouped(known + unknown))" : grouped(known),
            limit: grouped(limit), excessFraction: excess(Double(known), Double(limit)), detail: "")
        if strategy.heap.linear.highWaterBytes == nil && strategy.heap.gcHeap.highWaterBytes == nil {
            result.state = .fail
            result.measured = "n/a"
            result.excessFraction = nil
            result.detail = "no samples: the strategy's VMs have no memory"
        } else if known > limit {
            result.state = .fail
        } else if known + unknown > limit {
            result.state = .inconclusive
            result.detail = "\(counted(unknown, "growth")) did not fit into the ledger"
        }
        return result
    }

    private static func allocatorFailures(_ strategy: StrategySummary, _ limit: Int) -> BudgetResult {
        let count = strategy.allocatorFailures
        let requests = strategy.counts.total + strategy.warmupCounts.total
        var result = BudgetResult(
            name: "allocator_failures", title: "allocator failures", state: count <= limit ? .pass : .fail,
            measured: grouped(count), limit: grouped(limit), excessFraction: excess(Double(count), Double(limit)),
            detail: "")
        // A service has no requests: what it did is its ticks and the answers to its call-outs.
        let events = strategy.vmEvents.ticks + strategy.vmEvents.callOutsAnswered
        if count == 0, requests == 0, events == 0 {
            result.state = .fail
            result.measured = "n/a"
            result.detail = "no samples: no request was sent"
        } else if count == 0, requests == 0 {
            result.detail = "none in \(counted(events, "tick")) and answers"
        } else if count == 0 {
            // The rule of three: none in n leaves a rate of up to 3/n at 95 % confidence.
            result.detail =
                "none in \(grouped(requests)) requests: fewer than one in \(grouped(max(1, requests / 3))) with 95 % "
                + "confidence"
        }
        return result
    }

    private static func errors(_ strategy: StrategySummary, _ limit: Double) -> BudgetResult {
        let fraction = strategy.errorFraction
        return BudgetResult(
            name: "errors", title: "errors", state: fraction.map { $0 <= limit } == true ? .pass : .fail,
            measured: fraction.map(Units.percentage) ?? "n/a", limit: Units.percentage(fraction: limit),
            excessFraction: fraction.flatMap { excess($0, limit) },
            detail: fraction == nil ? "no samples: no request was sent" : "")
    }

    private static func excess(_ measured: Double, _ limit: Double) -> Double? {
        limit > 0 ? (measured - limit) / limit : nil
    }
}

extension HarnessPart {
    /// `up to 1.20 ms`, `all`.
    package var words: String {
        atMostNanoseconds.map { "up to \(Units.duration(nanoseconds: $0))" } ?? "all"
    }

    /// `≤ 1.20 ms`, `all`.
    var cell: String { atMostNanoseconds.map { "≤ \(Units.duration(nanoseconds: $0))" } ?? "all" }
}
