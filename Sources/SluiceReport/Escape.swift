/// Text from users, modules and logs, made safe for a format.
package enum Escape {
    /// For HTML, SVG and XML, in text and in quoted attributes. Characters that XML forbids become U+FFFD.
    static func markup(_ text: String) -> String {
        var escaped = ""
        escaped.unicodeScalars.reserveCapacity(text.unicodeScalars.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case "\t", "\n", "\r": escaped.unicodeScalars.append(scalar)
            case _ where isForbidden(scalar): escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// For a cell of a Markdown table, or a line of Markdown text.
    static func markdown(_ text: String) -> String {
        var escaped = ""
        for scalar in markup(text).unicodeScalars {
            switch scalar {
            case "\\", "`", "*", "_", "[", "]", "|", "~":
                escaped += "\\"
                escaped.unicodeScalars.append(scalar)
            case "\n", "\r", "\t": escaped += " "
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// For a terminal: a tab becomes a space; what would move its cursor, change its colours or turn its text becomes
    /// U+FFFD.
    package static func terminal(_ text: String) -> String {
        var printable = ""
        for scalar in text.unicodeScalars {
            let isPlain = scalar != "\n" && scalar != "\r" && !isForbidden(scalar)
            printable.unicodeScalars.append(scalar == "\t" ? " " : isPlain ? scalar : "\u{FFFD}")
        }
        return printable
    }

    /// Control characters, and those that turn the direction of text and so could show another text than there is.
    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069, 0xFFFE...0xFFFF: true
        default: false
        }
    }
}
