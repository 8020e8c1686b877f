import ArgumentParser
import Glibc
import SluiceAgent
import SluiceAnalysis
import SluiceProcess

/// The process that a coordinator starts for each of its agents.
struct AgentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent", abstract: "Joins a coordinator on this machine.", shouldDisplay: false)

    @Option(help: "The coordinator's socket.")
    var socket: String

    @Option(name: .customLong("token-descriptor"), help: "The descriptor that the run's token is read from.")
    var tokenDescriptor: Int32

    func run() async throws {
        Signals.dieWithParent()
        do {
            let configuration = AgentConfiguration(
                socketPath: socket, token: try AgentConfiguration.token(fromDescriptor: tokenDescriptor),
                buildVersion: BuildVersion.current, cacheDirectory: usableCache())
            try await AgentSupervisor(configuration: configuration).run()
        } catch {
            throw CommandEnd(.degraded, "\(error)")
        }
    }

    /// The cache of compiled modules, or none where this user cannot have a private one: modules are then compiled for
    /// this run only.
    private func usableCache() -> String? {
        guard let directory = CacheDirectory.defaultPath() else { return nil }
        do throws(ProcessError) {
            try PrivateDirectory.open(directory)
            return directory
        } catch {
            Output.writeErrorLines("modules are compiled for this run only, there is no cache: \(error.description)")
            return nil
        }
    }
}

/// The process of one trial.
struct AgentTrialCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent-trial", abstract: "Runs one trial for an agent.", shouldDisplay: false)

    func run() throws { Glibc.exit(TrialProcess.run(LoadTrialRunner())) }
}

/// The process that compiles one module.
struct AgentCompileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent-compile", abstract: "Compiles one module for an agent.", shouldDisplay: false)

    func run() throws { Glibc.exit(CompileProcess.run(LoadTrialRunner())) }
}
