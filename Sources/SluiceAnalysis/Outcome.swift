/// The exit codes of the command, worst first where several apply.
package enum ExitCode: Int32, Sendable, Codable, Equatable, CaseIterable {
    case pass = 0
    case budgetFailed = 1
    /// Usage, a bad file, or it could not start.
    case usage = 2
    case inconclusive = 3
    case invalid = 4
    /// An agent was lost.
    case degraded = 5
    /// An internal error, or the store.
    case internalError = 70
    case interrupted = 130

    /// From the one that wins over all others to the one that yields to all.
    package static let precedence: [ExitCode] = [
        .interrupted, .internalError, .usage, .degraded, .invalid, .budgetFailed, .inconclusive, .pass,
    ]

    /// The one to exit with when all of these apply; `pass` when none does.
    package static func worst(of codes: [ExitCode]) -> ExitCode {
        precedence.first { codes.contains($0) } ?? .pass
    }

    /// The word on the verdict card.
    package var word: String {
        switch self {
        case .pass: "PASS"
        case .budgetFailed: "FAIL"
        case .usage: "NOT STARTED"
        case .inconclusive: "INCONCLUSIVE"
        case .invalid: "INVALID"
        case .degraded: "DEGRADED"
        case .internalError: "ERROR"
        case .interrupted: "INTERRUPTED"
        }
    }
}
