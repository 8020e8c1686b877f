internal import SluiceModel

/// Compares strategies that differ in one thing only.
enum Findings {
    /// Growth is put down to what the host allocated when the two differ by no more than this part.
    private static let sameSizeTolerance = 0.25

    static func all(in strategies: [StrategySummary], of run: RunRecord) -> [Finding] {
        let specifications = Dictionary(
            run.workload.strategies.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var findings: [Finding] = []
        for left in strategies where isRetaining(left) {
            guard let leftSpecification = specifications[left.name] else { continue }
            for right in strategies where right.name != left.name && right.heap.verdict == .plateaued {
                guard let rightSpecification = specifications[right.name],
                    left.description.moduleHashes == right.description.moduleHashes,
                    !left.description.moduleHashes.isEmpty,
                    leftSpecification.environmentVariables == rightSpecification.environmentVariables,
                    left.description.engine == right.description.engine
                else { continue }
                let leftBody = leftSpecification.body ?? run.defaultBody
                let rightBody = rightSpecification.body ?? run.defaultBody
                if let leftBody, let rightBody, !leftBody.isText, rightBody.isText,
                    leftSpecification.vmLife == rightSpecification.vmLife
                {
                    findings.append(falseRetention(left, leftBody, right, rightBody))
                } else if leftSpecification.body == rightSpecification.body,
                    leftSpecification.vmLife == .unlimited, case .requests = rightSpecification.vmLife
                {
                    findings.append(retainedByInstance(left, right))
                }
            }
        }
        return findings + strategies.compactMap(hostAllocationsKept)
    }

    private static func isRetaining(_ strategy: StrategySummary) -> Bool {
        strategy.heap.verdict == .hitCap || strategy.heap.verdict == .growing
    }

    /// Printable text holds no words that could be addresses of a small heap, so what it does not keep is not needed.
    private static func falseRetention(
        _ left: StrategySummary, _ leftBody: BodyGenerator, _ right: StrategySummary, _ rightBody: BodyGenerator
    ) -> Finding {
        Finding(
            kind: .falseRetention, title: "False retention in \(left.name)",
            text: "\(left.name) and \(right.name) are the same module under the same load and differ in the payload "
                + "only: with \(leftBody.words) the heap \(course(left)), with \(rightBody.words) it plateaued at "
                + "\(Units.bytes(right.heap.decisive.highWaterBytes ?? 0)). "
                + "The collector takes bytes of the payload for pointers: allocate payloads as blocks without "
                + "pointers (atomic or typed blocks).",
            strategies: [left.name, right.name])
    }

    private static func retainedByInstance(_ left: StrategySummary, _ right: StrategySummary) -> Finding {
        Finding(
            kind: .retainedByInstance, title: "Retained by the instance in \(left.name)",
            text: "\(left.name) and \(right.name) are the same module under the same load: one instance for the whole "
                + "run \(course(left)), while fresh ones (\(right.description.vmLife) each) stayed flat at "
                + "\(Units.bytes(right.heap.decisive.highWaterBytes ?? 0)). What is kept is reachable from the "
                + "instance: globals, tables, caches.",
            strategies: [left.name, right.name])
    }

    private static func course(_ strategy: StrategySummary) -> String {
        strategy.heap.verdict == .hitCap
            ? "hit its cap of \(Units.bytes(strategy.heap.decisive.capBytes))" : "was still growing at the end"
    }

    /// Linear growth as large as what the host asked the guest to allocate: nobody frees it.
    private static func hostAllocationsKept(_ strategy: StrategySummary) -> Finding? {
        let memory = strategy.heap.linear
        let requests =
            strategy.counts.total + strategy.warmupCounts.total - strategy.counts.refused
            - strategy.warmupCounts.refused
        guard isRetaining(strategy), requests > 0, strategy.heap.hostAllocatedBytes > 0 else { return nil }
        let allocated = Double(strategy.heap.hostAllocatedBytes) / Double(requests)
        let rate: Double? =
            if let slope = memory.bytesPerThousandRequests {
                slope / 1000
            } else if let deaths = memory.deaths, deaths.medianRequests >= HeapJudge.leastRequests,
                let start = memory.trials.compactMap(\.startBytes).max(), let high = memory.highWaterBytes
            {
                Double(high - start) / Double(deaths.medianRequests)
            } else {
                nil
            }
        guard let rate, abs(rate - allocated) <= sameSizeTolerance * allocated else { return nil }
        return Finding(
            kind: .hostAllocationsKept, title: "What the host allocates is kept in \(strategy.name)",
            text: "Memory grew by \(Units.bytes(Int(rate))) a request, and the host asked the guest to allocate "
                + "\(Units.bytes(Int(allocated))) a request for headers and bodies: nothing of it is freed. Export "
                + "proxy_on_memory_allocate instead of malloc, or free what the host hands over.",
            strategies: [strategy.name])
    }
}

extension RunRecord {
    /// What a strategy without a body of its own sends.
    var defaultBody: BodyGenerator? { workload.requests.lazy.compactMap(\.body).first }
}
