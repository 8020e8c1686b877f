/// Looks for a file in a tar archive. Nothing is unpacked to disk, and of what is not wanted nothing is kept.
///
/// Understands POSIX ustar with the extended headers of pax, and GNU's long names.
enum LayerArchive {
    private static let blockBytes = 512
    private static let longestNameBytes = 64 << 10

    /// The content of the first regular file whose path ends with the name; `nil` when there is none.
    static func file(named name: String, in reader: LayerReader, limitBytes: Int) throws(FetchError) -> [UInt8]? {
        var longName: String?
        while let header = try header(reader) {
            let padding = (blockBytes - header.size % blockBytes) % blockBytes
            switch header.kind {
            case UInt8(ascii: "L"):
                longName = String(decoding: try extended(header, reader).prefix { $0 != 0 }, as: UTF8.self)
                try reader.skip(padding)
            case UInt8(ascii: "x"):
                longName = paxPath(try extended(header, reader)) ?? longName
                try reader.skip(padding)
            case UInt8(ascii: "0"), 0:
                let path = longName ?? header.path
                longName = nil
                guard path == name || path.hasSuffix("/" + name) else {
                    try reader.skip(header.size + padding)
                    continue
                }
                guard header.size <= limitBytes else {
                    throw .tooLarge(what: "\(name) in the image", limitBytes: limitBytes)
                }
                let content = try reader.read(header.size)
                guard content.count == header.size else { throw damaged }
                return content
            default:
                longName = nil
                try reader.skip(header.size + padding)
            }
        }
        return nil
    }

    private struct Header {
        var path: String
        var kind: UInt8
        /// Of the content that follows, without its padding.
        var size: Int
    }

    private static var damaged: FetchError { .unusable(what: "the layer", reason: "it is no whole tar archive") }

    /// `nil` at the end of the archive.
    private static func header(_ reader: LayerReader) throws(FetchError) -> Header? {
        let block = try reader.read(blockBytes)
        if block.isEmpty || block.allSatisfy({ $0 == 0 }) { return nil }
        guard block.count == blockBytes, checksum(block) == octal(block[148..<156]),
            let size = octal(block[124..<136])
        else { throw damaged }
        let prefix = block[257..<262].elementsEqual("ustar".utf8) ? text(block[345..<500]) : ""
        let name = text(block[0..<100])
        return Header(path: prefix.isEmpty ? name : "\(prefix)/\(name)", kind: block[156], size: size)
    }

    /// The sum of all bytes, with the field of the sum itself as blanks.
    private static func checksum(_ block: [UInt8]) -> Int {
        block.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
    }

    /// Octal digits between blanks and NULs, up to 11 of them; a size beyond those 8 GiB is not read.
    private static func octal(_ field: ArraySlice<UInt8>) -> Int? {
        let digits = field.drop { $0 == 32 || $0 == 0 }.prefix { $0 != 32 && $0 != 0 }
        guard digits.allSatisfy({ (48...55).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 8 + Int($1 - 48) }
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String {
        String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }

    private static func extended(_ header: Header, _ reader: LayerReader) throws(FetchError) -> [UInt8] {
        guard header.size <= longestNameBytes else { throw damaged }
        let bytes = try reader.read(header.size)
        guard bytes.count == header.size else { throw damaged }
        return bytes
    }

    /// The value of `path` among records of the form `length key=value`.
    private static func paxPath(_ records: [UInt8]) -> String? {
        for record in records.split(separator: 10) {
            let words = record.split(separator: 32, maxSplits: 1)
            if words.count == 2, words[1].starts(with: "path=".utf8) {
                return String(decoding: words[1].dropFirst(5), as: UTF8.self)
            }
        }
        return nil
    }
}
