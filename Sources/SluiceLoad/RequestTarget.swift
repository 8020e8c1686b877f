package import SluiceGenerate
package import SluiceModel

/// What a load worker sends its requests to. Confined to the worker's thread.
///
/// A request lives in a slot from `begin` to its end. The worker owns all time: a target never sleeps, and says with
/// `TargetProgress` when it wants to be asked again.
///
/// The time of a call belongs to the plugins. What a target makes itself has calls of its own, `prepareRequest` and
/// `prepareTimers`, whose time belongs to the harness. What was not prepared is made when it is needed.
package protocol RequestTarget: AnyObject {
    /// Makes what the target will need for the next request, which has this index.
    ///
    /// - Returns: false when there was nothing to make, and no time has passed.
    func prepareRequest(index: Int64) -> Bool

    /// The same for the next `runTimers`.
    func prepareTimers() -> Bool

    /// Sends a request. The target may take the buffers of `request` and leave others in their place.
    func begin(slot: Int, request: inout GeneratedRequest, index: Int64, nowNanoseconds: Int64) -> TargetProgress

    /// Goes on with a request whose wait is over.
    func resume(slot: Int, nowNanoseconds: Int64) -> TargetProgress

    /// Gives up a request that was not complete; the slot is free after it.
    func cancel(slot: Int, nowNanoseconds: Int64)

    /// The response of a request that was answered; valid from `.complete` until the slot's next `begin`.
    func withResponse(slot: Int, _ body: (_ headers: HeaderBlock, _ bytes: [UInt8]) -> Void)

    /// How the connection ended that such a request was; `nil` for one of HTTP. Valid as long as the response.
    func connectionEnd(slot: Int) -> ConnectionEnd?

    /// When the target has work that belongs to no request, such as a plugin's timer.
    var nextTimerNanoseconds: Int64? { get }

    /// Does the part of that work that was due first. `progressed` is called for every request that it moved on.
    func runTimers(nowNanoseconds: Int64, progressed: (_ slot: Int, TargetProgress) -> Void) -> TimerWork

    /// Adds what has happened to its VMs since the last call, with times relative to `startNanoseconds`.
    func drain(into observations: inout TargetObservations, startNanoseconds: Int64)

    /// Ends everything; no call follows.
    func shutDown(nowNanoseconds: Int64)
}

extension RequestTarget {
    /// Requests are of HTTP.
    package func connectionEnd(slot: Int) -> ConnectionEnd? { nil }
}

/// What there is to check about a connection besides what the client got.
package struct ConnectionEnd: Sendable, Equatable {
    /// What the upstream got.
    package var upstreamBytes: Int
    /// `proxy_close_stream` ended it.
    package var isClosedByPlugin: Bool

    package init(upstreamBytes: Int, isClosedByPlugin: Bool) {
        self.upstreamBytes = upstreamBytes
        self.isClosedByPlugin = isClosedByPlugin
    }
}

/// Where a request stands.
package enum TargetProgress: Sendable {
    /// The request is over.
    case complete(TargetResult)
    /// Call `resume` this long after the call that returned it.
    case wait(nanoseconds: Int64)
    /// Something else will move it on.
    case pending
}

/// What `RequestTarget.runTimers` has done.
package enum TimerWork: Sendable {
    /// Nothing that has a time.
    case nothing
    /// Ticks of plugins; the first of them was due then.
    case tick(dueNanoseconds: Int64)
    /// The answer to a call-out, which was due then.
    case callOut(dueNanoseconds: Int64)

    /// `nil` for what has no time.
    var dueNanoseconds: Int64? {
        switch self {
        case .nothing: nil
        case .tick(let due), .callOut(let due): due
        }
    }
}

/// How a request ended at the target.
package struct TargetResult: Sendable {
    /// Why the request is over, seen from the client.
    package enum End: Sendable {
        case answered
        /// A VM failed while the request was in it.
        case trapped
        /// Answered for a plugin whose VM had failed before.
        case refused
        /// Without a response, or with the gateway's own for an upstream that failed.
        case reset
    }
    /// Why it is over.
    package var end: End
    /// `nil` without a response.
    package var status: Int?

    package init(end: End, status: Int?) {
        self.end = end
        self.status = status
    }
}

/// What the VMs of one worker did between two drains.
package struct TargetObservations: Sendable {
    /// Sizes at the last drain; high-water marks and sums since the one before it.
    package var heap = HeapSample()
    /// Growths that were granted or refused, with times relative to the start of the trial.
    package var growth: [GrowthEvent] = []
    /// VMs that died, with times relative to the start of the trial.
    package var failures: [VMFailure] = []
    /// How many VMs were started, died and so on.
    package var vmEvents = VMEventCounts()

    package init() {}

    /// Adds what happened since the last time.
    package mutating func add(
        heap other: HeapSample, growth: [GrowthEvent], failures: [VMFailure], vmEvents: VMEventCounts
    ) {
        heap.linearBytes = other.linearBytes
        heap.gcHeapBytes = other.gcHeapBytes
        heap.vmRequests = other.vmRequests
        heap.linearHighWaterBytes = max(heap.linearHighWaterBytes, other.linearHighWaterBytes)
        heap.gcHeapHighWaterBytes = max(heap.gcHeapHighWaterBytes, other.gcHeapHighWaterBytes)
        heap.hostAllocatedBytes += other.hostAllocatedBytes
        heap.hostAllocations += other.hostAllocations
        heap.memoryAllocateBytes = (heap.memoryAllocateBytes ?? 0) + (other.memoryAllocateBytes ?? 0)
        heap.memoryAllocateCalls = (heap.memoryAllocateCalls ?? 0) + (other.memoryAllocateCalls ?? 0)
        heap.growthEventsWithoutDetail += other.growthEventsWithoutDetail
        self.growth.append(contentsOf: growth)
        heap.growthEventsWithoutDetail += self.growth.dropBeyondLimit()
        for failure in failures { self.failures.appendWithinLimits(failure) }
        self.vmEvents += vmEvents
    }

    /// Counts work that was done late. `harnessLagNanoseconds` is the part of the delay in which no plugin ran.
    package mutating func note(_ work: TimerWork, lagNanoseconds: Int64, harnessLagNanoseconds: Int64) {
        guard lagNanoseconds > Self.toleratedLagNanoseconds else { return }
        let isHarness = harnessLagNanoseconds > Self.toleratedLagNanoseconds
        switch (work, isHarness) {
        case (.nothing, _): break
        case (.tick, false): vmEvents.ticksLateByPlugin += 1
        case (.tick, true): vmEvents.ticksLateByHarness += 1
        case (.callOut, false): vmEvents.callOutsLateByPlugin += 1
        case (.callOut, true): vmEvents.callOutsLateByHarness += 1
        }
    }

    private static let toleratedLagNanoseconds: Int64 = 1_000_000

    mutating func reset() {
        heap = HeapSample()
        growth.removeAll(keepingCapacity: true)
        failures.removeAll(keepingCapacity: true)
        vmEvents = VMEventCounts()
    }
}
