import SluiceEngine
import SluiceLoad
package import SluiceModel
import SluiceProcess
import SluiceProxyWasm
package import SluiceWire

/// The trial runner of `sluice`: loads plugins into an engine and puts the load workers of `SluiceLoad` to work.
package struct LoadTrialRunner: TrialRunner {
    package init() {}

    /// The engine's key; `nil` for the null engine. Throws `couldNotStart` when the engine cannot be made.
    package func artifactKey(for host: HostSettings) throws -> String? {
        let engine = try engine(for: host)
        return engine.description.capabilities.executes ? engine.artifactKey : nil
    }

    /// Native code as `WasmModule.serialise` gives it. Throws `couldNotStart` with the engine's reason.
    package func compile(module: [UInt8], name: String, for host: HostSettings) throws -> [UInt8] {
        do { return try engine(for: host).compile(module, name: name).serialise() } catch let error as EngineError {
            throw TrialFailure(kind: .couldNotStart, reason: "module \(name): \(error.description)")
        }
    }

    /// Links the plugins, from native code where there is some, and starts the workers' VMs. Throws `couldNotStart`
    /// when a plugin or a pattern is at fault, with all that is known about it.
    package func prepare(
        plan: TrialPlan, agent: Int, modules: [ContentHash: PreparedModule]
    ) throws -> any PreparedTrial {
        let engine = try engine(for: plan.host)
        var plugins: [ChainPlugin] = []
        for planned in plan.plugins {
            guard let module = modules[planned.moduleHash] else {
                throw TrialFailure(kind: .internalError, reason: "module \(planned.moduleHash) is missing")
            }
            // Limits belong to an engine, so a plugin with limits of its own has one of its own.
            let own = try planned.memoryLimit.map { try self.engine(for: plan.host, limit: $0) }
            plugins.append(try load(module, for: planned, of: plan, own ?? engine))
        }
        do throws(TrialStartError) {
            return LoadTrial(
                execution: try TrialExecution.prepare(plan: plan, agent: agent, plugins: plugins), agent: agent,
                engine: engine)
        } catch {
            throw TrialFailure(kind: .couldNotStart, reason: StartFailureText.describe(error, plugins: plan.plugins))
        }
    }

    private func engine(for host: HostSettings, limit: MemoryLimit? = nil) throws -> WasmEngine {
        var settings = EngineSettings(host)
        switch limit?.form {
        case .fixed:
            settings.memoryCapBytes = limit?.bytes ?? host.memoryCapBytes
            settings.fixedMemoryBytes = limit?.bytes
        case .cap: settings.memoryCapBytes = limit?.bytes ?? host.memoryCapBytes
        case .gcHeapCap: settings.gcHeapCapBytes = limit?.bytes ?? host.memoryCapBytes
        case nil: break
        }
        do throws(EngineError) { return try Engines.make(host.engine, settings: settings) } catch {
            throw TrialFailure(kind: .couldNotStart, reason: error.description)
        }
    }

    private func load(
        _ module: PreparedModule, for planned: PlannedPlugin, of plan: TrialPlan, _ engine: WasmEngine
    ) throws -> ChainPlugin {
        let host = plan.host
        func cannotLoad(_ reason: String) -> TrialFailure {
            TrialFailure(
                kind: .couldNotStart,
                reason: "plugin \(planned.specification.name), module \(planned.moduleName): \(reason)")
        }
        let link = { @Sendable (module: WasmModule) throws(PluginLoadError) -> LinkedPlugin in
            try PluginLinker.link(
                module, profile: host.envoyProfile, mode: host.link, allocator: host.allocator,
                capabilities: CapabilityRestriction(allowed: planned.specification.allowedCapabilities))
        }
        do {
            let loaded =
                if let artifact = module.artifactPath {
                    try engine.load(artifact: try ArtifactCache.read(artifact))
                } else {
                    try engine.compile(try PrivateFile.read(module.modulePath), name: planned.moduleName)
                }
            var plugin = ChainPlugin(planned: planned, module: try link(loaded))
            if plan.vmLife.compilesEachVM {
                let bytes = try engine.binary(of: try PrivateFile.read(module.modulePath), name: planned.moduleName)
                plugin.recompile = { () throws(PluginLoadError) in try link(try compileAnew(bytes, engine)) }
            }
            return plugin
        } catch let error as EngineError {
            throw cannotLoad(error.description)
        } catch let error as PluginLoadError {
            throw cannotLoad(error.description)
        }
    }
}

/// Past every cache.
private func compileAnew(_ bytes: [UInt8], _ engine: WasmEngine) throws(PluginLoadError) -> WasmModule {
    do throws(EngineError) { return try engine.compile(bytes) } catch { throw .engine(error) }
}

/// One agent's part of a trial, as the trial's process sees it.
private final class LoadTrial: PreparedTrial {
    private let execution: TrialExecution
    private let agent: Int
    private let engine: WasmEngine

    init(execution: TrialExecution, agent: Int, engine: WasmEngine) {
        self.execution = execution
        self.agent = agent
        self.engine = engine
    }

    func start(atMonotonicNanoseconds instant: Int64, onBatch: @escaping @Sendable (IntervalBatch) -> Void) {
        execution.start(atMonotonicNanoseconds: instant, onBatch: onBatch)
    }

    func stop() { execution.stop() }

    func wait() throws -> AgentTrialReport {
        execution.wait()
        // The workers have given their VMs back: what is resident now is the agent's own.
        let usage = ProcessUsage.current()
        return AgentTrialReport(
            agent: agent, plannedRequests: execution.plannedRequests,
            cpuNanoseconds: max(0, usage.cpuNanoseconds - execution.spunNanoseconds),
            maximumResidentBytes: usage.maximumResidentBytes, residentBeyondGuestsBytes: usage.residentBytes,
            engine: engine.identity,
            vms: VMPreparation(canaries: execution.canaries, memory: engine.memoryKind))
    }
}
