/// Printable ASCII, 0x20 to 0x7E. No byte is below 0x20, so no aligned or unaligned 32-bit word is below 0x20202020:
/// never an address within the first 512 MiB of a linear memory.
enum ASCIIText {
    static func fill(_ buffer: UnsafeMutableRawBufferPointer, key: UInt64) {
        WordStream.fill(buffer, key: key, printable)
    }

    /// Eight printable characters from 56 random bits: 0…63 plus 0 or 31 in every byte, which never carries.
    @inline(__always)
    static func printable(_ bits: UInt64) -> UInt64 {
        let low = bits & 0x3f3f_3f3f_3f3f_3f3f
        let high = ((bits >> 6) & 0x0101_0101_0101_0101) &* 31
        return low &+ high &+ 0x2020_2020_2020_2020
    }
}
