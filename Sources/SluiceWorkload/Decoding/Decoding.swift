import SluiceModel

/// What all parts of the decoder share: the errors found so far, and what parts of the file refer to.
///
/// Every decoding function reports what is wrong and goes on: with `nil`, or with a default, so that one run finds all
/// errors. A workload is only made when there are none.
final class Decoding {
    private(set) var errors: [WorkloadError] = []
    /// Absolute, where the file lies: paths in it are relative to it.
    let directory: String
    /// Says what is wrong with a regular expression, or `nil`.
    let patternError: (String) -> String?
    /// Filled before any template is read.
    var variableNames: [String] = []
    /// What requests are, by the plugins of the chain: `service` where no plugin takes any. Set before anything is read
    /// that depends on it.
    var requestType = PluginType.http

    init(directory: String, patternError: @escaping (String) -> String?) {
        self.directory = directory
        self.patternError = patternError
    }

    func report(_ position: Position, _ message: String, _ help: String) {
        errors.append(WorkloadError(position: position, message: message, help: help))
    }

    func reportNotYet(_ position: Position, _ what: String) {
        report(position, "\(what) is not yet supported", "remove it")
    }

    func append(_ errors: [WorkloadError]) { self.errors += errors }

    /// Wrong type: what is there against what should be.
    func reportKind(_ value: YAMLValue, expected: String, example: String? = nil) {
        report(
            value.position, "\(value.kind) where \(expected) is expected",
            example.map { "say `\($0)`, for example" } ?? "")
    }

    /// The mapping as fields of a shape; reports unknown and missing keys. `nil` when it is no mapping.
    func fields(_ value: YAMLValue, _ shape: FormatShape, what: String, example: String? = nil) -> Fields? {
        guard let entries = mapping(value, what: what, example: example) else { return nil }
        var values: [String: YAMLValue] = [:]
        for entry in entries {
            if shape.keys.contains(entry.key) {
                values[entry.key] = entry.value
            } else if shape.notYet.contains(entry.key) {
                reportNotYet(entry.keyPosition, "`\(entry.key)`")
            } else {
                report(
                    entry.keyPosition, "unknown key `\(entry.key)` in \(what)",
                    Self.spaceMissing(in: entry.key, shape) ?? Suggestion.help(for: entry.key, among: shape.keys))
            }
        }
        for key in shape.keys where shape.required.contains(key) && values[key] == nil {
            let misspelt = entries.contains { Suggestion.nearest(to: $0.key, among: shape.keys) == key }
            let notYet = entries.contains { shape.notYet.contains($0.key) }
            let isGlued = entries.contains { $0.key.hasPrefix("\(key):") }
            guard !misspelt, !notYet, !isGlued else { continue }
            report(value.position, "`\(key)` is missing in \(what)", key == "sluice" ? "begin with `sluice: 1`" : "")
        }
        return Fields(shape: shape, position: value.position, values: values)
    }

    /// `name:x` is one word in YAML.
    private static func spaceMissing(in key: String, _ shape: FormatShape) -> String? {
        guard let colon = key.firstIndex(of: ":"), shape.keys.contains(String(key[..<colon])) else { return nil }
        return "put a space behind the `:`, as in `\(key[..<colon]): \(key[key.index(after: colon)...])`"
    }

    /// The only entry of a mapping whose key says what kind of thing follows.
    func alternative(_ value: YAMLValue, _ shape: FormatShape, what: String) -> (key: String, value: YAMLValue)? {
        guard let entries = mapping(value, what: what) else { return nil }
        let known = shape.keys.map { "`\($0)`" }.joined(separator: ", ")
        guard let entry = entries.first, entries.count == 1 else {
            report(value.position, "\(what) has \(entries.count) keys where one is expected", "it is one of \(known)")
            return nil
        }
        if shape.keys.contains(entry.key) { return (entry.key, entry.value) }
        if shape.notYet.contains(entry.key) {
            reportNotYet(entry.keyPosition, "`\(entry.key)`")
        } else {
            report(
                entry.keyPosition, "unknown key `\(entry.key)` in \(what)",
                Suggestion.help(for: entry.key, among: shape.keys))
        }
        return nil
    }

    /// The entries of a mapping whose keys are the user's own names, or of a shape.
    func mapping(_ value: YAMLValue, what: String, example: String? = nil) -> [YAMLValue.Entry]? {
        guard case .mapping(let entries) = value.content else {
            reportKind(value, expected: "a mapping (\(what))", example: example)
            return nil
        }
        for entry in entries where entry.key == "<<" {
            report(
                entry.keyPosition, "merge keys (`<<`) are not supported",
                "write the keys out, or let an alias stand for a whole value")
        }
        return entries.filter { $0.key != "<<" }
    }

    func list(_ value: YAMLValue, what: String) -> [YAMLValue]? {
        guard case .sequence(let values) = value.content else {
            reportKind(value, expected: "a list (\(what))")
            return nil
        }
        return values
    }
}

/// The values of a mapping by key; only keys of its shape can be asked for.
struct Fields {
    let shape: FormatShape
    let position: Position
    fileprivate let values: [String: YAMLValue]

    subscript(key: String) -> YAMLValue? {
        precondition(shape.keys.contains(key), "`\(key)` is no key of \(shape.name)")
        return values[key]
    }
}
