import SluiceProxyWasm

/// What a chain and the clusters that its plugins call have to do that belongs to no request.
extension FilterChain {
    /// When the VMs have work of their own next, or a call-out its answer; in the past when they have it already, `nil`
    /// without any.
    @inline(__always)
    func nextDue(answerNanoseconds: Int64?) -> Int64? {
        // Plugins have called out at their start, when nobody was there yet.
        if hasCallOuts { return 0 }
        guard let answerNanoseconds else { return nextTimerNanoseconds }
        return min(nextTimerNanoseconds ?? .max, answerNanoseconds)
    }

    /// Makes the answer of a cluster when that comes next; false when there was nothing to make.
    func prepareDue(_ clusters: inout SimulatedClusters) -> Bool {
        guard !hasCallOuts, let answer = clusters.nextDeadlineNanoseconds, answer <= nextTimerNanoseconds ?? .max
        else { return false }
        return clusters.prepareNext()
    }

    /// Delivers one answer of a cluster, or runs what is due in the VMs. `clock` reads CLOCK_MONOTONIC.
    func runDue(_ clusters: inout SimulatedClusters, nowNanoseconds: Int64, clock: () -> Int64) -> TimerWork {
        let answer = clusters.nextDeadlineNanoseconds ?? .max
        if answer <= nowNanoseconds, answer <= nextTimerNanoseconds ?? .max {
            let isDelivered = clusters.deliverNext(nowNanoseconds: nowNanoseconds)
            return isDelivered ? .callOut(dueNanoseconds: answer) : .nothing
        }
        return runTimers(nowNanoseconds: nowNanoseconds, clock: clock).map { .tick(dueNanoseconds: $0) } ?? .nothing
    }
}
