/// What the growth of a memory says about a strategy.
package enum HeapVerdict: String, Sendable, Codable, Equatable, CaseIterable {
    /// A growth was refused, or an allocator failed for want of memory.
    case hitCap = "hit-cap"
    /// New high-water marks were still coming when the load ended.
    case growing
    /// No new high-water mark for long enough.
    case plateaued
    /// Too few requests, or growth that had neither gone on nor stopped for long enough.
    case inconclusive
    /// The strategy has no such memory, or nothing was seen of it.
    case notAvailable = "not-available"

    /// For tables.
    package var word: String {
        switch self {
        case .hitCap: "hit the cap"
        case .growing: "growing"
        case .plateaued: "plateaued"
        case .inconclusive: "inconclusive"
        case .notAvailable: "n/a"
        }
    }
}

/// Both memories of a strategy's VMs, over all its trials.
package struct HeapSummary: Sendable, Codable, Equatable {
    /// Memory 0 of the modules.
    package var linear: MemorySummary
    /// The heap of Wasm GC objects; its verdict is `notAvailable` when the module keeps none.
    package var gcHeap: MemorySummary
    /// Live bytes as the plugin itself reports them after collections; `nil` when it does not.
    package var live: LiveHeapSummary?
    /// Bytes that the host asked the guest to allocate for headers, bodies and configuration.
    package var hostAllocatedBytes: Int
    /// How often it asked.
    package var hostAllocations: Int
    /// The same for each export that the host called; `nil` in runs of versions that did not tell them apart.
    package var hostAllocationsByExport: [HostAllocations]?
    /// Growth events whose detail did not fit into the ledger.
    package var growthEventsWithoutDetail: Int

    /// Of the two memories, the verdict that matters more.
    package var verdict: HeapVerdict { decisive.verdict }

    /// The memory that decides: the one that is worse off, linear memory where both are equal.
    package var decisive: MemorySummary {
        func severity(_ verdict: HeapVerdict) -> Int {
            switch verdict {
            case .hitCap: 4
            case .growing: 3
            case .inconclusive: 2
            case .plateaued: 1
            case .notAvailable: 0
            }
        }
        return severity(gcHeap.verdict) > severity(linear.verdict) ? gcHeap : linear
    }
}

/// One kind of memory over all VMs of a strategy.
package struct MemorySummary: Sendable, Codable, Equatable {
    /// `linear memory` or `Wasm GC heap`.
    package var name: String
    /// What a VM may have at most.
    package var capBytes: Int
    /// Highest size of any VM; `nil` when nothing was seen of this memory.
    package var highWaterBytes: Int?
    /// In the order of the trials.
    package var trials: [TrialMemory]
    /// Growths after creation, in all phases.
    package var growthsGranted: Int
    /// Growths beyond the cap, in all phases.
    package var growthsRefused: Int
    /// Granted growths in requests of the measured phases, of the VM that has most.
    package var mostMeasuredGrowthsOfOneVM: Int
    /// What the growth says.
    package var verdict: HeapVerdict
    /// One or two sentences with the figures that the verdict rests on.
    package var explanation: String
    /// Growth in the second half of the measured requests, of the VM that grew most.
    package var secondHalf: SecondHalfGrowth?
    /// Only while growing: the rate at which memory is used up between two steps.
    package var bytesPerThousandRequests: Double?
    /// Only while growing: requests of a VM's life until the cap at that rate.
    package var requestsToCap: Int?
    /// Only when plateaued: a leak of more than this for each request would have forced another step.
    package var smallestVisibleLeakBytesPerRequest: Double?
    /// What the verdict rests on; `nil` when it was seen as it happened, or there is nothing to judge.
    package var evidence: HeapEvidence?
    /// Only while growing: what of the cap a heap with this growth policy can use.
    package var usableCapBytes: Int?
    /// VMs that died for want of this memory.
    package var deaths: DeathSummary?
}

/// A memory in one trial.
package struct TrialMemory: Sendable, Codable, Equatable {
    /// From 0.
    package var block: Int
    /// Highest size of any VM in the trial; `nil` when nothing was seen of this memory.
    package var highWaterBytes: Int?
    /// Size of the first VMs after configuration, before their first request; the largest of them.
    package var startBytes: Int?
    /// Size at the end of the trial, the largest of any worker.
    package var endBytes: Int?
}

/// Growth between the middle and the end of a VM's measured requests.
package struct SecondHalfGrowth: Sendable, Codable, Equatable {
    /// By how much it grew.
    package var bytes: Int
    /// In how many requests.
    package var requests: Int
    /// The one over the other.
    package var bytesPerThousandRequests: Double
}

/// After how many requests VMs died.
package struct DeathSummary: Sendable, Codable, Equatable {
    /// VMs that died.
    package var count: Int
    /// Requests begun in the VM, the fatal one included. 0: it died before its first.
    package var leastRequests: Int
    /// The lower of the two in the middle.
    package var medianRequests: Int
    /// The highest.
    package var mostRequests: Int
    /// The lowest request index of a run at which a VM died; `nil` when all died outside requests.
    package var firstRequestIndex: Int64?
}

/// Live bytes after collections, from a Proxy-Wasm metric of the plugin.
package struct LiveHeapSummary: Sendable, Codable, Equatable {
    /// Name of the metric.
    package var metric: String
    /// The last value of any agent in any trial, the largest.
    package var lastBytes: Int64
    /// Theil–Sen slopes over the second half of each agent's trial: lowest and highest.
    package var lowestBytesPerThousandRequests: Double?
    /// `nil` when no run has values enough.
    package var highestBytesPerThousandRequests: Double?
    /// Agent trials with enough values for a slope.
    package var runs: Int
    /// 95 % interval of the mean slope over the runs; `nil` with fewer than two. Five and more are trusted.
    package var intervalOfBytesPerThousandRequests: [Double]?
}
