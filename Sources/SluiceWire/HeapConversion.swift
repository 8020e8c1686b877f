import SluiceModel
import SwiftProtobuf

extension HeapSample {
    var wire: WireHeapSample {
        .with {
            if let bytes = linearBytes { $0.linearBytes = Int64(bytes) }
            if let bytes = gcHeapBytes { $0.gcHeapBytes = Int64(bytes) }
            $0.linearHighWaterBytes = Int64(linearHighWaterBytes)
            $0.gcHeapHighWaterBytes = Int64(gcHeapHighWaterBytes)
            $0.hostAllocatedBytes = Int64(hostAllocatedBytes)
            $0.hostAllocations = Int64(hostAllocations)
            $0.growthEventsWithoutDetail = Int64(growthEventsWithoutDetail)
            $0.vmRequests = Int64(vmRequests)
            if let bytes = memoryAllocateBytes { $0.memoryAllocateBytes = Int64(bytes) }
            if let calls = memoryAllocateCalls { $0.memoryAllocateCalls = Int64(calls) }
        }
    }

    init(wire: WireHeapSample) throws(WireError) {
        self.init(
            linearBytes: wire.hasLinearBytes ? try natural(wire.linearBytes, "linear bytes") : nil,
            gcHeapBytes: wire.hasGcHeapBytes ? try natural(wire.gcHeapBytes, "GC heap bytes") : nil,
            linearHighWaterBytes: try natural(wire.linearHighWaterBytes, "linear high water"),
            gcHeapHighWaterBytes: try natural(wire.gcHeapHighWaterBytes, "GC heap high water"),
            hostAllocatedBytes: try natural(wire.hostAllocatedBytes, "host allocated bytes"),
            hostAllocations: try natural(wire.hostAllocations, "host allocations"),
            growthEventsWithoutDetail: try natural(wire.growthEventsWithoutDetail, "growth events without detail"),
            vmRequests: try natural(wire.vmRequests, "requests of the VM"),
            memoryAllocateBytes: wire.hasMemoryAllocateBytes
                ? try natural(wire.memoryAllocateBytes, "bytes of proxy_on_memory_allocate") : nil,
            memoryAllocateCalls: wire.hasMemoryAllocateCalls
                ? try natural(wire.memoryAllocateCalls, "calls of proxy_on_memory_allocate") : nil)
    }
}

extension GrowthEvent {
    var wire: WireGrowthEvent {
        .with {
            $0.timeNanoseconds = timeNanoseconds
            if let index = requestIndex { $0.requestIndex = index }
            $0.vmRequestNumber = Int64(vmRequestNumber)
            $0.vmOrdinal = Int64(vmOrdinal)
            $0.memory =
                switch memory {
                case .linear: .linear
                case .gcHeap: .gcHeap
                }
            $0.fromBytes = Int64(fromBytes)
            $0.toBytes = Int64(toBytes)
            $0.granted = granted
        }
    }

    init(wire: WireGrowthEvent) throws(WireError) {
        let memory: MemoryKind
        switch wire.memory {
        case .linear: memory = .linear
        case .gcHeap: memory = .gcHeap
        case .UNRECOGNIZED(let value): throw .malformed("memory \(value)")
        }
        self.init(
            timeNanoseconds: wire.timeNanoseconds, requestIndex: wire.hasRequestIndex ? wire.requestIndex : nil,
            vmRequestNumber: try natural(wire.vmRequestNumber, "request number"),
            vmOrdinal: try natural(wire.vmOrdinal, "VM ordinal"), memory: memory,
            fromBytes: try natural(wire.fromBytes, "bytes before growth"),
            toBytes: try natural(wire.toBytes, "bytes after growth"), granted: wire.granted)
    }
}

extension VMFailure {
    var wire: WireVMFailure {
        .with {
            $0.kind = kind.rawValue
            $0.timeNanoseconds = timeNanoseconds
            $0.plugin = plugin
            if let index = requestIndex { $0.requestIndex = index }
            $0.vmRequestNumber = Int64(vmRequestNumber)
            $0.workerRequestNumber = Int64(workerRequestNumber)
            $0.vmOrdinal = Int64(vmOrdinal)
            $0.callback = callback
            $0.message = message
            $0.backtrace = backtrace.map(\.wire)
            $0.lastLogLines = lastLogLines
            $0.linearBytes = Int64(linearBytes)
            $0.gcHeapBytes = Int64(gcHeapBytes)
            if let bytes = refusedToBytes { $0.refusedToBytes = Int64(bytes) }
        }
    }

