package import SluiceModel

/// What can go wrong between a coordinator and its agents.
package enum WireError: Error, Equatable, CustomStringConvertible {
    /// A message that this build does not understand.
    case malformed(String)
    /// The coordinator did not let the agent in, or did not answer a request, and said why.
    case refused(reason: String)
    /// The connection could not be made or has ended.
    case disconnected(reason: String)
    /// What arrived is not what was asked for.
    case contentMismatch(expected: ContentHash, received: ContentHash, bytes: Int)
    /// More than a plan or module may have.
    case contentTooLarge(hash: ContentHash, limitBytes: Int)
    /// The socket cannot be listened on.
    case cannotListen(path: String, reason: String)

    package var description: String {
        switch self {
        case .malformed(let what): "a message cannot be understood: \(what)"
        case .refused(let reason): "the coordinator refused: \(reason)"
        case .disconnected(let reason): "the connection to the coordinator is gone: \(reason)"
        case .contentMismatch(let expected, let received, let bytes):
            "the \(bytes) bytes that arrived for \(expected) have the hash \(received)"
        case .contentTooLarge(let hash, let limit): "\(hash) is larger than the limit of \(Units.bytes(limit))"
        case .cannotListen(let path, let reason): "cannot listen on \(path): \(reason)"
        }
    }
}
