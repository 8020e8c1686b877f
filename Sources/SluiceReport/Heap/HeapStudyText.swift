internal import SluiceAnalysis
internal import SluiceModel

/// Words and cells of a heap study that several formats share, so that they say the same.
enum HeapStudyText {
    static let notRunning = "does not run"

    // MARK: smallest heaps

    static let minimumHeader = [
        "strategy", "smallest heap", "searches", "memory", "without a limit", "replay", "CPU/request",
    ]
    /// Columns of `minimumHeader` that are words.
    static let minimumWords: Set<Int> = [2, 3]

    static func minimumCells(_ strategy: StrategyMinimumHeap) -> [String] {
        let free = strategy.unconstrained
        let highWater = free.map { strategy.form == .gcHeapCap ? $0.gcHeapHighWaterBytes : $0.linearHighWaterBytes }
        return [
            strategy.name, minimum(strategy), searches(strategy.searches), strategy.form?.words ?? "n/a",
            highWater.map(Units.bytes) ?? "n/a",
            (free?.durationNanoseconds).map { Units.duration(nanoseconds: $0) } ?? "n/a",
            (free?.cpuNanosecondsPerRequest).map { Units.duration(nanoseconds: Int64($0)) } ?? "n/a",
        ]
    }

    static func minimum(_ strategy: StrategyMinimumHeap) -> String {
        guard let bytes = strategy.searches.isEmpty ? nil : strategy.minimumBytes else {
            return strategy.isOutOfMemory ? notRunning : "n/a"
        }
        return (strategy.isDeclaredMinimum ? "≤ " : "") + Units.bytes(bytes)
    }

    /// Every search, in pages where they are closer than three digits of a size tell.
    static func searches(_ results: [MinimumHeapResult]) -> String {
        results.isEmpty ? "n/a" : results.map { $0.bytes.map(pages) ?? "n/a" }.joined(separator: ", ")
    }

    private static func pages(_ bytes: Int) -> String { grouped(bytes / MemoryLimit.pageBytes) }

    /// What the columns mean.
    static func legend(_ study: HeapStudy) -> [String] {
        var lines = [
            "The smallest memory in which 3 of 3 replays of \(counted(study.requests, "request")) go through, "
                + "within 10 times the time that they take without a limit (or half a second). Requests follow one "
                + "another, one in flight, in one VM.",
            "Searches are in pages of 64 KiB, each with a seed of its own; the smallest heap is the largest of them, "
                + "so that every search goes through in it.",
        ]
        let forms = Set(study.strategies.compactMap(\.form))
        if forms.contains(.fixed) { lines.append("fixed: the memory has that size from the start, minimum = maximum.") }
        if forms.contains(.cap) {
            lines.append(
                "grown: the runtime uses no memory but what it has grown itself, so that its growth is capped; sizes "
                    + "between its steps are of no use to it.")
        }
        if forms.contains(.gcHeapCap) {
            lines.append("Wasm GC heap: the engine doubles it, so that only powers of two are of use.")
        }
        if study.strategies.contains(where: \.isDeclaredMinimum) {
            lines.append("≤ it runs in what the module declares as its least memory; nothing smaller was tried.")
        }
        return lines
    }

    /// What is unusual about a strategy.
    static func notes(_ strategy: StrategyMinimumHeap, of study: HeapStudy) -> [String] {
        var notes: [String] = []
        if let problem = strategy.problem {
            notes.append(
                strategy.isOutOfMemory
                    ? "\(strategy.name) does not run \(counted(study.requests, "request")) in "
                        + "\(Units.bytes(study.memoryCapBytes)): \(problem)."
                    : "\(strategy.name): \(problem).")
        }
        for (number, search) in strategy.searches.enumerated() {
            if let problem = search.problem { notes.append("\(strategy.name), search \(number + 1): \(problem).") }
        }
        if strategy.searches.contains(where: \.isNonMonotone) {
            notes.append(
                "\(strategy.name): its heap is not monotone, a size above one that runs was too small. The smallest "
                    + "heap given is the first with three more sizes above it that run.")
        }
        return notes
    }

    // MARK: leaks

