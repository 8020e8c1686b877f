import FoundationEssentials
import SluiceModel
import SwiftProtobuf

extension IntervalBatch {
    func wire(trial: TrialIdentity) -> WireBatch {
        .with {
            $0.trial = trial.wire
            $0.agent = Int64(agent)
            $0.worker = Int64(worker)
            $0.sequence = Int64(sequence)
            $0.startNanoseconds = startNanoseconds
            $0.endNanoseconds = endNanoseconds
            $0.segments = segments.map(\.wire)
            $0.heap = heap.wire
            $0.growth = growth.map(\.wire)
            $0.failures = failures.map(\.wire)
            $0.vmEvents = vmEvents.wire
            $0.metrics = metrics.map(\.wire)
            $0.checkFailures = checkFailures.map(\.wire)
            $0.isLast = isLast
        }
    }

    init(wire: WireBatch) throws(WireError) {
        self.init(
            agent: try natural(wire.agent, "agent"), worker: try natural(wire.worker, "worker"),
            sequence: try natural(wire.sequence, "sequence"), startNanoseconds: wire.startNanoseconds,
            endNanoseconds: wire.endNanoseconds, segments: try all(wire.segments, LoadSegment.init(wire:)),
            heap: try HeapSample(wire: wire.heap), growth: try all(wire.growth, GrowthEvent.init(wire:)),
            failures: try all(wire.failures, VMFailure.init(wire:)), vmEvents: try VMEventCounts(wire: wire.vmEvents),
            metrics: wire.metrics.map(MetricSample.init(wire:)),
            checkFailures: wire.checkFailures.map(CheckFailure.init(wire:)), isLast: wire.isLast)
    }
}

extension LoadSegment {
    var wire: WireLoadSegment {
        .with {
            $0.role =
                switch role {
                case .warmup: .warmup
                case .measured: .measured
                }
            $0.counts = counts.wire
            $0.startLag = Data(startLag.bytes)
            $0.harnessLag = Data(harnessLag.bytes)
            $0.serviceTime = Data(serviceTime.bytes)
            $0.responseTime = Data(responseTime.bytes)
        }
    }

    init(wire: WireLoadSegment) throws(WireError) {
        let role: LoadRole
        switch wire.role {
        case .warmup: role = .warmup
        case .measured: role = .measured
        case .UNRECOGNIZED(let value): throw .malformed("role \(value)")
        }
        self.init(
            role: role, counts: try OutcomeCounts(wire: wire.counts),
            startLag: EncodedHistogram(bytes: [UInt8](wire.startLag)),
            harnessLag: EncodedHistogram(bytes: [UInt8](wire.harnessLag)),
            serviceTime: EncodedHistogram(bytes: [UInt8](wire.serviceTime)),
            responseTime: EncodedHistogram(bytes: [UInt8](wire.responseTime)))
    }
}

extension OutcomeCounts {
    var wire: WireOutcomeCounts {
        .with {
            $0.succeeded = Int64(succeeded)
            $0.checkFailed = Int64(checkFailed)
            $0.refused = Int64(refused)
            $0.trapped = Int64(trapped)
            $0.timedOut = Int64(timedOut)
            $0.reset = Int64(reset)
            $0.unfinished = Int64(unfinished)
            $0.neverStarted = Int64(neverStarted)
            $0.outOfRange = Int64(outOfRange)
        }
    }

    init(wire: WireOutcomeCounts) throws(WireError) {
        self.init()
        succeeded = try natural(wire.succeeded, "succeeded")
        checkFailed = try natural(wire.checkFailed, "check failed")
        refused = try natural(wire.refused, "refused")
        trapped = try natural(wire.trapped, "trapped")
        timedOut = try natural(wire.timedOut, "timed out")
        reset = try natural(wire.reset, "reset")
        unfinished = try natural(wire.unfinished, "unfinished")
        neverStarted = try natural(wire.neverStarted, "never started")
        outOfRange = try natural(wire.outOfRange, "out of range")
    }
}

extension MetricSample {
    var wire: WireMetricSample {
        .with {
            $0.timeNanoseconds = timeNanoseconds
            $0.name = name
            $0.value = value
        }
    }

    init(wire: WireMetricSample) {
        self.init(timeNanoseconds: wire.timeNanoseconds, name: wire.name, value: wire.value)
    }
}

extension CheckFailure {
    var wire: WireCheckFailure {
        .with {
            $0.requestIndex = requestIndex
            $0.message = message
        }
    }

    init(wire: WireCheckFailure) { self.init(requestIndex: wire.requestIndex, message: wire.message) }
}

/// `map` with a typed error.
func all<Source, Target>(
    _ values: [Source], _ convert: (Source) throws(WireError) -> Target
) throws(WireError) -> [Target] {
    var result: [Target] = []
    result.reserveCapacity(values.count)
    for value in values { result.append(try convert(value)) }
    return result
}
