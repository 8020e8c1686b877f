import CZlib

/// One zlib stream, reset for every body: after its first use it allocates nothing but room for a longer output.
///
/// The fastest level: the bytes are to be a valid gzip stream, and the time is taken from the load worker.
/// They depend on the zlib that is linked; what they decompress to does not.
final class GzipCompressor {
    // zlib keeps a pointer to the stream, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private static let gzipWindowBits: Int32 = 15 + 16
    private static let memoryLevel: Int32 = 8

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = czlib_deflate_init(
            stream, Z_BEST_SPEED, Self.gzipWindowBits, Self.memoryLevel, Z_DEFAULT_STRATEGY)
        precondition(status == Z_OK, "zlib cannot start: status \(status)")
    }

    deinit {
        deflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    /// Replaces the content of `output` by the gzip stream of `input`, which is below 4 GiB.
    func compress(_ input: [UInt8], into output: inout [UInt8]) {
        deflateReset(stream)
        output.resizeKeepingCapacity(to: Int(deflateBound(stream, UInt(input.count))))
        let written = input.withUnsafeBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
                stream.pointee.avail_in = UInt32(source.count)
                stream.pointee.next_out = target.baseAddress
                stream.pointee.avail_out = UInt32(target.count)
                let status = deflate(stream, Z_FINISH)
                precondition(status == Z_STREAM_END, "deflate did not finish: status \(status)")
                return target.count - Int(stream.pointee.avail_out)
            }
        }
        output.resizeKeepingCapacity(to: written)
    }
}
