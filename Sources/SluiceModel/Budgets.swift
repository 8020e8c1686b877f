/// How the gate works.
package struct GateSettings: Sendable, Codable, Equatable {
    /// The strategy that the budgets are about; `nil`: the only one, or the first.
    package var candidate: String?
    package var baseline: String?
    /// Blocks that `compare` and `gate` run unless told otherwise, 1 or more.
    package var blocks: Int
    /// `gate` looks after some blocks and stops when it can decide, at the latest after so many. `nil`: all `blocks`.
    package var atMostBlocks: Int?
    /// The strategy that is the baseline a second time, to see how much two runs of the same module differ.
    package var baselineAgain: String?
    /// What the command line named the candidate and the baseline, where that is not the name of a strategy of the
    /// run: a module that stands in for one, or the candidate itself as its own baseline.
    package var candidateArgument: String?
    package var baselineArgument: String?

    package init(
        candidate: String?, baseline: String?, blocks: Int, atMostBlocks: Int? = nil, baselineAgain: String? = nil,
        candidateArgument: String? = nil, baselineArgument: String? = nil
    ) {
        self.candidate = candidate
        self.baseline = baseline
        self.blocks = blocks
        self.atMostBlocks = atMostBlocks
        self.baselineAgain = baselineAgain
        self.candidateArgument = candidateArgument
        self.baselineArgument = baselineArgument
    }
}

/// What the candidate must stay below. An absent budget is not judged.
package struct Budgets: Sendable, Codable, Equatable {
    /// Upper bounds on quantiles of response time; failed requests are infinitely slow.
    package var responseTime: [QuantileBudget]
    /// The same for service time.
    package var serviceTime: [QuantileBudget]
    /// How much longer response times may be than the baseline's.
    package var againstBaseline: [RelativeBudget]
    /// Linear memory of any one VM.
    package var heapHighWaterBytes: Int?
    /// The same for the Wasm GC heap.
    package var gcHeapHighWaterBytes: Int?
    /// Granted growths of any one VM's memory in the measured phases.
    package var growthEvents: Int?
    /// Of either memory.
    package var leak: LeakBudget?
    /// Whole trials together.
    package var allocatorFailures: Int?
    /// Failed requests and failed checks over planned requests, 0 to 1.
    package var errorFraction: Double?

    package init(
        responseTime: [QuantileBudget] = [], serviceTime: [QuantileBudget] = [],
        againstBaseline: [RelativeBudget] = [], heapHighWaterBytes: Int? = nil, gcHeapHighWaterBytes: Int? = nil,
        growthEvents: Int? = nil, leak: LeakBudget? = nil, allocatorFailures: Int? = nil,
        errorFraction: Double? = nil
    ) {
        self.responseTime = responseTime
        self.serviceTime = serviceTime
        self.againstBaseline = againstBaseline
        self.heapHighWaterBytes = heapHighWaterBytes
        self.gcHeapHighWaterBytes = gcHeapHighWaterBytes
        self.growthEvents = growthEvents
        self.leak = leak
        self.allocatorFailures = allocatorFailures
        self.errorFraction = errorFraction
    }

    package var isEmpty: Bool { self == Budgets() }
}

/// A memory must not keep growing.
package struct LeakBudget: Sendable, Codable, Equatable {
    /// What a VM must live for, 1 or more: growth that does not reach the cap within it is tolerable. `nil`: none is.
    package var vmRequests: Int?

    package init(vmRequests: Int? = nil) { self.vmRequests = vmRequests }
}

/// An upper bound on one quantile of a time.
package struct QuantileBudget: Sendable, Codable, Equatable {
    /// Above 0, up to 1; 1 is the maximum.
    package var quantile: Double
    package var limitNanoseconds: Int64

    package init(quantile: Double, limitNanoseconds: Int64) {
        self.quantile = quantile
        self.limitNanoseconds = limitNanoseconds
    }
}

/// An upper bound on how much longer one quantile of response time may be than the baseline's.
package struct RelativeBudget: Sendable, Codable, Equatable {
    /// Above 0, below 1.
    package var quantile: Double
    /// 0.05: 5 % longer. 0 or more, up to 10.
    package var allowedFraction: Double

    package init(quantile: Double, allowedFraction: Double) {
        self.quantile = quantile
        self.allowedFraction = allowedFraction
    }
}
