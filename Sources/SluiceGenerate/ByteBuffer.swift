/// Arrays of bytes that are refilled for every request without giving their memory back.
extension [UInt8] {
    /// Changes the length and keeps the capacity; the content is arbitrary afterwards.
    mutating func resizeKeepingCapacity(to count: Int) {
        if count < self.count {
            removeLast(self.count - count)
        } else if count > self.count {
            append(contentsOf: repeatElement(0, count: count - self.count))
        }
    }

    /// Decimal digits without leading zeros, with a sign below 0.
    mutating func append(decimal value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        DecimalDigits(value.magnitude).withBytes { append(contentsOf: $0) }
    }
}

/// The decimal digits of a number, most significant first, without an allocation.
struct DecimalDigits {
    private var digits = InlineArray<20, UInt8>(repeating: 0)
    private let start: Int

    init(_ value: UInt64) {
        var rest = value
        var position = 20
        repeat {
            position -= 1
            digits[position] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        } while rest != 0
        start = position
    }

    /// The digits are valid during the call only.
    func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
        withUnsafeBytes(of: digits) { body(UnsafeRawBufferPointer(rebasing: $0[start..<20])) }
    }
}
