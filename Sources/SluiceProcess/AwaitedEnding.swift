import Dispatch
import Synchronization

/// Carries the end of a process from the thread that waits for it to another one.
package final class AwaitedEnding: Sendable {
    private let ending = Mutex<ProcessEnding?>(nil)
    private let ready = DispatchSemaphore(value: 0)

    package init() {}

    /// Called once, as `onExit` of `PipedProcess.start`.
    package func set(_ value: ProcessEnding) {
        ending.withLock { $0 = value }
        ready.signal()
    }

    /// Blocks the thread until the process has ended. Called once.
    package func wait() -> ProcessEnding {
        ready.wait()
        return ending.withLock { $0! }
    }
}
