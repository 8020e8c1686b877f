/// Where in a proxy a plugin runs, which a module does not tell.
package enum PluginType: String, Sendable, Codable, Equatable, CaseIterable {
    /// An HTTP filter: a context for each request and its response.
    case http
    /// A network filter: a context for each connection.
    case tcp
    /// Root contexts only: ticks, queue messages and call-outs.
    case service
}

/// How many VMs of a service there are.
package enum ServicePlacement: String, Sendable, Codable, Equatable {
    /// One for each worker of an agent, as Envoy has one for each of its worker threads.
    case everyWorker
    /// One for each agent, on its first worker: Envoy's `singleton`, which has one in each process.
    case firstWorker
}

/// One filter of the chain. Names and meanings are Envoy's `PluginConfig` and `VmConfig`.
package struct PluginSpecification: Sendable, Codable, Equatable {
    package var name: String
    package var type: PluginType
    package var rootID: String
    /// Buffer 7 of the ABI: the text itself, or the JSON text of a mapping.
    package var configuration: [UInt8]
    package var vmID: String
    /// Buffer 6 of the ABI.
    package var vmConfiguration: [UInt8]
    package var environmentVariables: [EnvironmentVariable]
    /// Variables that the VM gets from the agent's own environment, where they are set there.
    package var inheritedVariables: [InheritedVariable]
    package var failurePolicy: FailurePolicy
    /// Base interval of the reload back-off (Envoy's `reload_config.backoff.base_interval`, 1 s by default).
    package var reloadBaseIntervalNanoseconds: Int64
    /// `nil`: the strategy's module (`module: ${strategy}`).
    package var module: ModuleReference?
    /// What "stop iteration" of a headers callback means.
    package var headersStop: HeadersStop
    /// Names of the host functions, WASI functions and callbacks that the module may use; `nil`: all of them.
    package var allowedCapabilities: [String]?
    /// Of a service.
    package var placement: ServicePlacement

    package init(
        name: String, type: PluginType = .http, rootID: String, configuration: [UInt8], vmID: String,
        vmConfiguration: [UInt8],
        environmentVariables: [EnvironmentVariable], inheritedVariables: [InheritedVariable] = [],
        failurePolicy: FailurePolicy, reloadBaseIntervalNanoseconds: Int64, module: ModuleReference?,
        headersStop: HeadersStop = .wholeMessage, allowedCapabilities: [String]? = nil,
        placement: ServicePlacement = .everyWorker
    ) {
        self.placement = placement
        self.name = name
        self.type = type
        self.rootID = rootID
        self.configuration = configuration
        self.vmID = vmID
        self.vmConfiguration = vmConfiguration
        self.environmentVariables = environmentVariables
        self.failurePolicy = failurePolicy
        self.reloadBaseIntervalNanoseconds = reloadBaseIntervalNanoseconds
        self.module = module
        self.inheritedVariables = inheritedVariables
        self.headersStop = headersStop
        self.allowedCapabilities = allowedCapabilities
    }
}

/// A variable of the agent's own environment that a VM gets, where it is set.
package struct InheritedVariable: Sendable, Codable, Equatable {
    package var name: String
    package init(name: String) { self.name = name }
}

/// What a headers callback holds when it answers "stop iteration".
package enum HeadersStop: String, Sendable, Codable, Equatable {
    /// The headers and everything that follows.
    case wholeMessage
    /// The headers only: Envoy's `allow_on_headers_stop_iteration`.
    case headersOnly
}

/// What happens to streams once a VM has failed, as in Envoy.
package enum FailurePolicy: String, Sendable, Codable, Equatable, CaseIterable {
    /// 503 for ever.
    case closed
    /// As if the filter were not there.
    case open
    /// A new VM for a new stream, at most one per jittered interval; 503 until then.
    case reload
}

/// The Wasm host of every agent.
package struct HostSettings: Sendable, Codable, Equatable {
    /// The raw value of the `EnvoyProfile` whose WASI results and link rules are followed.
    package var envoyProfile: String
    /// Cap of a VM's linear memory, and separately of its Wasm GC heap.
    package var memoryCapBytes: Int
    /// Longest run of one callback.
    package var deadlineNanoseconds: Int64
    package var engine: EngineName
    /// Whether plugins must fit the host exactly.
    package var link: LinkMode
    /// Where the host gets memory for what it gives to plugins.
    package var allocator: AllocatorChoice
    /// Answers to `proxy_call_foreign_function` by name, beside the functions that the host has itself.
    package var foreignFunctions: [ForeignFunction]
    package var limits: GuestLimits

    package init(
        envoyProfile: String, memoryCapBytes: Int, deadlineNanoseconds: Int64, engine: EngineName,
        link: LinkMode = .strict, allocator: AllocatorChoice = .malloc, foreignFunctions: [ForeignFunction] = [],
        limits: GuestLimits = GuestLimits()
    ) {
        self.envoyProfile = envoyProfile
        self.memoryCapBytes = memoryCapBytes
        self.deadlineNanoseconds = deadlineNanoseconds
        self.engine = engine
        self.link = link
        self.allocator = allocator
        self.foreignFunctions = foreignFunctions
        self.limits = limits
    }
}

/// The engines that a workload can name.
package enum EngineName: String, Sendable, Codable, Equatable, CaseIterable {
    /// wasmtime's optimising compiler.
    case cranelift
    /// wasmtime's baseline compiler.
    case winch
    /// wasmtime's portable interpreter.
    case pulley
    /// No Wasm at all: every callback answers "continue". Measures the harness itself.
    case null
}
