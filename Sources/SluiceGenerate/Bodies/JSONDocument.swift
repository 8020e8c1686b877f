import SluiceModel

/// A JSON document of exactly the size that is asked for, from 1 byte on: an object with an array of records and a
/// note that fills what a record does not. Below the size of an empty one a string, or a digit.
enum JSONDocument {
    private static let opening: StaticString = #"{"items":["#
    private static let record: StaticString = #"{"id":10000000,"name":"aaaaaaaaaaaa","price":100.00,"active":true}"#
    private static let middle: StaticString = #"],"note":""#
    private static let closing: StaticString = #""}"#
    private static let firstDigitOffset = 6
    private static let nameOffset = 23
    private static let nameCount = 12
    private static let priceOffset = 45

    static func fill(_ buffer: UnsafeMutableRawBufferPointer, key: UInt64) {
        guard !buffer.isEmpty else { return }
        var random = SeededRandom(key: key)
        let frame = opening.utf8CodeUnitCount + middle.utf8CodeUnitCount + closing.utf8CodeUnitCount
        guard buffer.count >= frame else {
            if buffer.count == 1 {
                buffer[0] = UInt8(ascii: "0") + UInt8(random.next(below: 10))
            } else {
                buffer[0] = UInt8(ascii: "\"")
                fillLetters(UnsafeMutableRawBufferPointer(rebasing: buffer[1..<buffer.count - 1]), &random)
                buffer[buffer.count - 1] = UInt8(ascii: "\"")
            }
            return
        }
        // Each record but the first needs a comma.
        let records = (buffer.count - frame + 1) / (record.utf8CodeUnitCount + 1)
        var offset = copy(opening, to: buffer, at: 0)
        for position in 0..<records {
            if position > 0 {
                buffer[offset] = UInt8(ascii: ",")
                offset += 1
            }
            let start = offset
            offset = copy(record, to: buffer, at: start)
            randomise(UnsafeMutableRawBufferPointer(rebasing: buffer[start..<offset]), &random)
        }
        offset = copy(middle, to: buffer, at: offset)
        let end = buffer.count - closing.utf8CodeUnitCount
        fillLetters(UnsafeMutableRawBufferPointer(rebasing: buffer[offset..<end]), &random)
        _ = copy(closing, to: buffer, at: end)
    }

    /// Other values in the places of the pattern's digits and letters; the first digits stay, as JSON has no leading 0.
    private static func randomise(_ record: UnsafeMutableRawBufferPointer, _ random: inout SeededRandom) {
        fillDigits(
            UnsafeMutableRawBufferPointer(rebasing: record[firstDigitOffset + 1..<firstDigitOffset + 8]), &random)
        fillLetters(UnsafeMutableRawBufferPointer(rebasing: record[nameOffset..<nameOffset + nameCount]), &random)
        fillDigits(UnsafeMutableRawBufferPointer(rebasing: record[priceOffset + 1..<priceOffset + 3]), &random)
        fillDigits(UnsafeMutableRawBufferPointer(rebasing: record[priceOffset + 4..<priceOffset + 6]), &random)
    }

    private static func copy(_ text: StaticString, to buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        let end = offset + text.utf8CodeUnitCount
        UnsafeMutableRawBufferPointer(rebasing: buffer[offset..<end])
            .copyMemory(from: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        return end
    }

    /// One of the letters a to p for each of 16 groups of 4 bits.
    private static func fillLetters(_ buffer: UnsafeMutableRawBufferPointer, _ random: inout SeededRandom) {
        fill(buffer, &random) { UInt8(ascii: "a") + UInt8(truncatingIfNeeded: $0 & 15) }
    }

    /// Digits; 0 to 5 are a little likelier than 6 to 9, which is of no importance here.
    private static func fillDigits(_ buffer: UnsafeMutableRawBufferPointer, _ random: inout SeededRandom) {
        fill(buffer, &random) {
            let value = UInt8(truncatingIfNeeded: $0 & 15)
            return UInt8(ascii: "0") + (value > 9 ? value - 10 : value)
        }
    }

    @inline(__always)
    private static func fill(
        _ buffer: UnsafeMutableRawBufferPointer, _ random: inout SeededRandom, _ character: (UInt64) -> UInt8
    ) {
        var bits: UInt64 = 0
        for position in 0..<buffer.count {
            if position % 16 == 0 { bits = random.next() }
            buffer[position] = character(bits)
            bits >>= 4
        }
    }
}
