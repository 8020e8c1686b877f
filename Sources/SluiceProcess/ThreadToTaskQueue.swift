import Dispatch

/// Hands values from a thread to a task, and holds the thread up while the task is far behind.
package final class ThreadToTaskQueue<Value: Sendable>: Sendable {
    /// For one task, which says `consumed()` after each value.
    package let values: AsyncStream<Value>
    private let continuation: AsyncStream<Value>.Continuation
    private let free: DispatchSemaphore

    /// - Parameter capacity: values that may wait.
    package init(capacity: Int) {
        (values, continuation) = AsyncStream.makeStream()
        // From 0, because a semaphore that goes with less than it began with stops the program.
        free = DispatchSemaphore(value: 0)
        for _ in 0..<capacity { free.signal() }
    }

    /// Waits for a free place; not to be called from a task.
    package func send(_ value: Value) {
        free.wait()
        continuation.yield(value)
    }

    /// The value taken last has been dealt with.
    package func consumed() { free.signal() }

    /// No more values will come.
    package func finish() { continuation.finish() }
}
