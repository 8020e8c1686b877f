/// A place that breaks a rule.
struct Finding: Equatable, CustomStringConvertible {
    var path: String
    /// From 1; 0 stands for the whole file.
    var line: Int
    var message: String

    var description: String { line == 0 ? "\(path): \(message)" : "\(path):\(line): \(message)" }
}

/// A file of the repository.
struct SourceFile {
    /// Relative to the repository's root.
    let path: String
    let text: String
    let lines: [Substring]
    /// Of Swift files: the text with comments and string literals blanked out, line by line.
    let codeLines: [Substring]

    init(path: String, text: String) {
        self.path = path
        self.text = text
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        codeLines =
            path.hasSuffix(".swift")
            ? SwiftCode.blanked(text).split(separator: "\n", omittingEmptySubsequences: false) : []
    }

    var isSwift: Bool { path.hasSuffix(".swift") }

    /// The target whose folder the file is in: `Sources/<target>/…` or `Tests/<target>/…`.
    var target: String? {
        let parts = path.split(separator: "/")
        return parts.count > 2 && (parts[0] == "Sources" || parts[0] == "Tests") ? String(parts[1]) : nil
    }

    func finding(at index: Int, _ message: String) -> Finding {
        Finding(path: path, line: index + 1, message: message)
    }
}
