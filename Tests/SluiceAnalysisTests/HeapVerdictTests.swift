import RunFixtures
import SluiceAnalysis
import SluiceModel
import Testing

@Suite struct `Heap verdicts` {
    private func judge(
        _ guest: FixtureGuest, cap: Int = 1 << 30, seconds: Int = 60, rate: Double = 50,
        observations: [Observation] = []
    ) throws -> StrategySummary {
        var run = FixtureRun(guests: [("only", guest)])
        run.capBytes = cap
        run.holdSeconds = seconds
        run.ratePerSecond = rate
        run.blocks = 1
        run.observations = observations
        run.recordsLatencies = false
        return try run.summary().strategies[0]
    }

    @Test func `a level heap has plateaued and says which leak it would have shown`() throws {
        let memory = try judge(
            FixtureGuest(course: .level(bytes: 20 << 20), policy: .steps(bytes: 65_536), module: "a.wasm")
        ).heap.linear
        #expect(memory.verdict == .plateaued)
        #expect(memory.highWaterBytes == 20 << 20)
        // 4.5 MiB were the largest step, in one request; 1,550 requests a worker, the last step in the fourth.
        let leak = try #require(memory.smallestVisibleLeakBytesPerRequest)
        #expect(abs(leak - Double(18 << 20) / 4 / 1546) < 1)
        #expect(memory.secondHalf?.bytes == 0)
    }

    @Test(arguments: [0.2, 0.5, 1, 2, 4].map { $0 * 20_000 }, [FixtureGuest.Policy.steps(bytes: 65_536), .doubling])
    func `a steady leak is growing, with its rate`(rate: Double, policy: FixtureGuest.Policy) throws {
        let memory = try judge(
            FixtureGuest(course: .linear(bytesPerRequest: rate), policy: policy, startBytes: 1 << 20, module: "a.wasm"),
            seconds: 120
        ).heap.linear
        switch policy {
        case .steps:
            #expect(memory.verdict == .growing)
            let measured = try #require(memory.bytesPerThousandRequests)
            #expect(abs(measured - rate * 1000) < rate * 1000 * 0.15)
            let toCap = try #require(memory.requestsToCap)
            let expected = Double((1 << 30) - (1 << 20)) / rate
            #expect(abs(Double(toCap) - expected) < expected * 0.15)
        case .doubling:
            // Steps become rare, and the phase decides whether enough of them are seen; level it never is.
            #expect(memory.verdict == .growing || memory.verdict == .inconclusive)
        }
    }

    @Test(arguments: [100_000.0, 200_000, 400_000, 800_000], [FixtureGuest.Policy.steps(bytes: 1 << 20), .doubling])
    func `a bounded cache is never called growing`(rate: Double, policy: FixtureGuest.Policy) throws {
        let memory = try judge(
            FixtureGuest(
                course: .bounded(bytesPerRequest: rate, limitBytes: 32 << 20), policy: policy, module: "a.wasm"),
            seconds: 60
        ).heap.linear
        #expect(memory.verdict == .plateaued)
        #expect(memory.deaths == nil)
    }

