internal import SluiceModel

/// Judges one memory of one strategy by the staircases of its VMs.
///
/// Memory grows in steps, so its size is a threshold sensor for the bytes in use, not a measure of them: between two
/// steps anything may happen. A line fitted through samples of it calls a flat warm-up a leak and misses leaks between
/// steps. What is used here instead is where the steps lie: whether they went on, and how long none has come.
/// The first quarter of the measured requests is left out, as a heap has to find its size.
struct HeapJudge {
    /// A VM that has seen fewer says nothing about growth.
    static let leastRequests = 100
    static let pageBytes = 65_536

    var kind: MemoryKind
    var capBytes: Int
    var vmLife: VMLife
    /// VMs that were replaced as `vmLife` says.
    var replacedVMs: Int
    /// One entry a worker and trial.
    var workers: [WorkerHeap]
    var live: LiveHeapEvidence?
    /// Of one VM; `nil` when it is not known.
    var requestsPerSecond: Double?

    struct Judgement {
        var verdict: HeapVerdict
        var explanation: String
        var bytesPerThousandRequests: Double?
        var requestsToCap: Int?
        var smallestVisibleLeak: Double?
        var usableCapBytes: Int?
        var evidence: HeapEvidence?
    }

    private var memories: [WorkerHeap.Memory] { workers.map { $0.memories[kind.rawValue] } }
    private var name: String { kind == .linear ? "linear memory" : "Wasm GC heap" }

    /// Failures for want of this memory.
    var deaths: [VMFailure] {
        workers.flatMap(\.deaths).filter {
            $0.kind.isAllocatorFailure && ($0.kind == .gcHeapOutOfMemory) == (kind == .gcHeap)
        }
    }

    /// The verdict, with the evidence that it rests on in its explanation.
    func judge() -> Judgement {
        var judgement = judgeAll()
        if let evidence = judgement.evidence { judgement.explanation += " Evidence: \(evidence.words)." }
        return judgement
    }

    private func judgeAll() -> Judgement {
        guard !workers.isEmpty else {
            return Judgement(verdict: .notAvailable, explanation: "Nothing of the strategy was measured.")
        }
        guard memories.contains(where: \.wasSeen) else {
            return Judgement(verdict: .notAvailable, explanation: "The strategy's VMs have no \(name).")
        }
        if !deaths.isEmpty { return judgeDeaths() }
        let refused = memories.reduce(0) { $0 + $1.refused }
        if refused > 0 {
            return Judgement(
                verdict: .hitCap,
                explanation: "\(counted(refused, "growth")) beyond the cap of \(Units.bytes(capBytes)) "
                    + "\(refused == 1 ? "was" : "were") refused; no VM died of it.")
        }
        var judgement: Judgement
        switch vmLife {
        case .requests(let limit) where replacedVMs > 0, .recompiled(let limit) where replacedVMs > 0:
            judgement = judgeShortLives("for \(limit == 1 ? "one request" : "\(grouped(limit)) requests")")
        case .heap where replacedVMs > 0: judgement = judgeShortLives(vmLife.words)
        case .unlimited, .requests, .recompiled, .heap: judgement = applyLiveHeap(to: judgeStaircases())
        }
        judgement.evidence = judgement.evidence ?? .pages
        if isBoundWithoutEffect {
            judgement.explanation +=
                " No VM was replaced, although the bound of its life was passed: that is done while no stream is open "
                + "in it, and services are not replaced."
        }
        return judgement
    }

    /// VMs went beyond the bound of their lives, and none was replaced.
    private var isBoundWithoutEffect: Bool {
        guard replacedVMs == 0 else { return false }
        switch vmLife {
        case .unlimited: return false
        case .requests(let limit), .recompiled(let limit):
            return workers.contains { $0.judged(kind).contains { $0.requests > limit } }
        case .heap(let bytes): return memories.contains { $0.highWaterBytes > bytes }
        }
    }

    private func judgeDeaths() -> Judgement {
        let numbers = deaths.map(\.vmRequestNumber).sorted()
        let range =
            numbers[0] == numbers[numbers.count - 1]
            ? "at request \(grouped(numbers[0])) of \(numbers.count == 1 ? "its" : "their") life"
            : "at request \(grouped(numbers[0])) to \(grouped(numbers[numbers.count - 1])) of their life "
                + "(median \(grouped(numbers[(numbers.count - 1) / 2])))"
        let largest = deaths.map { kind == .linear ? $0.linearBytes : $0.gcHeapBytes }.max() ?? 0
        let asked = deaths.compactMap(\.refusedToBytes).max().map {
            "; \(Units.bytes($0)) was asked for and the cap is \(Units.bytes(capBytes))"
        }
        return Judgement(
            verdict: .hitCap,
            explanation: "\(counted(numbers.count, "VM")) died for want of memory \(range), "
                + "at a size of up to \(Units.bytes(largest))\(asked ?? "").")
    }

    /// VMs that are replaced by plan: what counts is whether later ones grow larger than the first ones did.
    private func judgeShortLives(_ life: String) -> Judgement {
        let early = memories.map(\.earlyHighWaterBytes).max() ?? 0
        let late = memories.map(\.lateHighWaterBytes).max() ?? 0
        guard early > 0, late > 0 else {
            return Judgement(verdict: .inconclusive, explanation: "Too short to compare early VMs with later ones.")
        }
        if late <= early {
            return Judgement(
                verdict: .plateaued,
                explanation: "Each VM lives \(life); after the first quarter none became larger than the "
                    + "\(Units.bytes(early)) before.")
        }
        return Judgement(
            verdict: .inconclusive,
            explanation: "Each VM lives \(life); the largest was \(Units.bytes(early)) in the first quarter and "
                + "\(Units.bytes(late)) after it.")
    }

