/// What is asked for.
struct HTTPRequest {
    var address: WebAddress
    /// Media types, for the `accept` field.
    var accept: [String] = []
    /// The value of the `authorization` field. It goes to the server of `address` and to no other.
    var authorization: String?
    /// Of the body of a successful response.
    var limitBytes: Int
    /// For messages.
    var what: String
    /// Whether the request and what it is redirected to may go unencrypted to other machines.
    var allowsPlainHTTP = false
}

/// Gets things, and follows redirects within limits.
struct HTTPClient: Sendable {
    var limits: FetchLimits
    /// Of the certificate authorities that are trusted; `nil` for the system's.
    var certificatesPath: String?
    /// Asked again and again during a transfer.
    var isCancelled: @Sendable () -> Bool

    /// The response that is no redirect, whatever its status.
    ///
    /// From `https` there is no way back to `http`, and secrets stay with the server that they are for.
    func get(_ request: HTTPRequest) throws(FetchError) -> HTTPResponse {
        var address = request.address
        for _ in 0...limits.redirects {
            guard address.isEncrypted || request.allowsPlainHTTP || address.isLoopback else {
                throw .redirect(host: address.authority, reason: "it is not encrypted")
            }
            let transfer = HTTPTransfer(
                limits: limits, bodyLimitBytes: request.limitBytes, certificatesPath: certificatesPath,
                isCancelled: isCancelled)
            let isOwnServer = address.hasSameOrigin(as: request.address)
            let response = try transfer.get(
                address, headers: Self.headers(request, withAuthorization: isOwnServer), what: request.what)
            guard [301, 302, 303, 307, 308].contains(response.status) else { return response }
            address = try Self.next(response, from: address)
        }
        throw .redirect(host: address.authority, reason: "there are more than \(limits.redirects) in a row")
    }

    private static func next(_ response: HTTPResponse, from address: WebAddress) throws(FetchError) -> WebAddress {
        guard let next = response.redirect.flatMap({ WebAddress($0) }) else {
            throw .redirect(host: address.authority, reason: "it leads to no http or https address")
        }
        guard next.isEncrypted || !address.isEncrypted else {
            throw .redirect(host: address.authority, reason: "it leads from https to http")
        }
        return next
    }

    private static func headers(_ request: HTTPRequest, withAuthorization: Bool) -> [String] {
        var headers: [String] = []
        if !request.accept.isEmpty { headers.append("Accept: " + request.accept.joined(separator: ", ")) }
        if withAuthorization, let authorization = request.authorization {
            headers.append("Authorization: \(authorization)")
        }
        return headers
    }
}
