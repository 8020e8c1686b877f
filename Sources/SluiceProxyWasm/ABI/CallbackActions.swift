/// What a headers callback asks for.
enum HeadersAction: Sendable {
    case proceed
    /// The headers wait; body callbacks follow, and the first that lets its data pass lets the headers go before it.
    case stop
    /// No callbacks of this direction for this plugin until it continues; the host keeps the body.
    case stopAll

    /// 1 (stop iteration) acts as 4 (stop all, with flow control), as in the C++ host without
    /// `allow_on_headers_stop_iteration`; values above the maximum act as 4; Envoy takes 2 for "continue".
    init(returned value: UInt32, allowsStop: Bool) {
        switch value {
        case 0, 2: self = .proceed
        case 1 where allowsStop: self = .stop
        default: self = .stopAll
        }
    }
}

/// What a body callback asks for.
enum DataAction: Sendable {
    case proceed
    /// The next callback sees these bytes and the new ones. Values 1 and 2 differ in flow control only.
    case buffer
    /// These bytes are gone.
    case discard

    init(returned value: UInt32) {
        switch value {
        case 0: self = .proceed
        case 1, 2: self = .buffer
        default: self = .discard
        }
    }
}

/// What a trailers callback asks for.
enum TrailersAction: Sendable {
    case proceed, stop

    init(returned value: UInt32) { self = value == 0 ? .proceed : .stop }
}
