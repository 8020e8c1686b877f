import SluiceModel

/// Reads the primitives of the Wasm binary format, which name the byte offset of whatever is wrong.
///
/// https://webassembly.github.io/spec/core/binary/
struct BinaryReader {
    private let bytes: ArraySlice<UInt8>
    /// The section that is read; `nil` for the module as a whole.
    private let section: String?
    /// Position in the whole module.
    private(set) var offset: Int

    init(_ bytes: ArraySlice<UInt8>, section: String? = nil) {
        self.bytes = bytes
        self.section = section
        offset = bytes.startIndex
    }

    var isAtEnd: Bool { offset == bytes.endIndex }

    /// Something that was just read is wrong.
    func malformed(_ what: String) -> EngineError { .invalidModule(reason: "\(what) before byte \(offset)") }

    /// What is to be read goes beyond the end. A module that ends early was cut off; a section that does is wrong.
    private func truncated(_ expected: String) -> EngineError {
        guard let section else {
            return .invalidModule(reason: "the module is truncated: it ends at byte \(bytes.endIndex), \(expected)")
        }
        return .invalidModule(
            reason: "the \(section) section ends at byte \(bytes.endIndex) in the middle of an entry, \(expected)")
    }

    mutating func byte() throws(EngineError) -> UInt8 {
        guard offset < bytes.endIndex else { throw truncated("where another byte is expected") }
        defer { offset += 1 }
        return bytes[offset]
    }

    func peek() -> UInt8? { offset < bytes.endIndex ? bytes[offset] : nil }

    /// `what` names the bytes in the error of a module that has fewer.
    mutating func take(_ count: UInt32, _ what: String = "but what comes next") throws(EngineError) -> ArraySlice<UInt8>
    {
        guard Int(count) <= bytes.endIndex - offset else {
            throw truncated("\(what) goes from byte \(offset) to byte \(offset + Int(count))")
        }
        defer { offset += Int(count) }
        return bytes[offset..<(offset + Int(count))]
    }

    /// A section of the module: its number, and its contents to be read by a reader of their own.
    mutating func nextSection() throws(EngineError) -> (identifier: UInt8, contents: ArraySlice<UInt8>) {
        let identifier = try byte()
        let count = try unsigned32()
        return (identifier, try take(count, "but its \(Self.sectionName(identifier)) section"))
    }

    /// As the specification of the binary format calls the sections.
    static func sectionName(_ identifier: UInt8) -> String {
        let names = [
            "custom", "type", "import", "function", "table", "memory", "global", "export", "start", "element", "code",
            "data", "data count", "tag",
        ]
        return Int(identifier) < names.count ? names[Int(identifier)] : "unknown"
    }

    mutating func unsigned32() throws(EngineError) -> UInt32 {
        let value = try unsigned64()
        guard let narrow = UInt32(exactly: value) else { throw malformed("a number is too large") }
        return narrow
    }

    mutating func unsigned64() throws(EngineError) -> UInt64 {
        guard let value = try VariableLengthNumber.read({ () throws(EngineError) in try byte() }) else {
            throw malformed("a number is too long")
        }
        return value
    }

    /// Skips a signed number of up to 33 bits.
    mutating func skipSigned() throws(EngineError) {
        for _ in 0..<5 where try byte() & 0x80 == 0 { return }
        throw malformed("a number is too long")
    }

    mutating func signed32() throws(EngineError) -> Int32 {
        var result: Int64 = 0
        for shift in stride(from: Int64(0), to: 35, by: 7) {
            let next = try byte()
            result |= Int64(next & 0x7f) << shift
            guard next & 0x80 == 0 else { continue }
            let value = next & 0x40 == 0 ? result : result - (1 << (shift + 7))
            guard let narrow = Int32(exactly: value) else { break }
            return narrow
        }
        throw malformed("a number is too large")
    }

    mutating func name() throws(EngineError) -> String {
        String(decoding: try take(try unsigned32(), "but a name"), as: UTF8.self)
    }

    /// Bytes of the number at the beginning of `bytes`.
    static func encodedLength(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.prefix { $0 & 0x80 != 0 }.count + 1
    }

    /// The shortest encoding of an unsigned number.
    static func encoded(_ value: UInt32) -> [UInt8] {
        var rest = value
        var result: [UInt8] = []
        repeat {
            let low = UInt8(rest & 0x7f)
            rest >>= 7
            result.append(rest == 0 ? low : low | 0x80)
        } while rest != 0
        return result
    }

    static func encoded(signed value: Int32) -> [UInt8] {
        var rest = value
        var result: [UInt8] = []
        while true {
            let low = UInt8(truncatingIfNeeded: rest) & 0x7f
            rest >>= 7
            if rest == (low & 0x40 == 0 ? 0 : -1) {
                result.append(low)
                return result
            }
            result.append(low | 0x80)
        }
    }
}
