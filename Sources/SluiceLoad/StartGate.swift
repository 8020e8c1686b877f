import Synchronization

/// Where the workers of an agent wait for the common start instant, each after saying how its preparation went.
final class StartGate: Sendable {
    private struct State {
        var failure: TrialStartError?
        var instant: Int64?
    }

    private let state = Mutex(State())
    private let arrived = Semaphore()
    private let opened = Semaphore()
    private let workers: Int

    init(workers: Int) { self.workers = workers }

    // MARK: a worker's side

    /// Says that this worker will not start.
    func fail(_ error: TrialStartError) {
        state.withLock { $0.failure = $0.failure ?? error }
        arrived.signal()
    }

    /// Says that this worker is ready and waits.
    ///
    /// - Returns: the instant to start at, or `nil` when the trial was called off.
    func arriveAndWait() -> Int64? {
        arrived.signal()
        opened.wait()
        return state.withLock { $0.instant }
    }

    // MARK: the control plane's side

    /// Returns when all workers have arrived or failed, with the first failure.
    func waitForWorkers() -> TrialStartError? {
        for _ in 0..<workers { arrived.wait() }
        return state.withLock { $0.failure }
    }

    /// Lets the workers go, or sends them home with `nil`. Once.
    func open(instant: Int64?) {
        state.withLock { $0.instant = instant }
        for _ in 0..<workers { opened.signal() }
    }
}
