/// A struct or union, or an enumeration with the value of each name in place of a type.
struct Layout: Equatable {
    var isUnion = false
    var fields: [Field] = []

    struct Field: Equatable {
        var name: String
        var type: String
    }
}

/// What a `ctypes` file declares. Types are kept as written, without `ctypes.` and without spaces.
struct PythonDeclarations {
    private(set) var functions: [String: String] = [:]
    private(set) var layouts: [String: Layout] = [:]
    private(set) var enumerations: [String: [String: Int]] = [:]
    private(set) var aliases: [String: String] = ["c_ubyte": "c_uint8"]

    init(_ text: String) {
        var results: [Substring: String] = [:]
        var open: (name: String, isEnumeration: Bool)?
        var nextValue = 0
        for line in text.split(separator: "\n") {
            if line.hasPrefix("class ") {
                let name = String(line.dropFirst(6).prefix { $0 != "(" })
                open = (name, line.contains("(Enum)"))
                nextValue = 0
                if line.contains("(Enum)") {
                    enumerations[name] = [:]
                } else {
                    layouts[name] = Layout(isUnion: line.contains("Union"))
                }
            } else if let current = open, line.hasPrefix("        (\"") {
                let parts = line.split(separator: "\"", maxSplits: 2)
                let type = parts[2].drop { $0 == "," || $0 == " " }.dropLast(2)
                layouts[current.name]?.fields.append(.init(name: String(parts[1]), type: Self.clean(type)))
            } else if let current = open, current.isEnumeration, line.hasPrefix("    "),
                let value = Self.assignment(line)
            {
                nextValue = Int(value.right) ?? nextValue
                enumerations[current.name]?[value.left] = nextValue
                nextValue += 1
            } else if line.hasPrefix("_"), let value = Self.assignment(line) {
                let name = value.left.dropFirst().prefix { $0 != "." }
                if value.left.hasSuffix(".restype") { results[name] = value.right }
                if value.left.hasSuffix(".argtypes"), let result = results[name] {
                    functions[String(name)] = "\(result)(\(value.right.dropFirst().dropLast()))"
                }
            } else if line.first?.isLetter == true, let value = Self.assignment(line) {
                aliases[value.left] = value.right
            }
        }
    }

    /// With every alias replaced, so that two texts are equal when the types are.
    func resolve(_ type: String) -> String {
        var result = ""
        var word = ""
        func finish() {
            if let alias = aliases[word] { result += resolve(alias) } else { result += word }
            word = ""
        }
        for character in type {
            if character.isLetter || character.isNumber || character == "_" {
                word.append(character)
            } else {
                finish()
                result.append(character)
            }
        }
        finish()
        return result
    }

    private static func clean(_ text: some StringProtocol) -> String {
        String(text).replacing("ctypes.", with: "").filter { $0 != " " }
    }

    private static func assignment(_ line: Substring) -> (left: String, right: String)? {
        let parts = line.split(separator: " = ", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        return (clean(parts[0]), clean(parts[1]))
    }
}

/// What our header declares, with types written as `ctypes` writes them.
struct HeaderDeclarations {
    private(set) var functions: [String: String] = [:]
    private(set) var layouts: [String: Layout] = [:]
    private(set) var enumerations: [String: [String: Int]] = [:]
    private(set) var aliases: [String: String] = [:]

    init(_ text: String) {
        var open: (name: String, isEnumeration: Bool)?
        // A declaration goes on in lines that are indented deeper.
        let joined = text.replacing(" \\\n        ", with: " ").replacing(",\n        ", with: ", ")
        for line in joined.split(separator: "\n") {
            let words = line.split(whereSeparator: { " ;{},".contains($0) }).map(String.init)
            if line.hasPrefix("    X(") {
                readFunction(line)
            } else if line.hasPrefix("}") {
                if let current = open, !current.isEnumeration, let alias = words.first, alias != current.name {
                    aliases[alias] = current.name
                }
                open = nil
            } else if line.hasPrefix("enum "), words.count == 2 {
                open = (words[1], true)
                enumerations[words[1]] = [:]
            } else if line.hasPrefix("typedef"), line.hasSuffix("{") {
                open = (words[2], false)
                layouts[words[2]] = Layout(isUnion: words[1] == "union")
            } else if line.hasPrefix("typedef") {
                readAlias(line)
            } else if let current = open, current.isEnumeration {
                enumerations[current.name]?[words[0]] = Int(words[2])
            } else if let current = open {
                let (type, name) = Self.declarator(line)
                layouts[current.name]?.fields.append(.init(name: name, type: Self.python(type)))
            }
        }
    }

