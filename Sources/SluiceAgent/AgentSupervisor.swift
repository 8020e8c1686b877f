import Glibc
import SluiceModel
import SluiceProcess
import SluiceWire

/// An agent: joins a coordinator, fetches what a trial needs, and runs each trial in a fresh process.
///
/// It measures nothing itself, so that it can tell of a trial whose process crashed.
package struct AgentSupervisor: Sendable {
    private let configuration: AgentConfiguration

    package init(configuration: AgentConfiguration) { self.configuration = configuration }

    /// The whole of `sluice agent`: returns after the coordinator's goodbye.
    ///
    /// - Throws: `WireError.refused` with the coordinator's reason, `WireError.disconnected` when it is not there or
    ///   goes without a goodbye, `ProcessError` when the agent cannot have its folder.
    package func run() async throws {
        Signals.dieWithParent()
        Signals.ignoreBrokenPipes()
        let base = configuration.socketPath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        let directory = try PrivateDirectory.makeTemporary(in: base.joined(separator: "/"), prefix: "agent-")
        defer { PrivateDirectory.remove(directory) }
        try await CoordinationClient.connected(socketPath: configuration.socketPath) { client in
            try await attend(client, directory: directory)
        }
    }

    private func attend(_ client: CoordinationClient, directory: String) async throws {
        let (events, continuation) = AsyncStream<SupervisorEvent>.makeStream()
        let store = ModuleStore(configuration: configuration, client: client, directory: directory)
        let hello = AgentHello(
            protocolVersion: ProtocolVersion.current, buildVersion: configuration.buildVersion,
            token: configuration.token, processID: getpid(), hostName: AgentConfiguration.hostName)
        do {
            try await client.join { writer in
                try await writer.write(.hello(hello))
                var desk = SupervisorDesk(
                    configuration: configuration, store: store, writer: writer, continuation: continuation)
                defer { desk.clear() }
                for await event in events where try await !desk.handle(event) { break }
            } receive: { message in
                continuation.yield(.coordinator(message))
            }
        } catch {
            continuation.finish()
            throw error
        }
    }
}

/// What happens to an agent.
enum SupervisorEvent: Sendable {
    case coordinator(CoordinatorMessage)
    case setUp(TrialIdentity, Result<TrialSetup, TrialFailure>)
    case child(TrialChild, TrialChild.Event)
}
