package import SluiceModel
package import SluiceWire

/// How a trial ended.
package struct TrialOutcome: Sendable, Equatable {
    /// Which trial of the run it was.
    package var trial: TrialIdentity
    /// Never `running`.
    package var status: RunStatus
    /// Empty when complete.
    package var reason: String
    /// What kind of failure it was when the status is `failed`.
    package var failureKind: TrialFailure.Kind?
    /// The common start on CLOCK_MONOTONIC; `nil` when it was never reached.
    package var startInstantNanoseconds: Int64?
    /// The same as Unix time.
    package var startedAtSeconds: Double?
    /// Of the agents that ended in order, by agent.
    package var reports: [AgentTrialReport]
    /// Agents that cannot be used any more.
    package var lostAgents: [Int]
    /// What was wrong with the stream of batches.
    package var anomalies: [BatchAnomaly]
}

/// Where a trial is.
package enum TrialPhase: Sendable, Equatable {
    case waitingForAgents
    /// Agents fetch, compile and start their VMs.
    case preparing
    /// All are ready and wait for the instant.
    case starting(instantNanoseconds: Int64)
    case running
    /// The load has ended or was stopped; reports are awaited.
    case draining
    case finished
}

/// A batch that did not come as it should have.
package struct BatchAnomaly: Sendable, Equatable, CustomStringConvertible {
    /// What was wrong, and whether the batch counts.
    package enum Kind: Sendable, Equatable {
        /// Came before; dropped.
        case duplicate
        /// Batches before this one have not come. This one counts.
        case gap(missing: ClosedRange<Int>)
        /// Came after later ones; counts.
        case outOfOrder
        /// Of nobody who may send one now; dropped.
        case unexpected
    }
    /// Who sent it: the agent's position in the trial, from 0.
    package var agent: Int
    /// The load worker within the agent, from 0.
    package var worker: Int
    /// The batch's number among those of its worker, from 0.
    package var sequence: Int
    /// What was wrong.
    package var kind: Kind

    package var description: String {
        let place = "agent \(agent), worker \(worker), batch \(sequence)"
        return switch kind {
        case .duplicate: "\(place) came twice"
        case .gap(let missing): "\(place) came before \(missing.lowerBound) to \(missing.upperBound)"
        case .outOfOrder: "\(place) came late"
        case .unexpected: "\(place) was not expected and is not counted"
        }
    }
}
