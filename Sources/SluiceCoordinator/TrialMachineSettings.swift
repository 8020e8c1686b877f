package import SluiceModel

/// A trial's size, and how long each of its phases may take.
package struct TrialMachineSettings: Sendable, Equatable {
    /// Which trial of the run it is.
    package var trial: TrialIdentity
    /// Agents that must take part, 1 or more.
    package var agentCount: Int
    /// Load workers of each agent; each sends batches of its own.
    package var workersPerAgent: Int
    /// Of the load.
    package var durationNanoseconds: Int64
    /// From the beginning until the last agent has joined.
    package var joinTimeoutNanoseconds: Int64 = 15 * Units.nanosecondsPerSecond
    /// Fetching, compiling and VM start-up.
    package var prepareTimeoutNanoseconds: Int64 = 180 * Units.nanosecondsPerSecond
    /// From the moment when all are ready to the common start: enough for the message to arrive everywhere, also on a
    /// machine whose CPUs others use.
    package var leadTimeNanoseconds: Int64 = 1_000_000_000
    /// An agent that sends no batch for so long is taken for lost. An interval is 1 s.
    package var silenceTimeoutNanoseconds: Int64 = 30 * Units.nanosecondsPerSecond
    /// From the planned end to the last report.
    package var drainTimeoutNanoseconds: Int64
    /// From a stop to the last report.
    package var stopTimeoutNanoseconds: Int64 = 10 * Units.nanosecondsPerSecond
    /// Anomalies that are kept in the outcome; all are reported as they happen.
    package var anomalyLimit = 100
    /// Agents get ready as for a trial, and are then sent home: no load is started.
    package var isRehearsal = false

    package init(trial: TrialIdentity, agentCount: Int, load: Load) {
        self.trial = trial
        self.agentCount = agentCount
        workersPerAgent = load.workers
        durationNanoseconds = load.durationNanoseconds
        // The last request may take its whole timeout, and one callback of a plugin may keep its worker.
        drainTimeoutNanoseconds = load.timeoutNanoseconds + 30 * Units.nanosecondsPerSecond
    }
}
