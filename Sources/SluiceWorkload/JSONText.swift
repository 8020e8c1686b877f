/// A YAML value as JSON text: what a plugin finds as its configuration when the workload gives a mapping.
///
/// Plain scalars are numbers, truth values and null where JSON has the same spelling; everything else is a string.
/// Keys keep the order of the file.
enum JSONText {
    static func write(_ value: YAMLValue) -> String {
        switch value.content {
        case .scalar(let text, let isPlain): isPlain && isBare(text) ? bare(text) : quote(text)
        case .sequence(let values): "[" + values.map(write).joined(separator: ",") + "]"
        case .mapping(let entries):
            "{" + entries.map { "\(quote($0.key)):\(write($0.value))" }.joined(separator: ",") + "}"
        }
    }

    private static func isBare(_ text: String) -> Bool {
        ["true", "false", "null", "~", ""].contains(text)
            || text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/) != nil
    }

    private static func bare(_ text: String) -> String { text.isEmpty || text == "~" ? "null" : text }

    /// A text as JSON has it, which YAML reads as well.
    static func quote(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\0"..<" ":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
