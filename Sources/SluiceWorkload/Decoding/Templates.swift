import SluiceModel

/// Text with `${variable}` in it.
extension Decoding {
    func template(_ value: YAMLValue, what: String) -> Template? {
        text(value, what: what).flatMap { template($0, value.position) }
    }

    /// `$${` is a literal `${`; any other `$` stands for itself.
    func template(_ text: String, _ position: Position) -> Template? {
        var segments: [Template.Segment] = []
        var literal = ""
        var rest = Substring(text)
        var isValid = true
        while let dollar = rest.firstIndex(of: "$") {
            literal += rest[..<dollar]
            rest = rest[dollar...]
            if rest.hasPrefix("$${") {
                literal += "${"
                rest = rest.dropFirst(3)
            } else if rest.hasPrefix("${") {
                guard let end = rest.firstIndex(of: "}") else {
                    report(position, "`\(rest)` has no end", "say `${name}`, or `$${` for the characters themselves")
                    return nil
                }
                let name = String(rest[rest.index(rest.startIndex, offsetBy: 2)..<end])
                if let variable = variable(name, position) {
                    if !literal.isEmpty { segments.append(.literal(literal)) }
                    literal = ""
                    segments.append(.variable(variable))
                } else {
                    isValid = false
                }
                rest = rest[rest.index(after: end)...]
            } else {
                literal += "$"
                rest = rest.dropFirst()
            }
        }
        literal += rest
        if !literal.isEmpty { segments.append(.literal(literal)) }
        return isValid ? Template(segments: segments) : nil
    }

    private func variable(_ name: String, _ position: Position) -> Int? {
        if let index = variableNames.firstIndex(of: name) { return index }
        if name == "strategy" {
            report(position, "`${strategy}` outside a plugin's `module`", "it stands for the module of a strategy only")
        } else {
            report(
                position, "unknown variable `${\(name)}`",
                variableNames.isEmpty
                    ? "there are no `variables`; write `$${` for the characters themselves"
                    : Suggestion.help(for: name, among: variableNames))
        }
        return nil
    }

    // MARK: - variables

    func variables(_ value: YAMLValue) -> [Variable] {
        guard let entries = mapping(value, what: "`variables`") else { return [] }
        variableNames = entries.map(\.key)
        return entries.compactMap { entry in
            if entry.key == "strategy" {
                report(entry.keyPosition, "a variable cannot be called `strategy`", "choose another name")
            } else if entry.key.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) == nil {
                report(
                    entry.keyPosition, "`\(entry.key)` cannot be the name of a variable",
                    "use letters, digits and `_`, beginning with a letter or `_`")
            }
            return kind(entry.value).map { Variable(name: entry.key, kind: $0) }
        }
    }

    private func kind(_ value: YAMLValue) -> Variable.Kind? {
        if case .scalar(let text, _) = value.content {
            if text == "uuid" { return .uuid }
            report(
                value.position, "`\(text)` is not a variable",
                "say `uuid`, or a mapping such as `{ uniform: [1, 1000] }`")
            return nil
        }
        guard let (key, value) = alternative(value, .variable, what: "a variable") else { return nil }
        switch key {
        case "uniform":
            let bounds = list(value, what: "of the two ends")?.compactMap {
                whole($0, what: "an end", in: .min ... .max)
            }
            guard let ends = pair(bounds, value) else { return nil }
            guard ends.0 <= ends.1 else {
                report(value.position, "\(ends.0) is above \(ends.1)", "the smaller end comes first")
                return nil
            }
            return .uniform(ends.0, ends.1)
        case "zipf":
            guard let fields = fields(value, .zipf, what: "`zipf`") else { return nil }
            let count = fields["count"].flatMap { whole($0, what: "the count", in: 1...1_000_000_000_000) }
            let exponent = fields["exponent"].flatMap { positive($0, what: "the exponent", upTo: 20) }
            guard let count, let exponent else { return nil }
            return .zipf(count: count, exponent: exponent)
        case "sequence":
            guard let fields = fields(value, .sequence, what: "`sequence`") else { return nil }
            let limit: Int64 = 1 << 62
            guard let start = fields["start"] else { return .sequence(start: 0) }
            return whole(start, what: "the start", in: -limit...limit).map { .sequence(start: $0) }
        default:
            guard let values = list(value, what: "of texts") else { return nil }
            guard !values.isEmpty else {
                report(value.position, "a choice of nothing", "list one text at least")
                return nil
            }
            let texts = values.compactMap { text($0, what: "a text") }
            return texts.count == values.count ? .choice(texts) : nil
        }
    }

    /// The two elements of a list in which nothing was wrong.
    func pair<Element>(_ elements: [Element]?, _ value: YAMLValue) -> (Element, Element)? {
        guard let elements, case .sequence(let values) = value.content else { return nil }
        guard values.count == 2 else {
            report(value.position, "\(values.count) values where two are expected", "say `[smallest, largest]`")
            return nil
        }
        return elements.count == 2 ? (elements[0], elements[1]) : nil
    }
}
