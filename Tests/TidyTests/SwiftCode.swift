/// Just enough of Swift's lexical structure to tell code from text.
enum SwiftCode {
    /// The same number of lines, with comments and the contents of string literals as blanks. Code inside of
    /// interpolations counts as text too.
    static func blanked(_ text: String) -> String {
        var scanner = Scanner(characters: Array(text))
        scanner.scan()
        return String(scanner.output)
    }

    private struct Scanner {
        let characters: [Character]
        var position = 0
        var output: [Character] = []

        init(characters: [Character]) {
            self.characters = characters
            output.reserveCapacity(characters.count)
        }

        mutating func scan() {
            while position < characters.count {
                if starts(with: "//") {
                    blank { $0.characters[$0.position] == "\n" }
                } else if starts(with: "/*") {
                    blankBlockComment()
                } else if let delimiter = stringDelimiter() {
                    blankString(delimiter)
                } else {
                    output.append(characters[position])
                    position += 1
                }
            }
        }

        private func starts(with text: String) -> Bool {
            characters[position...].starts(with: text)
        }

        private mutating func skip(_ count: Int) {
            for _ in 0..<count where position < characters.count {
                output.append(characters[position] == "\n" ? "\n" : " ")
                position += 1
            }
        }

        private mutating func blank(until isEnd: (Scanner) -> Bool) {
            while position < characters.count, !isEnd(self) { skip(1) }
        }

        private mutating func blankBlockComment() {
            var depth = 0
            repeat {
                if starts(with: "/*") {
                    depth += 1
                    skip(2)
                } else if starts(with: "*/") {
                    depth -= 1
                    skip(2)
                } else {
                    skip(1)
                }
            } while depth > 0 && position < characters.count
        }

        /// Number signs and quotes with which a literal begins here, if one does.
        private func stringDelimiter() -> (hashes: String, quotes: String)? {
            let hashes = String(characters[position...].prefix { $0 == "#" })
            let rest = characters[(position + hashes.count)...]
            if rest.starts(with: "\"\"\"") { return (hashes, "\"\"\"") }
            return rest.first == "\"" ? (hashes, "\"") : nil
        }

        private mutating func blankString(_ delimiter: (hashes: String, quotes: String)) {
            let end = delimiter.quotes + delimiter.hashes
            let escape = "\\" + delimiter.hashes
            skip(end.count)
            while position < characters.count, !starts(with: end) {
                if starts(with: escape + "(") {
                    skip(escape.count + 1)
                    blankInterpolation()
                } else if starts(with: escape) {
                    skip(escape.count + 1)
                } else if delimiter.quotes == "\"", characters[position] == "\n" {
                    return
                } else {
                    skip(1)
                }
            }
            skip(end.count)
        }

        private mutating func blankInterpolation() {
            var depth = 1
            while depth > 0, position < characters.count {
                if let delimiter = stringDelimiter() {
                    blankString(delimiter)
                    continue
                }
                if characters[position] == "(" { depth += 1 }
                if characters[position] == ")" { depth -= 1 }
                skip(1)
            }
        }
    }
}
