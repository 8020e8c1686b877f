import SluiceModel

/// Bodies of requests and of the upstream's responses.
extension Decoding {
    static let largestFileBytes = 256 << 20
    private static let deepestCompression = 4

    /// A single value is text.
    func body(_ value: YAMLValue, depth: Int = 0) -> BodyGenerator? {
        if case .scalar = value.content { return template(value, what: "a body").map { .text($0) } }
        guard let (key, value) = alternative(value, .body, what: "a body") else { return nil }
        switch key {
        case "text": return template(value, what: "a body's text").map { .text($0) }
        case "ascii": return sizeDistribution(value).map { .ascii(sizeBytes: $0) }
        case "random_bytes": return sizeDistribution(value).map { .randomBytes(sizeBytes: $0) }
        case "json": return sizeDistribution(value).map { .json(sizeBytes: $0) }
        case "pointer_like": return pointerLike(value)
        case "gzip_of":
            guard depth < Self.deepestCompression else {
                report(value.position, "compressed more than \(Self.deepestCompression) times", "once is usual")
                return nil
            }
            return body(value, depth: depth + 1).map { .gzipOf($0) }
        default: return file(value)
        }
    }

    private func pointerLike(_ value: YAMLValue) -> BodyGenerator? {
        guard let fields = fields(value, .pointerLike, what: "`pointer_like`") else { return nil }
        var span: Int64? = 32 << 20
        if let value = fields["span"] { span = size(value, what: "the span", in: 8...Int64(UInt32.max)) }
        guard let size = fields["size"].flatMap(sizeDistribution), let span else { return nil }
        return .pointerLike(sizeBytes: size, spanBytes: UInt32(span))
    }

    private func file(_ value: YAMLValue) -> BodyGenerator? {
        guard let written = word(value, what: "a file's path") else { return nil }
        switch FileAccess.read(FileAccess.resolve(written, in: directory), limitBytes: Self.largestFileBytes) {
        case .success(let bytes): return .file(written: written, content: FileContent(bytes))
        case .failure(let problem):
            report(
                value.position, "cannot read `\(written)`: \(problem.reason)", "paths are relative to the workload file"
            )
            return nil
        }
    }
}
