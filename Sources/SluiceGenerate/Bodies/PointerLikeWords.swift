/// Little-endian 32-bit words below `spanBytes` and divisible by 8: addresses within a heap of that size.
enum PointerLikeWords {
    /// `spanBytes` 8 or more.
    static func fill(_ buffer: UnsafeMutableRawBufferPointer, key: UInt64, spanBytes: UInt32) {
        let places = UInt64(spanBytes / 8)
        WordStream.fill(buffer, key: key) { bits in
            let low = ((bits & 0xffff_ffff) &* places) >> 32
            let high = ((bits >> 32) &* places) >> 32
            return (low << 3) | (high << 35)
        }
    }
}
