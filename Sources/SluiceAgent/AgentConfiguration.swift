import Glibc
package import SluiceProcess

/// What an agent is started with.
package struct AgentConfiguration: Sendable {
    /// Of the coordinator, absolute. The agent keeps what it fetches in a folder of its own beside it.
    package var socketPath: String
    /// The run's secret, which the coordinator asks for.
    package var token: String
    /// Of this program; the coordinator lets in none but its own.
    package var buildVersion: String
    /// The program that is started for each trial; this one itself unless a test says otherwise.
    package var executable: String
    /// With which the program becomes the process of a trial.
    package var trialArguments: [String]
    /// With which it becomes the process that compiles a module.
    package var compileArguments: [String]
    /// `nil`: nothing is kept for later runs.
    package var cacheDirectory: String?

    package init(
        socketPath: String, token: String, buildVersion: String, executable: String = OwnExecutable.path,
        trialArguments: [String] = ["agent-trial"], compileArguments: [String] = ["agent-compile"],
        cacheDirectory: String? = CacheDirectory.defaultPath()
    ) {
        self.socketPath = socketPath
        self.token = token
        self.buildVersion = buildVersion
        self.executable = executable
        self.trialArguments = trialArguments
        self.compileArguments = compileArguments
        self.cacheDirectory = cacheDirectory
    }

    /// Reads the run's token from a descriptor that the coordinator has left open for this process, and closes it.
    package static func token(fromDescriptor number: Int32) throws(ProcessError) -> String {
        guard fcntl(number, F_GETFD) >= 0 else { throw .last("read the token from descriptor \(number)") }
        return String(decoding: try Descriptor(owning: number).readToEnd(limit: 1024), as: UTF8.self)
    }

    static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
