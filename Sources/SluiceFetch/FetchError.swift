package import SluiceModel

/// Why a module could not be fetched.
package enum FetchError: Error, Equatable, CustomStringConvertible {
    /// No answer: no such host, nobody listens, a certificate that is not trusted, a time limit.
    case unreachable(host: String, reason: String)
    /// Something answered, but it does not speak TLS.
    case withoutTLS(host: String)
    /// The server answered with an error.
    case status(Int, from: String, detail: String)
    /// The registry wants to know who asks; the hint says what to do about it.
    case unauthorised(host: String, hint: String)
    /// There is no such file, repository, tag or blob.
    case notFound(what: String, host: String)
    /// The content is not what it has to be.
    case hashMismatch(what: String, expected: ContentHash, found: ContentHash)
    /// More bytes than are accepted.
    case tooLarge(what: String, limitBytes: Int)
    /// The content is no core Wasm module in binary form.
    case notWasm(reason: String)
    /// A redirect that is not followed.
    case redirect(host: String, reason: String)
    /// An answer that makes no sense, or that we do not understand.
    case unusable(what: String, reason: String)
    /// The user wanted an end.
    case interrupted

    package var description: String {
        switch self {
        case .unreachable(let host, let reason): "cannot reach \(host): \(reason)"
        case .withoutTLS(let host): "\(host) does not speak TLS; only a registry on this machine is used without"
        case .status(let status, let host, let detail):
            "\(host) answers with status \(status)" + (detail.isEmpty ? "" : " (\(detail))")
        case .unauthorised(let host, let hint): "\(host) refuses access (status 401 or 403): \(hint)"
        case .notFound(let what, let host): "\(host) has no \(what) (status 404)"
        case .hashMismatch(let what, let expected, let found):
            "sha256 mismatch: \(what) should have \(expected) and has \(found)"
        case .tooLarge(let what, let limit): "\(what) is larger than \(Units.bytes(limit))"
        case .notWasm(let reason): "not a Wasm module: \(reason)"
        case .redirect(let host, let reason): "the redirect from \(host) is not followed: \(reason)"
        case .unusable(let what, let reason): "\(what): \(reason)"
        case .interrupted: "interrupted"
        }
    }
}
