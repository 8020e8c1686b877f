package import SluiceModel
import SluiceProcess
package import SluiceWire

extension LocalCluster: CoordinationService {
    /// Lets in each process that this cluster started, once, if it knows the token and is of the same version.
    package func join(_ hello: AgentHello) async throws(WireError) -> AgentSession {
        guard token.matches(hello.token) else { throw .refused(reason: "the token is not that of this run") }
        guard hello.protocolVersion == ProtocolVersion.current else {
            throw .refused(
                reason: "the agent speaks protocol \(hello.protocolVersion), the coordinator \(ProtocolVersion.current)"
            )
        }
        guard hello.buildVersion == configuration.buildVersion else {
            throw .refused(
                reason: "the agent is version \(hello.buildVersion), the coordinator \(configuration.buildVersion); "
                    + "they must be the same")
        }
        guard !isShuttingDown else { throw .refused(reason: "the run is over") }
        guard let agent = agents.firstIndex(where: { $0.process.processID == hello.processID }) else {
            throw .refused(reason: "process \(hello.processID) is not an agent of this run")
        }
        guard case .starting = states[agent] else {
            throw .refused(reason: "agent \(agent) has joined already, or was lost")
        }
        let (outbound, continuation) = AsyncStream<CoordinatorMessage>.makeStream()
        continuation.yield(.welcome(agent: agent))
        states[agent] = .joined(continuation)
        checkJoined()
        return AgentSession(agent: agent, outbound: outbound)
    }

    /// Passes a message on to the trial that it names. What comes for a trial that is over is dropped, a batch with a
    /// line about it.
    package func received(_ message: AgentMessage, from agent: Int) {
        switch message {
        case .hello: lose(agent, "said hello twice")
        case .log(let text): configuration.onAgentLine(agent, text)
        case .prepared(let trial): dispatch(.agentPrepared(agent), of: trial)
        case .batch(let trial, let batch): dispatch(.batch(agent, batch), of: trial)
        case .report(let trial, let report): dispatch(.agentReport(agent, report), of: trial)
        case .failed(let trial, let failure): dispatch(.agentFailed(agent, failure), of: trial)
        }
    }

    /// Takes the agent for lost, unless the run is being ended.
    package func ended(agent: Int, reason: String) {
        guard !isShuttingDown else { return }
        // The process' end, which follows at once if it is the cause, says more than the stream's.
        Task {
            await Patience.wait(milliseconds: 200) { [process = agents[agent].process] in process.exitStatus != nil }
            let status = agents[agent].process.exitStatus.map { "\($0)" }
            lose(agent, status ?? "has left (\(reason))")
        }
    }

    /// A plan or a module of this run. Throws `refused` for a wrong token and for content that is not here.
    package func content(_ hash: ContentHash, token given: String) throws(WireError) -> [UInt8] {
        guard token.matches(given) else { throw .refused(reason: "the token is not that of this run") }
        guard let bytes = contents[hash] else { throw .refused(reason: "nothing here has the hash \(hash)") }
        return bytes
    }
}
