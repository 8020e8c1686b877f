import CZlib

/// zlib streams for guests. Nothing interrupts the host in the middle of one, so that there is a bound on what goes in
/// and on what comes out.
enum BoundedZlib {
    /// Of either side: some tenths of a second of compression.
    static let largestBytes = 16 << 20

    enum Failure: Error {
        case tooLarge
        /// The bytes are no zlib stream, or not a whole one.
        case malformed
    }

    /// A zlib stream.
    static func compress(_ source: UnsafeRawBufferPointer) throws(Failure) -> [UInt8] {
        guard source.count <= largestBytes else { throw .tooLarge }
        var code = Z_OK
        let empty: UInt8 = 0
        let result = [UInt8](unsafeUninitializedCapacity: Int(compressBound(UInt(source.count)))) { target, count in
            var written = UInt(target.count)
            code = withUnsafePointer(to: empty) { empty in
                CZlib.compress(
                    target.baseAddress.unsafelyUnwrapped, &written,
                    source.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? empty, UInt(source.count))
            }
            count = code == Z_OK ? Int(written) : 0
        }
        guard code == Z_OK else { throw .tooLarge }
        return result
    }

    /// The bytes of a zlib stream; what follows its end is not looked at.
    static func uncompress(_ source: UnsafeRawBufferPointer) throws(Failure) -> [UInt8] {
        guard source.count <= largestBytes else { throw .tooLarge }
        let inflater = UnsafeMutablePointer<czlib_inflater>.allocate(capacity: 1)
        defer { inflater.deallocate() }
        guard czlib_inflater_start(inflater, windowBits) == Z_OK else { throw .tooLarge }
        defer { _ = czlib_inflater_end(inflater) }
        var result = [UInt8](repeating: 0, count: min(max(4 * source.count, 1024), largestBytes + 1))
        var filled = 0
        var left = UInt32(source.count)
        while true {
            let status = result.withUnsafeMutableBufferPointer { target in
                var room = UInt32(target.count - filled)
                let input = source.baseAddress?.assumingMemoryBound(to: UInt8.self)
                let status = czlib_inflater_step(
                    inflater, input.map { $0 + (source.count - Int(left)) }, &left,
                    target.baseAddress.unsafelyUnwrapped + filled, &room)
                filled = target.count - Int(room)
                return status
            }
            guard filled <= largestBytes else { throw .tooLarge }
            switch status {
            case Z_STREAM_END:
                result.removeLast(result.count - filled)
                return result
            // More is to come, and there was no room for it.
            case Z_OK where filled == result.count, Z_BUF_ERROR where filled == result.count:
                // One byte beyond the bound tells what ends there from what does not.
                let larger = min(2 * result.count, largestBytes + 1)
                result.append(contentsOf: repeatElement(0, count: larger - result.count))
            default: throw .malformed
            }
        }
    }

    private static let windowBits: Int32 = 15
}
