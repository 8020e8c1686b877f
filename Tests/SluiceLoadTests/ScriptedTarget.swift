import SluiceGenerate
import SluiceLoad
import SluiceModel
import SluiceProcess

/// A target without plugins that does to each request what a script says.
final class ScriptedTarget: RequestTarget {
    enum Behaviour {
        case answer(status: Int)
        /// Keeps the worker busy, as a slow plugin does.
        case block(nanoseconds: Int64)
        /// Answers after a wait, as an upstream does.
        case answerAfter(nanoseconds: Int64)
        case never
        case end(TargetResult.End)
    }

    private let behaviour: (Int64) -> Behaviour
    private(set) var begun: [Int64] = []
    private(set) var prepared: [Int64] = []
    private(set) var cancelled = 0
    private var open = 0
    private(set) var mostOpen = 0
    private(set) var bodies: [[UInt8]] = []
    private let body: [UInt8]
    /// Keeps the worker busy with what is no plugin's work, once, at the end of the first interval.
    var harnessStallNanoseconds: Int64 = 0
    /// When its VMs have something to do, ascending; and when they did it.
    var timers: [Int64] = []
    private(set) var timerRuns: [Int64] = []

    init(body: String = "hello world", _ behaviour: @escaping (Int64) -> Behaviour) {
        self.behaviour = behaviour
        self.body = Array(body.utf8)
    }

    func begin(slot: Int, request: inout GeneratedRequest, index: Int64, nowNanoseconds: Int64) -> TargetProgress {
        begun.append(index)
        bodies.append(request.body)
        switch behaviour(index) {
        case .answer(let status): return .complete(TargetResult(end: .answered, status: status))
        case .block(let nanoseconds):
            while MonotonicClock.nowNanoseconds() < nowNanoseconds + nanoseconds {}
            return .complete(TargetResult(end: .answered, status: 200))
        case .answerAfter(let nanoseconds):
            open += 1
            mostOpen = max(mostOpen, open)
            return .wait(nanoseconds: nanoseconds)
        case .never: return .pending
        case .end(let end): return .complete(TargetResult(end: end, status: 503))
        }
    }

    func prepareRequest(index: Int64) -> Bool {
        prepared.append(index)
        return false
    }

    func prepareTimers() -> Bool { false }

    func resume(slot: Int, nowNanoseconds: Int64) -> TargetProgress {
        open -= 1
        return .complete(TargetResult(end: .answered, status: 200))
    }

    func cancel(slot: Int, nowNanoseconds: Int64) { cancelled += 1 }
    func withResponse(slot: Int, _ body: (HeaderBlock, [UInt8]) -> Void) { body(HeaderBlock(), self.body) }
    var nextTimerNanoseconds: Int64? { timers.first }
    func runTimers(nowNanoseconds: Int64, progressed: (Int, TargetProgress) -> Void) -> TimerWork {
        timerRuns.append(nowNanoseconds)
        return .tick(dueNanoseconds: timers.removeFirst())
    }
    func drain(into observations: inout TargetObservations, startNanoseconds: Int64) {
        let end = MonotonicClock.nowNanoseconds() + harnessStallNanoseconds
        harnessStallNanoseconds = 0
        while MonotonicClock.nowNanoseconds() < end {}
    }
    func shutDown(nowNanoseconds: Int64) {}
}
