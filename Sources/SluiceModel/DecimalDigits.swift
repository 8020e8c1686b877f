/// The decimal digits of a number, most significant first, without an allocation.
package struct DecimalDigits {
    private var digits = InlineArray<20, UInt8>(repeating: 0)
    private let start: Int

    package init(_ value: UInt64) {
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
    package func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
        withUnsafeBytes(of: digits) { body(UnsafeRawBufferPointer(rebasing: $0[start..<20])) }
    }
}
