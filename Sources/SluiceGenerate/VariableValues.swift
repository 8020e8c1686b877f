import SluiceModel

/// The values of the variables for one request, as bytes.
struct VariableValues: ~Copyable {
    private let sources: [VariableSource]
    /// Positions of the variables that any template names; the others are never drawn.
    private let used: [Int]
    private var bytes: [UInt8] = []
    private var ranges: [Range<Int>]

    /// After all templates are in the arena.
    init(_ variables: [Variable], seed: UInt64, _ arena: inout TemplateArena) {
        used = arena.variables.sorted()
        var sources: [VariableSource] = []
        for (position, variable) in variables.enumerated() {
            let key = StreamKey.purpose(Purpose.variable + UInt64(position), seed: seed)
            sources.append(VariableSource(variable.kind, key: key, &arena))
        }
        self.sources = sources
        ranges = Array(repeating: 0..<0, count: variables.count)
    }

    @inline(__always)
    mutating func draw(index: Int64, _ arena: borrowing TemplateArena) {
        if !used.isEmpty { drawUsed(index: index, arena) }
    }

    private mutating func drawUsed(index: Int64, _ arena: borrowing TemplateArena) {
        bytes.removeAll(keepingCapacity: true)
        for position in used {
            let start = bytes.count
            sources[position].append(index: index, arena, to: &bytes)
            ranges[position] = start..<bytes.count
        }
    }

    func withValue(_ position: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
        bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[ranges[position]])) }
    }
}

/// One variable: its value is a function of the key (of seed and variable) and the request's index.
struct VariableSource {
    private let key: UInt64
    private let kind: Kind

    private enum Kind {
        case uniform(low: Int64, span: UInt64)
        case zipf(ZipfSampler)
        case sequence(start: Int64)
        /// A range of the arena's parts.
        case choice(Range<Int>)
        case uuid
    }

    init(_ kind: Variable.Kind, key: UInt64, _ arena: inout TemplateArena) {
        self.key = key
        switch kind {
        case .uniform(let low, let high):
            precondition(low <= high)
            self.kind = .uniform(low: low, span: UInt64(bitPattern: high &- low) &+ 1)
        case .zipf(let count, let exponent): self.kind = .zipf(ZipfSampler(count: count, exponent: exponent))
        case .sequence(let start): self.kind = .sequence(start: start)
        case .choice(let choices):
            precondition(!choices.isEmpty)
            self.kind = .choice(arena.add(choices: choices))
        case .uuid: self.kind = .uuid
        }
    }

    func append(index: Int64, _ arena: borrowing TemplateArena, to output: inout [UInt8]) {
        var random = SeededRandom(key: StreamKey.index(index, of: key))
        switch kind {
        case .uniform(let low, let span):
            output.append(decimal: low &+ Int64(bitPattern: random.next(below: span)))
        case .zipf(let sampler): output.append(decimal: sampler.sample(&random))
        case .sequence(let start): output.append(decimal: start &+ index)
        case .choice(let parts):
            let part = parts.lowerBound + Int(random.next(below: UInt64(parts.count)))
            guard case .literal(let range) = arena.parts[part] else { preconditionFailure("a choice is literal") }
            arena.withBytes(range) { output.append(contentsOf: $0) }
        case .uuid: Self.appendUUID(random.next(), random.next(), to: &output)
        }
    }

    /// RFC 9562, section 5.4: 122 random bits, the version 4 and the variant 10.
    private static func appendUUID(_ high: UInt64, _ low: UInt64, to output: inout [UInt8]) {
        let words =
            [
                (high & 0xffff_ffff_ffff_0fff) | 0x4000, (low & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000,
            ] as InlineArray<2, UInt64>
        for nibble in 0..<32 {
            if nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20 { output.append(UInt8(ascii: "-")) }
            let value = UInt8(truncatingIfNeeded: words[nibble / 16] >> UInt64(60 - nibble % 16 * 4)) & 15
            output.append(value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10)
        }
    }
}
