/// The growth of one VM's memory over its requests, and what its steps say.
///
/// With H the size after step k at request n of N: between two steps about as many bytes were used up as the step
/// before had added, whatever the growth policy (page by page, or doubling). So the rate of use between steps a and K
/// is (H of K−1 − H of a−1) / (n of K − n of a), and the next step is due after (H of K − H of K−1) / rate requests.
struct Staircase {
    enum Course {
        /// Steps went on coming until the end.
        case growing
        /// None has come for long enough.
        case level
        /// Neither.
        case open
    }

    /// A step that is this many times overdue is not coming at the rate of the ones before.
    private static let overdueFactor = 3.0
    /// Up to this many times the expected distance, the next step may still be on its way.
    private static let patienceFactor = 1.5

    let life: VMLifeTrack
    let lateSteps: [VMLifeTrack.Step]

    init(_ life: VMLifeTrack) {
        self.life = life
        let warmup = min(life.warmupRequests, life.requests)
        let discarded = warmup + (life.requests - warmup) / 4
        lateSteps = life.steps.filter { $0.request > discarded }
    }

    var requests: Int { life.requests }
    var lastStepRequest: Int { life.steps.last?.request ?? 0 }
    var lateBytes: Int { lateSteps.reduce(0) { $0 + $1.toBytes - $1.fromBytes } }
    var largestStepBytes: Int { life.steps.map { $0.toBytes - $0.fromBytes }.max() ?? 0 }

    /// Bytes used up for each request between the first and the last late step; `nil` with fewer than two.
    var bytesPerRequest: Double? {
        guard let first = lateSteps.first, let last = lateSteps.last, last.request > first.request else { return nil }
        return Double(last.fromBytes - first.fromBytes) / Double(last.request - first.request)
    }

    /// Requests from the last step to the next at the rate of the ones before; `nil` with fewer than two steps.
    private var expectedDistance: Double? {
        guard let last = life.steps.last, life.steps.count >= 2 else { return nil }
        if let rate = bytesPerRequest, rate > 0 { return Double(last.toBytes - last.fromBytes) / rate }
        let previous = life.steps[life.steps.count - 2]
        let scale = Double(last.toBytes - last.fromBytes) / Double(max(1, previous.toBytes - previous.fromBytes))
        return Double(last.request - previous.request) * scale
    }

    /// The longest wait between two late steps. A collector takes several small ones in a row when it has run, and none
    /// until it runs again: the last of them says little about when the next comes.
    private var longestWait: Double {
        zip(lateSteps, lateSteps.dropFirst()).map { Double($1.request - $0.request) }.max() ?? 0
    }

    var course: Course {
        guard !lateSteps.isEmpty else { return .level }
        guard let distance = expectedDistance else { return .open }
        let expected = max(1, distance, longestWait)
        let waited = Double(requests - lastStepRequest)
        if waited >= Self.overdueFactor * expected { return .level }
        return lateSteps.count >= 2 && waited <= Self.patienceFactor * expected ? .growing : .open
    }

    /// A leak of more bytes a request than this would have filled a step of the largest size seen since the last one.
    /// A memory that never grew could hide a leak as large as itself.
    var smallestVisibleLeak: Double {
        let hidden = largestStepBytes > 0 ? largestStepBytes : max(life.bytes, HeapJudge.pageBytes)
        return Double(hidden) / Double(max(1, requests - lastStepRequest))
    }

    /// Requests of this VM's life until its bytes in use reach a size; `nil` when it is there, or the rate is none.
    func requests(untilBytes limit: Int, bytesPerRequest rate: Double) -> Int? {
        guard rate > 0, let last = life.steps.last, limit > last.fromBytes else { return nil }
        let further = Double(limit - last.fromBytes) / rate
        return further < 1e15 ? last.request + Int(further.rounded()) : nil
    }

    /// What of a cap a heap can use that grows like this one: one that doubles gets stuck at the last size whose double
    /// is above the cap. Any other policy can use all of it.
    func usableBytes(ofCap cap: Int) -> Int {
        let last = life.steps.suffix(2)
        guard last.count == 2, last.allSatisfy({ $0.fromBytes > 0 && $0.toBytes == 2 * $0.fromBytes }) else {
            return cap
        }
        var bytes = last[last.endIndex - 1].toBytes
        while bytes <= cap / 2 { bytes *= 2 }
        return bytes <= cap ? bytes : cap
    }

    /// Growth between the middle and the end of the measured requests; `nil` when too little is known.
    var secondHalf: SecondHalfGrowth? {
        let warmup = min(life.warmupRequests, life.requests)
        let middle = warmup + (life.requests - warmup) / 2
        guard life.requests > middle, let before = life.bytes(afterRequests: middle) else { return nil }
        let count = life.requests - middle
        let bytes = max(life.bytes, before) - before
        return SecondHalfGrowth(
            bytes: bytes, requests: count, bytesPerThousandRequests: Double(bytes) * 1000 / Double(count))
    }
}
