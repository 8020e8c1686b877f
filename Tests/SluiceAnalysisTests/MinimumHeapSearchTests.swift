import SluiceAnalysis
import Testing

@Suite struct `Minimum heap search` {
    /// Runs a search against a plugin whose answer for each size is known.
    private func search(
        least: Int = 1, most: Int = 1000, start: Int, stride: Int = 1,
        _ answer: (Int) -> MinimumHeapSearch.Verdict
    ) -> MinimumHeapSearch {
        var search = MinimumHeapSearch(leastPages: least, mostPages: most, start: start, stride: stride)
        while let pages = search.next {
            #expect((least...most).contains(pages))
            #expect(!search.attempts.contains { $0.pages == pages }, "no size is tried twice")
            search.record(answer(pages))
        }
        return search
    }

    private func needs(_ pages: Int) -> (Int) -> MinimumHeapSearch.Verdict {
        { $0 >= pages ? .ran : .tooSmall(reason: "too small") }
    }

    @Test(arguments: [1, 2, 3, 17, 250, 500, 997, 998, 1000], [1, 20, 400, 1000])
    func `a monotone heap is found exactly, from wherever the search begins`(needed: Int, start: Int) {
        for stride in [1, 100] {
            let result = search(start: start, stride: stride, needs(needed))
            #expect(result.ending == .found(pages: needed))
            #expect(!result.isNonMonotone)
            // Twice a bisection, the start and the confirmations.
            #expect(result.attempts.count <= 2 * 10 + 2 + MinimumHeapSearch.confirmations)
            let above = (needed + 1...needed + 3).filter { $0 <= 1000 }
            #expect(above.allSatisfy { size in result.attempts.contains { $0.pages == size && $0.verdict == .ran } })
        }
    }

    @Test func `a search that begins where another ended needs little`() {
        #expect(search(start: 321, needs(321)).attempts.count == 5)
        #expect(search(start: 321, needs(323)).attempts.count <= 7)
    }

    @Test func `nothing below what the module declares is tried`() {
        let result = search(least: 34, start: 34, stride: 10, needs(2))
        #expect(result.ending == .found(pages: 34))
        #expect(result.attempts.map(\.pages) == [34, 35, 36, 37])
    }

    /// As of a conservative collector: 100 runs by luck, and 102 does not.
    @Test func `a heap that is not monotone is searched on above its gap and said so`() {
        let result = search(start: 200, stride: 50) {
            $0 == 100 || $0 == 101 || $0 >= 103 ? .ran : .tooSmall(reason: "kept by mistake")
        }
        #expect(result.isNonMonotone)
        #expect(result.ending == .found(pages: 103))
    }

    @Test func `sizes that go on alternating have no smallest one`() {
        let result = search(start: 500, stride: 10) { $0 % 2 == 0 ? .ran : .tooSmall(reason: "odd") }
        guard case .unsettled = result.ending else {
            Issue.record("ended as \(String(describing: result.ending))")
            return
        }
        #expect(result.isNonMonotone)
    }

    @Test func `a crash ends the search with its size and message`() {
        let result = search(start: 64, stride: 16) {
            $0 >= 48 ? .ran : $0 >= 32 ? .crashed(message: "unreachable in main") : .tooSmall(reason: "")
        }
        #expect(result.ending == .crashed(pages: 32, message: "unreachable in main"))
    }

    @Test func `what does not run in the largest size has no smallest heap`() {
        let result = search(most: 512, start: 300) { _ in .tooSmall(reason: "growth-refused") }
        #expect(result.ending == .doesNotRun(reason: "growth-refused"))
        let study = MinimumHeapResult(seed: 7, search: result)
        #expect(study.bytes == nil)
        #expect(study.problem?.contains("growth-refused") == true)
        #expect(study.attempts.last?.bytes == 512 << 16)
    }
}