    init(wire: WireVMFailure) throws(WireError) {
        guard let kind = VMFailureKind(rawValue: wire.kind) else {
            throw .malformed("a VM failure \"\(wire.kind.prefix(80))\"")
        }
        self.init(
            kind: kind, timeNanoseconds: wire.timeNanoseconds, plugin: wire.plugin,
            requestIndex: wire.hasRequestIndex ? wire.requestIndex : nil,
            vmRequestNumber: try natural(wire.vmRequestNumber, "request number"),
            workerRequestNumber: try natural(wire.workerRequestNumber, "request number of the worker"),
            vmOrdinal: try natural(wire.vmOrdinal, "VM ordinal"), callback: wire.callback, message: wire.message,
            backtrace: wire.backtrace.map(BacktraceFrame.init(wire:)), lastLogLines: wire.lastLogLines,
            linearBytes: try natural(wire.linearBytes, "linear bytes"),
            gcHeapBytes: try natural(wire.gcHeapBytes, "GC heap bytes"),
            refusedToBytes: wire.hasRefusedToBytes ? try natural(wire.refusedToBytes, "refused bytes") : nil)
    }
}

extension BacktraceFrame {
    var wire: WireBacktraceFrame {
        .with {
            $0.functionIndex = functionIndex
            if let name = functionName { $0.functionName = name }
            if let offset = moduleOffset { $0.moduleOffset = Int64(offset) }
        }
    }

    init(wire: WireBacktraceFrame) {
        self.init(
            functionIndex: wire.functionIndex, functionName: wire.hasFunctionName ? wire.functionName : nil,
            moduleOffset: wire.hasModuleOffset ? Int(wire.moduleOffset) : nil)
    }
}

extension VMEventCounts {
    var wire: WireVMEventCounts {
        .with {
            $0.created = Int64(created)
            $0.recycled = Int64(recycled)
            $0.failed = Int64(failed)
            $0.reloadSucceeded = Int64(reloadSucceeded)
            $0.reloadFailed = Int64(reloadFailed)
            $0.reloadBackoff = Int64(reloadBackoff)
            $0.callOuts = Int64(callOuts)
            $0.callOutsAnswered = Int64(callOutsAnswered)
            $0.callOutsFailed = Int64(callOutsFailed)
            $0.callOutsCancelled = Int64(callOutsCancelled)
            $0.ticks = Int64(ticks)
            $0.ticksLateByPlugin = Int64(ticksLateByPlugin)
            $0.callOutsLateByPlugin = Int64(callOutsLateByPlugin)
            $0.ticksLateByHarness = Int64(ticksLateByHarness)
            $0.callOutsLateByHarness = Int64(callOutsLateByHarness)
            $0.logLinesSuppressed = Int64(logLinesSuppressed)
            $0.queueMessagesRefused = Int64(queueMessagesRefused)
            $0.queuesRefused = Int64(queuesRefused)
            $0.callOutsRefused = Int64(callOutsRefused)
            $0.metricsRefused = Int64(metricsRefused)
            $0.sharedDataRefused = Int64(sharedDataRefused)
            $0.streamChangesRefused = Int64(streamChangesRefused)
        }
    }

    init(wire: WireVMEventCounts) throws(WireError) {
        self.init()
        created = try natural(wire.created, "VMs created")
        recycled = try natural(wire.recycled, "VMs recycled")
        failed = try natural(wire.failed, "VMs failed")
        reloadSucceeded = try natural(wire.reloadSucceeded, "reloads succeeded")
        reloadFailed = try natural(wire.reloadFailed, "reloads failed")
        reloadBackoff = try natural(wire.reloadBackoff, "reloads held back")
        callOuts = try natural(wire.callOuts, "call-outs")
        callOutsAnswered = try natural(wire.callOutsAnswered, "call-outs answered")
        callOutsFailed = try natural(wire.callOutsFailed, "call-outs failed")
        callOutsCancelled = try natural(wire.callOutsCancelled, "call-outs cancelled")
        ticks = try natural(wire.ticks, "ticks")
        ticksLateByPlugin = try natural(wire.ticksLateByPlugin, "ticks late by plugins")
        callOutsLateByPlugin = try natural(wire.callOutsLateByPlugin, "call-outs late by plugins")
        ticksLateByHarness = try natural(wire.ticksLateByHarness, "ticks late by the harness")
        callOutsLateByHarness = try natural(wire.callOutsLateByHarness, "call-outs late by the harness")
        logLinesSuppressed = try natural(wire.logLinesSuppressed, "log lines suppressed")
        queueMessagesRefused = try natural(wire.queueMessagesRefused, "queue messages refused")
        queuesRefused = try natural(wire.queuesRefused, "queues refused")
        callOutsRefused = try natural(wire.callOutsRefused, "call-outs refused")
        metricsRefused = try natural(wire.metricsRefused, "metrics refused")
        sharedDataRefused = try natural(wire.sharedDataRefused, "shared data refused")
        streamChangesRefused = try natural(wire.streamChangesRefused, "changes of streams refused")
    }
}
