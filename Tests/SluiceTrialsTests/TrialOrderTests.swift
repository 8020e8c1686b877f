import SluiceTrials
import Testing

struct TrialOrderTests {
    private func order(_ strategies: [String], _ blocks: Int) -> String {
        TrialOrder.entries(strategies: strategies, blocks: blocks).map { "\($0.strategy)\($0.block)" }
            .joined(separator: " ")
    }

    @Test func `two strategies change places from block to block`() {
        #expect(order(["a", "b"], 4) == "a0 b0 b1 a1 b2 a2 a3 b3")
    }

    @Test func `more than two turn in pairs, and pairs rotate`() {
        #expect(order(["a", "b", "c"], 3) == "a0 b0 c0 c1 b1 a1 b2 c2 a2")
    }

    @Test func `after two pairs a strategy all together, everybody has been everywhere equally often`() {
        for names in [["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d"]] {
            let entries = TrialOrder.entries(strategies: names, blocks: 2 * names.count)
            for name in names {
                let places = entries.enumerated().filter { $0.element.strategy == name }
                    .map { $0.offset % names.count }
                #expect(names.indices.allSatisfy { place in places.count { $0 == place } == 2 })
            }
        }
    }

    @Test func `every strategy runs once in each block`() {
        let entries = TrialOrder.entries(strategies: ["a", "b", "c", "d"], blocks: 7)
        for block in 0..<7 {
            #expect(Set(entries.filter { $0.block == block }.map(\.strategy)).count == 4)
        }
        #expect(entries.count == 28)
    }

    @Test func `seeds differ between blocks and block 0 has the workload's own`() {
        #expect(TrialPlanner.seed(42, block: 0) == 42)
        #expect(Set((0..<100).map { TrialPlanner.seed(42, block: $0) }).count == 100)
    }
}
