import CLinux
import Dispatch
import Glibc
import Synchronization

/// What to start, and what it gets from us. Everything else that is open here stays closed there.
package struct ChildCommand: Sendable {
    /// The program's file; it is not searched for in `$PATH`.
    package var executable: String
    /// Without the program's name.
    package var arguments: [String]
    /// They become descriptors 3, 4 … of the child.
    package var inherited: [Descriptor]
    /// The child's standard error; `nil`: ours. Its standard output goes the same way, its standard input is empty.
    package var standardError: Descriptor?
    /// Keeps the terminal's Ctrl-C from the child: only its parent decides how it ends.
    package var ownProcessGroup: Bool

    package init(
        executable: String, arguments: [String], inherited: [Descriptor] = [], standardError: Descriptor? = nil,
        ownProcessGroup: Bool = false
    ) {
        self.executable = executable
        self.arguments = arguments
        self.inherited = inherited
        self.standardError = standardError
        self.ownProcessGroup = ownProcessGroup
    }
}

/// A child process, from its start to the end that is always waited for.
package final class ChildProcess: Sendable {
    /// As the kernel gave it; another process may have it after the end.
    package let processID: Int32
    private let ended = Mutex<ProcessEnding?>(nil)

    private init(processID: Int32) { self.processID = processID }

    /// Starts the process, and calls `onExit` once after it has ended.
    ///
    /// One thread starts the child and waits for it. It has to be the same one: a child that asked for a signal
    /// at its parent's death gets it when the *thread* that started it ends, and threads of a pool do end.
    package static func start(
        _ command: ChildCommand, onExit: @escaping @Sendable (ProcessEnding) -> Void
    ) throws(ProcessError) -> ChildProcess {
        let shared = SpawnOutcome(command)
        try OperatingSystemThread.start(name: "child") {
            do throws(ProcessError) {
                let child = ChildProcess(processID: try spawn(shared.takeCommand()))
                shared.finish(.success(child))
                onExit(child.waitAndReap())
            } catch {
                shared.finish(.failure(error))
            }
        }
        return try shared.wait().get()
    }

    /// Sends a signal, unless the process has ended already.
    package func signal(_ number: Int32) {
        ended.withLock { if $0 == nil { _ = Glibc.kill(processID, number) } }
    }

    /// Ends the process at once.
    package func kill() { signal(SIGKILL) }

    /// `nil` while it runs.
    package var exitStatus: ProcessEnding? { ended.withLock { $0 } }

    private func waitAndReap() -> ProcessEnding {
        var information = siginfo_t()
        while waitid(P_PID, id_t(processID), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        return ended.withLock { ended in
            // Reaping frees the number for another process, so it must not happen between a look and a signal.
            var status: Int32 = 0
            while waitpid(processID, &status, 0) < 0, errno == EINTR {}
            let result = ProcessEnding(waitStatus: status)
            ended = result
            return result
        }
    }
}

/// Hands the command to the child's thread, and the result of starting back to the caller.
private final class SpawnOutcome: Sendable {
    private let command: Mutex<ChildCommand?>
    private let result = Mutex<Result<ChildProcess, ProcessError>?>(nil)
    private let ready = DispatchSemaphore(value: 0)

    init(_ command: ChildCommand) { self.command = Mutex(command) }

    /// Once: what the child inherits must not stay open here while it runs.
    func takeCommand() -> ChildCommand {
        command.withLock { command in
            defer { command = nil }
            return command!
        }
    }

    func finish(_ value: Result<ChildProcess, ProcessError>) {
        result.withLock { $0 = value }
        ready.signal()
    }

    func wait() -> Result<ChildProcess, ProcessError> {
        ready.wait()
        return result.withLock { $0! }
    }
}

private func spawn(_ command: ChildCommand) throws(ProcessError) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    if let standardError = command.standardError {
        posix_spawn_file_actions_adddup2(&actions, standardError.number, STDERR_FILENO)
    }
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO)
    for (index, descriptor) in command.inherited.enumerated() {
        posix_spawn_file_actions_adddup2(&actions, descriptor.number, Int32(3 + index))
    }
    sluice_spawn_close_from(&actions, Int32(3 + command.inherited.count))

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    var flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    if command.ownProcessGroup { flags |= POSIX_SPAWN_SETPGROUP }
    posix_spawnattr_setflags(&attributes, Int16(flags))

    var arguments: [UnsafeMutablePointer<CChar>?] = ([command.executable] + command.arguments).map { strdup($0) }
    arguments.append(nil)
    defer { for argument in arguments { free(argument) } }
    var processID: Int32 = 0
    let code = posix_spawn(
        &processID, command.executable, &actions, &attributes, arguments, sluice_environment())
    withExtendedLifetime(command) {}
    guard code == 0 else { throw .cannotStart(executable: command.executable, code: code) }
    return processID
}
