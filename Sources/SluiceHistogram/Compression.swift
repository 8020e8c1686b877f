internal import CZlib

/// zlib over whole buffers, with a bound on what comes out.
enum Compression {
    static func compress(_ bytes: [UInt8]) -> [UInt8] {
        var compressedCount = compressBound(uLong(bytes.count))
        let compressed = [UInt8](unsafeUninitializedCapacity: Int(compressedCount)) { buffer, count in
            let status = bytes.withUnsafeBufferPointer {
                compress2(
                    buffer.baseAddress, &compressedCount, $0.baseAddress, uLong($0.count), Z_DEFAULT_COMPRESSION)
            }
            // The buffer is large enough by `compressBound`, so all that can fail is zlib's own allocation.
            precondition(status == Z_OK, "zlib is out of memory")
            count = Int(compressedCount)
        }
        return compressed
    }

    /// Throws unless the bytes are exactly one zlib stream of at most `limitBytes` bytes.
    static func decompress(_ bytes: ArraySlice<UInt8>, limitBytes: Int) throws(HistogramError) -> [UInt8] {
        var status = Z_OK
        var consumed = uLong(bytes.count)
        let decompressed = [UInt8](unsafeUninitializedCapacity: limitBytes) { buffer, count in
            var decompressedCount = uLong(buffer.count)
            status = bytes.withUnsafeBufferPointer {
                uncompress2(buffer.baseAddress, &decompressedCount, $0.baseAddress, &consumed)
            }
            count = Int(decompressedCount)
        }
        switch status {
        case Z_OK: break
        case Z_BUF_ERROR: throw .tooLarge(limitBytes: limitBytes)
        case Z_MEM_ERROR: throw .damagedCompression(reason: "out of memory")
        default: throw .damagedCompression(reason: "damaged or cut off")
        }
        guard Int(consumed) == bytes.count else { throw .trailingBytes(count: bytes.count - Int(consumed)) }
        return decompressed
    }
}
