import Foundation
import RunFixtures
import SluiceAnalysis
import SluiceModel
import Testing

/// A memory whose course is known: bytes in use after so many requests of a VM.
private struct HeapTrace: CustomTestStringConvertible, Sendable {
    enum Kind: String, CaseIterable, Sendable {
        /// Finds its size in the first requests.
        case level
        /// Comes ever closer to its size, within a tenth of the requests.
        case warmup
        /// Fills up evenly, and then evicts.
        case boundedCache
        /// Fills with garbage and is swept, again and again.
        case sawtooth
        /// One more thing is loaded, some time in the first half.
        case step
        /// Keeps part of each request.
        case leak
        /// The same with a collector, which makes room in several steps when it has run, and in none until then.
        case collectedLeak
    }

    static let requests = 3000
    var isLeak: Bool { kind == .leak || kind == .collectedLeak }
    var kind: Kind
    var doubling: Bool
    /// Of the leak: in steps of a page over all requests.
    var pages = 200.0

    var testDescription: String { "\(kind.rawValue), \(doubling ? "doubling" : "page by page"), \(pages) pages" }

    /// Bytes kept of each request.
    var leakBytes: Double { isLeak ? pages * 65_536 / Double(Self.requests) : 0 }

    /// With a phase, size and speed of its own.
    func guest(_ random: inout SimulationRandom, reportsLiveBytes: Bool) -> FixtureGuest {
        let start = (4 + Int(random.unit() * 60)) * 65_536
        let size = Double(start) * (0.5 + 3 * random.unit())
        let speed = Double(Self.requests) * (0.01 + 0.03 * random.unit())
        let place = Int(Double(Self.requests) * 0.5 * random.unit())
        let period = 20 + Int(random.unit() * 300)
        let leak = leakBytes
        let kind = kind
        @Sendable func used(_ requests: Int) -> Int {
            let request = Double(requests)
            let more: Double =
                switch kind {
                case .level: size * min(request, 5) / 5
                case .warmup: size * (1 - exp(-request / speed))
                case .boundedCache: min(size, size * request / (speed * 5))
                case .sawtooth: size * Double(requests % period) / Double(period)
                case .step: requests > place ? size : 0
                case .leak: leak * request
                case .collectedLeak:
                    leak * Double(period)
                        * (Double(requests / period) + min(1, 20 * Double(requests % period) / Double(period)))
                }
            return start + Int(more)
        }
        // What lives after a collection does not have the garbage's teeth.
        let live: @Sendable (Int) -> Int = { kind == .sawtooth ? start : used($0) }
        return FixtureGuest(
            course: .curve(used), policy: doubling ? .doubling : .steps(bytes: 65_536), startBytes: start,
            module: "a.wasm", reportsLiveBytes: reportsLiveBytes, liveBytes: live,
            requestsPerCollection: kind == .collectedLeak ? period : nil)
    }

    /// What the harness says of one VM that lived like this.
    func memory(_ random: inout SimulationRandom, reportsLiveBytes: Bool = false) throws -> MemorySummary {
        var run = FixtureRun(guests: [("only", guest(&random, reportsLiveBytes: reportsLiveBytes))])
        run.agents = 1
        run.blocks = 1
        run.warmupSeconds = 2
        run.holdSeconds = 28
        run.ratePerSecond = Double(Self.requests) / 30
        run.capBytes = 1 << 30
        run.recordsLatencies = false
        if reportsLiveBytes {
            run.observations = [
                Observation(metric: "gc_live_bytes", role: .liveHeap),
                Observation(metric: "gc_collections", role: .collections),
            ]
        }
        return try run.summary().strategies[0].heap.linear
    }
}

/// Error rates of the verdicts on heaps, where the truth is known.
@Suite struct `Error rates of heap verdicts` {
    private static let traces = SimulationSize.of(reduced: 40, full: 1000)

