/// A run as it is stored: one workload, some strategies, some blocks.
package struct RunRecord: Sendable, Codable, Equatable {
    /// Sortable by time: `20261121-101530-4f2a`.
    package var id: String
    /// `run`, `compare` or `gate`.
    package var command: String
    package var workload: Workload
    /// The workload file as it was.
    package var workloadText: String
    /// Modules by strategy name: one hash a plugin of the chain.
    package var moduleHashes: [String: [ContentHash]]
    /// The strategies that were run, in order.
    package var strategies: [String]
    package var blocks: Int
    /// Unix time.
    package var startedAtSeconds: Int64
    package var status: RunStatus
    /// Why, when the status is not `complete`; empty otherwise.
    package var statusReason: String
    package var host: HostIdentity
    /// The workload file as it was named; `nil` in stores from before it was kept.
    package var workloadPath: String?

    package init(
        id: String, command: String, workload: Workload, workloadText: String, moduleHashes: [String: [ContentHash]],
        strategies: [String], blocks: Int, startedAtSeconds: Int64, status: RunStatus, statusReason: String,
        host: HostIdentity, workloadPath: String? = nil
    ) {
        self.id = id
        self.command = command
        self.workload = workload
        self.workloadText = workloadText
        self.moduleHashes = moduleHashes
        self.strategies = strategies
        self.blocks = blocks
        self.startedAtSeconds = startedAtSeconds
        self.status = status
        self.statusReason = statusReason
        self.host = host
        self.workloadPath = workloadPath
    }
}

/// How far a run or a trial came.
package enum RunStatus: String, Sendable, Codable, Equatable, CaseIterable {
    /// Still running, or its coordinator died.
    case running
    case complete
    /// An agent was lost; what it had sent is stored.
    case degraded
    case interrupted
    /// It ended early for another reason, an error of an agent or of storage.
    case failed
}

/// One trial as it is stored.
package struct TrialRecord: Sendable, Codable, Equatable {
    package var identity: TrialIdentity
    /// Position in the run's order of trials, from 0.
    package var position: Int
    /// Seed of this block.
    package var seed: UInt64
    package var status: RunStatus
    package var statusReason: String
    /// Unix time of the common start instant; `nil` when it was never reached.
    package var startedAtSeconds: Double?
    package var agents: [AgentTrialReport]
    /// `nil`: nobody looked, or the trial has not ended.
    package var machine: MachineLoad?

    package init(
        identity: TrialIdentity, position: Int, seed: UInt64, status: RunStatus, statusReason: String,
        startedAtSeconds: Double?, agents: [AgentTrialReport], machine: MachineLoad? = nil
    ) {
        self.identity = identity
        self.position = position
        self.seed = seed
        self.status = status
        self.statusReason = statusReason
        self.startedAtSeconds = startedAtSeconds
        self.agents = agents
        self.machine = machine
    }
}

/// What an agent says at the end of a trial: what it planned to do, what it cost, and how quiet its machine was.
package struct AgentTrialReport: Sendable, Codable, Equatable {
    package var agent: Int
    /// Requests of its schedule by role (index: `LoadRole.rawValue`). Compared with the outcomes received.
    package var plannedRequests: [Int]
    /// CPU time of the trial's process, without the time that its workers spun while they waited.
    package var cpuNanoseconds: Int64
    /// Largest resident set of the trial's process.
    package var maximumResidentBytes: Int
    /// Resident set at the end, when all VMs have been given back.
    package var residentBeyondGuestsBytes: Int
    package var engine: EngineIdentity
    /// `nil` in runs that were stored before it was known.
    package var vms: VMPreparation?

    package init(
        agent: Int, plannedRequests: [Int], cpuNanoseconds: Int64, maximumResidentBytes: Int,
        residentBeyondGuestsBytes: Int, engine: EngineIdentity, vms: VMPreparation? = nil
    ) {
        self.vms = vms
        self.agent = agent
        self.plannedRequests = plannedRequests
        self.cpuNanoseconds = cpuNanoseconds
        self.maximumResidentBytes = maximumResidentBytes
        self.residentBeyondGuestsBytes = residentBeyondGuestsBytes
        self.engine = engine
    }
}

/// Which engine ran the plugins, and of which library.
package struct EngineIdentity: Sendable, Codable, Equatable {
    package var name: EngineName
    /// Version of the library, `none` for the null engine.
    package var version: String
    package init(name: EngineName, version: String) {
        self.name = name
        self.version = version
    }
}

/// The machine of the coordinator and its local agents.
package struct HostIdentity: Sendable, Codable, Equatable {
    package var cpu: String
    package var cpuCount: Int
    package var kernel: String
    package var clockSource: String
    package var memoryBytes: Int

    package init(cpu: String, cpuCount: Int, kernel: String, clockSource: String, memoryBytes: Int) {
        self.cpu = cpu
        self.cpuCount = cpuCount
        self.kernel = kernel
        self.clockSource = clockSource
        self.memoryBytes = memoryBytes
    }
}
