import SluiceEngine
import SluiceModel

/// What a plugin asks of its stream. All of it happens after the guest has returned.
extension HostCall {
    /// (status, details, size, body, size, headers, size, grpc status)
    func sendLocalResponse() -> ResultCode {
        guard let details = bytes(at: self[1], count: self[2]), let body = bytes(at: self[3], count: self[4]),
            let headers = bytes(at: self[5], count: self[6])
        else { return .invalidMemoryAccess }
        guard let stream, !stream.pointee.isFinishing, !stream.pointee.isConnection,
            !stream.pointee.localResponse.isRequested
        else { return .ok }
        guard body.count <= HostLimits.bodyBytes, details.count <= HostLimits.propertyBytes else {
            noteRefusedChange()
            return .internalFailure
        }
        let added = body.count + details.count + headers.count
        guard admits(added) else { return .internalFailure }
        charge(added, to: stream)
        stream.pointee.localResponse.reset()
        stream.pointee.localResponse.isRequested = true
        stream.pointee.localResponse.status = self[0]
        stream.pointee.localResponse.grpcStatus = self[7] <= 16 ? Int32(self[7]) : nil
        stream.pointee.localResponse.body.append(contentsOf: body)
        for byte in details {
            stream.pointee.localResponse.details.append(Self.isWhitespace(byte) ? UInt8(ascii: "_") : byte)
        }
        withUnsafeMutablePointer(to: &stream.pointee.localResponse.headers) { map in
            PairsCodec.forEachPair(in: headers) { name, value in
                _ = HeaderFields.add(name, value, to: map, scratch: &vm.pointee.scratch)
            }
        }
        noteRequest(stream)
        return .ok
    }

    private static func isWhitespace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }

    /// (stream type)
    func continueStream() -> ResultCode {
        guard let type = StreamType(rawValue: self[0]) else { return .badArgument }
        switch type {
        case .request: return continueMessage(.request)
        case .response: return continueMessage(.response)
        case .downstream: return continueReading()
        case .upstream: return .unimplemented
        }
    }

    /// Lets a connection go on behind the filter.
    private func continueReading() -> ResultCode {
        guard let (stream, filter) = streamAndFilter, stream.pointee.isConnection, !stream.pointee.isFinishing
        else { return .ok }
        filter.pointee[.request].continueRequested = true
        noteRequest(stream)
        return .ok
    }

    /// Lets a paused message go on.
    func continueMessage(_ direction: Direction) -> ResultCode {
        guard let (stream, filter) = streamAndFilter, !stream.pointee.isFinishing, !stream.pointee.isConnection
        else { return .ok }
        filter.pointee[direction].continueRequested = true
        noteRequest(stream)
        return .ok
    }

    /// (stream type)
    func closeStream() -> ResultCode {
        guard let type = StreamType(rawValue: self[0]) else { return .badArgument }
        let isConnections = type == .downstream || type == .upstream
        guard let stream, stream.pointee.isConnection == isConnections, !stream.pointee.isFinishing
        else { return .ok }
        stream.pointee.resetRequested = true
        noteRequest(stream)
        return .ok
    }
}
