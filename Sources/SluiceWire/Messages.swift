package import SluiceModel

/// What makes two builds understand each other.
package enum ProtocolVersion {
    /// Raised with every change of the messages.
    package static let current = 1
}

/// What an agent says to its coordinator, and the process of a trial to its agent.
package enum AgentMessage: Sendable, Equatable {
    case hello(AgentHello)
    /// Modules are loaded and VMs have started; the trial waits for its start instant.
    case prepared(TrialIdentity)
    case batch(TrialIdentity, IntervalBatch)
    /// The last message of a trial that ended in order.
    case report(TrialIdentity, AgentTrialReport)
    /// The last message of a trial that did not.
    case failed(TrialIdentity, TrialFailure)
    /// A line for the person who runs it.
    case log(String)
}

/// What a coordinator says to an agent, and the agent to the process of a trial.
package enum CoordinatorMessage: Sendable, Equatable {
    /// The agent's number, from 0 in the order of joining.
    case welcome(agent: Int)
    /// Get ready for a trial. `agent` is the position among the agents of the trial, the plan is fetched by its hash.
    case prepare(TrialIdentity, agent: Int, plan: ContentHash)
    /// Begin at this instant of the host's CLOCK_MONOTONIC.
    case start(TrialIdentity, instantNanoseconds: Int64)
    /// End now, and send what there is.
    case stop(TrialIdentity, reason: String)
    /// The run is over.
    case goodbye
}

/// How an agent introduces itself.
package struct AgentHello: Sendable, Equatable {
    /// `ProtocolVersion.current` of its build.
    package var protocolVersion: Int
    /// Version of its build; it has to be the coordinator's.
    package var buildVersion: String
    /// The run's secret.
    package var token: String
    /// Of the agent, as its own kernel counts.
    package var processID: Int32
    /// Of the machine it runs on, for display; `unknown` when the system does not say.
    package var hostName: String

    package init(protocolVersion: Int, buildVersion: String, token: String, processID: Int32, hostName: String) {
        self.protocolVersion = protocolVersion
        self.buildVersion = buildVersion
        self.token = token
        self.processID = processID
        self.hostName = hostName
    }
}

/// Why a trial ended on an agent without a report.
package struct TrialFailure: Sendable, Equatable, Error, CustomStringConvertible {
    /// What kind of thing went wrong.
    package enum Kind: Sendable, Equatable, CaseIterable {
        /// Input that cannot be run: a module, a plan, an engine.
        case couldNotStart
        /// The trial's process died.
        case processLost
        /// Told to stop before it had begun.
        case stopped
        /// The start instant was over when it arrived: nothing was measured.
        case missedStart
        case internalError
    }
    /// What kind of thing went wrong.
    package var kind: Kind
    /// One or two sentences for a person.
    package var reason: String

    package init(kind: Kind, reason: String) {
        self.kind = kind
        self.reason = reason
    }

    package var description: String { reason }
}

/// What the process of a trial is given first.
package struct TrialSetup: Sendable, Equatable {
    /// Which trial of the run it is.
    package var trial: TrialIdentity
    /// Position among the agents of the trial, from 0.
    package var agent: Int
    /// A file with the plan as `PlanCodec` writes it.
    package var planPath: String
    /// Every module of the plan, by its hash.
    package var modules: [ContentHash: PreparedModule]

    package init(trial: TrialIdentity, agent: Int, planPath: String, modules: [ContentHash: PreparedModule]) {
        self.trial = trial
        self.agent = agent
        self.planPath = planPath
        self.modules = modules
    }
}

/// Where a module lies on the agent's host.
package struct PreparedModule: Sendable, Equatable {
    /// The module as it was read by the coordinator; its hash has been checked.
    package var modulePath: String
    /// Native code from this host's own cache, to be read with `ArtifactCache.read`; `nil` for an engine that
    /// compiles nothing.
    package var artifactPath: String?

    package init(modulePath: String, artifactPath: String?) {
        self.modulePath = modulePath
        self.artifactPath = artifactPath
    }
}

/// What the process that compiles is asked to do.
package struct CompileRequest: Sendable, Equatable {
    /// A file with the plan as `PlanCodec` writes it, for the engine and its settings.
    package var planPath: String
    /// SHA-256 of the module, checked before.
    package var moduleHash: ContentHash
    /// The file of the module.
    package var modulePath: String
    /// Where native code is kept; private to this user.
    package var cacheDirectory: String

    package init(planPath: String, moduleHash: ContentHash, modulePath: String, cacheDirectory: String) {
        self.planPath = planPath
        self.moduleHash = moduleHash
        self.modulePath = modulePath
        self.cacheDirectory = cacheDirectory
    }
}

/// Its answer: where the native code is (`nil`: the engine compiles nothing), or why there is none.
package typealias CompileReply = Result<String?, TrialFailure>
