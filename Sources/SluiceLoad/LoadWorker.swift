package import SluiceGenerate
import SluiceModel
import SluiceProcess
package import SluiceSchedule

/// The hot loop: one thread's share of the schedule against one target, open loop.
///
/// A request is due at its intended start, whatever happened to the ones before it. The worker does whatever is due
/// first, and otherwise sleeps to shortly before the next instant and spins the rest. Between two things that are due
/// it reads the clock at most three times, and allocates nothing once its buffers have grown to their sizes.
package struct LoadWorker: ~Copyable {
    private static let intervalNanoseconds: Int64 = 1_000_000_000
    /// Failed checks that a worker keeps as examples.
    private static let checkFailureExamples = 5
    /// More open requests than this mean that the target has stopped answering: the rest is not started.
    package static let openRequestLimit = 65_536

    private let start: Int64
    private let timeout: Int64
    private let concurrency: Int
    private let epochRequests: Int64
    /// Until when the worker goes on although there is no request; `.max`: no longer than there are requests.
    private var restEnd: Int64
    private let target: any RequestTarget
    private let checker: ResponseChecker
    private let collector: BatchCollector
    private let observedMetrics: ObservedMetrics
    private let stop: StopFlag

    private var schedule: WorkerSchedule
    private var generator: RequestGenerator
    /// The next request, generated before its time comes, and when that is; `.max` after the last.
    private var pending = GeneratedRequest()
    private var intendedStart = Int64.max
    private var index: Int64 = 0
    private var role = LoadRole.measured
    /// The target has made what it needs for that request.
    private var isPrepared = false
    private var slots: RequestSlots
    private var waits = DeadlineHeap()
    private var timeouts = TimeoutQueue()
    private var recorder: IntervalRecorder
    /// Those of `recorder`.
    private var segments: UnsafeMutablePointer<IntervalRecorder.Segment>
    /// When the sample that was recorded last ended.
    private var lastSampleEnd = Int64.min
    private var sequence = 0
    private var pacer = Pacer()
    private let worker: Int
    private var intervalEnd: Int64
    private var remainingExamples = LoadWorker.checkFailureExamples
    /// When the worker ran plugins: what was due meanwhile was late because of them, and of nothing else.
    private var pluginTime: PluginTime
    /// Requests that a timer moved on, kept for its memory.
    private var moved: [(slot: Int, progress: TargetProgress)] = []

    /// `start` is the common instant on CLOCK_MONOTONIC; `concurrency` the requests in flight at most; after
    /// `epochRequests` the generated requests repeat. `restNanoseconds`: the worker runs what is due in its VMs for so
    /// long, also without a request. Of requests that are due while `openRequestLimit` are open, none is started.
    package init(
        worker: Int, startNanoseconds start: Int64, timeoutNanoseconds timeout: Int64,
        concurrency: Int = .max, epochRequests: Int = .max, restNanoseconds: Int64? = nil,
        schedule: WorkerSchedule,
        generator: consuming RequestGenerator,
        target: any RequestTarget, checker: ResponseChecker,
        collector: BatchCollector,
        observedMetrics: ObservedMetrics, stop: StopFlag, openRequestLimit: Int = LoadWorker.openRequestLimit
    ) {
        self.worker = worker
        self.start = start
        self.timeout = timeout
        self.concurrency = concurrency
        self.epochRequests = Int64(epochRequests)
        restEnd = restNanoseconds.map { start + $0 } ?? .max
        self.schedule = schedule
        self.generator = generator
        self.target = target
        self.checker = checker
        self.collector = collector
        self.observedMetrics = observedMetrics
        self.stop = stop
        slots = RequestSlots(limit: openRequestLimit)
        intervalEnd = start + Self.intervalNanoseconds
        pluginTime = PluginTime(startNanoseconds: start)
        recorder = IntervalRecorder()
        segments = recorder.segments
    }

    /// From before the start instant to the end of the last request.
    ///
    /// - Returns: the nanoseconds of CPU time that were spun while waiting.
    package mutating func run() -> Int64 {
        pacer.prepareThread()
        prepareNext()
        var now = MonotonicClock.nowNanoseconds()
        while !stop.isSet, intendedStart < .max || slots.openCount > 0 || restEnd < .max {
            let due = nextDue()
            if prepareTarget(for: due.event, now: now) {
                now = MonotonicClock.nowNanoseconds()
                continue
            }
            if due.instant > now {
                now = pacer.wait(until: due.instant, from: now)
                continue
            }
            switch due.event {
            case .arrival: dispatch(now: now)
            case .wait: resume(now: now)
            case .timeout: expire(now: now)
            case .timer: runTimers(now: now)
            case .interval: endInterval(now: now)
            case .end: restEnd = .max
            }
            now = MonotonicClock.nowNanoseconds()
        }
        finish(now: now)
        return pacer.spunNanoseconds
    }

    // MARK: what is due

    private enum Event { case arrival, wait, timeout, timer, interval, end }

    @inline(__always)
    private mutating func nextDue() -> (instant: Int64, event: Event) {
        var instant = intervalEnd
        var event = Event.interval
        // VMs are there before the load is: what is due in them earlier waits for the common start, and counts from it.
        if let timer = target.nextTimerNanoseconds, timer < instant { (instant, event) = (max(timer, start), .timer) }
        if restEnd < instant { (instant, event) = (restEnd, .end) }
        if intendedStart < instant, slots.openCount < concurrency { (instant, event) = (intendedStart, .arrival) }
        if waits.soonestNanoseconds < instant { (instant, event) = (waits.soonestNanoseconds, .wait) }
        if !timeouts.isEmpty, let timeout = timeouts.first(in: slots), timeout.deadlineNanoseconds < instant {
            (instant, event) = (timeout.deadlineNanoseconds, .timeout)
        }
        return (instant, event)
    }

    /// Lets the target do its own work for what comes next, and for nothing behind it: until its instant there is time,
    /// and whatever is due before it comes before. A request whose turn is over gets no response.
    ///
    /// - Returns: false when no time has passed.
    @inline(__always)
    private mutating func prepareTarget(for event: Event, now: Int64) -> Bool {
        switch event {
        case .arrival:
            guard !isPrepared else { return false }
            isPrepared = true
            return now - intendedStart <= timeout && target.prepareRequest(index: index)
        case .timer: return target.prepareTimers()
        case .wait, .timeout, .interval, .end: return false
        }
    }

    // MARK: requests

    /// Generates ahead of the intended start, so that generation costs the plugin nothing.
    private mutating func prepareNext() {
        guard let arrival = schedule.next() else {
            intendedStart = .max
            return
        }
        intendedStart = start + arrival.offsetNanoseconds
        index = arrival.index
        role = arrival.role
        generator.generate(index: arrival.index % epochRequests, into: &pending)
        isPrepared = false
    }

    private mutating func dispatch(now: Int64) {
        let harnessLag = pluginTime.outside(from: intendedStart, to: now)
        guard now - intendedStart <= timeout, let slot = slots.open() else {
            recordUnstarted(harnessLag: harnessLag, now: now)
            prepareNext()
            return
        }
        let request = slots[slot]
        request.pointee.index = index
        request.pointee.role = role
        request.pointee.template = pending.templateIndex
        request.pointee.intendedNanoseconds = intendedStart
        request.pointee.startedNanoseconds = now
        request.pointee.harnessLagNanoseconds = harnessLag
        request.pointee.resumeNanoseconds = .max
        let progress = target.begin(slot: slot, request: &pending, index: index, nowNanoseconds: now)
        let end = endOfCall(from: now)
        if case .complete(let result) = progress {
            complete(slot, result, end: end)
        } else {
            advance(slot, progress, now: end)
            timeouts.append(
                TimeoutQueue.Entry(
                    deadlineNanoseconds: intendedStart + timeout, slot: slot,
                    generation: request.pointee.generation))
        }
        prepareNext()
    }

    /// A request whose turn came too late, or for which there is no room. Nobody knows how long it would have taken:
    /// it counts as one without a response, infinitely slow.
    @inline(never)
    private mutating func recordUnstarted(harnessLag: Int64, now: Int64) {
        var request = RequestSlots.Request()
        request.role = role
        request.intendedNanoseconds = intendedStart
        request.startedNanoseconds = now
        request.harnessLagNanoseconds = harnessLag
        record(&request, outcome: .timedOut, started: false, end: now)
    }

    private mutating func resume(now: Int64) {
        let entry = waits.removeFirst()
        // A request that has ended, or that something else has moved on, waits for this no more.
        guard slots.isCurrent(slot: entry.slot, generation: entry.generation),
            slots[entry.slot].pointee.resumeNanoseconds == entry.deadlineNanoseconds
        else { return }
        slots[entry.slot].pointee.harnessLagNanoseconds += pluginTime.outside(
            from: entry.deadlineNanoseconds, to: now)
        let progress = target.resume(slot: entry.slot, nowNanoseconds: now)
        advance(entry.slot, progress, now: endOfCall(from: now))
    }

    private mutating func expire(now: Int64) {
        guard let entry = timeouts.first(in: slots) else { return }
        timeouts.removeFirst()
        target.cancel(slot: entry.slot, nowNanoseconds: now)
        record(slots[entry.slot], outcome: .timedOut, started: true, end: endOfCall(from: now))
        slots.close(entry.slot)
    }

    private mutating func runTimers(now: Int64) {
        var moved: [(slot: Int, progress: TargetProgress)] = []
        swap(&moved, &self.moved)
        let work = target.runTimers(nowNanoseconds: now) { moved.append(($0, $1)) }
        if let due = work.dueNanoseconds.map({ max($0, start) }) {
            recorder.observations.note(
                work, lagNanoseconds: now - due, harnessLagNanoseconds: pluginTime.outside(from: due, to: now))
        }
        let end = endOfCall(from: now)
        for (slot, progress) in moved where slots[slot].pointee.isOpen { advance(slot, progress, now: end) }
        moved.removeAll(keepingCapacity: true)
        swap(&moved, &self.moved)
    }

    /// The time now, at the end of a call into the target that began at `start`.
    @inline(__always)
    private mutating func endOfCall(from start: Int64) -> Int64 {
        let end = MonotonicClock.nowNanoseconds()
        pluginTime.add(from: start, to: end)
        return end
    }

    private mutating func advance(_ slot: Int, _ progress: TargetProgress, now: Int64) {
        switch progress {
        case .pending: slots[slot].pointee.resumeNanoseconds = .max
        case .wait(let nanoseconds):
            slots[slot].pointee.resumeNanoseconds = now + nanoseconds
            waits.insert(
                DeadlineHeap.Entry(
                    deadlineNanoseconds: now + nanoseconds, slot: slot, generation: slots[slot].pointee.generation))
        case .complete(let result): complete(slot, result, end: now)
        }
    }

    @inline(__always)
    private mutating func complete(_ slot: Int, _ result: TargetResult, end: Int64) {
        let request = slots[slot]
        let outcome: IntervalRecorder.Outcome
        switch result.end {
        case .trapped: outcome = .trapped
        case .refused: outcome = .refused
        case .reset: outcome = .reset
        case .answered:
            if end - request.pointee.intendedNanoseconds > timeout {
                outcome = .timedOut
            } else if checker.hasExpectation(template: request.pointee.template) {
                outcome = check(request.pointee, slot: slot, status: result.status) ? .succeeded : .checkFailed
            } else {
                outcome = .succeeded
            }
        }
        record(request, outcome: outcome, started: true, end: end)
        slots.close(slot)
    }

    private mutating func check(_ request: RequestSlots.Request, slot: Int, status: Int?) -> Bool {
        var accepted = true
        var example: String?
        target.withResponse(slot: slot) { [checker, target, remainingExamples] headers, body in
            accepted = checker.accepts(template: request.template, status: status, headers: headers, body: body)
            if !accepted, remainingExamples > 0 {
                example = checker.explain(template: request.template, status: status, headers: headers, body: body)
            }
            if accepted, checker.isOfConnection(template: request.template) {
                let end = target.connectionEnd(slot: slot)
                accepted = checker.accepts(template: request.template, connection: end, clientBytes: body.count)
                if !accepted, remainingExamples > 0 {
                    example = checker.explain(template: request.template, connection: end, clientBytes: body.count)
                }
            }
        }
        if let example {
            remainingExamples -= 1
            recorder.checkFailures.append(CheckFailure(requestIndex: request.index, message: example))
        }
        return accepted
    }

    @inline(__always)
    private mutating func record(
        _ request: UnsafeMutablePointer<RequestSlots.Request>, outcome: IntervalRecorder.Outcome, started: Bool,
        end: Int64
    ) {
        let (intended, began) = (request.pointee.intendedNanoseconds, request.pointee.startedNanoseconds)
        lastSampleEnd = end
        segments.record(
            IntervalRecorder.Sample(
                role: request.pointee.role, outcome: outcome, startLagNanoseconds: began - intended,
                harnessLagNanoseconds: request.pointee.harnessLagNanoseconds,
                serviceTimeNanoseconds: started ? end - began : nil, responseTimeNanoseconds: end - intended))
    }

    // MARK: intervals

    /// The end of the interval, or of the call that was under way then: no sample may be in an interval that ended
    /// before it.
    private mutating func endInterval(now: Int64) {
        target.drain(into: &recorder.observations, startNanoseconds: start)
        handOver(end: max(intervalEnd, lastSampleEnd, pluginTime.lastEnd), isLast: false)
        while intervalEnd <= now { intervalEnd += Self.intervalNanoseconds }
    }

    /// Gives the recorder away and goes on with an empty one, or keeps filling it when the collector is behind.
    private mutating func handOver(end: Int64, isLast: Bool) {
        if worker == 0 { observedMetrics.sample(into: &recorder.metrics, nowNanoseconds: end - start) }
        recorder.endNanoseconds = end - start
        recorder.isLast = isLast
        recorder.worker = worker
        recorder.sequence = sequence
        guard collector.exchange(&recorder) else { return }
        sequence += 1
        recorder.startNanoseconds = end - start
        segments = recorder.segments
    }

    /// What is still open was cut off by a stop: it counts with its age.
    private mutating func finish(now: Int64) {
        for slot in slots.indices where slots[slot].pointee.isOpen {
            record(slots[slot], outcome: .unfinished, started: true, end: now)
            target.cancel(slot: slot, nowNanoseconds: now)
            slots.close(slot)
        }
        target.drain(into: &recorder.observations, startNanoseconds: start)
        let heapAtEnd = recorder.observations.heap
        target.shutDown(nowNanoseconds: now)
        target.drain(into: &recorder.observations, startNanoseconds: start)
        // The sizes of the last VMs, not of none.
        recorder.observations.heap.linearBytes = heapAtEnd.linearBytes
        recorder.observations.heap.gcHeapBytes = heapAtEnd.gcHeapBytes
        recorder.observations.heap.vmRequests = heapAtEnd.vmRequests
        let last = sequence
        while sequence == last {
            handOver(end: now, isLast: true)
            if sequence == last { MonotonicClock.sleep(untilNanoseconds: MonotonicClock.nowNanoseconds() + 1_000_000) }
        }
    }
}
