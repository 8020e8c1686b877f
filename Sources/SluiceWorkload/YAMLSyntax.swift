import Yams

/// What is wrong with a text as YAML, in our words: the parser's own are about tokens and nodes.
enum YAMLSyntax {
    /// Which of the two places of an error a person should look at.
    private enum Place {
        /// Where the parser gave up.
        case end
        /// Where the thing begins that it could not read.
        case beginning
    }

    private struct Explanation {
        /// What the parser's words contain.
        var words: String
        var place = Place.end
        var message: String
        var help: String
    }

    /// `lines` are those of the text that was parsed. No position: the parser gave none.
    static func describe(_ error: any Error, lines: [[Unicode.Scalar]]) -> WorkloadError {
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let end = position(mark)
            let beginning = context.map { position($0.mark) } ?? end
            return describe(problem, beginning: beginning, end: end, lines)
        default:
            return WorkloadError(position: nil, message: "it cannot be read", help: "save it as plain UTF-8 text")
        }
    }

    private static func position(_ mark: Mark) -> Position { Position(line: mark.line, column: mark.column) }

    private static func describe(
        _ problem: String, beginning: Position, end: Position, _ lines: [[Unicode.Scalar]]
    ) -> WorkloadError {
        let rest = rest(of: lines, at: end)
        func error(_ position: Position, _ message: String, _ help: String) -> WorkloadError {
            WorkloadError(position: position, message: message, help: help)
        }
        if problem.hasPrefix("found character that cannot start any token"), let first = rest.first {
            return first == "\t"
                ? error(end, "a tab where indentation is expected", "indent with spaces")
                : error(end, "a text cannot begin with `\(first)`", "put it in quotes")
        }
        let isUnclosed = ["did not find expected node", "did not find expected ','"].contains(where: problem.hasPrefix)
        if isUnclosed, isAtEnd(end, lines) {
            return error(
                end, "the file ends within brackets or braces", "close every `[` with `]` and every `{` with `}`")
        }
        if problem.hasPrefix("did not find expected ','"), isVariable(at: end, lines) {
            return error(
                end, "an opening brace within a value", "within braces and brackets, text with `${…}` needs quotes")
        }
        guard let explanation = explanations.first(where: { problem.contains($0.words) }) else {
            return error(end, "it cannot be read from here on", "check indentation, brackets and quotes")
        }
        let place = explanation.place == .beginning ? beginning : end
        return error(
            place,
            explanation.message.replacing("BEGIN", with: "line \(beginning.line), column \(beginning.column)"),
            explanation.help)
    }

    private static let explanations = [
        Explanation(
            words: "could not find expected ':'", place: .beginning, message: "a line that is no `key: value`",
            help: "add the `:`, or indent the line if it belongs to the value above"),
        Explanation(
            words: "block sequence entries are not allowed", message: "a list cannot begin here",
            help: "put the first `- ` in a line of its own, below the key"),
        Explanation(
            words: "mapping values are not allowed", message: "a `:` that cannot stand here",
            help: "text with `: ` in it needs quotes; or the line before lacks its `:`, or an indentation is wrong"),
        Explanation(
            words: "mapping keys are not allowed", message: "a `?` that cannot stand here",
            help: "text that begins with `? ` needs quotes"),
        Explanation(
            words: "did not find expected key", message: "a line that does not fit the mapping that begins in BEGIN",
            help: "give its keys the same indentation, and end what is in quotes"),
        Explanation(
            words: "did not find expected '-'", message: "a line that does not fit the list that begins in BEGIN",
            help: "each of its values begins with `- `, at the same indentation"),
        Explanation(
            words: "did not find expected ',' or ']'",
            message: "the list that begins in BEGIN does not go on like this",
            help: "separate values with `,` and end the list with `]`"),
        Explanation(
            words: "did not find expected ',' or '}'",
            message: "the mapping that begins in BEGIN does not go on like this",
            help: "separate entries with `,` and end the mapping with `}`"),
        Explanation(
            words: "did not find expected node content", message: "a value is missing here",
            help: "write it, or remove what stands around it"),
        Explanation(
            words: "found unexpected end of stream", place: .beginning, message: "this quote is not closed",
            help: "end the text with the same quote"),
        Explanation(
            words: "found unexpected document indicator", place: .beginning, message: "this quote is not closed",
            help: "end the text with the same quote"),
        Explanation(
            words: "unknown escape character", message: "an escape that there is not within double quotes",
            help: "write `\\\\` for a backslash, or use single quotes"),
        Explanation(
            words: "hexdecimal", message: "an escape without its hexadecimal digits",
            help: "write `\\\\` for a backslash, or use single quotes"),
        Explanation(
            words: "Unicode character escape", message: "an escape for no character",
            help: "write `\\\\` for a backslash, or use single quotes"),
        Explanation(words: "found a tab", message: "a tab where indentation is expected", help: "indent with spaces"),
        Explanation(
            words: "undefined alias", message: "a reference to nothing",
            help: "mark the value with `&name` before `*name` stands for it, or quote text that begins with `*`"),
        Explanation(
            words: "alphabetic or numeric character", place: .beginning, message: "`&` or `*` without a name",
            help: "text that begins with it needs quotes"),
        Explanation(
            words: "found unexpected ':'", message: "a `:` within brackets or braces", help: "put the text in quotes"),
        Explanation(
            words: "another document", message: "a second document begins here",
            help: "a workload is one document: remove the `---`"),
        Explanation(
            words: "comment or line break", place: .beginning, message: "text behind `|`, `>` or a directive",
            help: "begin it in the next line"),
        Explanation(
            words: "nesting level", message: "values are nested too deep", help: "make it flatter"),
        Explanation(
            words: "expected '>'", place: .beginning, message: "a tag that cannot be read",
            help: "text that begins with `!` needs quotes"),
        Explanation(
            words: "tag", place: .beginning, message: "a tag that cannot be read",
            help: "text that begins with `!` needs quotes"),
        Explanation(
            words: "directive", place: .beginning, message: "a directive that cannot be read",
            help: "text that begins with `%` needs quotes"),
    ]

    private static func rest(of lines: [[Unicode.Scalar]], at position: Position) -> ArraySlice<Unicode.Scalar> {
        guard lines.indices.contains(position.line - 1) else { return [] }
        return lines[position.line - 1].dropFirst(position.column - 1)
    }

    private static func isAtEnd(_ position: Position, _ lines: [[Unicode.Scalar]]) -> Bool {
        rest(of: lines, at: position).allSatisfy { $0 == " " }
            && lines.dropFirst(position.line).allSatisfy { $0.allSatisfy { $0 == " " } }
    }

    /// Whether a `${` ends at the place: an opening brace within a flow mapping.
    private static func isVariable(at position: Position, _ lines: [[Unicode.Scalar]]) -> Bool {
        guard position.column >= 2 else { return false }
        let before = Position(line: position.line, column: position.column - 1)
        return rest(of: lines, at: before).starts(with: "${".unicodeScalars)
    }
}
