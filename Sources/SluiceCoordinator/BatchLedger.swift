import SluiceModel

/// Which batches of a trial have come: each is counted exactly once, and what is missing is known.
struct BatchLedger: Sendable {
    /// A jump over more batches than this is not a gap but a mistake.
    static let largestGap = 100_000

    private struct Worker {
        var next = 0
        var missing: Set<Int> = []
        var lastSequence: Int?
    }

    private let workersPerAgent: Int
    private var workers: [Worker]

    init(agentCount: Int, workersPerAgent: Int) {
        self.workersPerAgent = workersPerAgent
        workers = Array(repeating: Worker(), count: agentCount * workersPerAgent)
    }

    /// Whether the batch counts, and what is odd about it.
    mutating func enter(_ batch: IntervalBatch, from agent: Int) -> (counts: Bool, anomaly: BatchAnomaly?) {
        func odd(_ kind: BatchAnomaly.Kind) -> BatchAnomaly {
            BatchAnomaly(agent: agent, worker: batch.worker, sequence: batch.sequence, kind: kind)
        }
        guard batch.agent == agent, (0..<workersPerAgent).contains(batch.worker), batch.sequence >= 0 else {
            return (false, odd(.unexpected))
        }
        let index = agent * workersPerAgent + batch.worker
        var worker = workers[index]
        defer { workers[index] = worker }
        if batch.sequence < worker.next {
            guard worker.missing.remove(batch.sequence) != nil else { return (false, odd(.duplicate)) }
            return (true, odd(.outOfOrder))
        }
        guard worker.lastSequence == nil, batch.sequence - worker.next <= Self.largestGap else {
            return (false, odd(.unexpected))
        }
        let skipped = worker.next..<batch.sequence
        worker.missing.formUnion(skipped)
        worker.next = batch.sequence + 1
        if batch.isLast { worker.lastSequence = batch.sequence }
        guard let first = skipped.first else { return (true, nil) }
        return (true, odd(.gap(missing: first...batch.sequence - 1)))
    }

    /// What an agent owes although it has reported; `nil` when all has come.
    func debt(of agent: Int) -> String? {
        for number in 0..<workersPerAgent {
            let worker = workers[agent * workersPerAgent + number]
            if let first = worker.missing.min() {
                return "agent \(agent), worker \(number): \(worker.missing.count) batches from \(first) on are missing"
            }
            if worker.lastSequence == nil { return "agent \(agent), worker \(number): the last batch is missing" }
        }
        return nil
    }
}
