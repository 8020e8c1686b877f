import CZlib
import SluiceModel

/// The bytes of a layer in order, unpacked as they are asked for, up to a limit.
///
/// Layers of several gzip members, one after the other, are read as one.
final class LayerReader {
    private let input: [UInt8]
    private var offset = 0
    private var unpackedBytes = 0
    private let limitBytes: Int
    // zlib keeps a pointer to its stream, so it must not move. `nil`: the layer is not compressed.
    private let inflater: UnsafeMutablePointer<czlib_inflater>?
    private static let gzipWindowBits: Int32 = 15 + 16

    init(_ input: [UInt8], limitBytes: Int) throws(FetchError) {
        self.input = input
        self.limitBytes = limitBytes
        guard Self.isGzip(input, at: 0) else {
            inflater = nil
            return
        }
        let inflater = UnsafeMutablePointer<czlib_inflater>.allocate(capacity: 1)
        let status = czlib_inflater_start(inflater, Self.gzipWindowBits)
        precondition(status == Z_OK, "zlib cannot start: status \(status)")
        self.inflater = inflater
    }

    deinit {
        guard let inflater else { return }
        _ = czlib_inflater_end(inflater)
        inflater.deallocate()
    }

    /// The next bytes, as many as wanted or all that are left.
    func read(_ count: Int) throws(FetchError) -> [UInt8] {
        guard unpackedBytes + count <= limitBytes else {
            throw .tooLarge(what: "the unpacked layer", limitBytes: limitBytes)
        }
        let bytes = inflater == nil ? take(count) : try inflated(count)
        unpackedBytes += bytes.count
        return bytes
    }

    /// Leaves out the next bytes, or all that are left.
    func skip(_ count: Int) throws(FetchError) {
        var rest = count
        while rest > 0 {
            let bytes = try read(min(rest, 1 << 16))
            guard !bytes.isEmpty else { return }
            rest -= bytes.count
        }
    }

    private func take(_ count: Int) -> [UInt8] {
        let end = min(input.count, offset + count)
        defer { offset = end }
        return Array(input[offset..<end])
    }

    private func inflated(_ count: Int) throws(FetchError) -> [UInt8] {
        guard let inflater, count > 0 else { return [] }
        var output: [UInt8] = []
        while output.count < count {
            // Piece by piece: a length that a header only claims costs no memory.
            let wanted = min(count - output.count, 1 << 20)
            var status = Z_OK
            let piece = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, initialised in
                (status, initialised) = unpack(into: buffer, inflater)
            }
            output += piece
            if status == Z_STREAM_END {
                guard Self.isGzip(input, at: offset) else { break }
                _ = czlib_inflater_restart(inflater)
            } else if status != Z_OK {
                throw .unusable(what: "the layer", reason: "its compressed data is damaged or cut")
            }
        }
        return output
    }

    /// - Returns: zlib's status, and how many bytes came out.
    private func unpack(
        into buffer: UnsafeMutableBufferPointer<UInt8>, _ inflater: UnsafeMutablePointer<czlib_inflater>
    ) -> (Int32, Int) {
        input.withUnsafeBufferPointer { source in
            guard let base = source.baseAddress else { return (Z_DATA_ERROR, 0) }
            var inputCount = UInt32(source.count - offset)
            var outputCount = UInt32(buffer.count)
            let status = czlib_inflater_step(inflater, base + offset, &inputCount, buffer.baseAddress, &outputCount)
            offset = source.count - Int(inputCount)
            return (status, buffer.count - Int(outputCount))
        }
    }

    private static func isGzip(_ bytes: [UInt8], at offset: Int) -> Bool {
        bytes.count >= offset + 2 && bytes[offset] == 0x1f && bytes[offset + 1] == 0x8b
    }
}
