import SluiceModel

/// A body generator ready to run: a source of bytes, compressed as often as `gzip_of` is nested.
struct BodyPlan {
    private let source: BodySource
    private let compressions: Int
    private let bytesKey: UInt64

    init(
        _ generator: BodyGenerator, sizePurpose: UInt64, bytesPurpose: UInt64, seed: UInt64,
        _ arena: inout TemplateArena
    ) {
        bytesKey = StreamKey.purpose(bytesPurpose, seed: seed)
        var innermost = generator
        var compressions = 0
        while case .gzipOf(let inner) = innermost {
            innermost = inner
            compressions += 1
        }
        if compressions > 0, let constant = innermost.constantBytes {
            // The same for every request: compressed once, here.
            var bytes = constant
            var workspace = BodyWorkspace()
            for _ in 0..<compressions { workspace.compress(&bytes) }
            innermost = .file(written: "", content: FileContent(bytes))
            compressions = 0
        }
        source = BodySource(innermost, sizeKey: StreamKey.purpose(sizePurpose, seed: seed), &arena)
        self.compressions = compressions
    }

    /// Set when every body has this length.
    var constantCount: Int? {
        switch source {
        case .constant(let range): range.count
        case .sized(let size, _): compressions == 0 ? size.constantBodyBytes : nil
        case .text: nil
        }
    }

    /// Replaces the content of `body`.
    func generate(
        index: Int64, _ arena: borrowing TemplateArena, _ values: borrowing VariableValues,
        _ workspace: inout BodyWorkspace, body: inout [UInt8]
    ) {
        switch source {
        case .constant(let range):
            if !body.isEmpty { body.removeAll(keepingCapacity: true) }
            if !range.isEmpty { arena.withBytes(range) { body.append(contentsOf: $0) } }
        case .text(let template):
            body.removeAll(keepingCapacity: true)
            template.append(to: &body, arena, values)
        case .sized(let size, let fill):
            body.resizeKeepingCapacity(to: size.bodyBytes(index: index))
            body.withUnsafeMutableBytes { fill.fill($0, key: StreamKey.index(index, of: bytesKey)) }
        }
        for _ in 0..<compressions { workspace.compress(&body) }
    }
}

/// What bodies need beside their own buffer, kept from request to request.
struct BodyWorkspace: ~Copyable {
    private var compressor: GzipCompressor?
    private var uncompressed: [UInt8] = []

    init() {}

    /// In place.
    mutating func compress(_ body: inout [UInt8]) {
        let compressor = compressor ?? GzipCompressor()
        self.compressor = compressor
        swap(&body, &uncompressed)
        compressor.compress(uncompressed, into: &body)
    }
}