    /// One line for each difference, empty when there is none.
    func differences(from python: PythonDeclarations) -> [String] {
        var result: [String] = []
        func compare(_ name: String, _ ours: String, _ theirs: String?) {
            let own = python.resolve(resolveOwn(ours))
            let other = theirs.map { python.resolve($0) }
            if own != other { result.append("\(name): ours \(own), the library's \(other ?? "absent")") }
        }
        for (name, signature) in functions.sorted(by: { $0.key < $1.key }) {
            compare(name, signature, python.functions[name])
        }
        for (name, type) in aliases where name != "sluice_finalizer_t" {
            compare(name, type, python.aliases[name] ?? (python.layouts[name] == nil ? nil : name))
        }
        for (name, layout) in layouts {
            let theirs = python.layouts[name]
            if theirs?.isUnion != layout.isUnion || theirs?.fields.count != layout.fields.count {
                result.append("\(name): another number of fields")
                continue
            }
            for (own, other) in zip(layout.fields, theirs?.fields ?? []) {
                if own.name != other.name { result.append("\(name).\(own.name): the library's is \(other.name)") }
                compare("\(name).\(own.name)", own.type, other.type)
            }
        }
        for (name, values) in enumerations {
            for (constant, value) in values where python.enumerations[name]?[constant] != value {
                result.append("\(constant): ours \(value)")
            }
        }
        return result
    }

    /// The one name that is ours alone.
    private func resolveOwn(_ type: String) -> String {
        type.replacing("sluice_finalizer_t", with: aliases["sluice_finalizer_t"] ?? "")
    }

    // `    X(result, name, (parameters)) \`
    private mutating func readFunction(_ line: Substring) {
        let inside = line.dropFirst(6)
        guard let open = inside.firstIndex(of: "("), let close = inside.firstIndex(of: ")") else { return }
        let head = inside[..<open].split(separator: ",")
        let parameters = inside[inside.index(after: open)..<close].split(separator: ",").map { Self.python(String($0)) }
        let name = head[1].filter { $0 != " " }
        functions[name] =
            "\(Self.python(String(head[0])))(\(parameters.filter { $0 != "None" }.joined(separator: ",")))"
    }

    private mutating func readAlias(_ line: Substring) {
        let body = line.dropFirst(8).dropLast()
        guard let mark = body.firstRange(of: "(*") else {
            let (type, name) = Self.declarator("\(body);")
            aliases[name] = Self.python(type)
            return
        }
        let name = body[mark.upperBound...].prefix { $0 != ")" }
        let parameters = body[name.endIndex...].dropFirst(2).dropLast().split(separator: ",")
        // A callback that returns a pointer is declared to return a number of that size.
        let result = Self.python(String(body[..<mark.lowerBound]))
        let types = [result.hasPrefix("POINTER") ? "c_size_t" : result] + parameters.map { Self.python(String($0)) }
        aliases[String(name)] = "CFUNCTYPE(\(types.joined(separator: ",")))"
    }

    /// Type and name of `type name;`, `type *name;` or `type name[16];`.
    private static func declarator(_ line: some StringProtocol) -> (type: String, name: String) {
        let text = line.prefix { $0 != ";" }
        let count = text.firstIndex(of: "[").map { text[$0...].filter(\.isNumber) }
        let whole = text.prefix { $0 != "[" }
        let name = String(whole.reversed().prefix { $0 != " " && $0 != "*" }.reversed())
        let type = String(whole.dropLast(name.count))
        return (count.map { "\(type)[\($0)]" } ?? type, name)
    }

    /// A C type as `ctypes` writes it.
    private static func python(_ type: String) -> String {
        let stars = type.count { $0 == "*" }
        let words = type.split(whereSeparator: { " *".contains($0) }).filter { $0 != "const" && $0 != "struct" }
        var base = String(words[0])
        var repetition = ""
        if let bracket = base.firstIndex(of: "[") { base = String(base[..<bracket]) }
        if let bracket = type.firstIndex(of: "[") { repetition = "*\(type[bracket...].filter(\.isNumber))" }
        let numbers = ["size_t", "bool", "char", "float", "double"]
        if numbers.contains(base) { base = "c_\(base)" }
        if base.hasSuffix("int8_t") || base.hasSuffix("int32_t") || base.hasSuffix("int64_t") {
            base = "c_\(base.dropLast(2))"
        }
        if base == "void" { return stars == 0 ? "None" : "c_void_p" }
        return String(repeating: "POINTER(", count: stars) + base + String(repeating: ")", count: stars) + repetition
    }
}