    @Test func `a cache that fills late is at worst inconclusive`() throws {
        for rate in stride(from: 23_000.0, through: 60_000, by: 2_500) {
            let memory = try judge(
                FixtureGuest(
                    course: .bounded(bytesPerRequest: rate, limitBytes: 32 << 20), policy: .steps(bytes: 1 << 20),
                    module: "a.wasm"), seconds: 60
            ).heap.linear
            let filled = Double(32 << 20) / rate
            if filled < 1_550 * 0.85 { #expect(memory.verdict != .growing, "\(rate) B a request, full at \(filled)") }
        }
    }

    @Test func `too few requests are inconclusive`() throws {
        let memory = try judge(
            FixtureGuest(course: .linear(bytesPerRequest: 500_000), module: "a.wasm"), seconds: 2, rate: 20
        ).heap.linear
        #expect(memory.verdict == .inconclusive)
        #expect(memory.explanation.contains("40 requests"))
    }

    @Test func `death at the cap names the requests it took`() throws {
        let strategy = try judge(
            FixtureGuest(course: .linear(bytesPerRequest: 1_048_576), startBytes: 2 << 20, module: "a.wasm"),
            cap: 32 << 20, seconds: 10)
        let memory = strategy.heap.linear
        #expect(memory.verdict == .hitCap)
        let deaths = try #require(memory.deaths)
        // 2 MiB and 30 more fit; the 31st does not.
        #expect(deaths.leastRequests == 31 && deaths.medianRequests == 31 && deaths.mostRequests == 31)
        #expect(deaths.firstRequestIndex == 60)
        #expect(deaths.count == strategy.vmEvents.failed)
        #expect(memory.growthsRefused == deaths.count)
        #expect(memory.highWaterBytes == 32 << 20)
        #expect(strategy.allocatorFailures == deaths.count)
    }

    @Test func `a fresh VM for each request is judged by later VMs against earlier ones`() throws {
        let memory = try judge(
            FixtureGuest(course: .linear(bytesPerRequest: 1_048_576), vmLife: .requests(1), module: "a.wasm"),
            cap: 32 << 20, seconds: 10
        ).heap.linear
        #expect(memory.verdict == .plateaued)
        #expect(memory.highWaterBytes == 3 << 20)
        #expect(memory.smallestVisibleLeakBytesPerRequest == nil)
    }

    @Test func `the Wasm GC heap is kept apart and decides when it is the one that is full`() throws {
        let strategy = try judge(
            FixtureGuest(
                course: .linear(bytesPerRequest: 200_000), policy: .doubling, startBytes: 65_536, memory: .gcHeap,
                module: "a.wasm", failureKind: .gcHeapOutOfMemory,
                message: "GC heap out of memory: no capacity for allocation of 32 bytes"),
            cap: 16 << 20, seconds: 10)
        #expect(strategy.heap.gcHeap.verdict == .hitCap)
        #expect(strategy.heap.verdict == .hitCap)
        #expect(strategy.heap.decisive.name == "Wasm GC heap")
        #expect(strategy.heap.linear.deaths == nil)
        #expect(strategy.failures[0].knownCause?.title == "Wasm GC objects stay reachable")
    }

    private let liveBytes = [Observation(metric: "gc_live_bytes", role: .liveHeap)]

    @Test func `level live bytes sharpen the smallest visible leak`() throws {
        var guest = FixtureGuest(course: .level(bytes: 4 << 20), policy: .steps(bytes: 4 << 20), module: "a.wasm")
        let without = try judge(guest).heap.linear
        guest.reportsLiveBytes = true
        let strategy = try judge(guest, observations: liveBytes)
        #expect(strategy.heap.linear.verdict == .plateaued)
        let leak = try #require(strategy.heap.linear.smallestVisibleLeakBytesPerRequest)
        #expect(try leak < #require(without.smallestVisibleLeakBytesPerRequest))
        #expect(strategy.heap.live?.runs == 2)
        #expect(strategy.heap.live?.highestBytesPerThousandRequests == 0)
        #expect(strategy.metrics.map(\.name) == ["gc_live_bytes"])
    }

    @Test func `live bytes that rise inside a large memory are growth`() throws {
        let guest = FixtureGuest(
            course: .linear(bytesPerRequest: 5_000), policy: .steps(bytes: 64 << 20), module: "a.wasm",
            reportsLiveBytes: true)
        let strategy = try judge(guest, observations: liveBytes)
        #expect(strategy.heap.linear.verdict == .growing)
        let slope = try #require(strategy.heap.live?.highestBytesPerThousandRequests)
        #expect(abs(slope - 5_000_000) < 50_000)
    }

    @Test func `each verdict names its evidence, the best there is`() throws {
        var guest = FixtureGuest(course: .level(bytes: 4 << 20), policy: .steps(bytes: 4 << 20), module: "a.wasm")
        let pages = try judge(guest).heap.linear
        #expect(pages.evidence == .pages && pages.explanation.hasSuffix("Evidence: tier 3, pages only."))
        guest.reportsLiveBytes = true
        let live = try judge(guest, observations: liveBytes).heap.linear
        #expect(live.evidence == .liveBytes)
        #expect(live.explanation.hasSuffix("Evidence: tier 1, live bytes that the plugin reports."))
        let dead = try judge(
            FixtureGuest(course: .linear(bytesPerRequest: 1_048_576), module: "a.wasm"), cap: 32 << 20, seconds: 10
        ).heap.linear
        #expect(dead.evidence == nil)
        #expect(HeapEvidence.allCases.map(\.tier) == [1, 2, 3])
    }

    @Test func `a heap that doubles is forecast to what it can use of the cap`() throws {
        var growing = 0
        for rate in stride(from: 8_000.0, through: 24_000, by: 2_000) {
            let memory = try judge(
                FixtureGuest(
                    course: .linear(bytesPerRequest: rate), policy: .doubling, startBytes: 1 << 20, module: "a.wasm"),
                cap: 100 << 20, seconds: 100, rate: 50
            ).heap.linear
            guard memory.verdict == .growing else { continue }
            growing += 1
            #expect(memory.usableCapBytes == 64 << 20)
            #expect(memory.explanation.contains("64.0 MiB that a heap which doubles can use"))
        }
        #expect(growing > 0)
        let paged = try judge(
            FixtureGuest(
                course: .linear(bytesPerRequest: 10_000), policy: .steps(bytes: 65_536), startBytes: 1 << 20,
                module: "a.wasm"), cap: 100 << 20
        ).heap.linear
        #expect(paged.verdict == .growing && paged.usableCapBytes == 100 << 20)
        // 25 requests a second for each of two workers: the cap's requests as time.
        #expect(paged.explanation.contains("at this load"))
    }

    @Test func `five runs decide by the interval over their slopes`() throws {
        let guest = FixtureGuest(
            course: .linear(bytesPerRequest: 5_000), policy: .steps(bytes: 64 << 20), module: "a.wasm",
            reportsLiveBytes: true)
        var run = FixtureRun(guests: [("only", guest)])
        run.holdSeconds = 60
        run.ratePerSecond = 50
        run.blocks = 3
        run.observations = liveBytes
        run.recordsLatencies = false
        let heap = try run.summary().strategies[0].heap
        #expect(heap.live?.runs == 6)
        let interval = try #require(heap.live?.intervalOfBytesPerThousandRequests)
        #expect(interval[0] <= 5_000_000 * 1.01 && interval[1] >= 5_000_000 * 0.99)
        #expect(heap.linear.verdict == .growing && heap.linear.evidence == .liveBytes)
    }

    @Test func `a strategy without memory has no verdict`() throws {
        var run = FixtureRun(guests: [
            ("null", FixtureGuest(course: .none, serviceNanoseconds: 2_000, module: "a.wasm"))
        ])
        run.engine = .null
        let strategy = try run.summary().strategies[0]
        #expect(strategy.heap.verdict == .notAvailable)
        #expect(strategy.heap.linear.highWaterBytes == nil)
    }
}

@Suite struct Findings {
    @Test func `one module under two payloads is false retention`() throws {
        let findings = try Fixtures.randomAgainstASCII.summary().findings
        #expect(findings.map(\.kind) == [.falseRetention])
        #expect(findings.first?.strategies == ["random", "ascii"])
    }

