package import SluiceModel
import SluiceProcess

/// How a coordinator starts its agents on its own host.
package struct LocalClusterConfiguration: Sendable {
    /// Processes to start, 1 or more.
    package var agentCount: Int
    /// The program of an agent; this one itself unless a test says otherwise.
    package var executable = OwnExecutable.path
    /// In front of `--socket PATH --token-descriptor 3`.
    package var arguments = ["agent"]
    /// Of this program; agents of another one are refused.
    package var buildVersion: String
    /// Where the agents' socket may lie; `nil`: the usual places.
    package var directoryBases: [String]?
    /// How long the agents may take from their start until all have joined.
    package var joinTimeoutSeconds = 15
    /// Changes the times that a trial's phases may take; for tests.
    package var adjust: @Sendable (inout TrialMachineSettings) -> Void = { _ in }
    /// A line that an agent wrote to its standard error or sent as a log; called in order, from any thread.
    package var onAgentLine: @Sendable (_ agent: Int, _ line: String) -> Void

    package init(
        agentCount: Int, buildVersion: String, onAgentLine: @escaping @Sendable (_ agent: Int, _ line: String) -> Void
    ) {
        self.agentCount = agentCount
        self.buildVersion = buildVersion
        self.onAgentLine = onAgentLine
    }
}

/// What a coordinator learns while a trial runs.
package enum TrialEvent: Sendable, Equatable {
    case phase(TrialPhase)
    /// Counts; to be stored before returning.
    case batch(IntervalBatch)
    case anomaly(BatchAnomaly)
    /// An agent heard of the start instant when it was over. The trial begins again with fresh processes: what came of
    /// it so far does not count.
    case missedStart(reason: String)
}
