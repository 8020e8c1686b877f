internal import SluiceHistogram
internal import SluiceModel

/// One load worker with one simulated VM: requests come at a constant rate and are served one after the other.
struct FixtureWorker {
    private let run: FixtureRun
    private let guest: FixtureGuest
    private let index: Int
    private var random: SeededGenerator

    /// Histograms are large: they are emptied, not made anew, after each interval.
    private struct Recorder {
        var counts = OutcomeCounts()
        var startLag = LatencyHistogram()
        var harnessLag = LatencyHistogram()
        var serviceTime = LatencyHistogram()
        var responseTime = LatencyHistogram()

        mutating func reset() {
            counts = OutcomeCounts()
            startLag.reset()
            harnessLag.reset()
            serviceTime.reset()
            responseTime.reset()
        }
    }

    private var recorders = [Recorder(), Recorder()]
    private var growth: [GrowthEvent] = []
    private var failures: [VMFailure] = []
    private var vmEvents = VMEventCounts()
    private var vm = -1
    private var hasVM = false
    private var vmRequests = 0
    private var workerRequests = 0
    private var bytes = 0
    private var highWater = 0
    private var reloadAt: Int64 = 0
    private var freeAt: Int64 = 0
    private var requestsInInterval = 0

    init(run: FixtureRun, guest: FixtureGuest, index: Int, seed: UInt64) {
        self.run = run
        self.guest = guest
        self.index = index
        random = SeededGenerator(seed: seed)
    }

    private var durationNanoseconds: Int64 { Int64(run.warmupSeconds + run.holdSeconds) * 1_000_000_000 }

    mutating func batches() -> [IntervalBatch] {
        create(at: 0)
        var batches: [IntervalBatch] = []
        var next = index
        let stride = run.agents * run.workers
        let seconds = run.warmupSeconds + run.holdSeconds
        for second in 0..<seconds {
            let end = Int64(second + 1) * 1_000_000_000
            while true {
                let intended = Int64(Double(next) / run.ratePerSecond * 1e9)
                guard intended < end else { break }
                serve(request: next, intended: intended, role: second < run.warmupSeconds ? .warmup : .measured)
                next += stride
            }
            batches.append(flush(sequence: second, end: end, isLast: second == seconds - 1))
        }
        return batches
    }

    private mutating func create(at time: Int64) {
        vm += 1
        vmRequests = 0
        hasVM = true
        vmEvents.created += 1
        bytes = 0
        grow(to: guest.memory == .gcHeap ? 65_536 : guest.startBytes, at: time, request: nil, limit: .max)
        if guest.memory == .gcHeap { bytes = 65_536 }
    }

    private mutating func grow(to size: Int, at time: Int64, request: Int?, limit: Int) {
        let granted = size <= limit
        growth.append(
            GrowthEvent(
                timeNanoseconds: time, requestIndex: request.map(Int64.init), vmRequestNumber: vmRequests,
                vmOrdinal: vm, memory: guest.memory, fromBytes: bytes, toBytes: size, granted: granted))
        if granted {
            bytes = size
            highWater = max(highWater, size)
        }
    }

    private mutating func serve(request: Int, intended: Int64, role: LoadRole) {
        let isIdle = intended >= freeAt
        let lag = isIdle ? Int64(Double(guest.harnessLagNanoseconds) * (0.2 + 0.8 * random.unit())) : 0
        let start = max(intended, freeAt) + lag
        let slot = role.rawValue
        if run.recordsLatencies {
            _ = recorders[slot].startLag.record(nanoseconds: start - intended)
            _ = recorders[slot].harnessLag.record(nanoseconds: lag)
        }
        if !hasVM {
            guard start >= reloadAt else {
                recorders[slot].counts.refused += 1
                return
            }
            vmEvents.reloadSucceeded += 1
            create(at: start)
        } else if case .requests(let limit) = guest.vmLife, vmRequests >= limit {
            vmEvents.recycled += 1
            create(at: start)
        }
        vmRequests += 1
        workerRequests += 1
        requestsInInterval += 1
        let needed = guest.neededBytes(afterRequests: vmRequests)
        if needed > bytes {
            let wanted = guest.grownBytes(from: bytes, toHold: needed)
            grow(to: wanted, at: start + 1000, request: request, limit: run.capBytes)
            if wanted > run.capBytes {
                fail(request: request, at: start + 2000, asked: wanted)
                recorders[slot].counts.trapped += 1
                return
            }
        }
        // A tail like a collector's: one request in thirty takes up to three times as long.
        let tail = random.next() % 30 == 0 ? 1 + 2 * random.unit() : 1
        let service = Int64(Double(guest.serviceNanoseconds) * (0.9 + 0.2 * random.unit()) * tail)
        freeAt = start + service
        recorders[slot].counts.succeeded += 1
        guard run.recordsLatencies else { return }
        _ = recorders[slot].serviceTime.record(nanoseconds: service)
        _ = recorders[slot].responseTime.record(nanoseconds: freeAt - intended)
    }