    /// What longer sequences say about a strategy; empty when they were not asked for.
    static func leaks(_ study: HeapStudy) -> [String] {
        study.strategies.compactMap { strategy in
            strategy.leak.map { "\(strategy.name): \(leak($0, of: strategy, cap: study.memoryCapBytes))" }
        }
    }

    private static func leak(_ evidence: LeakEvidence, of strategy: StrategyMinimumHeap, cap: Int) -> String {
        let count = grouped(evidence.requests)
        let verdict =
            switch evidence.verdict {
            case .leaking: "leaking. Something is kept for each request, also when the same ones come again"
            case .growsWithDifferentRequests:
                "no leak for each request, but something is kept for each different one: a cache that \(count) "
                    + "requests do not fill, or one without a bound"
            case .plateaued: "plateaued"
            case .inconclusive: "inconclusive"
            }
        let excluded = [evidence.different, evidence.repeated].compactMap { $0.difference?.smallestLeakExcluded }.max()
        let smallest =
            evidence.verdict == .plateaued
            ? excluded.map { " A leak of more than \(Units.bytes(Int($0.rounded(.up)))) a request would have shown." }
            : nil
        return "\(verdict).\(smallest ?? "") Evidence: \(HeapEvidence.smallestHeaps.words). For 4 × \(count) different "
            + "requests \(long(evidence.different)); for \(count) requests four times over \(long(evidence.repeated))."
            + (forecast(evidence, of: strategy, cap: cap) ?? "")
    }

    private static func long(_ sequence: LeakEvidence.LongSequence) -> String {
        if let reason = sequence.exceedsCap { return "more than the cap (\(reason))" }
        guard let difference = sequence.difference else { return "n/a (\(sequence.problem ?? "not searched"))" }
        func rate(_ value: Double) -> String { Units.bytes(Int(value.rounded())) }
        let interval =
            if let lower = difference.lower, let upper = difference.upper {
                " (95 %: \(rate(lower)) to \(rate(upper)))"
            } else {
                " (one search has no interval)"
            }
        return "\(searches(sequence.searches)) pages, \(rate(difference.mean)) more for each request\(interval)"
    }

    /// Requests until the cap, at the interval's upper and lower end.
    private static func forecast(_ evidence: LeakEvidence, of strategy: StrategyMinimumHeap, cap: Int) -> String? {
        guard evidence.verdict == .leaking, let bytes = strategy.minimumBytes,
            let difference = evidence.repeated.difference, let lower = difference.lower, let upper = difference.upper
        else { return nil }
        func requests(_ rate: Double) -> String { grouped(evidence.requests + Int(Double(cap - bytes) / rate)) }
        return
            " The cap of \(Units.bytes(cap)) is reached after \(requests(upper)) to \(requests(lower)) requests of a "
            + "VM."
    }

    // MARK: sweep

    /// A figure of a sweep's points.
    struct Metric: Sendable {
        var title: String
        var cell: @Sendable (SweepPoint) -> String
        /// What is drawn, in nanoseconds; `nil`: not drawn.
        var value: (@Sendable (SweepPoint) -> Double?)?
    }

    static let metrics = [
        Metric(
            title: "CPU time a request",
            cell: { $0.meanCPUNanosecondsPerRequest.map { Units.duration(nanoseconds: Int64($0)) } ?? "n/a" },
            value: { $0.meanCPUNanosecondsPerRequest }),
        Metric(
            title: "Response time p99", cell: { $0.responseTimeP99?.words ?? "n/a" },
            value: { ($0.responseTimeP99?.nanoseconds).map(Double.init) }),
        Metric(title: "Overhead, at least", cell: overhead, value: nil),
    ]

    private static func overhead(_ point: SweepPoint) -> String {
        guard let overhead = point.overhead else { return "n/a" }
        let interval = point.overheadInterval.map {
            " (\(Units.significant($0[0]))–\(Units.significant($0[1])))"
        }
        return "\(Units.significant(overhead)) ×\(interval ?? "")"
    }

    static func sweepHeader(_ study: HeapStudy) -> [String] { ["heap"] + study.strategies.map(\.name) }

