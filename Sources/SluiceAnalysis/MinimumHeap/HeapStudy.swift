package import SluiceModel

/// What `sluice heap` found out: the smallest heap that each strategy runs in, and what heaps of other sizes cost.
///
/// Everything that a report of it prints; unknown figures are `nil`, never 0.
package struct HeapStudy: Sendable, Codable, Equatable {
    /// Of this structure, and so of the JSON report. Raised when a reader of the old one would misread the new one.
    package static let currentVersion = 1

    /// `currentVersion` when it was made.
    package var version: Int
    /// The run that it was made in.
    package var runID: String
    /// Name of the workload.
    package var workload: String
    /// What the workload is there to show.
    package var about: String
    /// Unix time.
    package var startedAtSeconds: Int64
    /// How the run ended.
    package var status: RunStatus
    /// Why, when it is not complete; empty otherwise.
    package var statusReason: String
    /// The machine.
    package var host: HostIdentity
    /// Name and version of every engine that took part.
    package var engines: [String]
    /// Of each memory, in the unconstrained replays.
    package var memoryCapBytes: Int
    /// Requests of one replay.
    package var requests: Int
    /// One a search, the same for all strategies.
    package var seeds: [UInt64]
    /// In the order of the workload.
    package var strategies: [StrategyMinimumHeap]
    /// `nil` when none was asked for, or no strategy has a smallest heap.
    package var sweep: HeapSweep?
    /// Repeats it.
    package var repeatCommand: String

    package init(run: RunRecord, requests: Int, seeds: [UInt64], repeatCommand: String) {
        version = Self.currentVersion
        runID = run.id
        workload = run.workload.name
        about = run.workload.about
        startedAtSeconds = run.startedAtSeconds
        status = run.status
        statusReason = run.statusReason
        host = run.host
        engines = []
        memoryCapBytes = run.workload.host.memoryCapBytes
        self.requests = requests
        self.seeds = seeds
        strategies = []
        sweep = nil
        self.repeatCommand = repeatCommand
    }

    /// Takes in what is known of a strategy, in the place of what was known of it before.
    package mutating func keep(_ strategy: StrategyMinimumHeap) {
        if let index = strategies.firstIndex(where: { $0.name == strategy.name }) {
            strategies[index] = strategy
        } else {
            strategies.append(strategy)
        }
    }

    /// The smallest of the strategies' smallest heaps: what the sizes of a sweep are multiples of.
    package var baseBytes: Int? { strategies.compactMap(\.minimumBytes).min() }

    /// Sentences about what keeps the study from being whole; empty when it is.
    package var gaps: [String] {
        strategies.compactMap { strategy in
            if let problem = strategy.searches.lazy.compactMap(\.problem).first {
                return "\(strategy.name): \(problem)"
            }
            if let leak = strategy.leak, let problem = leak.different.problem ?? leak.repeated.problem {
                return "\(strategy.name), in a longer sequence: \(problem)"
            }
            return strategy.problem.flatMap { strategy.isOutOfMemory ? nil : "\(strategy.name): \($0)" }
        }
    }

    /// How `sluice heap` ends. Not to run within the cap is a result; a search that broke off is inconclusive.
    package var exitCode: ExitCode {
        ExitCode.worst(of: [status.exitCode, gaps.isEmpty ? .pass : .inconclusive])
    }
}

