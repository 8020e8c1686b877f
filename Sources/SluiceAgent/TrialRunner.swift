package import SluiceModel
package import SluiceWire

/// What an agent needs to know about load: the seam between the processes and what is measured in them.
///
/// Every call is made in a process of its own that does nothing else. Errors of type `TrialFailure` are passed on as
/// they are; any other error becomes an internal error with its text.
package protocol TrialRunner: Sendable {
    /// Engine, version and configuration, as they decide about native code; `nil` for an engine that compiles nothing.
    func artifactKey(for host: HostSettings) throws -> String?

    /// Native code for this host, as `prepare` will load it.
    ///
    /// - Parameter name: of the module's file as the workload gives it, for errors.
    func compile(module: [UInt8], name: String, for host: HostSettings) throws -> [UInt8]

    /// Loads modules, starts VMs, makes buffers: everything that may not cost time once the trial runs.
    ///
    /// - Parameter agent: position among the agents of the trial, from 0.
    func prepare(
        plan: TrialPlan, agent: Int, modules: [ContentHash: PreparedModule]
    ) throws -> any PreparedTrial
}

/// A trial that waits for its start instant, and then runs. Each function is called from another thread.
package protocol PreparedTrial: Sendable {
    /// Returns at once. `onBatch` is called from a thread that may be held up while the connection is full;
    /// the batches of a worker in order, the last of them with `isLast`.
    func start(atMonotonicNanoseconds instant: Int64, onBatch: @escaping @Sendable (IntervalBatch) -> Void)

    /// Ends the load early: requests in flight are counted as unfinished. Harmless at any time and more than once.
    func stop()

    /// Returns after the last batch of the last worker has been handed over.
    func wait() throws -> AgentTrialReport
}

extension TrialFailure {
    /// Of a longer reason the rest is cut off: names in a module can be of any length.
    private static let reasonBytes = 16 * 1024

    /// Keeps a failure that says what it is; anything else is an internal error.
    package init(_ error: any Error) {
        self = error as? TrialFailure ?? TrialFailure(kind: .internalError, reason: "\(error)")
        let byteCount = reason.utf8.count
        guard byteCount > Self.reasonBytes else { return }
        reason = String(decoding: reason.utf8.prefix(Self.reasonBytes), as: UTF8.self) + "… (\(byteCount) bytes)"
    }
}
