import SluiceEngine
import SluiceModel

/// Buffers. 8 belongs to calls of the host that Envoy never makes: it is known and never has data.
extension HostCall {
    private enum Buffer {
        case body(UnsafeMutablePointer<[UInt8]>)
        case readOnly(UnsafeMutablePointer<[UInt8]>)
        case configuration([UInt8])
        case none
        case unknownType
    }

    @inline(__always)
    private func buffer(_ number: UInt32) -> Buffer {
        guard let type = BufferType(rawValue: number) else { return .unknownType }
        switch type {
        case .requestBody: return body(.request)
        case .responseBody: return body(.response)
        case .vmConfiguration: return .configuration(vm.pointee.plugin.vmConfiguration)
        case .pluginConfiguration:
            guard let root, root.pointee.isConfiguring else { return .none }
            return .configuration(root.pointee.plugin.pluginConfiguration)
        case .httpCallResponseBody, .grpcReceiveBuffer: return delivery?.buffer(type).map { .readOnly($0) } ?? .none
        case .downstreamData: return data(.request)
        case .upstreamData: return data(.response)
        case .callData: return .none
        }
    }

    /// The piece that is in its callback, or all that is held while the message is paused here.
    @inline(__always)
    private func body(_ direction: Direction) -> Buffer {
        guard let (stream, filter) = streamAndFilter else { return .none }
        switch filter.pointee[direction].view {
        case .none, .connection: return .none
        case .work: return .body(stream.pointee.body(direction, .work))
        case .held: return .body(stream.pointee.held(direction, at: vm.pointee.active.filter))
        }
    }

    /// What a connection has read or has to write: in the callback, and as long as the plugin has not let it go on.
    private func data(_ direction: Direction) -> Buffer {
        guard let (stream, filter) = streamAndFilter, filter.pointee[direction].view == .connection
        else { return .none }
        return .body(stream.pointee.body(direction, .work))
    }

    /// (buffer, start, maximum, ret bytes, ret size)
    func getBufferBytes() -> ResultCode {
        switch buffer(self[0]) {
        case .unknownType: return .badArgument
        case .none: return .notFound
        case .configuration(let bytes): return bytes.withUnsafeBytes { giveSlice(of: $0) }
        case .body(let body), .readOnly(let body): return body.pointee.withUnsafeBytes { giveSlice(of: $0) }
        }
    }

    /// Start beyond the end gives nothing; the length is cut to what there is.
    @inline(__always)
    private func giveSlice(of bytes: UnsafeRawBufferPointer) -> ResultCode {
        let start = min(Int(self[1]), bytes.count)
        let count = min(Int(self[2]), bytes.count - start)
        return give(
            UnsafeRawBufferPointer(rebasing: bytes[start..<start + count]), addressAt: self[3], sizeAt: self[4])
    }

    /// (buffer, ret length, ret flags)
    func getBufferStatus() -> ResultCode {
        let length: Int
        switch buffer(self[0]) {
        case .unknownType: return .badArgument
        case .none: return .notFound
        case .configuration(let bytes): length = bytes.count
        case .body(let body), .readOnly(let body): length = body.pointee.count
        }
        guard isWritable(self[1], count: 4), isWritable(self[2], count: 4) else { return .invalidMemoryAccess }
        _ = store(UInt32(truncatingIfNeeded: length), at: self[1])
        return store(UInt32(0), at: self[2])
    }

    /// (buffer, start, size, bytes, length): at the start, `size` bytes give way to the new ones; at or behind the end
    /// the new ones are appended; nothing else is possible in Envoy.
    func setBufferBytes() -> ResultCode {
        guard let bytes = bytes(at: self[3], count: self[4]) else { return .invalidMemoryAccess }
        switch buffer(self[0]) {
        case .none: return .notFound
        case .unknownType, .configuration, .readOnly: return .badArgument
        case .body(let body):
            let (start, before) = (Int(self[1]), body.pointee.count)
            guard bytes.count + before <= HostLimits.bodyBytes else {
                noteRefusedChange()
                return .internalFailure
            }
            guard admits(bytes.count) else { return .internalFailure }
            if start == 0 {
                body.pointee.replaceSubrange(0..<min(Int(self[2]), body.pointee.count), with: bytes)
            } else if start >= body.pointee.count {
                body.pointee.append(contentsOf: bytes)
            } else {
                return .badArgument
            }
            if let stream { chargeBody(body.pointee.count - before, to: stream) }
            return .ok
        }
    }
}