    private mutating func fail(request: Int, at time: Int64, asked: Int) {
        failures.append(
            VMFailure(
                kind: guest.failureKind, timeNanoseconds: time, plugin: "gc-test", requestIndex: Int64(request),
                vmRequestNumber: vmRequests, workerRequestNumber: workerRequests, vmOrdinal: vm,
                callback: "proxy_on_request_headers", message: guest.message,
                backtrace: guest.backtrace.enumerated().map {
                    BacktraceFrame(
                        functionIndex: UInt32(40 + $0.offset), functionName: $0.element,
                        moduleOffset: 0x1d4fc + 0x400 * $0.offset)
                },
                lastLogLines: guest.lastLogLines, linearBytes: guest.memory == .linear ? bytes : guest.startBytes,
                gcHeapBytes: guest.memory == .gcHeap ? bytes : 0, refusedToBytes: asked))
        vmEvents.failed += 1
        hasVM = false
        reloadAt = time + 1_000_000_000
        freeAt = time
    }

    private mutating func flush(sequence: Int, end: Int64, isLast: Bool) -> IntervalBatch {
        let segments = LoadRole.allCases.compactMap { role -> LoadSegment? in
            let recorder = recorders[role.rawValue]
            return recorder.counts.total == 0
                ? nil
                : LoadSegment(
                    role: role, counts: recorder.counts,
                    startLag: EncodedHistogram(bytes: recorder.startLag.encoded()),
                    harnessLag: EncodedHistogram(bytes: recorder.harnessLag.encoded()),
                    serviceTime: EncodedHistogram(bytes: recorder.serviceTime.encoded()),
                    responseTime: EncodedHistogram(bytes: recorder.responseTime.encoded()))
        }
        let isLinear = guest.memory == .linear
        let isNull = run.engine == .null
        let heap = HeapSample(
            linearBytes: hasVM && !isNull ? (isLinear ? bytes : guest.startBytes) : nil,
            gcHeapBytes: hasVM && !isLinear ? bytes : nil,
            linearHighWaterBytes: isNull ? 0 : isLinear ? highWater : guest.startBytes,
            gcHeapHighWaterBytes: isLinear ? 0 : highWater,
            hostAllocatedBytes: requestsInInterval * guest.hostAllocatedBytesPerRequest,
            hostAllocations: requestsInInterval * 4, growthEventsWithoutDetail: 0, vmRequests: vmRequests,
            memoryAllocateBytes: 0, memoryAllocateCalls: 0)
        let period = guest.requestsPerCollection ?? 1
        let collected = vmRequests / period * period
        let collections =
            guest.requestsPerCollection == nil
            ? []
            : [MetricSample(timeNanoseconds: end, name: "gc_collections", value: Int64(vmRequests / period))]
        let metrics =
            guest.reportsLiveBytes
            ? [
                MetricSample(
                    timeNanoseconds: end, name: "gc_live_bytes",
                    value: Int64((guest.liveBytes ?? guest.neededBytes)(collected)))
            ] + collections : []
        let batch = IntervalBatch(
            agent: index / run.workers, worker: index % run.workers, sequence: sequence,
            startNanoseconds: end - 1_000_000_000, endNanoseconds: end, segments: segments, heap: heap,
            growth: isNull ? [] : growth, failures: failures, vmEvents: vmEvents, metrics: metrics, isLast: isLast)
        for index in recorders.indices where recorders[index].counts.total > 0 { recorders[index].reset() }
        growth = []
        failures = []
        vmEvents = VMEventCounts()
        highWater = hasVM ? bytes : 0
        requestsInInterval = 0
        return batch
    }
}
