import CZlib
import SluiceEngine

/// `proxy_call_foreign_function`: the two that need nothing but zlib, and those that the workload answers.
extension HostCall {
    private enum Answer {
        case result([UInt8])
        case failure(ResultCode)
    }

    /// (name, size, arguments, size, ret result, ret size). A result without a place to put it is dropped.
    func callForeignFunction() -> ResultCode {
        guard let name = bytes(at: self[0], count: self[1]), let arguments = bytes(at: self[2], count: self[3])
        else { return .invalidMemoryAccess }
        for place in [self[4], self[5]] where place != 0 && !isWritable(place, count: 4) {
            return .invalidMemoryAccess
        }
        switch answer(name, arguments) {
        case .failure(let code): return code
        case .result(let bytes): return giveResult(bytes)
        }
    }

    private func answer(_ name: UnsafeRawBufferPointer, _ arguments: UnsafeRawBufferPointer) -> Answer {
        let canned = vm.pointee.services.foreignFunctions.first { $0.name.elementsEqual(name) }
        if let canned { return canned.status == .ok ? .result(canned.result) : .failure(canned.status) }
        if name.elementsEqual(Self.compressName.bytes) { return Self.compress(arguments) }
        if name.elementsEqual(Self.uncompressName.bytes) { return Self.uncompress(arguments) }
        return .failure(.notFound)
    }

    private static let compressName: StaticString = "compress"
    private static let uncompressName: StaticString = "uncompress"

    private func giveResult(_ result: [UInt8]) -> ResultCode {
        var address: UInt32 = 0
        if self[4] != 0, !result.isEmpty {
            guard let allocated = vm.allocate(result.count),
                let target = memory?.bytes(at: allocated, count: UInt32(result.count))
            else { return .invalidMemoryAccess }
            result.withUnsafeBytes { target.copyMemory(from: $0) }
            address = allocated
        }
        if self[4] != 0 { _ = store(address, at: self[4]) }
        if self[5] != 0 { _ = store(UInt32(truncatingIfNeeded: result.count), at: self[5]) }
        return .ok
    }

    /// A zlib stream.
    private static func compress(_ arguments: UnsafeRawBufferPointer) -> Answer {
        convert(arguments, capacity: Int(compressBound(UInt(arguments.count)))) { CZlib.compress($0, &$1, $2, $3) }
    }

    /// The bytes of a zlib stream, as long as they fit into a body.
    private static func uncompress(_ arguments: UnsafeRawBufferPointer) -> Answer {
        var capacity = 2 * arguments.count + 2
        while capacity <= HostLimits.bodyBytes {
            let answer = convert(arguments, capacity: capacity) { CZlib.uncompress($0, &$1, $2, $3) }
            guard case .failure(.internalFailure) = answer else { return answer }
            capacity *= 2
        }
        return .failure(.internalFailure)
    }

    /// `.internalFailure`: the capacity is too small.
    private static func convert(
        _ source: UnsafeRawBufferPointer, capacity: Int,
        _ body: (UnsafeMutablePointer<UInt8>, inout UInt, UnsafePointer<UInt8>?, UInt) -> Int32
    ) -> Answer {
        var code = Z_BUF_ERROR
        let empty: UInt8 = 0
        let result = [UInt8](unsafeUninitializedCapacity: max(capacity, 1)) { buffer, count in
            var written = UInt(capacity)
            code = withUnsafePointer(to: empty) { empty in
                body(
                    buffer.baseAddress.unsafelyUnwrapped, &written,
                    source.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? empty, UInt(source.count))
            }
            count = code == Z_OK ? Int(written) : 0
        }
        switch code {
        case Z_OK: return .result(result)
        case Z_BUF_ERROR: return .failure(.internalFailure)
        default: return .failure(.serializationFailure)
        }
    }
}
