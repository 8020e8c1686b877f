import Yams

/// Turns YAML text into values. The only file that knows the parser.
///
/// The parser stops at the first repeated key; here all of them are found: the first of two has one character replaced
/// by one from a private plane of Unicode, and the text is read again.
struct YAMLFile {
    static let largestFileBytes = 1 << 20
    static let mostNodes = 100_000
    static let deepest = 64
    private static let mostRepeatedKeys = 20
    private static let mask: Unicode.Scalar = "\u{E000}"

    private var errors: [WorkloadError] = []
    private var nodes = 0
    private var isTooLarge = false
    /// Keys that were masked: how they were written, by place.
    private var masked: [(position: Position, key: String)] = []

    /// The document and what is wrong with it as YAML. No value: nothing more can be said about the file.
    ///
    /// `text` must be as `SourceText.normalised` gives it.
    static func parse(_ text: String) -> (value: YAMLValue?, errors: [WorkloadError]) {
        var file = YAMLFile()
        let value = file.parse(text)
        return (value, file.errors)
    }

    /// All documents of a text, and what is wrong with it as YAML; empty ones are left out.
    static func parseAll(_ text: String) -> (documents: [YAMLValue], errors: [WorkloadError]) {
        var file = YAMLFile()
        let documents = file.parseDocuments(text) { parser in
            var roots: [Node] = []
            while let root = try parser.nextRoot() { roots.append(root) }
            return roots
        }
        return (documents.filter { !$0.isNothing }, file.errors)
    }

    private mutating func parse(_ text: String) -> YAMLValue? {
        let documents = parseDocuments(text) { parser in try parser.singleRoot().map { [$0] } ?? [] }
        if documents.isEmpty, errors.isEmpty { report(nil, "the file is empty", "begin with `sluice: 1`") }
        return documents.first
    }

    private mutating func parseDocuments(_ original: String, roots: (Parser) throws -> [Node]) -> [YAMLValue] {
        guard !reportControlCharacter(original) else { return [] }
        var text = original
        while true {
            do {
                let nodes = try roots(Parser(yaml: text, resolver: .basic, encoding: .utf8))
                let values = nodes.compactMap { convert($0, depth: 0) }
                // What is left of too large a file says nothing about the rest.
                return isTooLarge ? [] : values
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                let position = Position(line: context.mark.line, column: context.mark.column)
                let key = keys.first ?? ""
                if masked.count < Self.mostRepeatedKeys, let next = Self.masking(key, at: position, in: text) {
                    masked.append((position, key))
                    text = next
                } else {
                    report(position, "the key `\(unmasked(key, position))` is given twice", "remove one of the two")
                    return []
                }
            } catch {
                reportSyntax(error, text)
                return []
            }
        }
    }

    private mutating func report(_ position: Position?, _ message: String, _ help: String) {
        errors.append(WorkloadError(position: position, message: message, help: help))
    }

    /// Said once: every further value would say it again.
    private mutating func reportTooLarge(_ position: Position, _ message: String, _ help: String) {
        if !isTooLarge { report(position, message, help) }
        isTooLarge = true
    }

    /// The parser's own position is a few bytes off.
    private mutating func reportControlCharacter(_ text: String) -> Bool {
        var position = Position(line: 1, column: 1)
        for scalar in text.unicodeScalars {
            switch scalar {
            case _ where SourceText.isLineEnd(scalar): position = Position(line: position.line + 1, column: 1)
            case "\t": position.column += 1
            case "\0"..<" ", "\u{7f}"..."\u{9f}":
                report(
                    position, "not valid YAML: the control character U+\(String(scalar.value, radix: 16))",
                    "remove it, or write it as an escape within double quotes")
                return true
            default: position.column += 1
            }
        }
        return false
    }

    /// The text with the first character of a key replaced, or `nil` when the key is not found where it should be.
    private static func masking(_ key: String, at position: Position, in text: String) -> String? {
        var scalars = Array(text.unicodeScalars)
        var line = 1
        var offset = 0
        while line < position.line {
            guard let lineEnd = scalars[offset...].firstIndex(where: SourceText.isLineEnd) else { return nil }
            offset = lineEnd + 1
            line += 1
        }
        offset += position.column - 1
        guard offset < scalars.count else { return nil }
        if scalars[offset] == "\"" || scalars[offset] == "'" { offset += 1 }
        let written = Array(key.unicodeScalars)
        guard !written.isEmpty, written[0] != mask, scalars[offset...].starts(with: written) else { return nil }
        scalars[offset] = mask
        var result = String.UnicodeScalarView()
        result.append(contentsOf: scalars)
        return String(result)
    }

    private func unmasked(_ key: String, _ position: Position) -> String {
        masked.first { $0.position == position }?.key ?? key
    }

    private mutating func convert(_ node: Node, depth: Int) -> YAMLValue? {
        let position = Self.position(of: node)
        nodes += 1
        guard nodes <= Self.mostNodes else {
            reportTooLarge(
                position, "the file has more than \(Self.mostNodes) values once its references are resolved",
                "make it smaller")
            return nil
        }
        guard depth <= Self.deepest else {
            reportTooLarge(position, "values are nested more than \(Self.deepest) levels deep", "make it flatter")
            return nil
        }
        switch node {
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain || scalar.style == .any
            return YAMLValue(position: position, content: .scalar(scalar.string, isPlain: isPlain))
        case .sequence(let sequence):
            return YAMLValue(
                position: position, content: .sequence(sequence.compactMap { convert($0, depth: depth + 1) }))
        case .mapping(let mapping):
            return YAMLValue(position: position, content: .mapping(convert(mapping, depth: depth + 1)))
        case .alias:
            report(position, "a reference that is not resolved", "write the value out")
            return nil
        }
    }

    private mutating func convert(_ mapping: Node.Mapping, depth: Int) -> [YAMLValue.Entry] {
        var entries: [YAMLValue.Entry] = []
        var repeated: [YAMLValue.Entry] = []
        for (keyNode, valueNode) in mapping {
            let position = Self.position(of: keyNode)
            guard case .scalar(let scalar) = keyNode else {
                report(position, "a key that is a list or a mapping", "keys are words")
                continue
            }
            guard let value = convert(valueNode, depth: depth) else { continue }
            let key = unmasked(scalar.string, position)
            let entry = YAMLValue.Entry(key: key, keyPosition: position, value: value)
            if key != scalar.string { repeated.append(entry) } else { entries.append(entry) }
        }
        for first in repeated {
            // The masked one stands first; the one that kept its name is the repetition.
            let second = entries.first { $0.key == first.key }?.keyPosition ?? first.keyPosition
            report(
                second, "the key `\(first.key)` is given twice",
                "the first is in line \(first.keyPosition.line), column \(first.keyPosition.column); "
                    + "remove one of the two"
            )
        }
        return entries
    }

    private static func position(of node: Node) -> Position {
        node.mark.map { Position(line: $0.line, column: $0.column) } ?? Position(line: 1, column: 1)
    }

    private mutating func reportSyntax(_ error: any Error, _ text: String) {
        let finding = YAMLSyntax.describe(error, lines: SourceText.lines(of: text))
        report(finding.position, "not valid YAML: \(finding.message)", finding.help)
    }
}
