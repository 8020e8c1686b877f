import SluiceModel

/// Where the bytes of a generator come from. A new generator is a file in this folder and a case here.
enum BodySource {
    /// A range of the arena's bytes.
    case constant(Range<Int>)
    case text(TemplatePlan)
    case sized(Draw, BodyFill)

    /// `generator` is none of `gzipOf`, which is not a source.
    init(_ generator: BodyGenerator, sizeKey: UInt64, _ arena: inout TemplateArena) {
        func sized(_ size: Distribution, _ fill: BodyFill) -> BodySource { .sized(Draw(size, key: sizeKey), fill) }
        if let bytes = generator.constantBytes {
            self = .constant(arena.add(bytes: bytes))
            return
        }
        switch generator {
        case .text(let template): self = .text(arena.add(template))
        case .ascii(let size): self = sized(size, .ascii)
        case .randomBytes(let size): self = sized(size, .randomBytes)
        case .json(let size): self = sized(size, .json)
        case .pointerLike(let size, let span): self = sized(size, .pointerLike(span))
        case .file, .gzipOf: preconditionFailure("a file is constant, and compression is no source")
        }
    }
}

extension BodyGenerator {
    /// The bytes, when they are the same for every request and not compressed.
    var constantBytes: [UInt8]? {
        switch self {
        case .file(_, let content): content.bytes
        case .text(let template): template.literal.map { Array($0.utf8) }
        case .ascii, .randomBytes, .json, .pointerLike, .gzipOf: nil
        }
    }
}

/// The generators that fill a buffer of a given size from a random stream.
enum BodyFill {
    case ascii
    case randomBytes
    case pointerLike(UInt32)
    case json

    func fill(_ buffer: UnsafeMutableRawBufferPointer, key: UInt64) {
        switch self {
        case .ascii: ASCIIText.fill(buffer, key: key)
        case .randomBytes: RandomBytes.fill(buffer, key: key)
        case .pointerLike(let span): PointerLikeWords.fill(buffer, key: key, spanBytes: span)
        case .json: JSONDocument.fill(buffer, key: key)
        }
    }
}
