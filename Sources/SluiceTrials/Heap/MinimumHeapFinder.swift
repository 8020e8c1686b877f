import SluiceAnalysis
import SluiceModel

/// Finds the smallest heap of one strategy.
struct MinimumHeapFinder {
    /// A size runs when as many replays went through.
    static let replays = 3
    /// A replay may take so many times as long as without a limit.
    static let slowdownLimit: Int64 = 10
    /// It may always take so long: below, a hiccup of the machine would decide.
    private static let leastTimeoutNanoseconds: Int64 = 500_000_000
    /// For a replay without a limit.
    private static let unconstrainedTimeoutNanoseconds = 120 * Units.nanosecondsPerSecond

    let strategy: Strategy
    let trials: StudyTrials
    let planner: ReplayPlanner
    let request: HeapStudyRequest
    let onNotice: @Sendable (HeapStudyNotice) -> Void

    private struct Sequence {
        var requests: Int
        var epochRequests: Int?
    }

    /// A sequence, its cost without a limit, and what is limited in the search.
    private struct Ground {
        var sequence: Sequence
        var timeoutNanoseconds: Int64
        var checkFailures: Int
        var form: MemoryLimit.Form
        var leastPages: Int
        var startPages: Int
    }

    /// - Parameter publish: called with what is known so far, whenever that has become more.
    /// - Returns: `found` with everything that came out.
    func find(
        _ found: StrategyMinimumHeap, publish: (StrategyMinimumHeap) -> Void
    ) async throws -> StrategyMinimumHeap {
        var found = found
        let requests = request.requestsOfReplay
        guard let ground = try await ground(of: Sequence(requests: requests), &found) else { return found }
        found.form = ground.form
        found.searches = try await searches(on: ground) {
            found.searches = $0
            publish(found)
        }
        guard request.seeksLeaks, found.minimumBytes != nil else { return found }
        found.leak = LeakEvidence(
            requests: requests, different: try await longer(Sequence(requests: 4 * requests), than: found),
            repeated: try await longer(Sequence(requests: 4 * requests, epochRequests: requests), than: found))
        return found
    }

    private func longer(
        _ sequence: Sequence, than found: StrategyMinimumHeap
    ) async throws -> LeakEvidence.LongSequence {
        var result = LeakEvidence.LongSequence()
        var outcome = StrategyMinimumHeap(name: found.name, module: found.module, moduleHash: found.moduleHash)
        guard var ground = try await ground(of: sequence, &outcome) else {
            if outcome.isOutOfMemory { result.exceedsCap = outcome.problem } else { result.problem = outcome.problem }
            return result
        }
        // Sizes compare only when the same thing is limited in both.
        ground.form = found.form ?? ground.form
        result.searches = try await searches(on: ground)
        result.problem = result.searches.lazy.compactMap(\.problem).first
        if result.problem == nil {
            result.difference = DifferentialLeak(
                short: found.searches.compactMap(\.bytes), long: result.searches.compactMap(\.bytes),
                requests: sequence.requests / 4)
        }
        return result
    }

    // MARK: without a limit

    private func ground(of sequence: Sequence, _ found: inout StrategyMinimumHeap) async throws -> Ground? {
        var figures: [ReplayFigures] = []
        var startBytes: Int?
        for _ in 0..<Self.replays {
            let result = try await replay(
                search: 0, sequence, limit: nil, timeout: Self.unconstrainedTimeoutNanoseconds)
            if let reason = result.startFailure {
                throw RunFailure.couldNotStart("strategy \(strategy.name): \(reason)")
            }
            let one = ReplayFigures(result.tally, cpuNanoseconds: result.cpuNanoseconds, requests: sequence.requests)
            switch result.verdict(checkFailures: .max) {
            case .ran: break
            case .tooSmall(let reason):
                found.isOutOfMemory = result.tally.failure?.kind.isAllocatorFailure == true
                found.problem = reason
            case .crashed(let message): found.problem = message
            }
            if found.problem != nil {
                onNotice(.unconstrained(strategy: strategy.name, one, problem: found.problem))
                return nil
            }
            figures.append(one)
            startBytes = result.tally.linearStartBytes
        }
        let median = figures.sorted { $0.durationNanoseconds < $1.durationNanoseconds }[Self.replays / 2]
        found.unconstrained = median
        onNotice(.unconstrained(strategy: strategy.name, median, problem: nil))
        var ground = Ground(
            sequence: sequence,
            timeoutNanoseconds: max(
                Self.leastTimeoutNanoseconds, Self.slowdownLimit * median.durationNanoseconds),
            checkFailures: median.checkFailures, form: .gcHeapCap, leastPages: 1,
            startPages: Self.pages(median.gcHeapHighWaterBytes))
        guard median.gcHeapHighWaterBytes == 0 else { return ground }
        guard let startBytes, median.linearHighWaterBytes > 0 else {
            found.problem = "its VMs have no memory"
            return nil
        }
        found.declaredBytes = startBytes
        ground.leastPages = Self.pages(startBytes)
        ground.startPages = Self.pages(median.linearHighWaterBytes)
        ground.form = try await usesMemoryFromTheStart(ground) ? .fixed : .cap
        return ground
    }

