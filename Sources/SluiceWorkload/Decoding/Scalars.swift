import SluiceModel

/// Single values: text, numbers, numbers with units, words from a list.
extension Decoding {
    /// Any single value as text, also one that YAML would take for a number or a truth value.
    func text(_ value: YAMLValue, what: String) -> String? {
        guard case .scalar(let text, _) = value.content else {
            reportKind(value, expected: what)
            return nil
        }
        guard !text.unicodeScalars.contains("\0") else {
            report(value.position, "\(what) contains a NUL character", "remove it")
            return nil
        }
        return text
    }

    /// Text that is not empty.
    func word(_ value: YAMLValue, what: String) -> String? {
        guard let text = text(value, what: what) else { return nil }
        guard !text.isEmpty else {
            report(value.position, "\(what) is empty", "write it, or leave the key out")
            return nil
        }
        return text
    }

    /// A name that may appear in tables, files and addresses.
    func name(_ value: YAMLValue, what: String) -> String? {
        guard let text = word(value, what: what) else { return nil }
        return checkName(text, value.position, what: what) ? text : nil
    }

    func checkName(_ text: String, _ position: Position, what: String) -> Bool {
        guard text.wholeMatch(of: /[A-Za-z0-9_][A-Za-z0-9._-]{0,99}/) != nil else {
            report(
                position, "`\(text)` cannot be \(what)",
                "use up to 100 letters, digits, `-`, `_` and `.`, beginning with a letter, a digit or `_`")
            return false
        }
        return true
    }

    func whole(_ value: YAMLValue, what: String, in range: ClosedRange<Int64>) -> Int64? {
        guard let text = number(value, what: what) else { return nil }
        guard let match = text.wholeMatch(of: /([-+]?[0-9]+)(\.0*)?/) else {
            report(value.position, "`\(text)` is not a whole number", "\(what) is one, without a unit")
            return nil
        }
        guard let number = Int64(match.1), range.contains(number) else {
            let bounds =
                range.upperBound == .max
                ? (range.lowerBound == .min ? "within 64 bits" : "\(range.lowerBound) or more")
                : "from \(range.lowerBound) to \(range.upperBound)"
            report(value.position, "`\(text)` is out of range", "\(what) is \(bounds)")
            return nil
        }
        return number
    }

    /// A number without a unit, above 0 and up to the limit.
    func positive(_ value: YAMLValue, what: String, upTo limit: Double) -> Double? {
        guard let text = number(value, what: what) else { return nil }
        guard text.wholeMatch(of: Self.numberPattern) != nil, let number = Double(text) else {
            report(value.position, "`\(text)` is not a number", "\(what) is one, without a unit")
            return nil
        }
        guard number > 0, number <= limit else {
            report(
                value.position, "`\(text)` is out of range",
                "\(what) is above 0, up to \(Units.fixed(limit, decimals: 0))")
            return nil
        }
        return number
    }

    /// YAML's own form of numbers, without hexadecimal ones, infinity and the like.
    private static var numberPattern: Regex<(Substring, Substring?, Substring?)> {
        /[-+]?(?:\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?/
    }

    /// A single value that is not in quotes: in quotes it is text, also for the JSON Schema.
    private func number(_ value: YAMLValue, what: String) -> String? {
        guard let text = text(value, what: what) else { return nil }
        if case .scalar(_, isPlain: false) = value.content {
            report(value.position, "a text in quotes where a number is expected", "\(what) stands without quotes")
            return nil
        }
        guard !text.isEmpty else {
            report(value.position, "\(what) is empty", "say a number, or leave the key out")
            return nil
        }
        return text
    }

    func duration(_ value: YAMLValue, what: String, in range: ClosedRange<Int64>) -> Int64? {
        guard
            let nanoseconds = parse(
                value, what: what, { text throws(UnitParser.Failure) in try UnitParser.duration(text) })
        else { return nil }
        guard range.contains(nanoseconds) else {
            report(
                value.position, "\(what) is out of range",
                "it is from \(Units.exactDuration(nanoseconds: range.lowerBound)) to "
                    + Units.exactDuration(nanoseconds: range.upperBound))
            return nil
        }
        return nanoseconds
    }

    func size(_ value: YAMLValue, what: String, in range: ClosedRange<Int64>) -> Int64? {
        guard let bytes = parse(value, what: what, { text throws(UnitParser.Failure) in try UnitParser.size(text) })
        else { return nil }
        guard range.contains(bytes) else {
            report(
                value.position, "\(what) is out of range",
                "it is from \(Units.bytes(Int(range.lowerBound))) to \(Units.bytes(Int(range.upperBound)))")
            return nil
        }
        return bytes
    }

    func rate(_ value: YAMLValue, what: String) -> Double? {
        parse(value, what: what) { text throws(UnitParser.Failure) in try UnitParser.rate(text) }
    }

    func percentage(_ value: YAMLValue, what: String) -> Double? {
        parse(value, what: what) { text throws(UnitParser.Failure) in try UnitParser.percentage(text) }
    }

    /// One of the words of an enumeration; `notYet` are planned ones.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ value: YAMLValue, what: String, notYet: Set<String> = []
    ) -> Choice? where Choice.RawValue == String {
        guard let text = word(value, what: what) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        if notYet.contains(text) {
            reportNotYet(value.position, "`\(text)` as \(what)")
        } else {
            report(
                value.position, "`\(text)` is not \(what)",
                Suggestion.help(for: text, among: Choice.allCases.map(\.rawValue)))
        }
        return nil
    }

    private func parse<Number>(
        _ value: YAMLValue, what: String, _ parser: (String) throws(UnitParser.Failure) -> Number
    ) -> Number? {
        guard let text = text(value, what: what) else { return nil }
        do {
            return try parser(text)
        } catch {
            report(value.position, error.message, error.help)
            return nil
        }
    }
}
