internal import SluiceModel

/// Follows the VMs of one worker through one trial: staircases, deaths, high-water marks, and the curve to draw.
struct WorkerHeap {
    /// Points of a curve beyond which growths and samples are counted, but no longer drawn.
    private static let mostPoints = 4_000
    /// Samples without a change of size are drawn at least this often over a trial.
    private static let samplesDrawn = 200

    /// What is followed of each kind of memory.
    struct Memory {
        var open: [VMLifeTrack] = []
        /// Of the lives that are over.
        var longest: VMLifeTrack?
        var mostMeasuredGrowths = 0
        var highWaterBytes = 0
        var wasSeen = false
        /// Size of the first VMs before their first request.
        var firstStartBytes: Int?
        var lastBytes: Int?
        var granted = 0
        var refused = 0
        /// Highest size of any VM up to a quarter of the measured time, and after it.
        var earlyHighWaterBytes = 0
        var lateHighWaterBytes = 0
    }

    let agent: Int
    let worker: Int
    private let timing: TrialTiming
    /// VMs that a worker holds at once.
    private let concurrentVMs: Int
    var memories = [Memory(), Memory()]
    private(set) var deaths: [VMFailure] = []
    private(set) var curve: HeapCurve
    private var newestVM = -1
    private var requestsOfEarlierVMs = 0
    private var outcomes = 0
    private(set) var growthEventsWithoutDetail = 0

    init(agent: Int, worker: Int, timing: TrialTiming, concurrentVMs: Int) {
        self.agent = agent
        self.worker = worker
        self.timing = timing
        self.concurrentVMs = concurrentVMs
        curve = HeapCurve(agent: agent, worker: worker, points: [], pointsLeftOut: 0)
    }

    mutating func consume(_ batch: IntervalBatch) {
        var growth = batch.growth[...]
        for failure in batch.failures.sorted(by: { $0.timeNanoseconds < $1.timeNanoseconds }) {
            while let event = growth.first, event.timeNanoseconds <= failure.timeNanoseconds {
                record(event)
                growth.removeFirst()
            }
            record(failure)
        }
        growth.forEach { record($0) }
        outcomes += batch.segments.reduce(0) { $0 + $1.counts.total }
        growthEventsWithoutDetail += batch.heap.growthEventsWithoutDetail
        record(batch.heap, of: batch)
    }

    private mutating func record(_ event: GrowthEvent) {
        let kind = event.memory.rawValue
        memories[kind].wasSeen = true
        if event.granted {
            if event.fromBytes > 0 { memories[kind].granted += 1 }
            noteHighWater(event.toBytes, of: kind, at: event.timeNanoseconds)
        } else {
            memories[kind].refused += 1
        }
        let index = openLife(ofVM: event.vmOrdinal, kind: kind)
        let isFirst = event.vmOrdinal < concurrentVMs
        // The first VMs were configured before the load began: what comes later without a request is a tick's, or of an
        // answer to a call-out.
        let isBesideRequests = isFirst && event.vmRequestNumber == 0 && event.timeNanoseconds > 0
        memories[kind].open[index].record(
            event, isMeasured: event.timeNanoseconds >= timing.warmupNanoseconds, isBesideRequests: isBesideRequests)
        if event.granted, event.vmRequestNumber == 0, isFirst, !isBesideRequests {
            memories[kind].firstStartBytes = max(memories[kind].firstStartBytes ?? 0, event.toBytes)
        }
        let bytes = memories[kind].open[index].bytes
        draw(
            HeapPoint(
                seconds: seconds(event.timeNanoseconds), vm: event.vmOrdinal, vmRequests: event.vmRequestNumber,
                workerRequests: requestsOfEarlierVMs + event.vmRequestNumber,
                linearBytes: event.memory == .linear ? bytes : nil,
                gcHeapBytes: event.memory == .gcHeap ? bytes : nil, event: event.granted ? .growth : .refused))
    }

    private mutating func record(_ failure: VMFailure) {
        if failure.vmOrdinal > newestVM { advance(to: failure.vmOrdinal) }
        deaths.append(failure)
        for kind in memories.indices {
            for index in memories[kind].open.indices where memories[kind].open[index].vm == failure.vmOrdinal {
                let known = memories[kind].open[index].requests
                memories[kind].open[index].requests = max(known, failure.vmRequestNumber)
                memories[kind].open[index].isDead = true
            }
        }
        noteHighWater(failure.linearBytes, of: MemoryKind.linear.rawValue, at: failure.timeNanoseconds)
        noteHighWater(failure.gcHeapBytes, of: MemoryKind.gcHeap.rawValue, at: failure.timeNanoseconds)
        draw(
            HeapPoint(
                seconds: seconds(failure.timeNanoseconds), vm: failure.vmOrdinal, vmRequests: failure.vmRequestNumber,
                workerRequests: failure.workerRequestNumber, linearBytes: failure.linearBytes,
                gcHeapBytes: memories[MemoryKind.gcHeap.rawValue].wasSeen ? failure.gcHeapBytes : nil, event: .death))
    }