    @Test func `two modules under two payloads are not compared`() throws {
        var run = Fixtures.randomAgainstASCII
        run.guests[1].guest.module = "other.wasm"
        #expect(try run.summary().findings.isEmpty)
    }

    @Test func `a flat fresh store of the same module means that the instance retains`() throws {
        var run = FixtureRun(guests: [
            ("one-store", FixtureGuest(course: .linear(bytesPerRequest: 1_048_576), module: "a.wasm")),
            (
                "fresh",
                FixtureGuest(course: .linear(bytesPerRequest: 1_048_576), vmLife: .requests(1), module: "a.wasm")
            ),
        ])
        run.capBytes = 32 << 20
        #expect(try run.summary().findings.map(\.kind) == [.retainedByInstance])
    }

    @Test func `growth equal to host allocations is named`() throws {
        var run = FixtureRun(guests: [
            (
                "pinned",
                FixtureGuest(
                    course: .linear(bytesPerRequest: 20_000), policy: .steps(bytes: 65_536), module: "a.wasm",
                    hostAllocatedBytesPerRequest: 19_000)
            )
        ])
        run.capBytes = 1 << 30
        #expect(try run.summary().findings.map(\.kind) == [.hostAllocationsKept])
        run.guests[0].guest.hostAllocatedBytesPerRequest = 600
        #expect(try run.summary().findings.isEmpty)
    }
}
