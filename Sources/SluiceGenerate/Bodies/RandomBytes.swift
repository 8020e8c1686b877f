import SluiceModel

/// Bytes that are all equally likely: to a conservative collector they look like pointers.
enum RandomBytes {
    static func fill(_ buffer: UnsafeMutableRawBufferPointer, key: UInt64) {
        WordStream.fill(buffer, key: key) { $0 }
    }
}

/// Fills memory with one 64-bit word of a random stream after the other, in little-endian order.
enum WordStream {
    @inline(__always)
    static func fill(_ buffer: UnsafeMutableRawBufferPointer, key: UInt64, _ word: (UInt64) -> UInt64) {
        var random = SeededRandom(key: key)
        let wholeWords = buffer.count / 8
        guard let base = buffer.baseAddress else { return }
        for position in 0..<wholeWords {
            base.storeBytes(of: word(random.next()).littleEndian, toByteOffset: position * 8, as: UInt64.self)
        }
        guard buffer.count % 8 != 0 else { return }
        var last = word(random.next())
        for position in wholeWords * 8..<buffer.count {
            buffer[position] = UInt8(truncatingIfNeeded: last)
            last >>= 8
        }
    }
}