    private mutating func record(_ sample: HeapSample, of batch: IntervalBatch) {
        noteHighWater(sample.linearHighWaterBytes, of: MemoryKind.linear.rawValue, at: batch.middleNanoseconds)
        noteHighWater(sample.gcHeapHighWaterBytes, of: MemoryKind.gcHeap.rawValue, at: batch.middleNanoseconds)
        memories[MemoryKind.linear.rawValue].lastBytes = sample.linearBytes
        memories[MemoryKind.gcHeap.rawValue].lastBytes = sample.gcHeapBytes
        guard sample.linearBytes != nil || sample.gcHeapBytes != nil else { return }
        if batch.vmEvents.recycled > 0 {
            // Short-lived VMs can be too many for the ledger; the outcomes are never too many to be counted.
            requestsOfEarlierVMs = max(requestsOfEarlierVMs, outcomes - sample.vmRequests)
        }
        for kind in memories.indices {
            for index in memories[kind].open.indices where !memories[kind].open[index].isDead {
                let life = memories[kind].open[index]
                // Of several VMs the sample tells the requests of one: those that have been there all the time.
                guard concurrentVMs == 1 || life.vm < concurrentVMs else { continue }
                memories[kind].open[index].requests = max(life.requests, sample.vmRequests)
                if batch.middleNanoseconds <= timing.warmupNanoseconds {
                    memories[kind].open[index].warmupRequests = max(life.warmupRequests, sample.vmRequests)
                }
            }
        }
        drawSample(sample, atNanoseconds: batch.endNanoseconds)
    }

    private mutating func drawSample(_ sample: HeapSample, atNanoseconds time: Int64) {
        // The sum over several VMs is no point of any one's staircase.
        guard concurrentVMs == 1 else { return }
        if let last = curve.points.last(where: { $0.event == .sample }) {
            let isUnchanged =
                last.linearBytes == sample.linearBytes && last.gcHeapBytes == sample.gcHeapBytes
                && last.vm == max(0, newestVM)
            let spacing = Double(timing.durationNanoseconds) / 1e9 / Double(Self.samplesDrawn)
            if isUnchanged, seconds(time) - last.seconds < spacing, time < timing.durationNanoseconds { return }
        }
        draw(
            HeapPoint(
                seconds: seconds(time), vm: max(0, newestVM), vmRequests: sample.vmRequests,
                workerRequests: requestsOfEarlierVMs + sample.vmRequests, linearBytes: sample.linearBytes,
                gcHeapBytes: sample.gcHeapBytes, event: .sample))
    }

    /// Index of the life of a VM among those that are open, opened if need be.
    private mutating func openLife(ofVM vm: Int, kind: Int) -> Int {
        if vm > newestVM { advance(to: vm) }
        if let index = memories[kind].open.firstIndex(where: { $0.vm == vm }) { return index }
        memories[kind].open.append(VMLifeTrack(vm: vm))
        return memories[kind].open.count - 1
    }

    /// A newer VM is there: those that it replaces are over.
    private mutating func advance(to vm: Int) {
        newestVM = vm
        var endedRequests = 0
        for kind in memories.indices {
            for life in memories[kind].open where life.vm <= vm - concurrentVMs {
                memories[kind].mostMeasuredGrowths = max(memories[kind].mostMeasuredGrowths, life.measuredGrowths)
                if life.requests > (memories[kind].longest?.requests ?? -1) { memories[kind].longest = life }
                endedRequests = max(endedRequests, life.requests)
            }
            memories[kind].open.removeAll { $0.vm <= vm - concurrentVMs }
        }
        requestsOfEarlierVMs = max(requestsOfEarlierVMs + endedRequests, deaths.last?.workerRequestNumber ?? 0)
    }

    private mutating func noteHighWater(_ bytes: Int, of kind: Int, at time: Int64) {
        guard bytes > 0 else { return }
        memories[kind].wasSeen = true
        memories[kind].highWaterBytes = max(memories[kind].highWaterBytes, bytes)
        if time <= timing.earlyEndNanoseconds {
            memories[kind].earlyHighWaterBytes = max(memories[kind].earlyHighWaterBytes, bytes)
        } else {
            memories[kind].lateHighWaterBytes = max(memories[kind].lateHighWaterBytes, bytes)
        }
    }

    private mutating func draw(_ point: HeapPoint) {
        if curve.points.count < Self.mostPoints {
            curve.points.append(point)
        } else {
            curve.pointsLeftOut += 1
        }
    }

    private func seconds(_ nanoseconds: Int64) -> Double { Double(nanoseconds) / 1e9 }
}

extension WorkerHeap {
    /// The lives that say most about growth: where there is one VM at a time the one with most requests, as it has seen
    /// most; otherwise those of all VMs that were there at the end, too.
    func judged(_ kind: MemoryKind) -> [VMLifeTrack] {
        let memory = memories[kind.rawValue]
        let lives = memory.open + (memory.longest.map { [$0] } ?? [])
        return concurrentVMs == 1 ? lives.max { $0.requests < $1.requests }.map { [$0] } ?? [] : lives
    }
}

extension WorkerHeap.Memory {
    /// Granted growths in measured requests of the VM that has most.
    var mostMeasuredGrowthsOfAnyVM: Int { open.reduce(mostMeasuredGrowths) { max($0, $1.measuredGrowths) } }
}

/// Where the parts of a trial begin and end, in nanoseconds since its start instant.
struct TrialTiming {
    var warmupNanoseconds: Int64
    var durationNanoseconds: Int64

    var measuredNanoseconds: Int64 { durationNanoseconds - warmupNanoseconds }
    /// The warm-up and a quarter of what follows: growth until here is how a heap finds its size.
    var earlyEndNanoseconds: Int64 { warmupNanoseconds + measuredNanoseconds / 4 }
}
