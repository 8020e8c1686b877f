/// A place in a workload file; both count from 1, columns in Unicode scalars.
package struct Position: Sendable, Equatable, Comparable {
    /// From 1.
    package var line: Int
    /// From 1, in Unicode scalars.
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package static func < (left: Position, right: Position) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// One thing that is wrong with a workload file.
package struct WorkloadError: Sendable, Equatable {
    /// `nil` when it is about the file as a whole.
    package var position: Position?
    /// What is wrong.
    package var message: String
    /// What would be right.
    package var help: String

    package init(position: Position?, message: String, help: String) {
        self.position = position
        self.message = message
        self.help = help
    }
}

/// Everything that is wrong with a workload file, in the order of the file; never empty.
///
/// The description is what a person sees: each error with file, line and column, an excerpt and a caret.
package struct WorkloadErrors: Error, Sendable, Equatable, CustomStringConvertible {
    /// As the user named it.
    package var path: String
    /// By position, those about the whole file first.
    package var errors: [WorkloadError]
    /// The file's lines, for excerpts; empty when it could not be read.
    private var lines: [String]

    private static let printedErrors = 50
    private static let printedColumns = 140

    package init(path: String, errors: [WorkloadError], text: String = "") {
        self.path = path
        self.errors = errors.enumerated().sorted { first, second in
            let places = [first, second].map { $0.element.position ?? Position(line: 0, column: 0) }
            return places[0] == places[1] ? first.offset < second.offset : places[0] < places[1]
        }.map(\.element)
        lines = SourceText.lines(of: SourceText.normalised(text)).map { line in
            String(String.UnicodeScalarView(line.map { $0 == "\t" ? " " : $0 }))
        }
    }

    package var description: String {
        var blocks = errors.prefix(Self.printedErrors).map(describe)
        if errors.count > Self.printedErrors {
            blocks.append("\(path): and \(errors.count - Self.printedErrors) more errors")
        }
        return blocks.joined(separator: "\n")
    }

    private func describe(_ error: WorkloadError) -> String {
        let explanation = error.help.isEmpty ? error.message : "\(error.message); \(error.help)"
        guard let position = error.position else { return "\(path): \(explanation)" }
        var text = "\(path):\(position.line):\(position.column): \(explanation)"
        if lines.indices.contains(position.line - 1) {
            let number = String(position.line)
            let margin = String(repeating: " ", count: number.count)
            let (excerpt, column) = Self.excerpt(of: lines[position.line - 1], around: position.column)
            text += "\n  \(number) | \(excerpt)"
            text += "\n  \(margin) | \(String(repeating: " ", count: column - 1))^"
        }
        return text
    }

    /// A long line is cut on both sides, so that the place is seen with what stands around it.
    private static func excerpt(of line: String, around column: Int) -> (text: String, column: Int) {
        let scalars = line.unicodeScalars
        guard scalars.count > printedColumns else { return (line, column) }
        let skipped = max(0, column - printedColumns / 2)
        var window = String.UnicodeScalarView(scalars.dropFirst(skipped).prefix(printedColumns))
        if skipped > 0 { window.replaceSubrange(window.startIndex...window.startIndex, with: ["…"]) }
        if skipped + printedColumns < scalars.count { window.append("…") }
        return (String(window), column - skipped)
    }
}
