/// What a `www-authenticate` field asks for (RFC 9110, section 11.6.1).
struct Challenge: Equatable {
    /// Lower case: `bearer`, `basic`.
    var scheme: String
    /// Names in lower case.
    var parameters: [String: String]

    /// All challenges of all fields; what cannot be read ends a field.
    static func all(in fields: [String]) -> [Challenge] { fields.flatMap(parse) }

    private static func parse(_ field: String) -> [Challenge] {
        var challenges: [Challenge] = []
        var rest = Substring(field)
        while true {
            rest = rest.drop { $0 == " " || $0 == "\t" || $0 == "," }
            let word = rest.prefix(while: isToken)
            guard !word.isEmpty else { return challenges }
            rest = rest.dropFirst(word.count)
            if rest.first == "=", !challenges.isEmpty {
                guard let value = value(&rest) else { return challenges }
                challenges[challenges.count - 1].parameters[word.lowercased()] = value
            } else {
                challenges.append(Challenge(scheme: word.lowercased(), parameters: [:]))
            }
        }
    }

    /// What stands after `=`: a word, or a text in quotes.
    private static func value(_ rest: inout Substring) -> String? {
        rest = rest.dropFirst()
        guard rest.first == "\"" else {
            let word = rest.prefix(while: isToken)
            rest = rest.dropFirst(word.count)
            return String(word)
        }
        var text = ""
        rest = rest.dropFirst()
        while let character = rest.popFirst() {
            switch character {
            case "\"": return text
            case "\\":
                guard let escaped = rest.popFirst() else { return nil }
                text.append(escaped)
            default: text.append(character)
            }
        }
        return nil
    }

    private static func isToken(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "!#$%&'*+-.^_`|~".contains(character))
    }
}
