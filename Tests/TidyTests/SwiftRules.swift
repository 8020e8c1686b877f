/// Rules about Swift code.
enum SwiftRules {
    static let longestFunctionLines = 70

    /// Targets on the way of a request, where Foundation's types cost more than the request.
    static let targetsWithoutFoundation: Set<String> = [
        "SluiceModel", "SluiceHistogram", "SluiceGenerate", "SluiceSchedule", "SluiceEngine", "SluiceProxyWasm",
        "SluiceLoad",
    ]

    static let programs: Set<String> = ["Sluice", "SluiceBenchmarks"]

    static func bannedCode(_ file: SourceFile) -> [Finding] {
        code(#"\btry!"#, in: file, "use try and an error") + code(#"\bas!"#, in: file, "use as? and an error")
            + code(#"@testable\b"#, in: file, "tests reach in through package access")
    }

    /// Output belongs to programs; everything else returns values.
    static func printing(_ file: SourceFile) -> [Finding] {
        guard file.path.hasPrefix("Sources/"), let target = file.target, !programs.contains(target) else { return [] }
        return code(#"(?<![\w.])(debugPrint|print|dump)\("#, in: file, "only programs print")
    }

    static func foundation(_ file: SourceFile) -> [Finding] {
        guard let target = file.target, targetsWithoutFoundation.contains(target) else { return [] }
        return imports(of: file).filter { $0.module.hasPrefix("Foundation") }
            .map { file.finding(at: $0.index, "\(target) does without Foundation") }
    }

    /// Every function and initialiser, from its first line to its closing brace.
    static func functionLength(_ file: SourceFile) -> [Finding] {
        functions(of: file).filter { $0.lineCount > longestFunctionLines }.map {
            file.finding(at: $0.index, "\($0.name) has \($0.lineCount) lines, \(longestFunctionLines) allowed")
        }
    }

    /// What another target can see says what it is; witnesses of well-known protocols do by their names.
    static func documentation(_ file: SourceFile) -> [Finding] {
        undocumented(in: file) { $0 != "var" && $0 != "let" }
    }

    /// The same of properties, apart, because plain values can be an exception.
    static func propertyDocumentation(_ file: SourceFile) -> [Finding] {
        undocumented(in: file) { $0 == "var" || $0 == "let" }
    }

    private static func undocumented(in file: SourceFile, kinds: (String) -> Bool) -> [Finding] {
        guard file.path.hasPrefix("Sources/") else { return [] }
        return file.codeLines.enumerated().compactMap { index, line in
            guard let declaration = packageDeclaration(in: String(line)), kinds(declaration.kind),
                !isSelfExplaining(declaration)
            else {
                return nil
            }
            var above = index - 1
            while above >= 0, trimmed(file.lines[above]).hasPrefix("@") { above -= 1 }
            let comment = above >= 0 ? trimmed(file.lines[above]) : ""
            guard !comment.hasPrefix("///"), !comment.hasSuffix("*/") else { return nil }
            return file.finding(at: index, "\(declaration.kind) \(declaration.name) has no documentation comment")
        }
    }

    // MARK: - Reading code

    struct Import: Equatable {
        var index: Int
        var module: String
    }

    static func imports(of file: SourceFile) -> [Import] {
        file.codeLines.enumerated().compactMap { index, line in
            var words = line.split(separator: " ").drop { $0.hasPrefix("@") }
            if let first = words.first, ["public", "package", "internal", "fileprivate", "private"].contains(first) {
                words.removeFirst()
            }
            guard words.first == "import", words.count > 1 else { return nil }
            words.removeFirst()
            if ["struct", "class", "enum", "protocol", "func", "var", "typealias"].contains(words.first) {
                words.removeFirst()
            }
            return words.first.map { Import(index: index, module: String($0.prefix { $0 != "." })) }
        }
    }

    struct Declaration: Equatable {
        var kind: String
        var name: String
    }

    private static let declarationKinds: Set<Substring> = [
        "func", "var", "let", "struct", "class", "enum", "protocol", "actor", "typealias", "subscript", "macro",
    ]

    /// The declaration that a line with `package` begins; `nil` for imports, initialisers and extensions.
    private static func packageDeclaration(in line: String) -> Declaration? {
        var words = line.split { $0 == " " || $0 == "\t" }[...]
        words = words.drop { $0.hasPrefix("@") }
        guard let access = words.firstIndex(of: "package"), words[..<access].allSatisfy({ $0.allSatisfy(isWord) })
        else {
            return nil
        }
        words = words[(access + 1)...]
        while let word = words.first, !declarationKinds.contains(word) || isModifierClass(words) {
            guard word != "init", !word.hasPrefix("init("), word != "import", word != "extension" else { return nil }
            words.removeFirst()
        }
        guard words.count > 1, let kind = words.first else { return nil }
        let name = words[words.startIndex + 1].prefix { isWord($0) || $0 == "`" }
        return Declaration(kind: String(kind), name: String(name))
    }

    /// In `class func` the word is a modifier.
    private static func isModifierClass(_ words: ArraySlice<Substring>) -> Bool {
        words.first == "class" && ["func", "var"].contains(words.dropFirst().first)
    }

    private static func isSelfExplaining(_ declaration: Declaration) -> Bool {
        // An operator has no word for a name.
        declaration.name.isEmpty || Exceptions.witnesses.contains(declaration.name)
    }

    struct Function: Equatable {
        var index: Int
        var name: String
        var lineCount: Int
    }

    static func functions(of file: SourceFile) -> [Function] {
        file.codeLines.enumerated().compactMap { index, line in
            let words = line.split { !isWord($0) && $0 != "." }
            let name: Substring
            if let keyword = words.firstIndex(of: "func") {
                name = keyword + 1 < words.count ? words[keyword + 1] : "operator"
            } else if words.contains("init"), !line.contains("=") || line.contains("init(") {
                name = "init"
            } else {
                return nil
            }
            return bodyEnd(in: file, from: index).map {
                Function(index: index, name: String(name), lineCount: $0 - index + 1)
            }
        }
    }

    /// The line of the brace that closes the body that is opened first at or after a line; `nil` without a body.
    private static func bodyEnd(in file: SourceFile, from start: Int) -> Int? {
        var (parentheses, braces) = (0, 0)
        for index in start..<file.codeLines.count {
            if index > start, braces == 0, parentheses == 0, beginsDeclaration(file.codeLines[index]) { return nil }
            for character in file.codeLines[index] {
                switch character {
                case "(", "[": parentheses += 1
                case ")", "]": parentheses -= 1
                case "{" where parentheses == 0 || braces > 0: braces += 1
                case "}" where braces > 0:
                    braces -= 1
                    if braces == 0 { return index }
                case "}" where parentheses == 0: return nil
                default: break
                }
            }
        }
        return nil
    }

    private static func beginsDeclaration(_ line: Substring) -> Bool {
        line.split { !isWord($0) }.contains { declarationKinds.contains($0) }
    }

    private static func code(_ pattern: String, in file: SourceFile, _ message: String) -> [Finding] {
        file.codeLines.enumerated().flatMap { index, line in
            TextRules.ranges(of: pattern, in: String(line)).map { file.finding(at: index, "\($0): \(message)") }
        }
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }

    private static func trimmed(_ line: Substring) -> Substring {
        var line = line.drop { $0 == " " }
        while line.last == " " { line.removeLast() }
        return line
    }
}
