import Glibc
import SluiceModel
import SluiceProcess
import SluiceWire

/// A coordinator and its agents on one host: separate processes that dial in on a socket and stay for all trials
/// of a run.
///
/// It carries out what `TrialMachine` decides. Once an agent is lost, every later trial of the run ends as degraded.
package actor LocalCluster {
    enum AgentState {
        case starting
        case joined(AsyncStream<CoordinatorMessage>.Continuation)
        case lost(reason: String)
    }

    let configuration: LocalClusterConfiguration
    let token = RunToken()
    var agents: [LocalAgent] = []
    var states: [AgentState]
    var contents: [ContentHash: [UInt8]] = [:]
    var session: TrialSession?
    var isInterrupted = false
    var isShuttingDown = false
    private var rendezvous: RendezvousDirectory?
    private var server: CoordinationServer?
    private var serving: Task<Void, any Error>?
    private var joining: CheckedContinuation<Void, any Error>?

    package init(configuration: LocalClusterConfiguration) {
        precondition(configuration.agentCount >= 1)
        self.configuration = configuration
        states = Array(repeating: .starting, count: configuration.agentCount)
    }

    /// Starts the agents, waits until all have joined, and ends them after `body`, however it ends. Once.
    ///
    /// - Throws: `ClusterError`, and what `body` throws.
    package nonisolated func running<Result: Sendable>(
        _ body: @Sendable (LocalCluster) async throws -> Result
    ) async throws -> Result {
        do {
            try await start()
            let result = try await body(self)
            await shutDown()
            return result
        } catch {
            await shutDown()
            throw error
        }
    }

    /// The user wants an end: an orderly one the first time, one at once the second time. From any thread.
    package nonisolated func interrupt() { Task { await noteInterrupt() } }

    /// Process numbers of the agents, by agent.
    package var processIDs: [Int32] { agents.map(\.process.processID) }

    /// Why an agent cannot be used any more, by agent; empty while all is well.
    package var lostAgents: [Int: String] {
        var lost: [Int: String] = [:]
        for (agent, state) in states.enumerated() { if case .lost(let reason) = state { lost[agent] = reason } }
        return lost
    }

    // MARK: Start

    private func start() async throws {
        Signals.ignoreBrokenPipes()
        guard access(configuration.executable, X_OK) == 0 else {
            throw ClusterError.executableMissing(
                path: configuration.executable, reason: String(cString: strerror(errno)))
        }
        let rendezvous = try RendezvousDirectory.create(
            in: configuration.directoryBases ?? RendezvousDirectory.defaultBases())
        self.rendezvous = rendezvous
        try listen(rendezvous.socketPath)
        for number in 0..<configuration.agentCount {
            let agent: LocalAgent
            do {
                agent = try LocalAgent(
                    number: number, configuration: configuration, socketPath: rendezvous.socketPath, token: token.text
                ) { status in Task { await self.agentExited(number, status) } }
            } catch {
                throw ClusterError.system("\(error)")
            }
            agents.append(agent)
        }
        let seconds = configuration.joinTimeoutSeconds
        let timeout = Task {
            try await Task.sleep(for: .seconds(seconds))
            joinTimedOut()
        }
        defer { timeout.cancel() }
        try await withCheckedThrowingContinuation { continuation in
            joining = continuation
            checkJoined()
        }
    }

    private func listen(_ socketPath: String) throws(ClusterError) {
        do {
            let server = try CoordinationServer(socketPath: socketPath, service: self)
            self.server = server
            serving = Task { try await server.serve() }
        } catch {
            throw .cannotListen("\(error)")
        }
    }

    /// Goes on with the start when there is nothing left to wait for.
    func checkJoined() {
        guard joining != nil else { return }
        if isInterrupted { return endJoining(.failure(.interrupted)) }
        if let (agent, reason) = lostAgents.min(by: { $0.key < $1.key }) {
            let output = agents.indices.contains(agent) ? agents[agent].output : LineTail()
            Task {
                await output.waitForEnd()
                endJoining(.failure(.agentEnded(agent: agent, status: reason, lastLines: output.lastLines)))
            }
            return
        }
        if joinedAgents.count == configuration.agentCount { endJoining(.success(())) }
    }

    private func joinTimedOut() {
        let silent = states.indices.filter { if case .starting = states[$0] { true } else { false } }
        endJoining(
            .failure(
                .agentsSilent(
                    agents: silent, seconds: configuration.joinTimeoutSeconds,
                    lastLines: silent.flatMap { agents[$0].output.lastLines })))
    }

    private func endJoining(_ result: Result<Void, ClusterError>) {
        joining?.resume(with: result.mapError { $0 as any Error })
        joining = nil
    }

    // MARK: Agents

    var joinedAgents: [Int] {
        states.indices.filter { if case .joined = states[$0] { true } else { false } }
    }

    func send(_ message: CoordinatorMessage, to agent: Int) {
        if case .joined(let outbound) = states[agent] { outbound.yield(message) }
    }

    /// An agent is gone for good; a process that is left of it is ended.
    func lose(_ agent: Int, _ reason: String) {
        if isShuttingDown { return }
        switch states[agent] {
        case .lost: return
        case .joined(let outbound): outbound.finish()
        case .starting: break
        }
        states[agent] = .lost(reason: reason)
        if agents.indices.contains(agent) { agents[agent].process.kill() }
        checkJoined()
        dispatch(.agentLost(agent, reason: reason))
    }

    private func agentExited(_ agent: Int, _ status: ProcessEnding) { lose(agent, "\(status)") }

    private func noteInterrupt() {
        isInterrupted = true
        checkJoined()
        dispatch(.interrupt)
    }

    // MARK: End

    /// Says goodbye, ends what does not leave, and removes the directory.
    private func shutDown() async {
        isShuttingDown = true
        for agent in agents {
            if case .joined(let outbound) = states[agent.number] {
                outbound.yield(.goodbye)
                outbound.finish()
            } else {
                agent.process.kill()
            }
        }
        let agents = agents
        await Patience.wait(milliseconds: 2000) { agents.allSatisfy { $0.process.exitStatus != nil } }
        for agent in agents { agent.process.kill() }
        await Patience.wait(milliseconds: 5000) { agents.allSatisfy { $0.process.exitStatus != nil } }
        for agent in agents { await agent.output.waitForEnd() }
        server?.shutDown()
        _ = await serving?.result
        // The server holds its service, which is this.
        server = nil
        serving = nil
        rendezvous?.remove()
    }
}