    /// Shares of each verdict.
    private func rates(
        _ trace: HeapTrace, reportsLiveBytes: Bool = false, wrong: (MemorySummary) -> Bool = { _ in false }
    ) throws -> (growing: Double, plateaued: Double, inconclusive: Double, wrong: Double) {
        var random = SimulationRandom(seed: trace.kind.rawValue.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) })
        var counts: [HeapVerdict: Int] = [:]
        var errors = 0
        for _ in 0..<Self.traces {
            let memory = try trace.memory(&random, reportsLiveBytes: reportsLiveBytes)
            counts[memory.verdict, default: 0] += 1
            if wrong(memory) { errors += 1 }
        }
        func share(_ verdict: HeapVerdict) -> Double { Double(counts[verdict] ?? 0) / Double(Self.traces) }
        SimulationSize.report(
            "heap, \(trace.testDescription)\(reportsLiveBytes ? ", live bytes" : ""): growing \(share(.growing)), "
                + "plateaued \(share(.plateaued)), inconclusive \(share(.inconclusive)), wrong \(errors)")
        return (
            share(.growing), share(.plateaued), share(.inconclusive), Double(errors) / Double(Self.traces)
        )
    }

    private func allowed(_ share: Double) -> Double {
        share + 3 * (share * (1 - share) / Double(Self.traces)).squareRoot()
    }

    private static let harmless: [HeapTrace] = [false, true].flatMap { doubling in
        HeapTrace.Kind.allCases.map { HeapTrace(kind: $0, doubling: doubling) }.filter { !$0.isLeak }
    }

    @Test(arguments: harmless)
    fileprivate func `what does not leak is hardly ever called growing`(trace: HeapTrace) throws {
        let rates = try rates(trace)
        #expect(rates.growing <= allowed(0.01))
        // Whoever is never sure is never wrong.
        #expect(rates.plateaued >= 0.4)
    }

    @Test(arguments: harmless)
    fileprivate func `nor is it by its live bytes`(trace: HeapTrace) throws {
        let rates = try rates(trace, reportsLiveBytes: true)
        #expect(rates.growing <= allowed(0.01))
    }

    /// Page by page a leak shows in many steps. A memory that doubles has few, and may have none in the time.
    @Test(arguments: [20.0, 80, 320, 1280])
    func `a leak is growing, page by page`(pages: Double) throws {
        let rates = try rates(HeapTrace(kind: .leak, doubling: false, pages: pages))
        #expect(rates.growing >= 0.95)
        #expect(rates.plateaued <= allowed(0.01))
    }

    /// Between two collections the plugin repeats what it said after the first.
    @Test(arguments: [80.0, 320, 1280], [false, true])
    func `a leak between rare collections is not excluded`(pages: Double, reportsLiveBytes: Bool) throws {
        let trace = HeapTrace(kind: .collectedLeak, doubling: false, pages: pages)
        let rates = try rates(trace, reportsLiveBytes: reportsLiveBytes)
        #expect(rates.plateaued <= allowed(0.01))
        #expect(rates.growing >= 0.5)
    }

    @Test(arguments: [5.0, 20, 80, 320, 1280])
    func `a leak in a memory that doubles is never excluded`(pages: Double) throws {
        let trace = HeapTrace(kind: .leak, doubling: true, pages: pages)
        let rates = try rates(trace) { memory in
            memory.verdict == .plateaued && (memory.smallestVisibleLeakBytesPerRequest ?? 0) < trace.leakBytes
        }
        #expect(rates.wrong <= allowed(0.01))
    }

    @Test(arguments: [80.0, 320, 1280], [false, true])
    func `a leak that the plugin reports is growing, however the memory grows`(pages: Double, doubling: Bool) throws {
        let rates = try rates(HeapTrace(kind: .leak, doubling: doubling, pages: pages), reportsLiveBytes: true)
        #expect(rates.growing >= 0.95)
        #expect(rates.plateaued <= allowed(0.01))
    }

    /// What the verdicts are there to avoid: a line through the sizes of the memory.
    @Test func `a line through the sizes calls a warm-up a leak, and misses one that doubles`() throws {
        var random = SimulationRandom(seed: 77)
        var warmupsCalled = 0
        var leaksMissed = 0
        for _ in 0..<Self.traces {
            let warmup = HeapTrace(kind: .warmup, doubling: false).guest(&random, reportsLiveBytes: false)
            if slope(of: warmup, from: 0) > 0 { warmupsCalled += 1 }
            let leak = HeapTrace(kind: .leak, doubling: true, pages: 20).guest(&random, reportsLiveBytes: false)
            if slope(of: leak, from: HeapTrace.requests / 2) <= 0 { leaksMissed += 1 }
        }
        #expect(Double(warmupsCalled) >= 0.95 * Double(Self.traces))
        #expect(Double(leaksMissed) >= 0.5 * Double(Self.traces))
    }

    /// Of the least squares through a sample every ten requests.
    private func slope(of guest: FixtureGuest, from first: Int) -> Double {
        var bytes = guest.startBytes
        var points: [(x: Double, y: Double)] = []
        for request in 0..<HeapTrace.requests {
            let needed = guest.neededBytes(afterRequests: request)
            if needed > bytes { bytes = guest.grownBytes(from: bytes, toHold: needed) }
            if request >= first, request % 10 == 0 { points.append((Double(request), Double(bytes))) }
        }
        let (x, y) = points.reduce((0, 0)) { ($0.0 + $1.x, $0.1 + $1.y) }
        let (middleX, middleY) = (x / Double(points.count), y / Double(points.count))
        return points.reduce(0) { $0 + ($1.x - middleX) * ($1.y - middleY) }
            / points.reduce(0) { $0 + ($1.x - middleX) * ($1.x - middleX) }
    }
}
