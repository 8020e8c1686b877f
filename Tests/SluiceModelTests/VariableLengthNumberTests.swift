import SluiceModel
import Testing

struct VariableLengthNumberTests {
    private struct End: Error {}

    /// The number, and how many bytes are left.
    private func read(_ bytes: [UInt8]) throws -> (value: UInt64?, left: Int) {
        var rest = bytes[...]
        let value = try VariableLengthNumber.read { () throws(End) in
            guard let byte = rest.popFirst() else { throw End() }
            return byte
        }
        return (value, rest.count)
    }

    private static let numbers: [(bytes: [UInt8], value: UInt64)] = [
        ([0], 0), ([0x7f, 9], 0x7f), ([0x80, 1], 0x80), ([0xe5, 0x8e, 0x26, 9, 9], 624_485),
        (Array(repeating: 0xff, count: 9) + [1], .max), ([0x80, 0], 0),
    ]

    @Test(arguments: numbers)
    func `numbers end with the first byte below 128`(bytes: [UInt8], value: UInt64) throws {
        let number = try read(bytes)
        #expect(number.value == value)
        #expect(number.left == bytes.count { $0 == 9 })
    }

    @Test func `numbers above 64 bits are none, and an early end is the reader's`() throws {
        #expect(try read(Array(repeating: 0xff, count: 9) + [2]).value == nil)
        #expect(try read(Array(repeating: 0x80, count: 11)).value == nil)
        #expect(throws: End.self) { try read([0x80]) }
        #expect(throws: End.self) { try read([]) }
    }
}
