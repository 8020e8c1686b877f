import SluiceAnalysis
import Testing

@Suite struct `Leak evidence from smallest heaps` {
    private let page = 65_536

    private func difference(_ short: [Int], _ long: [Int], requests: Int = 1000) -> DifferentialLeak {
        DifferentialLeak(short: short.map { $0 * page }, long: long.map { $0 * page }, requests: requests)
    }

    /// 30 pages more for 3,000 requests more are 655.36 bytes a request.
    @Test func `the rate and its interval are those of Student's t over the searches`() throws {
        let result = difference([10, 10, 10, 10, 10], [38, 40, 42, 40, 40])
        #expect(result.bytesPerRequest.map { $0.rounded() } == [612, 655, 699, 655, 655])
        #expect(abs(result.mean - 655.36) < 1e-9)
        // t(0.975, 4) = 2.776445, s = 1.4142 pages of 21.845 bytes a request, over the root of 5.
        let half = 2.776445105 * 1.4142135624 * 21.845333333 / 5.0.squareRoot()
        #expect(abs(try #require(result.lower) - (655.36 - half)) < 1e-5)
        #expect(abs(try #require(result.upper) - (655.36 + half)) < 1e-5)
        #expect(result.verdict == .leaking)
        #expect(result.smallestLeakExcluded == nil)
    }

    @Test func `equal heaps exclude a leak of a page over the requests, and no smaller one`() throws {
        let result = difference([10, 11, 10], [10, 11, 10])
        #expect(result.verdict == .plateaued)
        #expect(abs(try #require(result.smallestLeakExcluded) - 65_536.0 / 3000) < 1e-9)
        #expect(try #require(result.upper) > 0)
    }

    /// Both sizes are rounded up to whole pages: equal ones may differ by almost one.
    @Test func `no interval is narrower than what whole pages leave open`() throws {
        let one = 65_536.0 / 3000
        for (pages, verdict) in [
            (0, DifferentialLeak.Verdict.plateaued), (1, .inconclusive), (2, .leaking), (-1, .plateaued),
        ] {
            let result = difference([10, 10, 10, 10, 10], Array(repeating: 10 + pages, count: 5))
            #expect(result.verdict == verdict, "\(pages)")
            #expect(abs(try #require(result.lower) - (Double(pages) - 1) * one) < 1e-9)
            #expect(abs(try #require(result.upper) - (Double(pages) + 1) * one) < 1e-9)
        }
    }

    @Test func `searches that disagree, and a single one, decide nothing`() {
        #expect(difference([10, 10, 10], [10, 40, 12]).verdict == .inconclusive)
        let one = difference([10], [40])
        #expect(one.verdict == .inconclusive && one.lower == nil)
    }

    @Test func `a heap that needs less for more requests is no leak`() {
        #expect(difference([12, 13, 12], [11, 12, 11]).verdict == .plateaued)
    }

    private func long(_ difference: DifferentialLeak?, exceedsCap: String? = nil) -> LeakEvidence.LongSequence {
        var sequence = LeakEvidence.LongSequence()
        sequence.difference = difference
        sequence.exceedsCap = exceedsCap
        return sequence
    }

    @Test func `what grows with different requests only is no leak for each request`() {
        let grows = long(difference([10, 10, 10], [40, 40, 40]))
        let flat = long(difference([10, 10, 10], [10, 10, 10]))
        let beyond = long(nil, exceedsCap: "growth-refused")
        let unknown = long(nil)
        func verdict(_ different: LeakEvidence.LongSequence, _ repeated: LeakEvidence.LongSequence)
            -> LeakEvidence.Verdict
        {
            LeakEvidence(requests: 1000, different: different, repeated: repeated).verdict
        }
        #expect(verdict(grows, grows) == .leaking)
        #expect(verdict(beyond, beyond) == .leaking)
        #expect(verdict(grows, flat) == .growsWithDifferentRequests)
        #expect(verdict(beyond, flat) == .growsWithDifferentRequests)
        #expect(verdict(flat, flat) == .plateaued)
        #expect(verdict(flat, unknown) == .inconclusive)
        #expect(verdict(unknown, flat) == .inconclusive)
    }
}
