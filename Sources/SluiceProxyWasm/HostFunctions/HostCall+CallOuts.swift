import SluiceEngine
import SluiceModel

/// HTTP and gRPC call-outs and foreign functions. No cluster and no foreign function is configured, so that every name
/// is unknown; the answers are Envoy's for that, after the same checks in the same order.
extension HostCall {
    /// (upstream, size, headers, size, body, size, trailers, size, timeout, ret token)
    func httpCall() -> ResultCode {
        for pair in [0, 2, 4, 6] where bytes(at: self[pair], count: self[pair + 1]) == nil {
            return .invalidMemoryAccess
        }
        guard store(UInt32(0), at: self[9]) == .ok else { return .invalidMemoryAccess }
        return .badArgument
    }

    /// (service, size, service name, size, method, size, metadata, size, message, size, timeout, ret token)
    func grpcCall() -> ResultCode { openGRPC(pairs: 5, tokenAt: self[11]) }

    /// (service, size, service name, size, method, size, metadata, size, ret token)
    func grpcStream() -> ResultCode { openGRPC(pairs: 4, tokenAt: self[8]) }

    private func openGRPC(pairs: Int, tokenAt: UInt32) -> ResultCode {
        for pair in 0..<pairs where bytes(at: self[2 * pair], count: self[2 * pair + 1]) == nil {
            return .invalidMemoryAccess
        }
        guard store(UInt32(0), at: tokenAt) == .ok else { return .invalidMemoryAccess }
        return .parseFailure
    }

    /// The two low bits of a token: what was opened.
    private static let callKind: UInt32 = 1
    private static let streamKind: UInt32 = 2

    /// (token, message, size, end)
    func grpcSend() -> ResultCode {
        guard bytes(at: self[1], count: self[2]) != nil else { return .invalidMemoryAccess }
        return self[0] & 3 == Self.streamKind ? .notFound : .badArgument
    }

    /// (token), for cancel and for close
    func grpcEnd() -> ResultCode {
        let kind = self[0] & 3
        return kind == Self.callKind || kind == Self.streamKind ? .notFound : .badArgument
    }

    /// (address, size, ret token). There is no resolver.
    func resolveDNS() -> ResultCode {
        guard bytes(at: self[0], count: self[1]) != nil, isWritable(self[2], count: 4)
        else { return .invalidMemoryAccess }
        return .unimplemented
    }

    /// (name, size, arguments, size, ret result, ret size)
    func callForeignFunction() -> ResultCode {
        guard bytes(at: self[0], count: self[1]) != nil, bytes(at: self[2], count: self[3]) != nil
        else { return .invalidMemoryAccess }
        return .notFound
    }
}
