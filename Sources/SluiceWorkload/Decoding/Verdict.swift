import SluiceModel

/// `observe`, `gate` and `budgets`.
extension Decoding {
    private static let mostBlocks: Int64 = 1000
    /// The last look of a gate.
    private static let mostSequentialBlocks: Int64 = 40

    func observations(_ value: YAMLValue) -> [Observation] {
        guard let values = list(value, what: "of observations") else { return [] }
        var metrics: Set<String> = []
        return values.compactMap { value -> Observation? in
            guard let fields = fields(value, .observation, what: "an observation") else { return nil }
            var role: Observation.Role? = .information
            if let value = fields["role"] { role = choice(value, what: "a role") }
            var unit = Observation.LogNumber.Unit?.some(role == .information ? .count : .bytes)
            if let value = fields["unit"] { unit = choice(value, what: "a unit of a logged number") }
            guard let (place, metric, pattern) = source(fields, at: value.position), let role, let unit else {
                return nil
            }
            guard metrics.insert(metric).inserted else {
                report(place, "the metric `\(metric)` is observed twice", "remove one of the two")
                return nil
            }
            return Observation(
                metric: metric, role: role,
                log: pattern.map { Observation.LogNumber(pattern: $0, unit: unit) })
        }
    }

    /// Where a number comes from: the name of a metric, or a pattern for the log with the name of its group.
    private func source(
        _ fields: Fields, at position: Position
    ) -> (place: Position, name: String, pattern: String?)? {
        switch (fields["metric"], fields["log"]) {
        case (let place?, nil):
            if let unit = fields["unit"] {
                report(unit.position, "`unit` is that of a logged number, and a metric has none", "remove it")
                return nil
            }
            return word(place, what: "the name of a metric").map { (place.position, $0, nil) }
        case (nil, let place?):
            guard let pattern = word(place, what: "a pattern for the log") else { return nil }
            if let problem = patternError(pattern) {
                report(place.position, "`\(pattern)` is not a pattern: \(problem)", "PCRE2 syntax is expected")
                return nil
            }
            let names = pattern.matches(of: /\(\?P?[<'](?<name>[A-Za-z_][A-Za-z0-9_]*)[>']/).map {
                String($0.output.name)
            }
            guard names.count == 1 else {
                report(
                    place.position, "the pattern has \(names.count) named groups where one is expected",
                    "write the number as a group with a name: `(?<live_bytes>\\d+)`")
                return nil
            }
            return (place.position, names[0], pattern)
        default:
            report(
                position, "an observation is of a metric or of a log",
                "say `metric:` with its name, or `log:` with a pattern")
            return nil
        }
    }

    /// `strategyNames`: as written, also of strategies in which something else is wrong.
    func gate(_ value: YAMLValue?, strategyNames: [String]) -> GateSettings {
        var settings = GateSettings(candidate: nil, baseline: nil, blocks: 2)
        guard let fields = value.flatMap({ fields($0, .gate, what: "`gate`") }) else { return settings }
        settings.candidate = fields["candidate"].flatMap { strategyName($0, strategyNames) }
        settings.baseline = fields["baseline"].flatMap { strategyName($0, strategyNames) }
        if let value = fields["baseline"], let baseline = settings.baseline, baseline == settings.candidate {
            report(value.position, "`\(baseline)` is compared with itself", "name another strategy")
        }
        if let value = fields["blocks"] {
            if case .mapping = value.content {
                settings.atMostBlocks = atMostBlocks(value)
            } else {
                settings.blocks = blocks(value) ?? settings.blocks
            }
        }
        return settings
    }

    private func strategyName(_ value: YAMLValue, _ names: [String]) -> String? {
        guard let name = word(value, what: "the name of a strategy") else { return nil }
        guard names.contains(name) else {
            report(value.position, "unknown strategy `\(name)`", Suggestion.help(for: name, among: names))
            return nil
        }
        return name
    }

    private func blocks(_ value: YAMLValue) -> Int? {
        whole(value, what: "the number of blocks", in: 1...Self.mostBlocks).map { Int($0) }
    }

    private func atMostBlocks(_ value: YAMLValue) -> Int? {
        fields(value, .sequentialBlocks, what: "`blocks`")?["at_most"].flatMap {
            whole($0, what: "the number of blocks", in: 1...Self.mostSequentialBlocks).map { Int($0) }
        }
    }

    // MARK: - budgets

    func budgets(_ value: YAMLValue?) -> Budgets {
        guard let fields = value.flatMap({ fields($0, .budgets, what: "`budgets`") }) else { return Budgets() }
        let heap = fields["heap"].flatMap {
            self.fields($0, .heapBudget, what: "the heap's budget", example: "{ high_water: 64MiB }")
        }
        func bytes(_ key: String) -> Int? {
            heap?[key].flatMap { size($0, what: "a budget of memory", in: 0...1 << 40) }.map { Int($0) }
        }
        func count(_ value: YAMLValue?, _ what: String) -> Int? {
            value.flatMap { whole($0, what: what, in: 0...1_000_000_000) }.map { Int($0) }
        }
        return Budgets(
            responseTime: fields["response_time"].map(quantiles) ?? [],
            serviceTime: fields["service_time"].map(quantiles) ?? [],
            againstBaseline: fields["against_baseline"].map(relativeBudgets) ?? [],
            heapHighWaterBytes: bytes("high_water"), gcHeapHighWaterBytes: bytes("gc_high_water"),
            growthEvents: count(heap?["growth_events"], "a number of growths"),
            leak: heap?["leak"].flatMap(leakBudget),
            allocatorFailures: count(fields["allocator_failures"], "a number of allocator failures"),
            errorFraction: fields["errors"].flatMap { percentage($0, what: "the share of errors") })
    }

    /// `forbidden`, or what a VM must live for.
    private func leakBudget(_ value: YAMLValue) -> LeakBudget? {
        if case .mapping = value.content {
            return fields(value, .leakBudget, what: "`leak`", example: "{ vm_requests: 10000000 }")?["vm_requests"]
                .flatMap { whole($0, what: "a number of requests", in: 1...1_000_000_000_000) }
                .map { LeakBudget(vmRequests: Int($0)) }
        }
        guard let word = word(value, what: "`forbidden` or `{ vm_requests: 10000000 }`") else { return nil }
        guard word == "forbidden" else {
            report(
                value.position, "`\(word)` is not a budget of leaks", "say `forbidden` or `{ vm_requests: 10000000 }`")
            return nil
        }
        return LeakBudget()
    }

    /// Keys are `p` and a percentage above 0 and below 100, or `max`.
    private func quantiles(_ value: YAMLValue) -> [QuantileBudget] {
        byQuantile(value) { quantile, entry in
            duration(entry.value, what: "a budget of time", in: 1...3_600_000_000_000).map {
                QuantileBudget(quantile: quantile, limitNanoseconds: $0)
            }
        }
    }

    /// Shares such as `+5%`; the plus may be left out.
    private func relativeBudgets(_ value: YAMLValue) -> [RelativeBudget] {
        byQuantile(value) { quantile, entry in
            guard quantile < 1 else {
                report(
                    entry.keyPosition, "the slowest request is not compared with a baseline: it is one request",
                    "say `p99`, for example")
                return nil
            }
            guard let text = text(entry.value, what: "a share such as `+5%`") else { return nil }
            let share = YAMLValue(
                position: entry.value.position,
                content: .scalar(text.hasPrefix("+") ? String(text.dropFirst()) : text, isPlain: true))
            return percentage(share, what: "a share such as `+5%`").map {
                RelativeBudget(quantile: quantile, allowedFraction: $0)
            }
        }
    }

    private func byQuantile<Budget>(
        _ value: YAMLValue, _ budget: (_ quantile: Double, _ entry: YAMLValue.Entry) -> Budget?
    ) -> [Budget] {
        guard let entries = mapping(value, what: "of quantiles", example: "{ p99: 5ms }") else { return [] }
        var quantiles: Set<Double> = []
        return entries.compactMap { entry in
            guard let quantile = Self.quantile(entry.key) else {
                report(
                    entry.keyPosition, "`\(entry.key)` is not a quantile",
                    "say `p50`, `p99`, `p99.9` or `max`, for example")
                return nil
            }
            guard quantiles.insert(quantile).inserted else {
                report(entry.keyPosition, "the quantile `\(entry.key)` is given twice", "remove one of the two")
                return nil
            }
            return budget(quantile, entry)
        }
    }

    static func quantile(_ key: String) -> Double? {
        if key == "max" { return 1 }
        guard key.wholeMatch(of: /p[0-9]{1,2}(\.[0-9]{1,5})?/) != nil else { return nil }
        // Read as one decimal number: 99.9 / 100 is not 0.999.
        guard let quantile = Double(key.dropFirst() + "e-2"), quantile > 0 else { return nil }
        return quantile
    }
}
