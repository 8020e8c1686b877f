import Glibc

/// How a process ended.
package enum ProcessEnding: Sendable, Equatable, CustomStringConvertible {
    case exited(code: Int32)
    case killed(signal: Int32)

    /// - Parameter waitStatus: what `waitpid` gave.
    init(waitStatus: Int32) {
        let signal = waitStatus & 0x7f
        self = signal == 0 ? .exited(code: (waitStatus >> 8) & 0xff) : .killed(signal: signal)
    }

    /// It exited with code 0.
    package var isSuccess: Bool { self == .exited(code: 0) }

    /// `exited with code 3`, `was killed by SIGSEGV (Segmentation fault)`.
    package var description: String {
        switch self {
        case .exited(let code): "exited with code \(code)"
        case .killed(let signal):
            "was killed by \(Self.names[signal] ?? "signal \(signal)") (\(String(cString: strsignal(signal))))"
        }
    }

    private static let names: [Int32: String] = [
        SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL", SIGTRAP: "SIGTRAP",
        SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGKILL: "SIGKILL", SIGUSR1: "SIGUSR1",
        SIGSEGV: "SIGSEGV", SIGUSR2: "SIGUSR2", SIGPIPE: "SIGPIPE", SIGALRM: "SIGALRM", SIGTERM: "SIGTERM",
        SIGXCPU: "SIGXCPU", SIGXFSZ: "SIGXFSZ", SIGSYS: "SIGSYS",
    ]
}
