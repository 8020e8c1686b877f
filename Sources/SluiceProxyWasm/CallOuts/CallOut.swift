package import SluiceModel

/// One HTTP or gRPC call of a plugin to a cluster, and the next one after it: these objects are used again and again.
///
/// The target reads what the plugin sends, puts the answer into the response properties, and has it delivered by
/// `FilterChain.deliver`.
package final class CallOut {
    /// How the plugin started it.
    package enum Kind: UInt32, Sendable {
        case http = 0
        case grpcCall = 1
        case grpcStream = 2
    }

    /// Which maps and buffers of it a plugin sees; during its callbacks only.
    enum View {
        case nothing, httpResponse, initialMetadata, trailingMetadata, message
    }

    /// Counts the objects of a chain from 0.
    package let slot: Int
    /// How the plugin started it.
    package internal(set) var kind = Kind.http
    /// Position among the chain's clusters.
    package internal(set) var cluster = 0
    /// Counts the call-outs of a chain from 0.
    package internal(set) var number: Int64 = 0
    /// Another one once the object stands for another call-out.
    package internal(set) var generation: UInt32 = 0
    /// The longest time to an answer; 0 for any.
    package internal(set) var timeoutNanoseconds: Int64 = 0
    /// What the plugin sends: headers or initial metadata.
    package internal(set) var requestHeaders = HeaderBlock()
    /// A body, or the last message.
    package internal(set) var requestBody: [UInt8] = []
    /// Trailers of an HTTP request.
    package internal(set) var requestTrailers = HeaderBlock()

    /// Headers with `:status`, or initial metadata.
    package var responseHeaders: HeaderBlock {
        _read { yield maps[0] }
        _modify { yield &maps[0] }
    }
    /// Trailers, or trailing metadata.
    package var responseTrailers: HeaderBlock {
        _read { yield maps[1] }
        _modify { yield &maps[1] }
    }
    /// A body, or one message.
    package var responseBody: [UInt8] {
        _read { yield body.pointee }
        _modify { yield &body.pointee }
    }
    /// The text beside a gRPC status.
    package var statusMessage: [UInt8] = []

    let maps: UnsafeMutablePointer<HeaderBlock>
    let body: UnsafeMutablePointer<[UInt8]>
    /// `nil`: nothing is under way.
    var vm: UnsafeMutablePointer<VMState>?
    var root: UnsafeMutablePointer<RootState>?
    var token: UInt32 = 0
    /// While it is under way what it counts for among the bytes of all; while it is not, what its buffers keep.
    var countedBytes = 0
    var view = View.nothing
    /// The plugin has said that it sends no more.
    var isLocalClosed = false
    /// The other side has closed the stream, or given its whole answer.
    package internal(set) var isRemoteClosed = false
    /// A callback for it is running: it cannot be used again yet.
    var isDelivering = false

    init(slot: Int) {
        self.slot = slot
        maps = .allocate(capacity: 2)
        maps.initialize(repeating: HeaderBlock(), count: 2)
        body = .allocate(capacity: 1)
        body.initialize(to: [])
    }

    deinit {
        maps.deinitialize(count: 2)
        maps.deallocate()
        body.deinitialize(count: 1)
        body.deallocate()
    }

    func prepare(number: Int64) {
        self.number = number
        generation &+= 1
        requestHeaders.removeAll()
        requestBody.emptyForReuse()
        requestTrailers.removeAll()
        emptyResponse()
        isLocalClosed = false
        isRemoteClosed = false
        timeoutNanoseconds = 0
    }

    /// What its buffers keep for the next call-out.
    var keptBytes: Int {
        requestHeaders.byteCapacity + requestTrailers.byteCapacity + maps[0].byteCapacity + maps[1].byteCapacity
            + requestBody.capacity + body.pointee.capacity + statusMessage.capacity
    }

    func dropBuffers() {
        requestHeaders = HeaderBlock()
        requestTrailers = HeaderBlock()
        requestBody = []
        for index in 0..<2 { maps[index] = HeaderBlock() }
        body.pointee = []
        statusMessage = []
    }

    func emptyResponse() {
        maps[0].removeAll()
        maps[1].removeAll()
        body.pointee.emptyForReuse()
        statusMessage.removeAll(keepingCapacity: true)
    }

    /// The map of this number if it is part of what the plugin may see now.
    func map(_ type: MapType) -> UnsafeMutablePointer<HeaderBlock>? {
        switch (view, type) {
        case (.httpResponse, .httpCallResponseHeaders), (.initialMetadata, .grpcReceiveInitialMetadata): maps
        case (.httpResponse, .httpCallResponseTrailers): maps[1].isEmpty ? nil : maps + 1
        case (.trailingMetadata, .grpcReceiveTrailingMetadata): maps + 1
        default: nil
        }
    }

    /// The same for buffers.
    func buffer(_ type: BufferType) -> UnsafeMutablePointer<[UInt8]>? {
        switch (view, type) {
        case (.httpResponse, .httpCallResponseBody), (.message, .grpcReceiveBuffer): body
        default: nil
        }
    }
}

/// Something that a plugin did with a call-out and that the target has to see to.
package struct CallOutRequest {
    /// What the plugin did.
    package enum Kind: Sendable {
        /// A new one.
        case opened
        /// A gRPC stream: another message, which is in `requestBody`.
        case message
        /// A gRPC stream: nothing follows from the plugin.
        case endOfStream
    }

    /// Which call-out it is about.
    package let callOut: CallOut
    /// That of the call-out at the time: if it is another one now, the call-out is over.
    package let generation: UInt32
    /// What the plugin did.
    package let kind: Kind
}

/// What a target has for a call-out.
package enum CallOutEvent: Sendable, Equatable {
    /// HTTP: the response is complete.
    case response
    /// HTTP: the connection was reset.
    case reset
    /// A gRPC stream: `responseHeaders`.
    case initialMetadata
    /// `responseBody`; ends a gRPC call.
    case message
    /// A gRPC stream: `responseTrailers`.
    case trailingMetadata
    /// gRPC: the end with this status, and `statusMessage`.
    case close(status: UInt32)
}
