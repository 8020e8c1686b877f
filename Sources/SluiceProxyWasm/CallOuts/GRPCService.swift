import SluiceModel

/// The service argument of gRPC call-outs: a serialised `envoy.config.core.v3.GrpcService`, or a cluster's name.
enum GRPCService {
    /// `nil`: the bytes are no message. `.some(nil)`: a message without a cluster.
    static func cluster(in message: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer?? {
        guard let service = field(1, of: message) else { return nil }
        guard let envoy = service else { return .some(nil) }
        guard let name = field(1, of: envoy) else { return nil }
        return .some(name)
    }

    /// The last length-delimited field of this number; `nil` when the bytes are no message.
    private static func field(_ number: UInt64, of message: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer?? {
        var found: UnsafeRawBufferPointer?
        var rest = message[...]
        while !rest.isEmpty {
            guard let tag = variableLength(&rest), tag >> 3 > 0 else { return nil }
            switch tag & 7 {
            case 0: guard variableLength(&rest) != nil else { return nil }
            case 1: guard skip(8, &rest) else { return nil }
            case 5: guard skip(4, &rest) else { return nil }
            case 2:
                guard let count = variableLength(&rest), count <= UInt64(rest.count) else { return nil }
                if tag >> 3 == number { found = UnsafeRawBufferPointer(rebasing: rest.prefix(Int(count))) }
                _ = skip(Int(count), &rest)
            default: return nil
            }
        }
        return .some(found)
    }

    private static func skip(_ count: Int, _ rest: inout Slice<UnsafeRawBufferPointer>) -> Bool {
        guard rest.count >= count else { return false }
        rest = rest.dropFirst(count)
        return true
    }

    private struct NoMoreBytes: Error {}

    private static func variableLength(_ rest: inout Slice<UnsafeRawBufferPointer>) -> UInt64? {
        do throws(NoMoreBytes) {
            return try VariableLengthNumber.read { () throws(NoMoreBytes) in
                guard let byte = rest.popFirst() else { throw NoMoreBytes() }
                return byte
            }
        } catch { return nil }
    }
}