    /// One row a size.
    static func sweepRows(_ metric: Metric, _ study: HeapStudy) -> [[String]] {
        guard let sweep = study.sweep else { return [] }
        return HeapSweep.factors.map { factor in
            let points = sweep.points.filter { $0.factor == factor }
            let size = points.first.map { Units.bytes($0.bytes) } ?? "n/a"
            return ["\(Units.axisNumber(factor)) × = \(size)"]
                + points.map { $0.doesNotRun == nil ? metric.cell($0) : notRunning }
        }
    }

    static func sweepLegend(_ study: HeapStudy) -> [String] {
        guard let sweep = study.sweep else { return [] }
        var lines = [
            "Sizes are multiples of \(Units.bytes(sweep.baseBytes)), the smallest heap of any strategy, so that "
                + "strategies are compared at equal bytes. \(counted(sweep.invocations, "trial")) a point, in turn; "
                + "one worker's share of the workload's load: \(sweep.load.joined(separator: "; ")).",
            "CPU time is of the trial's whole process, over all requests; percentiles are of merged histograms.",
        ]
        if let baseline = sweep.baselineNanoseconds {
            lines.append(
                "Overhead is CPU time over the cheapest point's \(Units.duration(nanoseconds: Int64(baseline))). No "
                    + "cost of a collector is known apart, so that the baseline holds one too: every overhead is a "
                    + "lower bound. In brackets: 95 % of resampled blocks.")
        }
        if sweep.invocations < 10 {
            lines.append("Fewer than 10 trials a point: read differences as first signs.")
        }
        let reasons = sweep.points.compactMap { point in
            point.doesNotRun.flatMap {
                $0.hasPrefix("its smallest heap is") || point.trials == 0
                    ? nil : "\(point.strategy) does not run in \(Units.bytes(point.bytes)) under this load: \($0)."
            }
        }
        return lines + reasons
    }

    // MARK: the study

    static func sentence(_ study: HeapStudy) -> String {
        if study.status != .complete {
            return "The study is \(study.status.rawValue): \(study.statusReason). What follows is what was found."
        }
        if let gap = study.gaps.first { return "Not every search came to an end: \(gap)." }
        let found = study.strategies.filter { $0.minimumBytes != nil && !$0.searches.isEmpty }
        guard let least = found.min(by: { ($0.minimumBytes ?? 0) < ($1.minimumBytes ?? 0) }) else {
            return "No strategy runs \(counted(study.requests, "request")) in \(Units.bytes(study.memoryCapBytes))."
        }
        let others = study.strategies.count - found.count
        return "\(least.name) needs least: \(minimum(least)) for \(counted(study.requests, "request"))"
            + (others > 0 ? "; \(counted(others, "strategy", plural: "strategies")) cannot run them at all." : ".")
    }

    static func word(_ study: HeapStudy) -> String {
        study.exitCode == .pass ? "MEASURED" : study.exitCode.word
    }

    static func identity(_ study: HeapStudy) -> [(label: String, value: String)] {
        let host = study.host
        var pairs = [
            ("run", "\(study.runID), heap, \(study.status.rawValue)"),
            ("started", ReportText.date(study.startedAtSeconds)),
            ("memory cap", Units.bytes(study.memoryCapBytes)),
            ("engine", study.engines.isEmpty ? "n/a" : study.engines.joined(separator: ", ")),
            (
                "host",
                "\(host.cpu), \(counted(host.cpuCount, "CPU")), \(Units.bytes(host.memoryBytes)), kernel "
                    + "\(host.kernel), clock \(host.clockSource)"
            ),
            ("seeds", study.seeds.map(String.init).joined(separator: ", ")),
        ]
        pairs += study.strategies.map { ($0.name, "\($0.module) sha256 \($0.moduleHash.prefix(12))") }
        return pairs.map { (label: $0.0, value: $0.1) }
    }
}

extension MemoryLimit.Form {
    /// For tables.
    var words: String {
        switch self {
        case .fixed: "linear, fixed"
        case .cap: "linear, grown"
        case .gcHeapCap: "Wasm GC heap"
        }
    }
}