/// The smallest heap of one strategy.
package struct StrategyMinimumHeap: Sendable, Codable, Equatable {
    /// As the workload names it.
    package var name: String
    /// The module as the workload names it.
    package var module: String
    /// SHA-256 of the module.
    package var moduleHash: String
    /// The replay without a limit other than the workload's; `nil` when it did not go through.
    package var unconstrained: ReplayFigures?
    /// What was limited, and how; `nil` when nothing was searched.
    package var form: MemoryLimit.Form?
    /// What the module declares its memory to be at least; nothing smaller is tried. `nil`: of the Wasm GC heap.
    package var declaredBytes: Int?
    /// Why there is no search; `nil` when there is one.
    package var problem: String?
    /// The problem is that the sequence does not run within the workload's cap.
    package var isOutOfMemory: Bool
    /// One after the other, each with a seed of its own.
    package var searches: [MinimumHeapResult]
    /// What longer sequences tell about a leak; `nil` when it was not asked for, or there is no smallest heap.
    package var leak: LeakEvidence?

    package init(name: String, module: String, moduleHash: String) {
        self.name = name
        self.module = module
        self.moduleHash = moduleHash
        isOutOfMemory = false
        searches = []
    }

    /// The size in which every search went through: the largest of what the searches found. `nil` when one of them has
    /// no result.
    package var minimumBytes: Int? {
        let found = searches.compactMap(\.bytes)
        return found.count == searches.count ? found.max() : nil
    }

    /// The module declares that much, whether it needs it or not.
    package var isDeclaredMinimum: Bool { minimumBytes != nil && minimumBytes == declaredBytes }
}

/// One replay.
package struct ReplayFigures: Sendable, Codable, Equatable {
    /// From the start instant to the end of the last request.
    package var durationNanoseconds: Int64
    /// CPU time of the trial's process over its requests.
    package var cpuNanosecondsPerRequest: Double?
    /// Of any VM.
    package var linearHighWaterBytes: Int
    /// Of any VM; 0: the module keeps no Wasm GC heap.
    package var gcHeapHighWaterBytes: Int
    /// Responses that were not as the workload expects.
    package var checkFailures: Int

    package init(_ tally: ReplayTally, cpuNanoseconds: Int64?, requests: Int) {
        durationNanoseconds = tally.durationNanoseconds
        cpuNanosecondsPerRequest = cpuNanoseconds.flatMap { requests > 0 ? Double($0) / Double(requests) : nil }
        linearHighWaterBytes = tally.linearHighWaterBytes
        gcHeapHighWaterBytes = tally.gcHeapHighWaterBytes
        checkFailures = tally.counts.checkFailed
    }
}

/// One search.
package struct MinimumHeapResult: Sendable, Codable, Equatable {
    /// Of the generated requests.
    package var seed: UInt64
    /// The smallest size; `nil` when there is none.
    package var bytes: Int?
    /// Why there is none; `nil` when there is one.
    package var problem: String?
    /// A size above one that ran was too small.
    package var isNonMonotone: Bool
    /// In the order in which they were tried.
    package var attempts: [Attempt]

    /// A size that was tried.
    package struct Attempt: Sendable, Codable, Equatable {
        /// A whole number of pages.
        package var bytes: Int
        /// All replays went through.
        package var ran: Bool
        /// Something that more memory does not explain; absent otherwise.
        package var crashed: Bool?
        /// Why not; empty when they did.
        package var reason: String
    }

    package init(seed: UInt64, search: MinimumHeapSearch) {
        self.seed = seed
        isNonMonotone = search.isNonMonotone
        attempts = search.attempts.map { attempt in
            let reason =
                switch attempt.verdict {
                case .ran: ""
                case .tooSmall(let reason): reason
                case .crashed(let message): message
                }
            let hasCrashed = if case .crashed = attempt.verdict { true } else { false }
            return Attempt(
                bytes: attempt.pages * MemoryLimit.pageBytes, ran: attempt.verdict == .ran,
                crashed: hasCrashed ? true : nil, reason: reason)
        }
        func size(_ pages: Int) -> String { Units.bytes(pages * MemoryLimit.pageBytes) }
        switch search.ending {
        case .found(let pages): bytes = pages * MemoryLimit.pageBytes
        case .doesNotRun(let reason): problem = "with seed \(seed) it does not run in what it ran in before: \(reason)"
        case .crashed(let pages, let message): problem = "it crashed in \(size(pages)): \(message)"
        case .unsettled(let pages):
            problem = "sizes that run and sizes that do not alternate up to \(size(pages)) and beyond"
        case nil: problem = "the search was broken off"
        }
    }
}
