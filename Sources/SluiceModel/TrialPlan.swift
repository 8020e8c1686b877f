/// Everything an agent needs for one trial; the same for every agent of the trial except `agentIndex`.
///
/// A trial is one strategy under the workload's load, from fresh processes and fresh VMs.
package struct TrialPlan: Sendable, Codable, Equatable {
    package var trial: TrialIdentity
    package var agentCount: Int
    package var load: Load
    package var target: InProcessTarget
    package var variables: [Variable]
    package var requests: [RequestTemplate]
    /// The chain with the strategy applied: every module is a content hash, environments are merged.
    package var plugins: [PlannedPlugin]
    package var host: HostSettings
    package var vmLife: VMLife
    package var observations: [Observation]

    package init(
        trial: TrialIdentity, agentCount: Int, load: Load, target: InProcessTarget, variables: [Variable],
        requests: [RequestTemplate], plugins: [PlannedPlugin], host: HostSettings, vmLife: VMLife,
        observations: [Observation]
    ) {
        self.trial = trial
        self.agentCount = agentCount
        self.load = load
        self.target = target
        self.variables = variables
        self.requests = requests
        self.plugins = plugins
        self.host = host
        self.vmLife = vmLife
        self.observations = observations
    }

    /// Load workers of all agents together.
    package var workerCount: Int { agentCount * load.workers }
}

/// Which trial of which run.
package struct TrialIdentity: Sendable, Codable, Equatable, Hashable {
    package var runID: String
    package var strategy: String
    /// From 0; every strategy runs once in each block.
    package var block: Int

    package init(runID: String, strategy: String, block: Int) {
        self.runID = runID
        self.strategy = strategy
        self.block = block
    }
}

/// A filter of the chain as an agent runs it.
package struct PlannedPlugin: Sendable, Codable, Equatable {
    /// `module` is the one that runs, also where the workload has `${strategy}`; an agent knows its file by the name
    /// only, for display.
    package var specification: PluginSpecification
    package var moduleHash: ContentHash
    /// The plugin's and the strategy's, merged.
    package var environmentVariables: [EnvironmentVariable]
    /// `nil`: as the host allows.
    package var memoryLimit: MemoryLimit?

    package init(
        specification: PluginSpecification, moduleHash: ContentHash, environmentVariables: [EnvironmentVariable],
        memoryLimit: MemoryLimit? = nil
    ) {
        self.memoryLimit = memoryLimit
        self.specification = specification
        self.moduleHash = moduleHash
        self.environmentVariables = environmentVariables
    }

    /// The module's file as the workload names it, for a person; the beginning of its hash when it is not known.
    package var moduleName: String { specification.module?.written ?? moduleHash.short }
}

/// SHA-256 of some content, as 64 lower-case hexadecimal digits.
package struct ContentHash: Sendable, Codable, Equatable, Hashable, CustomStringConvertible {
    package let hexadecimal: String

    /// `nil` when the text is not 64 lower-case hexadecimal digits.
    package init?(hexadecimal: String) {
        let valid = hexadecimal.utf8.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
        guard valid, hexadecimal.utf8.count == 64 else { return nil }
        self.hexadecimal = hexadecimal
    }

    package var description: String { hexadecimal }
    /// The first 12 digits, for tables.
    package var short: String { String(hexadecimal.prefix(12)) }
}
