internal import SluiceModel

/// The budget on leaks: the verdicts on both memories, against the life that a VM must have.
enum LeakRules {
    static func result(of strategy: StrategySummary, _ budget: LeakBudget) -> BudgetResult {
        let memories = [strategy.heap.linear, strategy.heap.gcHeap].filter { $0.verdict != .notAvailable }
        let limit = budget.vmRequests.map { "lives \(grouped($0)) requests" } ?? "forbidden"
        let judged = memories.map { judge($0, budget) }
        guard let worst = judged.max(by: { severity($0.state) < severity($1.state) }) else {
            return BudgetResult(
                name: "heap.leak", title: "leak", state: .fail, measured: "n/a", limit: limit, excessFraction: nil,
                detail: "no samples: the strategy's VMs have no memory")
        }
        return BudgetResult(
            name: "heap.leak", title: "leak", state: worst.state, measured: worst.memory.verdict.word, limit: limit,
            excessFraction: nil, detail: worst.detail)
    }

    private static func judge(
        _ memory: MemorySummary, _ budget: LeakBudget
    ) -> (memory: MemorySummary, state: BudgetResult.State, detail: String) {
        switch memory.verdict {
        case .hitCap, .growing:
            guard let wanted = budget.vmRequests, memory.verdict == .growing, let reached = memory.requestsToCap,
                reached >= wanted
            else { return (memory, .fail, memory.explanation) }
            return (memory, .pass, "\(memory.name) grows, but its cap is \(grouped(reached)) requests away")
        case .plateaued: return judgePlateau(memory, budget)
        case .inconclusive, .notAvailable: return (memory, .inconclusive, memory.explanation)
        }
    }

    /// A leak that is small enough not to have shown may still be too large for a long life. VMs that are replaced by
    /// plan have no such leak to exclude.
    private static func judgePlateau(
        _ memory: MemorySummary, _ budget: LeakBudget
    ) -> (memory: MemorySummary, state: BudgetResult.State, detail: String) {
        guard let wanted = budget.vmRequests, let hidden = memory.smallestVisibleLeakBytesPerRequest,
            let used = memory.highWaterBytes
        else { return (memory, .pass, memory.explanation) }
        let tolerable = Double(max(0, memory.capBytes - used)) / Double(wanted)
        func bytes(_ value: Double) -> String { "\(Units.fixed(value, decimals: 1)) B a request" }
        return hidden <= tolerable
            ? (memory, .pass, "leaks above \(bytes(hidden)) are excluded; \(bytes(tolerable)) are tolerable")
            : (
                memory, .inconclusive,
                "only leaks above \(bytes(hidden)) are excluded, and \(bytes(tolerable)) are tolerable: the load "
                    + "should last longer"
            )
    }

    private static func severity(_ state: BudgetResult.State) -> Int {
        switch state {
        case .pass: 0
        case .inconclusive: 1
        case .invalid: 2
        case .fail: 3
        }
    }
}
