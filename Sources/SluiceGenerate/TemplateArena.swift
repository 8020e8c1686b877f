import SluiceModel

/// The constant bytes of all templates of a generator in a few flat arrays.
///
/// Plans are ranges of it and hold no references, so that the hot path does no reference counting: with an array a
/// template it was two thirds of the time of a request.
struct TemplateArena: ~Copyable {
    enum Part {
        /// A range of the arena's bytes.
        case literal(Range<Int>)
        /// Position in the workload's variables.
        case variable(Int)
    }

    enum HeaderStep {
        /// Constant fields, in the form of a header block.
        case constant(bytes: Range<Int>, entries: Range<Int>)
        case field(name: Range<Int>, value: TemplatePlan)
    }

    private(set) var bytes: [UInt8] = []
    private(set) var parts: [Part] = []
    private(set) var steps: [HeaderStep] = []
    private var entries: [HeaderBlock.Entry] = []
    /// Variables that any template names.
    private(set) var variables: Set<Int> = []
    /// Bytes and entries once more, where reading them checks nothing: set by `freeze`.
    private var frozenBytes = UnsafeRawBufferPointer(start: nil, count: 0)
    private var frozenEntries = UnsafeBufferPointer<HeaderBlock.Entry>(start: nil, count: 0)

    init() {}

    deinit {
        frozenBytes.deallocate()
        frozenEntries.deallocate()
    }

    /// Once, when everything has been added; what was added can be read from then on.
    mutating func freeze() {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: self.bytes.count, alignment: 16)
        bytes.copyBytes(from: self.bytes)
        frozenBytes = UnsafeRawBufferPointer(bytes)
        let entries = UnsafeMutableBufferPointer<HeaderBlock.Entry>.allocate(capacity: self.entries.count)
        _ = entries.initialize(from: self.entries)
        frozenEntries = UnsafeBufferPointer(entries)
    }

    mutating func add(bytes added: some Collection<UInt8>) -> Range<Int> {
        let start = bytes.count
        bytes.append(contentsOf: added)
        return start..<bytes.count
    }

    mutating func add(_ template: Template) -> TemplatePlan {
        let start = parts.count
        for segment in template.segments {
            switch segment {
            case .literal(let text): parts.append(.literal(add(bytes: text.utf8)))
            case .variable(let position):
                parts.append(.variable(position))
                variables.insert(position)
            }
        }
        return TemplatePlan(parts: start..<parts.count)
    }

    /// The texts of a choice, one part each.
    mutating func add(choices: [String]) -> Range<Int> {
        let start = parts.count
        for choice in choices { parts.append(.literal(add(bytes: choice.utf8))) }
        return start..<parts.count
    }

    mutating func add(_ templates: [HeaderTemplate]) -> HeaderPlan {
        let start = steps.count
        var constant = HeaderBlock()
        for template in templates {
            if let literal = template.value.literal {
                constant.append(name: template.name, value: literal)
            } else {
                flush(&constant)
                let name = add(bytes: template.name.utf8)
                steps.append(.field(name: name, value: add(template.value)))
            }
        }
        flush(&constant)
        return HeaderPlan(steps: start..<steps.count)
    }

    /// The fields of a plan when no variable is in any of them, and there is at least one; valid as long as the arena,
    /// which is frozen.
    func fixedFields(of plan: HeaderPlan) -> FixedFields? {
        guard plan.steps.count == 1, case .constant(let bytes, let entries) = steps[plan.steps.lowerBound] else {
            return nil
        }
        return FixedFields(
            bytes: UnsafeRawBufferPointer(rebasing: frozenBytes[bytes]),
            entries: UnsafeBufferPointer(rebasing: frozenEntries[entries]))
    }

    private mutating func flush(_ constant: inout HeaderBlock) {
        guard !constant.isEmpty else { return }
        let first = entries.count
        constant.withFields { fieldBytes, fields in
            entries.append(contentsOf: fields)
            steps.append(.constant(bytes: add(bytes: fieldBytes), entries: first..<entries.count))
        }
        constant = HeaderBlock()
    }

    @inline(__always)
    func withBytes(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Void) {
        body(UnsafeRawBufferPointer(rebasing: frozenBytes[range]))
    }

    @inline(__always)
    func withEntries(_ range: Range<Int>, _ body: (UnsafeBufferPointer<HeaderBlock.Entry>) -> Void) {
        body(UnsafeBufferPointer(rebasing: frozenEntries[range]))
    }
}

extension Template {
    /// The whole text, when no variable is in it.
    var literal: String? {
        var text = ""
        for segment in segments {
            guard case .literal(let part) = segment else { return nil }
            text += part
        }
        return text
    }
}

/// A template as a range of the arena's parts.
struct TemplatePlan {
    let parts: Range<Int>

    func append(to output: inout [UInt8], _ arena: borrowing TemplateArena, _ values: borrowing VariableValues) {
        for position in parts {
            switch arena.parts[position] {
            case .literal(let range): arena.withBytes(range) { output.append(contentsOf: $0) }
            case .variable(let variable): values.withValue(variable) { output.append(contentsOf: $0) }
            }
        }
    }
}

/// Header fields that are the same for every request, in the form of a header block.
struct FixedFields {
    let bytes: UnsafeRawBufferPointer
    let entries: UnsafeBufferPointer<HeaderBlock.Entry>
}

/// Headers as a range of the arena's steps.
struct HeaderPlan {
    let steps: Range<Int>

    /// `scratch` is overwritten.
    func append(
        to block: inout HeaderBlock, _ arena: borrowing TemplateArena, _ values: borrowing VariableValues,
        scratch: inout [UInt8]
    ) {
        for position in steps {
            switch arena.steps[position] {
            case .constant(let bytes, let entries):
                arena.withBytes(bytes) { bytes in
                    arena.withEntries(entries) { block.append(bytes: bytes, entries: $0) }
                }
            case .field(let name, let value):
                scratch.removeAll(keepingCapacity: true)
                value.append(to: &scratch, arena, values)
                arena.withBytes(name) { name in
                    scratch.withUnsafeBytes { block.append(name: name, value: $0) }
                }
            }
        }
    }
}
