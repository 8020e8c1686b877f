internal import Dispatch
internal import Synchronization

/// Tasks on other threads, and what they come to in the order in which they were begun.
final class ParallelTasks<Output: Sendable>: Sendable {
    private let queue = DispatchQueue(label: "sluice.analysis", attributes: .concurrent)
    private let group = DispatchGroup()
    private let outputs = Mutex<[Output?]>([])

    /// Begins a task, which may run at once with the caller and with others.
    func begin(_ body: @escaping @Sendable () -> Output) {
        let place = outputs.withLock { outputs in
            outputs.append(nil)
            return outputs.count - 1
        }
        queue.async(group: group) {
            let output = body()
            self.outputs.withLock { $0[place] = output }
        }
    }

    /// Waits for all tasks.
    func finish() -> [Output] {
        group.wait()
        return outputs.withLock { $0.compactMap { $0 } }
    }
}
