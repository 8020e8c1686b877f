/// Why a VM died, or could not be made.
package enum VMFailureKind: String, Sendable, Codable, Equatable, CaseIterable {
    /// The memory cap refused a `memory.grow`, and the guest trapped in the same call.
    case growthRefused = "growth-refused"
    /// The guest's allocator returned 0 to the host.
    case allocatorReturnedNull = "allocator-returned-null"
    /// A trap with an allocator's frame on the stack, without a refused growth.
    case trapInAllocator = "trap-in-allocator"
    /// The engine could not allocate a Wasm GC object.
    case gcHeapOutOfMemory = "gc-heap-out-of-memory"
    /// An allocator failure before the first request.
    case startUpAllocator = "start-up-allocator"
    /// Start-up failed for another reason: a trap, `proxy_on_vm_start` or `proxy_on_configure` returned false.
    case startUp = "start-up"
    /// A callback ran past its deadline and was stopped.
    case deadlineExceeded = "deadline-exceeded"
    /// Any other trap.
    case trap

    package var isAllocatorFailure: Bool {
        switch self {
        case .growthRefused, .allocatorReturnedNull, .trapInAllocator, .gcHeapOutOfMemory, .startUpAllocator: true
        case .startUp, .deadlineExceeded, .trap: false
        }
    }
}

/// The end of one VM, with everything that helps to explain it.
package struct VMFailure: Sendable, Codable, Equatable {
    package var kind: VMFailureKind
    package var timeNanoseconds: Int64
    package var plugin: String
    /// Index of the request that was in the VM; `nil` at start-up or in a tick.
    package var requestIndex: Int64?
    /// Requests begun in this VM: "it died at request N of its life".
    package var vmRequestNumber: Int
    /// Requests begun in all VMs of this worker before and including it.
    package var workerRequestNumber: Int
    package var vmOrdinal: Int
    /// The export that the host had called.
    package var callback: String
    /// The engine's message, without the backtrace.
    package var message: String
    /// Innermost first.
    package var backtrace: [BacktraceFrame]
    /// The last lines that the VM wrote, oldest first.
    package var lastLogLines: [String]
    package var linearBytes: Int
    package var gcHeapBytes: Int
    /// Size that the last refused growth of this call asked for.
    package var refusedToBytes: Int?

    package init(
        kind: VMFailureKind, timeNanoseconds: Int64, plugin: String, requestIndex: Int64?, vmRequestNumber: Int,
        workerRequestNumber: Int, vmOrdinal: Int, callback: String, message: String, backtrace: [BacktraceFrame],
        lastLogLines: [String], linearBytes: Int, gcHeapBytes: Int, refusedToBytes: Int?
    ) {
        self.kind = kind
        self.timeNanoseconds = timeNanoseconds
        self.plugin = plugin
        self.requestIndex = requestIndex
        self.vmRequestNumber = vmRequestNumber
        self.workerRequestNumber = workerRequestNumber
        self.vmOrdinal = vmOrdinal
        self.callback = callback
        self.message = message
        self.backtrace = backtrace
        self.lastLogLines = lastLogLines
        self.linearBytes = linearBytes
        self.gcHeapBytes = gcHeapBytes
        self.refusedToBytes = refusedToBytes
    }
}

extension VMFailure {
    /// Frames that tell failures of a kind apart.
    private static let distinctiveFrames = 3
    /// Longest backtrace of a failure; the deepest frames of a longer one are left out.
    private static let mostFrames = 100
    /// Longest message.
    private static let messageBytes = 4096

    /// Leaves the first frames and no logs.
    package mutating func dropDetail() {
        lastLogLines = []
        backtrace = Array(backtrace.prefix(Self.distinctiveFrames))
    }

    /// Cuts what has no bound of its own.
    package mutating func bound() {
        if backtrace.count > Self.mostFrames { backtrace.removeLast(backtrace.count - Self.mostFrames) }
        if message.utf8.count > Self.messageBytes {
            message = String(decoding: message.utf8.prefix(Self.messageBytes), as: UTF8.self) + "…"
        }
    }
}

extension [VMFailure] {
    /// Appends a failure, without detail once there are `IntervalBatch.detailedFailureLimit` of them.
    package mutating func appendWithinLimits(_ failure: VMFailure) {
        var failure = failure
        if count >= IntervalBatch.detailedFailureLimit { failure.dropDetail() }
        append(failure)
    }
}

/// One frame of the in-VM backtrace.
package struct BacktraceFrame: Sendable, Codable, Equatable {
    package var functionIndex: UInt32
    /// From the module's name section; `nil` without one.
    package var functionName: String?
    /// Byte offset in the module; `nil` when the engine does not know it.
    package var moduleOffset: Int?

    package init(functionIndex: UInt32, functionName: String?, moduleOffset: Int?) {
        self.functionIndex = functionIndex
        self.functionName = functionName
        self.moduleOffset = moduleOffset
    }
}
