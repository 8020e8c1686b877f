internal import CZlib

/// zlib over whole buffers.
enum Compression {
    /// Up to here the tables of a code of its own take longer to read than what is coded: a second's histogram is
    /// unpacked three times as fast without, and takes a twentieth more room.
    private static let smallBytes = 2048

    static func compress(_ bytes: [UInt8]) -> [UInt8] {
        var compressedCount = compressBound(uLong(bytes.count))
        let compressed = [UInt8](unsafeUninitializedCapacity: Int(compressedCount)) { buffer, count in
            let status = bytes.withUnsafeBufferPointer {
                $0.count <= smallBytes
                    ? czlib_compress_fixed(buffer.baseAddress, &compressedCount, $0.baseAddress, uLong($0.count))
                    : compress2(
                        buffer.baseAddress, &compressedCount, $0.baseAddress, uLong($0.count),
                        Z_DEFAULT_COMPRESSION)
            }
            // The buffer is large enough by `compressBound`, so all that can fail is zlib's own allocation.
            precondition(status == Z_OK, "zlib is out of memory")
            count = Int(compressedCount)
        }
        return compressed
    }
}
