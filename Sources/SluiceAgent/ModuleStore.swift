import SluiceModel
import SluiceProcess
import SluiceWire

/// What an agent has fetched: plans and modules by content hash, in a directory that goes with the agent.
actor ModuleStore {
    private let configuration: AgentConfiguration
    private let client: CoordinationClient
    private let directory: String
    private var paths: [ContentHash: String] = [:]

    /// - Parameter directory: exists, and belongs to this agent alone.
    init(configuration: AgentConfiguration, client: CoordinationClient, directory: String) {
        self.configuration = configuration
        self.client = client
        self.directory = directory
    }

    /// Fetches what a trial needs and has its modules compiled. Throws a `TrialFailure`.
    func setUp(_ trial: TrialIdentity, agent: Int, plan planHash: ContentHash) async throws(TrialFailure) -> TrialSetup
    {
        do {
            let planPath = try await path(of: planHash)
            let plan = try PlanCodec.decode(try PrivateFile.read(planPath))
            var modules: [ContentHash: PreparedModule] = [:]
            for hash in plan.plugins.map(\.moduleHash) where modules[hash] == nil {
                let modulePath = try await path(of: hash)
                let request = CompileRequest(
                    planPath: planPath, moduleHash: hash, modulePath: modulePath,
                    cacheDirectory: configuration.cacheDirectory ?? "\(directory)/cache")
                modules[hash] = PreparedModule(
                    modulePath: modulePath,
                    artifactPath: try await CompileHelper.run(request, configuration: configuration))
            }
            return TrialSetup(trial: trial, agent: agent, planPath: planPath, modules: modules)
        } catch {
            throw TrialFailure(error)
        }
    }

    private func path(of hash: ContentHash) async throws -> String {
        if let path = paths[hash] { return path }
        let bytes = try await client.content(hash, token: configuration.token)
        let path = "\(directory)/\(hash)"
        try PrivateFile.write(bytes, to: path)
        paths[hash] = path
        return path
    }
}
