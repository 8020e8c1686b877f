/// Reads the text format of protocol buffers into the same tree as YAML, with places.
///
/// A field that is given several times is several entries of one key; a list is the same as repetition.
struct TextFormat {
    struct Malformed: Error {
        var error: WorkloadError
    }

    private let scalars: [Unicode.Scalar]
    private var offset = 0
    private var position = Position(line: 1, column: 1)
    private static let deepest = 64

    /// The message that a file holds.
    static func parse(_ text: String) throws(Malformed) -> YAMLValue {
        var parser = TextFormat(scalars: Array(text.unicodeScalars))
        let entries = try parser.fields(until: nil, depth: 0)
        return YAMLValue(position: Position(line: 1, column: 1), content: .mapping(entries))
    }

    private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

    private mutating func fields(until end: Unicode.Scalar?, depth: Int) throws(Malformed) -> [YAMLValue.Entry] {
        guard depth <= Self.deepest else { throw failure("messages are nested more than \(Self.deepest) levels deep") }
        var entries: [YAMLValue.Entry] = []
        while true {
            skipBlanks()
            if let end, peek == end {
                advance()
                return entries
            }
            guard let next = peek else {
                if let end { throw failure("the file ends where `\(end)` is expected") }
                return entries
            }
            if next == "," || next == ";" {
                advance()
                continue
            }
            try field(into: &entries, depth: depth)
        }
    }

    private mutating func field(into entries: inout [YAMLValue.Entry], depth: Int) throws(Malformed) {
        let place = position
        let key = try name()
        skipBlanks()
        let hasColon = peek == ":"
        if hasColon { advance() }
        skipBlanks()
        if peek == "[" {
            advance()
            while true {
                skipBlanks()
                if peek == "]" {
                    advance()
                    return
                }
                if peek == "," {
                    advance()
                    continue
                }
                entries.append(YAMLValue.Entry(key: key, keyPosition: place, value: try value(depth)))
            }
        }
        guard hasColon || peek == "{" || peek == "<" else { throw failure("`:` or `{` is expected after `\(key)`") }
        entries.append(YAMLValue.Entry(key: key, keyPosition: place, value: try value(depth)))
    }

    private mutating func value(_ depth: Int) throws(Malformed) -> YAMLValue {
        skipBlanks()
        let place = position
        switch peek {
        case "{", "<":
            let end: Unicode.Scalar = peek == "{" ? "}" : ">"
            advance()
            return YAMLValue(position: place, content: .mapping(try fields(until: end, depth: depth + 1)))
        case "\"", "'": return YAMLValue(position: place, content: .scalar(try strings(), isPlain: false))
        default:
            let word = take {
                $0.properties.isAlphabetic || ("0"..."9").contains($0) || "_+-.".unicodeScalars.contains($0)
            }
            guard !word.isEmpty else { throw failure("a value is expected") }
            return YAMLValue(position: place, content: .scalar(word, isPlain: true))
        }
    }

    /// A field's name, or the name of a type in brackets.
    private mutating func name() throws(Malformed) -> String {
        let isType = peek == "["
        if isType { advance() }
        let word = take {
            $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "_")
                || isType && "./-".unicodeScalars.contains($0)
        }
        guard !word.isEmpty else { throw failure("the name of a field is expected") }
        if isType {
            guard peek == "]" else { throw failure("`]` is expected") }
            advance()
        }
        return word
    }

    /// Strings that stand one after the other are one.
    private mutating func strings() throws(Malformed) -> String {
        let place = position
        var bytes: [UInt8] = []
        while let quote = peek, quote == "\"" || quote == "'" {
            advance()
            while peek != quote {
                guard let next = peek, next != "\n" else { throw failure("the text has no end") }
                advance()
                if next == "\\" { bytes += try escape() } else { bytes += Array(String(next).utf8) }
            }
            advance()
            skipBlanks()
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Malformed(
                error: WorkloadError(position: place, message: "binary content", help: "a workload is UTF-8 text"))
        }
        return text
    }

    private mutating func escape() throws(Malformed) -> [UInt8] {
        guard let kind = peek else { throw failure("the text has no end") }
        advance()
        switch kind {
        case "n": return [10]
        case "r": return [13]
        case "t": return [9]
        case "a": return [7]
        case "b": return [8]
        case "f": return [12]
        case "v": return [11]
        case "x", "X": return [UInt8(truncatingIfNeeded: try number(radix: 16, digits: 1...2))]
        case "u", "U":
            let count = kind == "u" ? 4 : 8
            guard let scalar = Unicode.Scalar(try number(radix: 16, digits: count...count)) else {
                throw failure("this is no character")
            }
            return Array(String(scalar).utf8)
        case "0"..."7":
            offset -= 1
            position.column -= 1
            return [UInt8(truncatingIfNeeded: try number(radix: 8, digits: 1...3))]
        default: return Array(String(kind).utf8)
        }
    }

    private mutating func number(radix: Int, digits: ClosedRange<Int>) throws(Malformed) -> UInt32 {
        var text = ""
        while text.count < digits.upperBound, let next = peek, Int(String(next), radix: radix) != nil {
            text.unicodeScalars.append(next)
            advance()
        }
        guard text.count >= digits.lowerBound, let value = UInt32(text, radix: radix) else {
            throw failure("digits are expected")
        }
        return value
    }

    // MARK: - Characters

    private var peek: Unicode.Scalar? { offset < scalars.count ? scalars[offset] : nil }

    private mutating func advance() {
        if peek == "\n" {
            position = Position(line: position.line + 1, column: 1)
        } else {
            position.column += 1
        }
        offset += 1
    }

    private mutating func take(while isWanted: (Unicode.Scalar) -> Bool) -> String {
        var text = ""
        while let next = peek, isWanted(next) {
            text.unicodeScalars.append(next)
            advance()
        }
        return text
    }

    /// Blanks, line ends and comments.
    private mutating func skipBlanks() {
        while let next = peek {
            if next == "#" {
                while let next = peek, next != "\n" { advance() }
            } else if next.properties.isWhitespace {
                advance()
            } else {
                return
            }
        }
    }

    private func failure(_ message: String) -> Malformed {
        Malformed(
            error: WorkloadError(
                position: position, message: "not the text format of protocol buffers: \(message)",
                help: "YAML is recognised by the name's ending, `.yaml`, `.yml` or `.json`"))
    }
}
