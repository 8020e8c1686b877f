import SluiceCoordinator
import SluiceStore

/// Why a run has no result.
package enum RunFailure: Error, Sendable, Equatable, CustomStringConvertible {
    case couldNotStart(String)
    case interruptedBeforeStart
    case storage(String)
    case internalError(String)

    /// What has ended a run: its own failure, or one of the rooms below.
    init(_ error: any Error) {
        self =
            switch error {
            case let failure as RunFailure: failure
            case let error as StoreError: .storage(error.description)
            case ClusterError.interrupted: .interruptedBeforeStart
            case let error as ClusterError: .couldNotStart(error.description)
            default: .internalError("\(error)")
            }
    }

    package var description: String {
        switch self {
        case .couldNotStart(let reason): reason
        case .interruptedBeforeStart: "interrupted before anything had started"
        case .storage(let reason): reason
        case .internalError(let reason): "internal error: \(reason)"
        }
    }

    /// The same, saying where the part that was measured is.
    func keeping(runID: String) -> RunFailure {
        let kept = "what was measured before is kept as run \(runID)"
        return switch self {
        case .couldNotStart(let reason): .couldNotStart("\(reason)\n\(kept)")
        case .interruptedBeforeStart: self
        case .storage(let reason): .storage("\(reason)\n\(kept)")
        case .internalError(let reason): .internalError("\(reason)\n\(kept)")
        }
    }
}
