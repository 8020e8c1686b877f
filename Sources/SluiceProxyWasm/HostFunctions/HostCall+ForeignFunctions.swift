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
        if name.elementsEqual(Self.compressName.bytes) { return Self.answer(BoundedZlib.compress, arguments) }
        if name.elementsEqual(Self.uncompressName.bytes) { return Self.answer(BoundedZlib.uncompress, arguments) }
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

    private static func answer(
        _ convert: (UnsafeRawBufferPointer) throws(BoundedZlib.Failure) -> [UInt8], _ arguments: UnsafeRawBufferPointer
    ) -> Answer {
        do throws(BoundedZlib.Failure) {
            return .result(try convert(arguments))
        } catch {
            return .failure(error == .tooLarge ? .internalFailure : .serializationFailure)
        }
    }
}
