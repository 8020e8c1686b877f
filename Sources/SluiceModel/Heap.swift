/// Which memory of a VM.
package enum MemoryKind: Int, Sendable, Codable, Equatable, CaseIterable {
    /// Memory 0 of the module.
    case linear = 0
    /// The heap of Wasm GC objects, which the engine keeps in a memory of its own.
    case gcHeap = 1
}

/// One `memory.grow`, or the creation of a memory (`fromBytes` is 0).
package struct GrowthEvent: Sendable, Codable, Equatable {
    package var timeNanoseconds: Int64
    /// Index of the request in which it happened; `nil` outside requests (start-up, ticks).
    package var requestIndex: Int64?
    /// Requests begun in this VM up to and including that one.
    package var vmRequestNumber: Int
    /// Counts a worker's VMs from 0.
    package var vmOrdinal: Int
    package var memory: MemoryKind
    package var fromBytes: Int
    /// What was asked for.
    package var toBytes: Int
    package var granted: Bool

    package init(
        timeNanoseconds: Int64, requestIndex: Int64?, vmRequestNumber: Int, vmOrdinal: Int, memory: MemoryKind,
        fromBytes: Int, toBytes: Int, granted: Bool
    ) {
        self.timeNanoseconds = timeNanoseconds
        self.requestIndex = requestIndex
        self.vmRequestNumber = vmRequestNumber
        self.vmOrdinal = vmOrdinal
        self.memory = memory
        self.fromBytes = fromBytes
        self.toBytes = toBytes
        self.granted = granted
    }
}

extension [GrowthEvent] {
    /// Cuts off what is beyond `IntervalBatch.growthEventLimit`.
    ///
    /// - Returns: how many were.
    package mutating func dropBeyondLimit() -> Int {
        let excess = count - IntervalBatch.growthEventLimit
        guard excess > 0 else { return 0 }
        removeLast(excess)
        return excess
    }
}

/// The memories of one worker's current VM at the end of an interval.
package struct HeapSample: Sendable, Codable, Equatable {
    /// `nil` while the worker has no VM.
    package var linearBytes: Int?
    package var gcHeapBytes: Int?
    /// Highest of any VM of this worker in the interval.
    package var linearHighWaterBytes: Int
    package var gcHeapHighWaterBytes: Int
    /// Bytes that the host asked the guest to allocate in the interval, and through which export.
    package var hostAllocatedBytes: Int
    package var hostAllocations: Int
    /// Those of the bytes and of the calls that went through `proxy_on_memory_allocate`; the others went through
    /// `malloc`. `nil` in runs that were stored before it was known.
    package var memoryAllocateBytes: Int?
    package var memoryAllocateCalls: Int?
    /// Growth events that were counted but did not fit into the ledger: their detail is lost, not their number.
    package var growthEventsWithoutDetail: Int
    /// Requests begun in the current VM.
    package var vmRequests: Int

    package init(
        linearBytes: Int? = nil, gcHeapBytes: Int? = nil, linearHighWaterBytes: Int = 0, gcHeapHighWaterBytes: Int = 0,
        hostAllocatedBytes: Int = 0, hostAllocations: Int = 0, growthEventsWithoutDetail: Int = 0, vmRequests: Int = 0,
        memoryAllocateBytes: Int? = nil, memoryAllocateCalls: Int? = nil
    ) {
        self.memoryAllocateBytes = memoryAllocateBytes
        self.memoryAllocateCalls = memoryAllocateCalls
        self.linearBytes = linearBytes
        self.gcHeapBytes = gcHeapBytes
        self.linearHighWaterBytes = linearHighWaterBytes
        self.gcHeapHighWaterBytes = gcHeapHighWaterBytes
        self.hostAllocatedBytes = hostAllocatedBytes
        self.hostAllocations = hostAllocations
        self.growthEventsWithoutDetail = growthEventsWithoutDetail
        self.vmRequests = vmRequests
    }
}

/// What became of a worker's VMs in an interval.
package struct VMEventCounts: Sendable, Codable, Equatable {
    package var created = 0
    /// Replaced by the VM life of the strategy.
    package var recycled = 0
    package var failed = 0
    /// Reloads by the failure policy, as Envoy counts them.
    package var reloadSucceeded = 0
    package var reloadFailed = 0
    package var reloadBackoff = 0
    /// HTTP and gRPC call-outs that plugins started.
    package var callOuts = 0
    /// Those with an answer; a local 503 or 504 is one, as in Envoy.
    package var callOutsAnswered = 0
    /// Those that were reset, or that ended with a gRPC status other than 0.
    package var callOutsFailed = 0
    /// Those that the plugin gave up, or whose VM was gone before they ended.
    package var callOutsCancelled = 0
    /// `proxy_on_tick` callbacks.
    package var ticks = 0
    /// Ticks and answers of call-outs that came more than a millisecond after they were due, because the worker was
    /// running plugins.
    package var ticksLateByPlugin = 0
    package var callOutsLateByPlugin = 0
    /// The same while the worker was not running plugins: the harness was late.
    package var ticksLateByHarness = 0
    package var callOutsLateByHarness = 0
    /// Log lines that were dropped because a VM wrote more in a second than the host keeps.
    package var logLinesSuppressed = 0
    /// Messages that did not get into a shared queue because it was full.
    package var queueMessagesRefused = 0
    /// What else the limits on what plugins make the host keep have refused: shared queues, call-outs and messages of
    /// gRPC streams, metrics, values of shared data, and changes of streams (header fields, bodies, properties, local
    /// responses).
    package var queuesRefused = 0
    package var callOutsRefused = 0
    package var metricsRefused = 0
    package var sharedDataRefused = 0
    package var streamChangesRefused = 0

    package init() {}

    package static func += (left: inout VMEventCounts, right: VMEventCounts) {
        left.created += right.created
        left.recycled += right.recycled
        left.failed += right.failed
        left.reloadSucceeded += right.reloadSucceeded
        left.reloadFailed += right.reloadFailed
        left.reloadBackoff += right.reloadBackoff
        left.callOuts += right.callOuts
        left.callOutsAnswered += right.callOutsAnswered
        left.callOutsFailed += right.callOutsFailed
        left.callOutsCancelled += right.callOutsCancelled
        left.ticks += right.ticks
        left.ticksLateByPlugin += right.ticksLateByPlugin
        left.callOutsLateByPlugin += right.callOutsLateByPlugin
        left.ticksLateByHarness += right.ticksLateByHarness
        left.callOutsLateByHarness += right.callOutsLateByHarness
        left.logLinesSuppressed += right.logLinesSuppressed
        left.queueMessagesRefused += right.queueMessagesRefused
        left.queuesRefused += right.queuesRefused
        left.callOutsRefused += right.callOutsRefused
        left.metricsRefused += right.metricsRefused
        left.sharedDataRefused += right.sharedDataRefused
        left.streamChangesRefused += right.streamChangesRefused
    }
}

/// The value of an observed Proxy-Wasm metric in one worker's agent.
package struct MetricSample: Sendable, Codable, Equatable {
    package var timeNanoseconds: Int64
    package var name: String
    package var value: Int64
    package init(timeNanoseconds: Int64, name: String, value: Int64) {
        self.timeNanoseconds = timeNanoseconds
        self.name = name
        self.value = value
    }
}
