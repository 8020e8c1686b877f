/// Decisions drawn from the bytes of one input, one after another; 0 once they are used up, so that every loop that
/// asks for another turn ends.
struct FuzzInput {
    private let bytes: [UInt8]
    private var next = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isUsedUp: Bool { next >= bytes.count }

    mutating func byte() -> UInt8 {
        guard next < bytes.count else { return 0 }
        defer { next += 1 }
        return bytes[next]
    }

    /// Four bytes, little-endian.
    mutating func word() -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(byte()) << (8 * UInt32($1)) }
    }

    /// Eight bytes, little-endian.
    mutating func long() -> UInt64 { UInt64(word()) | UInt64(word()) << 32 }

    /// Up to `count` bytes as they are.
    mutating func take(_ count: Int) -> ArraySlice<UInt8> {
        let end = min(next + count, bytes.count)
        defer { next = end }
        return bytes[min(next, end)..<end]
    }
}
