import SluiceProcess

/// Waiting for something that says nothing when it happens.
enum Patience {
    /// Returns when the condition holds, or after the time, also in a task that has been cancelled.
    static func wait(milliseconds: Int, until condition: @escaping @Sendable () -> Bool) async {
        let deadline = MonotonicClock.nowNanoseconds() + Int64(milliseconds) * 1_000_000
        await Task.detached {
            while !condition(), MonotonicClock.nowNanoseconds() < deadline {
                try? await Task.sleep(for: .milliseconds(2))
            }
        }.value
    }
}

extension LineTail {
    /// Waits for the last lines of a process that has ended.
    func waitForEnd() async { await Patience.wait(milliseconds: 500) { self.hasEnded } }
}
