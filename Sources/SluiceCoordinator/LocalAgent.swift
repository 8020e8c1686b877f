import SluiceProcess

/// One agent of a local cluster as its coordinator sees it: a process, and what it wrote last.
final class LocalAgent: Sendable {
    let number: Int
    let process: ChildProcess
    let output: LineTail

    /// Starts the process. `onExit` and the configuration's `onAgentLine` are called from threads of their own.
    ///
    /// The token goes through a pipe, so that neither the command line nor the environment shows it to others.
    init(
        number: Int, configuration: LocalClusterConfiguration, socketPath: String, token: String,
        onExit: @escaping @Sendable (ProcessEnding) -> Void
    ) throws(ProcessError) {
        self.number = number
        let (tokenReads, tokenWrites) = try Descriptor.pipe()
        try tokenWrites.write(Array(token.utf8))
        let (weRead, agentWrites) = try Descriptor.pipe()
        let output = LineTail()
        self.output = output
        process = try ChildProcess.start(
            ChildCommand(
                executable: configuration.executable,
                arguments: configuration.arguments + ["--socket", socketPath, "--token-descriptor", "3"],
                inherited: [tokenReads], standardError: agentWrites, ownProcessGroup: true), onExit: onExit)
        try OperatingSystemThread.start(name: "agent-lines") {
            output.follow(weRead) { configuration.onAgentLine(number, $0) }
        }
    }
}
