import SluiceModel

/// The two ways of a message through the chain.
enum Direction: Int, Sendable {
    case request = 0
    case response = 1

    var headersMap: MapType { self == .request ? .requestHeaders : .responseHeaders }
    var trailersMap: MapType { self == .request ? .requestTrailers : .responseTrailers }
}

/// One HTTP stream, or one connection, as host functions see it: plain memory behind a pointer, so that reaching a
/// header or a body costs loads only. Owned by its `HTTPExchange` or `TCPConnection`; every array in it keeps its
/// capacity from one request to the next.
struct StreamState: ~Copyable {
    /// Four header maps, by `MapType`.
    let maps: UnsafeMutablePointer<HeaderBlock>
    /// Body buffers of both directions, by `bodyBuffer`.
    let bodies: UnsafeMutablePointer<[UInt8]>
    /// Body bytes that wait at a filter: two arrays for each, by `held`.
    let waiting: UnsafeMutablePointer<[UInt8]>
    /// One for each filter of the chain, in the order of requests.
    let filters: UnsafeMutablePointer<FilterSlot>
    let filterCount: Int
    /// What filters stored with `proxy_set_property`: paths as names.
    var properties = HeaderBlock()
    var localResponse = LocalResponse()
    /// `proxy_close_stream` was called.
    var resetRequested = false
    /// Work for the chain is waiting in `localResponse`, `resetRequested` or a filter's `continueRequested`.
    var hasRequests = false
    /// The host is in the exchange's own code, which sees to `hasRequests` itself.
    var isDriven = false
    /// The exchange is in the chain's list of those with work waiting.
    var isListed = false
    /// The stream is over, and plugins can ask nothing of it any more.
    var isFinishing = false
    /// `on_log` is running: maps are read-only.
    var isLogging = false
    /// Response headers exist: from the upstream, or of a local response.
    var hasResponseHeaders = false
    var hasRequestTrailers = false
    var hasResponseTrailers = false
    var requestIndex: Int64 = -1
    var beginNanoseconds: Int64 = 0
    /// 0 until the exchange is complete.
    var endNanoseconds: Int64 = 0
    /// When the upstream got the request, and when it answered.
    var upstreamNanoseconds: Int64 = 0
    var responseNanoseconds: Int64 = 0
    /// What plugins have added to the maps, buffers and properties, less what they have taken away: part of the
    /// chain's `streamBytes`.
    var addedBytes = 0
    /// Of it what a connection's buffers held when a plugin last changed one: they are emptied meanwhile.
    var countedDataBytes = 0
    var requestBodyBytes = 0
    var responseBodyBytes = 0
    /// The response is the upstream's.
    var isViaUpstream = false
    /// `response.code_details` of any other response.
    var responseDetails: [UInt8] = []
    /// Whose the stream is: one of the two.
    unowned(unsafe) let exchange: HTTPExchange?
    unowned(unsafe) let connection: TCPConnection?

    /// The stream is a connection, and no HTTP.
    var isConnection: Bool { connection != nil }

    enum BodyBuffer: Int {
        /// What the target put in, and what came out at the other end of the chain.
        case message = 0
        /// What has not entered the chain yet.
        case source = 1
        /// The piece that is on its way.
        case work = 2
    }

    init(filterCount: Int, exchange: HTTPExchange? = nil, connection: TCPConnection? = nil) {
        maps = .allocate(capacity: 4)
        maps.initialize(repeating: HeaderBlock(), count: 4)
        bodies = .allocate(capacity: 6)
        bodies.initialize(repeating: [], count: 6)
        waiting = .allocate(capacity: 2 * filterCount)
        waiting.initialize(repeating: [], count: 2 * filterCount)
        filters = .allocate(capacity: filterCount)
        filters.initialize(repeating: FilterSlot(), count: filterCount)
        self.filterCount = filterCount
        self.exchange = exchange
        self.connection = connection
    }

    deinit {
        maps.deinitialize(count: 4)
        maps.deallocate()
        bodies.deinitialize(count: 6)
        bodies.deallocate()
        waiting.deinitialize(count: 2 * filterCount)
        waiting.deallocate()
        filters.deinitialize(count: filterCount)
        filters.deallocate()
    }

    @inline(__always) func map(_ type: MapType) -> UnsafeMutablePointer<HeaderBlock> { maps + Int(type.rawValue) }

    @inline(__always) func body(_ direction: Direction, _ buffer: BodyBuffer) -> UnsafeMutablePointer<[UInt8]> {
        bodies + (3 * direction.rawValue + buffer.rawValue)
    }

    @inline(__always) func held(_ direction: Direction, at filter: Int) -> UnsafeMutablePointer<[UInt8]> {
        waiting + (2 * filter + direction.rawValue)
    }

    @inline(__always) func hasTrailers(_ direction: Direction) -> Bool {
        direction == .request ? hasRequestTrailers : hasResponseTrailers
    }

