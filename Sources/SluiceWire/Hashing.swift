import Crypto
package import SluiceModel

extension ContentHash {
    /// SHA-256 of the bytes.
    package init(of bytes: [UInt8]) {
        var hasher = ContentHasher()
        hasher.update(bytes)
        self = hasher.finish()
    }
}

/// SHA-256 of content that comes in pieces.
package struct ContentHasher: Sendable {
    private var state = SHA256()

    package init() {}

    /// Takes in the next piece.
    package mutating func update(_ bytes: [UInt8]) { state.update(data: bytes) }

    /// The hash of all pieces so far; more may follow.
    package func finish() -> ContentHash {
        let digits = Array("0123456789abcdef")
        var text = ""
        for byte in state.finalize() {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        guard let hash = ContentHash(hexadecimal: text) else { preconditionFailure("a digest of another size") }
        return hash
    }
}
