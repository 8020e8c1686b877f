import SluiceEngine
import SluiceModel

/// HTTP and gRPC call-outs; arguments are checked in the order of Envoy.
extension HostCall {
    /// (upstream, size, headers, size, body, size, trailers, size, timeout, ret token)
    func httpCall() -> ResultCode {
        guard let upstream = bytes(at: self[0], count: self[1]), let headers = bytes(at: self[2], count: self[3]),
            let body = bytes(at: self[4], count: self[5]), let trailers = bytes(at: self[6], count: self[7]),
            store(UInt32(0), at: self[9]) == .ok
        else { return .invalidMemoryAccess }
        guard Int32(bitPattern: self[8]) >= 0, let cluster = vm.pointee.services.cluster(named: upstream)
        else { return .badArgument }
        guard Self.requiredHeaders.allSatisfy({ Self.contains($0, headers) }) else { return .badArgument }
        let size = headers.count + body.count + trailers.count
        guard let root, let callOut = vm.pointee.desk.open(.http, cluster: cluster, vm: vm, root: root, byteCount: size)
        else { return .internalFailure }
        fill(&callOut.requestHeaders, with: headers)
        if !body.isEmpty {
            callOut.requestBody.append(contentsOf: body)
            setContentLength(body.count, &callOut.requestHeaders)
        }
        fill(&callOut.requestTrailers, with: trailers)
        callOut.timeoutNanoseconds = Int64(self[8]) * 1_000_000
        vm.pointee.desk.note(.opened, callOut)
        return store(callOut.token, at: self[9])
    }

    private static let requiredHeaders: [StaticString] = [":method", ":path", ":authority"]

    private static func contains(_ name: StaticString, _ pairs: UnsafeRawBufferPointer) -> Bool {
        var found = false
        PairsCodec.forEachPair(in: pairs) { candidate, _ in
            if candidate.elementsEqual(name.bytes) { found = true }
        }
        return found
    }

    private func fill(_ block: inout HeaderBlock, with pairs: UnsafeRawBufferPointer) {
        withUnsafeMutablePointer(to: &block) { block in
            PairsCodec.forEachPair(in: pairs) { name, value in
                _ = HeaderFields.add(name, value, to: block, scratch: &vm.pointee.scratch)
            }
        }
    }

    private func setContentLength(_ count: Int, _ block: inout HeaderBlock) {
        let name: StaticString = "content-length"
        withUnsafeMutablePointer(to: &block) { block in
            HeaderFields.removeAll(name.bytes, from: block)
            LocalReply.append(UInt32(truncatingIfNeeded: count), name: name, to: block)
        }
    }

    // MARK: gRPC

    /// (service, size, service name, size, method, size, metadata, size, message, size, timeout, ret token)
    func grpcCall() -> ResultCode {
        guard let message = bytes(at: self[8], count: self[9]) else { return .invalidMemoryAccess }
        return openGRPC(.grpcCall, tokenAt: self[11], messageBytes: message.count) { callOut in
            callOut.requestBody.append(contentsOf: message)
            callOut.timeoutNanoseconds = max(0, Int64(Int32(bitPattern: self[10]))) * 1_000_000
        }
    }

    /// (service, size, service name, size, method, size, metadata, size, ret token)
    func grpcStream() -> ResultCode { openGRPC(.grpcStream, tokenAt: self[8], messageBytes: 0) { _ in } }

    private func openGRPC(
        _ kind: CallOut.Kind, tokenAt: UInt32, messageBytes: Int, _ complete: (CallOut) -> Void
    ) -> ResultCode {
        guard let service = bytes(at: self[0], count: self[1]), bytes(at: self[2], count: self[3]) != nil,
            bytes(at: self[4], count: self[5]) != nil, let metadata = bytes(at: self[6], count: self[7]),
            store(UInt32(0), at: tokenAt) == .ok
        else { return .invalidMemoryAccess }
        let cluster: Int
        if let known = vm.pointee.services.cluster(named: service) {
            cluster = known
        } else {
            guard let message = GRPCService.cluster(in: service) else { return .parseFailure }
            guard let name = message else { return .badArgument }
            guard let known = vm.pointee.services.cluster(named: name) else { return .internalFailure }
            cluster = known
        }
        let size = metadata.count + messageBytes
        guard let root, let callOut = vm.pointee.desk.open(kind, cluster: cluster, vm: vm, root: root, byteCount: size)
        else { return .internalFailure }
        fill(&callOut.requestHeaders, with: metadata)
        complete(callOut)
        vm.pointee.desk.note(.opened, callOut)
        return store(callOut.token, at: tokenAt)
    }

    /// (token, message, size, end)
    func grpcSend() -> ResultCode {
        guard let message = bytes(at: self[1], count: self[2]) else { return .invalidMemoryAccess }
        guard self[0] & 3 == CallOut.Kind.grpcStream.rawValue else { return .badArgument }
        guard let callOut = vm.pointee.desk.find(vm, token: self[0]) else { return .notFound }
        guard !callOut.isLocalClosed, !callOut.isRemoteClosed else { return .ok }
        guard vm.pointee.desk.makeRoom(forMessageOf: message.count, in: callOut) else { return .internalFailure }
        callOut.requestBody.removeAll(keepingCapacity: true)
        callOut.requestBody.append(contentsOf: message)
        vm.pointee.desk.note(.message, callOut)
        if self[3] != 0 { endStream(callOut) }
        return .ok
    }

    private func endStream(_ callOut: CallOut) {
        callOut.isLocalClosed = true
        vm.pointee.desk.note(.endOfStream, callOut)
    }

    /// (token): gives up a call or a stream.
    func grpcCancel() -> ResultCode {
        withGRPC { vm.pointee.desk.cancel($0) }
    }

    /// (token): a stream sends no more; a call is given up.
    func grpcClose() -> ResultCode {
        withGRPC { callOut in
            if callOut.kind == .grpcCall || callOut.isRemoteClosed {
                vm.pointee.desk.cancel(callOut)
            } else if !callOut.isLocalClosed {
                endStream(callOut)
            }
        }
    }

    private func withGRPC(_ body: (CallOut) -> Void) -> ResultCode {
        guard let kind = CallOut.Kind(rawValue: self[0] & 3), kind != .http else { return .badArgument }
        guard let callOut = vm.pointee.desk.find(vm, token: self[0]) else { return .notFound }
        body(callOut)
        return .ok
    }

    /// (address, size, ret token). There is no resolver.
    func resolveDNS() -> ResultCode {
        guard bytes(at: self[0], count: self[1]) != nil, isWritable(self[2], count: 4)
        else { return .invalidMemoryAccess }
        return .unimplemented
    }
}