    private func judgeStaircases() -> Judgement {
        let lives = workers.flatMap { $0.judged(kind) }
        let besideRequests = lives.filter { $0.growthsBesideRequests > 0 }
        let staircases = lives.filter { $0.growthsBesideRequests == 0 && $0.requests >= Self.leastRequests }
            .map(Staircase.init)
        let growths = besideRequests.reduce(0) { $0 + $1.growthsBesideRequests }
        let unjudged =
            "\(counted(growths, "growth")) of \(counted(besideRequests.count, "VM")) under load "
            + "\(growths == 1 ? "was" : "were") in no request, but in ticks or answers to call-outs: whether that goes "
            + "on is not judged."
        guard !staircases.isEmpty else {
            let most = lives.map(\.requests).max() ?? 0
            return Judgement(
                verdict: .inconclusive,
                explanation: besideRequests.isEmpty
                    ? "No VM saw more than \(counted(most, "request")); \(Self.leastRequests) are needed to judge "
                        + "growth."
                    : unjudged)
        }
        let growing = staircases.filter { $0.course == .growing }
        if let steepest = growing.max(by: { $0.bytesPerRequest ?? 0 < $1.bytesPerRequest ?? 0 }) {
            return describeGrowth(of: steepest, growing: growing.count, judged: staircases.count)
        }
        let open = staircases.filter { $0.course == .open }
        if let late = open.max(by: { $0.lateBytes < $1.lateBytes }) {
            return Judgement(
                verdict: .inconclusive,
                explanation: "\(counted(open.count, "VM")) of \(staircases.count) grew by up to "
                    + "\(Units.bytes(late.lateBytes)) after the first quarter, and has neither gone on nor stopped "
                    + "for long enough: the load should last longer.")
        }
        guard besideRequests.isEmpty else { return Judgement(verdict: .inconclusive, explanation: unjudged) }
        return describePlateau(of: staircases)
    }

    private func describeGrowth(of steepest: Staircase, growing: Int, judged: Int) -> Judgement {
        let rate = steepest.bytesPerRequest
        let usable = steepest.usableBytes(ofCap: capBytes)
        let toCap = rate.flatMap { steepest.requests(untilBytes: usable, bytesPerRequest: $0) }
        let forecast = toCap.map { requests in
            let limit =
                usable < capBytes
                ? "the \(Units.bytes(usable)) that a heap which doubles can use of the cap of "
                    + "\(Units.bytes(capBytes)) are"
                : "the cap of \(Units.bytes(capBytes)) is"
            return
                " At that rate \(limit) reached after about \(grouped(requests)) requests of a VM\(duration(requests))."
        }
        let slope = rate.map { ", \(Units.bytes(Int(($0 * 1000).rounded()))) for each 1,000 requests" } ?? ""
        return Judgement(
            verdict: .growing,
            explanation: "\(growing) of \(counted(judged, "VM")) still reached new high-water marks when the load "
                + "ended\(slope), in steps of up to \(Units.bytes(steepest.largestStepBytes)).\(forecast ?? "")",
            bytesPerThousandRequests: rate.map { $0 * 1000 }, requestsToCap: toCap, usableCapBytes: usable)
    }

    /// How long so many requests take under the load that was measured.
    private func duration(_ requests: Int) -> String {
        guard let rate = requestsPerSecond, rate > 0 else { return "" }
        let seconds = Double(requests) / rate
        let text =
            seconds < 7200
            ? Units.duration(nanoseconds: Int64(seconds * 1e9)) : "\(Units.significant(seconds / 3600)) hours"
        return ", \(text) at this load"
    }

    private func describePlateau(of staircases: [Staircase]) -> Judgement {
        let leak = staircases.map(\.smallestVisibleLeak).max() ?? 0
        let quiet = staircases.map { $0.requests - $0.lastStepRequest }.min() ?? 0
        let total = staircases.map(\.requests).min() ?? 0
        return Judgement(
            verdict: .plateaued,
            explanation: "No growth in the last \(grouped(quiet)) of \(grouped(total)) requests of a VM "
                + "(\(counted(staircases.count, "VM")) judged). A leak of more than "
                + "\(Units.bytes(Int(leak.rounded(.up)))) a request would have forced another step.",
            smallestVisibleLeak: leak)
    }

    /// Live bytes after collections are better evidence than the size of the memory around them.
    private func applyLiveHeap(to judgement: Judgement) -> Judgement {
        guard kind == .linear, let live else { return judgement }
        var result = judgement
        switch (judgement.verdict, live.course) {
        case (.inconclusive, .flat), (.plateaued, .flat):
            result.verdict = .plateaued
            result.evidence = .liveBytes
            result.explanation +=
                " The live bytes that the plugin reports stayed level (\(live.words)); a leak of more than "
                + "\(Units.bytes(Int(live.smallestVisibleLeak.rounded(.up)))) a request would show in them."
            result.smallestVisibleLeak = min(live.smallestVisibleLeak, judgement.smallestVisibleLeak ?? .infinity)
        case (.inconclusive, .rising), (.plateaued, .rising):
            result.verdict = .growing
            result.evidence = .liveBytes
            result.explanation +=
                " The live bytes that the plugin reports rose in every run (\(live.words)), so far inside memory "
                + "that it had already."
            result.smallestVisibleLeak = nil
            result.bytesPerThousandRequests = live.highestSlope * 1000
        case (.growing, .rising):
            result.evidence = .liveBytes
            result.explanation += " The live bytes that the plugin reports rose too (\(live.words))."
        case (.growing, .flat):
            result.explanation +=
                " The live bytes that the plugin reports stayed level (\(live.words)): fragmentation or the "
                + "collector's growth policy, rather than retention."
        default: break
        }
        return result
    }
}
