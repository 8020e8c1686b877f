/// Bytes of a file that are stored and sent as text: base64 (RFC 4648), which is a third longer than the bytes. As the
/// list of numbers that JSON would make of them they are four times as long.
package struct FileContent: Sendable, Equatable, Codable {
    /// Of any number and any value.
    package var bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Self.text(of: bytes))
    }

    /// Also reads a list of numbers, which stores have from before. Throws `DecodingError` for what is neither.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let text = try? container.decode(String.self) else {
            bytes = try container.decode([UInt8].self)
            return
        }
        guard let bytes = Self.bytes(of: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "a file's content is not base64")
        }
        self.bytes = bytes
    }

    // MARK: Base64

    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")

    /// Values of the digits by their character, 255 for every other.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }()

    private static func text(of bytes: [UInt8]) -> String {
        let digits = digits
        let count = (bytes.count + 2) / 3 * 4
        return String(unsafeUninitializedCapacity: count) { text in
            var position = 0
            for start in stride(from: 0, to: bytes.count, by: 3) {
                let group = min(3, bytes.count - start)
                var word = UInt32(bytes[start]) << 16
                if group > 1 { word |= UInt32(bytes[start + 1]) << 8 }
                if group > 2 { word |= UInt32(bytes[start + 2]) }
                for place in 0..<4 {
                    text[position + place] =
                        place <= group ? digits[Int(word >> (18 - 6 * UInt32(place)) & 63)] : padding
                }
                position += 4
            }
            return position
        }
    }

    /// `nil` for anything but complete groups of four digits, the last of them padded.
    private static func bytes(of text: String) -> [UInt8]? {
        let values = values
        var encoded = Array(text.utf8)
        guard encoded.count % 4 == 0 else { return nil }
        var padded = 0
        while padded < 2, encoded.last == padding {
            encoded.removeLast()
            padded += 1
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encoded.count / 4 * 3 + 2)
        var word: UInt32 = 0
        var bits: UInt32 = 0
        for character in encoded {
            let value = values[Int(character)]
            guard value < 64 else { return nil }
            word = word << 6 | UInt32(value)
            bits += 6
            guard bits >= 8 else { continue }
            bits -= 8
            bytes.append(UInt8(truncatingIfNeeded: word >> bits))
        }
        return bytes
    }
}
