/// HTTP statuses where gRPC is concerned.
package enum HTTPStatus {
    /// gRPC's table for responses that carry no status of their own.
    package static func grpcStatus(of status: UInt32) -> UInt32 {
        switch status {
        case 400: 13
        case 401: 16
        case 403: 7
        case 404: 12
        case 429, 502, 503, 504: 14
        default: 2
        }
    }
}
