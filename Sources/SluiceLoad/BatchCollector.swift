package import SluiceModel
import Synchronization

/// Takes full recorders from the workers of an agent, and turns them into batches on a thread of its own, so that no
/// worker ever compresses or sends anything.
package final class BatchCollector: Sendable {
    private struct State {
        var full: [IntervalRecorder] = []
        var empty: [IntervalRecorder] = []
        var closed = false
    }

    private let agent: Int
    private let state: Mutex<State>
    private let work = Semaphore()

    /// Two spare recorders a worker: one being filled, one being encoded.
    package init(agent: Int, workers: Int) {
        self.agent = agent
        var initial = State()
        initial.full.reserveCapacity(2 * workers)
        for _ in 0..<2 * workers { initial.empty.append(IntervalRecorder()) }
        state = Mutex(initial)
    }

    /// Hands over a full recorder in exchange for an empty one. Called by workers; never waits for the collector.
    ///
    /// - Returns: false when none is empty. The worker keeps filling the one it has, and the batch covers more
    ///   than one interval.
    func exchange(_ recorder: inout IntervalRecorder) -> Bool {
        let exchanged = state.withLock { state in
            guard var replacement = state.empty.popLast() else { return false }
            swap(&replacement, &recorder)
            state.full.append(replacement)
            return true
        }
        if exchanged { work.signal() }
        return exchanged
    }

    /// The collector's thread: until `close`, and until everything handed over before it is delivered.
    package func run(deliver: (IntervalBatch) -> Void) {
        while true {
            work.wait()
            let (recorder, closed) = state.withLock { state in
                (state.full.isEmpty ? nil : state.full.removeFirst(), state.closed)
            }
            guard let recorder else {
                if closed { return }
                continue
            }
            deliver(recorder.batch(agent: agent))
            recorder.reset()
            state.withLock { $0.empty.append(recorder) }
        }
    }

    /// Lets `run` return once everything handed over before is delivered. No worker may hand over more after it.
    package func close() {
        state.withLock { $0.closed = true }
        work.signal()
    }
}
