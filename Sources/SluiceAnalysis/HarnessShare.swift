internal import SluiceHistogram

/// How much of a response time can be the harness's own.
///
/// Every request has a response time R and, inside it, a harness lag L; only their histograms are known, not which
/// lag belongs to which response. Without the harness a request would have taken at least R − L. Let k be the number
/// of requests with a lag above t. Then, whoever they were, the sample of rank r would have been at least the one of
/// rank r − k, less t: of the n − r + k + 1 samples from there on at most k lost more than t. The largest of these
/// bounds over all t is what the figure is worth without the harness; the rest of it can be the harness's.
/// No quantile of the lag is asked for, so it holds for any number of samples, and for the maximum.
struct HarnessShare {
    /// Ascending, with the number of samples up to and including each.
    private let responses: [(nanoseconds: Int64, rank: Int)]
    /// Ascending, with the number of samples above each.
    private let lags: [(nanoseconds: Int64, above: Int)]
    private let population: Int

    /// - Parameters:
    ///   - infinite: requests without a response time.
    ///   - lags: of all of these requests.
    init(responses: LatencyHistogram, infinite: Int, lags: LatencyHistogram) {
        population = responses.count + infinite
        var rank = 0
        self.responses = responses.occupiedSlots.map { slot in
            rank += slot.count
            return (slot.nanoseconds, rank)
        }
        var above = lags.count
        self.lags = lags.occupiedSlots.map { slot in
            above -= slot.count
            return (slot.nanoseconds, above)
        }
    }

    /// Lags were recorded; without them nothing can be said.
    var isKnown: Bool { !lags.isEmpty && population > 0 }

    /// At most so much of the sample of a rank, up to all of it. For a rank among the failed requests: the least lag
    /// that so few requests exceeded that the rank would be among the failed ones without them; `nil` when there is
    /// none.
    ///
    /// - Parameter rank: from 1 to the number of all requests.
    func most(ofRank rank: Int) -> Int64? {
        let finite = responses.last?.rank ?? 0
        guard rank <= finite else { return lags.first { rank - $0.above > finite }?.nanoseconds }
        guard let own = responses.first(where: { $0.rank >= rank })?.nanoseconds else { return nil }
        var least = own
        var position = 0
        for lag in lags where rank - lag.above >= 1 {
            while responses[position].rank < rank - lag.above { position += 1 }
            least = min(least, own - responses[position].nanoseconds + lag.nanoseconds)
        }
        return least
    }
}

extension LatencyDistribution {
    /// The harness may be this part of a figure.
    static let harnessFraction = 0.1
    /// ... but this much at any rate: response times count from the intended start, so the lag is inside them and
    /// bounds their error. A pacer that sleeps and then spins is this punctual on a shared machine and no better, and
    /// budgets are in milliseconds, of which this is at most a tenth. A p99 of some microseconds could not be measured
    /// otherwise; that it is then mostly the harness's own is said as a caution.
    static let harnessFloorNanoseconds: Int64 = 100_000

    /// Every figure with what the harness can have to do with it. A failed request is taken for one of the length of
    /// the timeout. `floorNanoseconds` is allowed whatever the figure.
    mutating func judge(
        by share: HarnessShare, timeoutNanoseconds: Int64, floorNanoseconds: Int64 = harnessFloorNanoseconds
    ) {
        guard share.isKnown else { return }
        for index in quantiles.indices where quantiles[index].figure.isAvailable {
            let rank = LatencyHistogram.rank(quantiles[index].quantile, of: population)
            let value = quantiles[index].figure.nanoseconds ?? timeoutNanoseconds
            quantiles[index].figure.harness = HarnessPart(
                atMostNanoseconds: share.most(ofRank: rank),
                allowedNanoseconds: max(Self.allowedHarness(in: value), floorNanoseconds))
        }
    }

    /// More than this of a figure makes it invalid.
    static func allowedHarness(in nanoseconds: Int64) -> Int64 {
        max(Int64(Double(nanoseconds) * harnessFraction), harnessFloorNanoseconds)
    }
}
