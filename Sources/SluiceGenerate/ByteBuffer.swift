import SluiceModel

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
