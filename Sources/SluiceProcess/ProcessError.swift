import Glibc

/// What the operating system refused.
package enum ProcessError: Error, Equatable, CustomStringConvertible {
    /// A call failed: what was tried, and `errno`.
    case system(attempt: String, code: Int32)
    /// The program to start cannot be run.
    case cannotStart(executable: String, code: Int32)
    /// A directory is not ours alone.
    case notPrivate(path: String, reason: String)
    /// A frame announces more bytes than are allowed, or is longer than that.
    case frameTooLarge(bytes: Int, limitBytes: Int)
    /// The other end closed in the middle of a frame.
    case frameCut

    package var description: String {
        switch self {
        case .system(let attempt, let code): "\(attempt): \(Self.text(code))"
        case .cannotStart(let executable, let code): "cannot start \(executable): \(Self.text(code))"
        case .notPrivate(let path, let reason): "\(path) must be a directory of this user alone: \(reason)"
        case .frameTooLarge(let bytes, let limit): "a message of \(bytes) bytes is over the limit of \(limit) bytes"
        case .frameCut: "the other process closed its pipe in the middle of a message"
        }
    }

    /// The error of the call that has just failed.
    package static func last(_ attempt: String) -> ProcessError { .system(attempt: attempt, code: errno) }

    private static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