    mutating func setHasTrailers(_ direction: Direction) {
        if direction == .request { hasRequestTrailers = true } else { hasResponseTrailers = true }
    }
}

/// One filter's part in a stream.
struct FilterSlot {
    enum Mode {
        /// Callbacks go to `vm`.
        case running
        /// As if the filter were not there.
        case bypassed
        /// No VM, and the policy does not let requests pass without one.
        case refused
    }

    var mode = Mode.bypassed
    /// The VM that was current when the stream began; it counts the stream and lives as long.
    var vm: UnsafeMutablePointer<VMState>?
    /// The plugin's root context in it.
    var root: UnsafeMutablePointer<RootState>?
    /// 0 until the context is created in the VM.
    var contextID: UInt32 = 0
    /// Requests begun in the VM up to and including this one.
    var vmRequestNumber = 0
    /// The 503 for a failed VM was sent.
    var hasFailedStream = false
    /// Bit n: header map n is available to the plugin.
    var availableMaps: UInt8 = 0
    private var flows = InlineArray<2, FilterFlow>(repeating: FilterFlow())

    subscript(direction: Direction) -> FilterFlow {
        @inline(__always) get { flows[direction.rawValue] }
        @inline(__always) _modify { yield &flows[direction.rawValue] }
    }

    @inline(__always)
    func isAvailable(_ map: UInt32) -> Bool { availableMaps &>> UInt8(truncatingIfNeeded: map) & 1 != 0 }
    @inline(__always)
    mutating func makeAvailable(_ map: MapType) { availableMaps |= 1 &<< UInt8(truncatingIfNeeded: map.rawValue) }
    @inline(__always)
    mutating func makeUnavailable(_ map: MapType) { availableMaps &= ~(1 &<< UInt8(truncatingIfNeeded: map.rawValue)) }

}

/// How far one message has come at one filter.
struct FilterFlow {
    enum Stop {
        case none
        /// By the headers callback: nothing of this direction is delivered until the plugin continues.
        case all
        /// By the headers callback: the headers wait, the body is delivered.
        case headers
        /// By a body callback.
        case data
        /// By the trailers callback.
        case trailers
    }

    enum BodyView {
        /// No body is visible to the plugin.
        case none
        /// The piece on its way.
        case work
        /// All that is held here.
        case held
        /// What a connection has read, or has to write: of all filters together.
        case connection
    }

    var stop = Stop.none
    /// The headers went on to the next filter.
    var headersPassed = false
    var receivedData = false
    var receivedEnd = false
    var receivedTrailers = false
    /// `proxy_continue_stream` was called.
    var continueRequested = false
    /// The body callback that is running, or that paused, had `end_of_stream` set: trailers can still be created.
    var mayCreateTrailers = false
    var view = BodyView.none
}

/// What `proxy_send_local_response` asked for.
struct LocalResponse {
    var isRequested = false
    var status: UInt32 = 0
    /// 0 to 16; `nil` when the plugin gave none.
    var grpcStatus: Int32?
    var body: [UInt8] = []
    var details: [UInt8] = []
    var headers = HeaderBlock()

    mutating func reset() {
        isRequested = false
        body.emptyForReuse()
        details.removeAll(keepingCapacity: true)
        headers.removeAll()
    }
}

extension [UInt8] {
    /// Buffers above this size are given back instead of being kept for the next request.
    static let keptCapacityBytes = 1 << 20

    @inline(__always)
    mutating func emptyForReuse() {
        guard capacity > 0 else { return }
        if capacity > Self.keptCapacityBytes { self = [] } else if !isEmpty { removeAll(keepingCapacity: true) }
    }

    /// Moves all bytes of `other` to the end, by exchange of the buffers where that is enough.
    mutating func take(_ other: inout [UInt8]) {
        if isEmpty { swap(&self, &other) } else { append(contentsOf: other) }
        if !other.isEmpty { other.removeAll(keepingCapacity: true) }
    }
}

// Of the pointer, because a borrow of a large value that is not copyable copies it into the callee's frame.
extension UnsafeMutablePointer<StreamState> {
    /// The number in `:status`; `nil` without a response, or when a plugin has put something else there.
    var responseStatus: Int? {
        let name: StaticString = ":status"
        let headers = pointee.map(.responseHeaders)
        guard pointee.hasResponseHeaders else { return nil }
        // That is where it is, unless a plugin has moved it.
        let first = HeaderFields.isFirst(name, in: headers) ? 0 : HeaderFields.firstIndex(of: name.bytes, in: headers)
        guard let index = first else { return nil }
        return headers.withField(at: index) { _, value in
            guard value.count <= 3, let digits = value.baseAddress else { return nil }
            var number = 0
            for offset in 0..<value.count {
                let digit = digits.load(fromByteOffset: offset, as: UInt8.self) &- 0x30
                guard digit < 10 else { return nil }
                number = 10 &* number &+ Int(digit)
            }
            return value.isEmpty ? nil : number
        }
    }
}
