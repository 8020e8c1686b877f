/// Why a run could not start, or could not go on. Each says what to do where something can be done.
package enum ClusterError: Error, Equatable, CustomStringConvertible {
    case executableMissing(path: String, reason: String)
    /// No directory has room for a socket: each that was tried, and why not.
    case noDirectory(tried: [String])
    case cannotListen(String)
    /// An agent ended before it had joined; its last lines.
    case agentEnded(agent: Int, status: String, lastLines: [String])
    /// Agents that are running but did not join.
    case agentsSilent(agents: [Int], seconds: Int, lastLines: [String])
    case interrupted
    /// A plan for another number of agents, or without one of its modules.
    case planMismatch(String)
    case system(String)

    package var description: String {
        switch self {
        case .executableMissing(let path, let reason): "the agent's program \(path) cannot be run: \(reason)"
        case .noDirectory(let tried):
            "no directory for the agents' socket; set TMPDIR to a short path that is writable ("
                + tried.joined(separator: "; ") + ")"
        case .cannotListen(let reason): reason
        case .agentEnded(let agent, let status, let lines):
            "agent \(agent) \(status) before it had joined" + Self.tail(lines)
        case .agentsSilent(let agents, let seconds, let lines):
            "agent \(agents.map(String.init).joined(separator: ", ")) did not join within \(seconds) s"
                + Self.tail(lines)
        case .interrupted: "interrupted"
        case .planMismatch(let what): "the trial's plan does not fit: \(what)"
        case .system(let what): what
        }
    }

    private static func tail(_ lines: [String]) -> String {
        lines.isEmpty ? " and wrote nothing" : "; it wrote:\n" + lines.map { "    \($0)" }.joined(separator: "\n")
    }
}
