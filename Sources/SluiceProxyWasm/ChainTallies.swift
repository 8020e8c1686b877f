import SluiceEngine
package import SluiceModel

/// What a worker's chain saw since the last drain.
package struct ChainObservations: Sendable, Equatable {
    /// Times relative to the start given to `drain`, oldest first for each VM.
    package var growth: [GrowthEvent] = []
    /// VMs that died since the last drain, with times relative to the start given to `drain`.
    package var failures: [VMFailure] = []
    /// Starts, failures and other events of VMs since the last drain.
    package var vmEvents = VMEventCounts()
    /// Sizes at the last drain; high-water marks and sums since the one before it.
    package var heap = HeapSample()
    /// Times that the guest's allocator returned 0 to the host, whether the guest survived it or not.
    package var hostAllocationsRefused = 0

    package init() {}
}

/// What a chain counts, and what is left of VMs that are gone; shared by the chain and its VMs, on one thread.
final class ChainTallies {
    let clock: UnsafeMutablePointer<ChainClock>
    var events = VMEventCounts()
    /// When the first tick was due of those that are being run.
    var firstTickNanoseconds: Int64?
    private(set) var nextOrdinal = 0
    private var failures: [VMFailure] = []
    /// With absolute times.
    private var growth: [GrowthEvent] = []
    private var linearHighWaterBytes = 0
    private var gcHeapHighWaterBytes = 0
    private var growthEventsWithoutDetail = 0
    private var hostAllocatedBytes = 0
    private var hostAllocations = 0
    /// Through the one export; the rest through the other.
    private var memoryAllocateBytes = 0
    private var memoryAllocateCalls = 0
    private var hostAllocationsRefused = 0

    init() {
        clock = .allocate(capacity: 1)
        clock.initialize(to: ChainClock())
    }

    deinit { clock.deallocate() }

    func takeOrdinal() -> Int {
        defer { nextOrdinal += 1 }
        return nextOrdinal
    }

    /// Called once for each VM that dies, when no guest code is on the stack any more.
    func vmFailed(_ vm: UnsafeMutablePointer<VMState>) {
        events.failed += 1
        if let failure = vm.pointee.failure { failures.appendWithinLimits(failure) }
        retire(vm)
    }

    /// Keeps what a VM's instance knows and gives its memory back.
    func retire(_ vm: UnsafeMutablePointer<VMState>) {
        collect(vm)
        growthEventsWithoutDetail += newlyLost([vm])
        vm.releaseInstance()
    }

    private func collect(_ vm: UnsafeMutablePointer<VMState>) {
        hostAllocatedBytes += vm.pointee.hostAllocatedBytes
        hostAllocations += vm.pointee.hostAllocations
        hostAllocationsRefused += vm.pointee.hostAllocationsRefused
        if vm.pointee.allocatorExport == .proxyOnMemoryAllocate {
            memoryAllocateBytes += vm.pointee.hostAllocatedBytes
            memoryAllocateCalls += vm.pointee.hostAllocations
        }
        vm.pointee.hostAllocatedBytes = 0
        vm.pointee.hostAllocations = 0
        vm.pointee.hostAllocationsRefused = 0
        events.logLinesSuppressed += vm.pointee.log.takeSuppressed()
        guard let instance = vm.pointee.instance else { return }
        instance.drainGrowth(into: &growth, startNanoseconds: 0)
        growthEventsWithoutDetail += growth.dropBeyondLimit()
        let sizes = instance.memorySizes
        linearHighWaterBytes = max(linearHighWaterBytes, sizes.linearHighWaterBytes)
        gcHeapHighWaterBytes = max(gcHeapHighWaterBytes, sizes.gcHeapHighWaterBytes)
    }

    /// Everything since the last drain; `current` are the VMs that are in use.
    func drain(
        _ current: [UnsafeMutablePointer<VMState>], into observations: inout ChainObservations, startNanoseconds: Int64
    ) {
        for vm in current { collect(vm) }
        observations.growth = growth.map { event in
            var event = event
            event.timeNanoseconds -= startNanoseconds
            return event
        }
        observations.failures = failures.map { failure in
            var failure = failure
            failure.timeNanoseconds -= startNanoseconds
            return failure
        }
        observations.vmEvents = events
        observations.hostAllocationsRefused = hostAllocationsRefused
        observations.heap = heapSample(current)
        growth.removeAll(keepingCapacity: true)
        failures.removeAll()
        events = VMEventCounts()
        linearHighWaterBytes = 0
        gcHeapHighWaterBytes = 0
        hostAllocatedBytes = 0
        hostAllocations = 0
        memoryAllocateBytes = 0
        memoryAllocateCalls = 0
        hostAllocationsRefused = 0
        growthEventsWithoutDetail = 0
    }

    /// A chain of several plugins has a VM for each: their memories together are what the worker takes. The high-water
    /// marks and the requests are those of one VM, the highest: caps and lives are of one VM.
    private func heapSample(_ current: [UnsafeMutablePointer<VMState>]) -> HeapSample {
        let sizes = current.compactMap { $0.pointee.instance?.memorySizes }
        return HeapSample(
            linearBytes: sizes.isEmpty ? nil : sizes.reduce(0) { $0 + $1.linearBytes },
            gcHeapBytes: sizes.isEmpty ? nil : sizes.reduce(0) { $0 + $1.gcHeapBytes },
            linearHighWaterBytes: linearHighWaterBytes, gcHeapHighWaterBytes: gcHeapHighWaterBytes,
            hostAllocatedBytes: hostAllocatedBytes, hostAllocations: hostAllocations,
            growthEventsWithoutDetail: growthEventsWithoutDetail + newlyLost(current),
            vmRequests: current.map { $0.pointee.requestsBegun }.max() ?? 0,
            memoryAllocateBytes: memoryAllocateBytes, memoryAllocateCalls: memoryAllocateCalls)
    }

    /// An instance counts over its whole life; the difference to the last drain is what is new.
    private func newlyLost(_ current: [UnsafeMutablePointer<VMState>]) -> Int {
        current.reduce(0) { sum, vm in
            let total = vm.pointee.instance?.growthEventsWithoutDetail ?? 0
            defer { vm.pointee.reportedGrowthWithoutDetail = total }
            return sum + total - vm.pointee.reportedGrowthWithoutDetail
        }
    }
}