    private static func pages(_ bytes: Int) -> Int { max(1, bytes / MemoryLimit.pageBytes) }

    private var mostPages: Int { Self.pages(planner.workload.host.memoryCapBytes) }

    /// Some runtimes, Go's among them, use nothing but what they have grown themselves: memory that is there from the
    /// start is lost to them, and no fixed size would ever do.
    private func usesMemoryFromTheStart(_ ground: Ground) async throws -> Bool {
        for pages in [ground.startPages, min(mostPages, 2 * ground.startPages)] {
            let limit = MemoryLimit(form: .fixed, bytes: pages * MemoryLimit.pageBytes)
            let result = try await replay(
                search: 0, ground.sequence, limit: limit, timeout: ground.timeoutNanoseconds)
            if case .ran = result.verdict(checkFailures: ground.checkFailures) { return true }
        }
        return false
    }

    // MARK: searches

    private func searches(
        on ground: Ground, publish: ([MinimumHeapResult]) -> Void = { _ in }
    ) async throws -> [MinimumHeapResult] {
        var results: [MinimumHeapResult] = []
        var start = ground.startPages
        var stride = max(1, (ground.startPages - ground.leastPages) / 4)
        for number in 0..<request.searches {
            var search = MinimumHeapSearch(
                leastPages: min(ground.leastPages, mostPages), mostPages: mostPages, start: start, stride: stride)
            while let pages = search.next {
                search.record(try await attempt(pages: pages, search: number, ground))
                if let last = MinimumHeapResult(seed: 0, search: search).attempts.last {
                    onNotice(.attempt(strategy: strategy.name, requests: ground.sequence.requests, last))
                }
            }
            let seed = TrialPlanner.seed(planner.workload.load.seed, block: number)
            let result = MinimumHeapResult(seed: seed, search: search)
            onNotice(
                .searchEnded(strategy: strategy.name, number: number + 1, requests: ground.sequence.requests, result))
            results.append(result)
            publish(results)
            // Another search of a plugin that crashes would crash as well.
            guard let bytes = result.bytes else { break }
            start = Self.pages(bytes)
            stride = 1
        }
        return results
    }

    private func attempt(
        pages: Int, search: Int, _ ground: Ground
    ) async throws -> MinimumHeapSearch.Verdict {
        let limit = MemoryLimit(form: ground.form, bytes: pages * MemoryLimit.pageBytes)
        for _ in 0..<Self.replays {
            let result = try await replay(
                search: search, ground.sequence, limit: limit, timeout: ground.timeoutNanoseconds)
            let verdict = result.verdict(checkFailures: ground.checkFailures)
            guard case .ran = verdict else { return verdict }
        }
        return .ran
    }

    private func replay(
        search: Int, _ sequence: Sequence, limit: MemoryLimit?, timeout: Int64
    ) async throws -> StudyTrials.Result {
        try await trials.run(strategy.name) { [planner, strategy] position in
            planner.replay(
                of: strategy, position: position, search: search, requests: sequence.requests,
                epochRequests: sequence.epochRequests, limit: limit, timeoutNanoseconds: timeout)
        }
    }
}
