/// Unsigned numbers in seven bits a byte, the lowest first, with the highest bit set in all bytes but the last: LEB128
/// in the Wasm binary format, variable-length integers in Protocol Buffers.
package enum VariableLengthNumber {
    /// Reads one from the bytes that `next` gives. The tenth byte may only have its lowest bit.
    ///
    /// - Returns: `nil` for a number that is longer than 64 bits.
    /// - Throws: what `next` throws, which is asked for no byte behind the number.
    package static func read<Failure: Error>(_ next: () throws(Failure) -> UInt8) throws(Failure) -> UInt64? {
        var result: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            let byte = try next()
            if shift == 63 && byte > 1 { return nil }
            result |= UInt64(byte & 0x7f) << shift
            if byte & 0x80 == 0 { return result }
        }
        return nil
    }
}
