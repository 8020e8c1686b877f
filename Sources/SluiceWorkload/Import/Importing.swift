/// What an import has found so far: errors, and what cannot be carried over.
final class Importing {
    private(set) var errors: [WorkloadError] = []
    private(set) var notes: [ImportNote] = []
    /// Absolute, where the file lies: paths in it are relative to it.
    let directory: String
    /// Absolute, where the workload will lie.
    private let outputDirectory: String

    init(directory: String, outputDirectory: String) {
        self.directory = directory
        self.outputDirectory = outputDirectory
    }

    /// A path that is relative to some directory, as the workload has to name it.
    func place(_ path: String, in base: String) -> String {
        outputDirectory == base || path.hasPrefix("/") ? path : FileAccess.resolve(path, in: base)
    }

    func report(_ position: Position, _ message: String, _ help: String) {
        errors.append(WorkloadError(position: position, message: message, help: help))
    }

    /// Something that the workload will not have.
    func leaveOut(_ position: Position?, _ text: String) { notes.append(ImportNote(position: position, text: text)) }

    /// Says of every key that nobody asked for that it is left out.
    func leaveOutRest(of fields: ProtoFields, in what: String) {
        for entry in fields.rest {
            leaveOut(entry.keyPosition, "`\(entry.key)` of \(what) is not carried over")
        }
    }
}

/// The fields of a message as its YAML or text form has them, and which of them were asked for.
///
/// Both spellings of a name are accepted, `fail_open` and `failOpen`.
struct ProtoFields {
    let position: Position
    private let entries: [YAMLValue.Entry]
    private var asked: Set<String> = []

    /// `nil` when the value is no mapping.
    init?(_ value: YAMLValue) {
        guard case .mapping(let entries) = value.content else { return nil }
        position = value.position
        self.entries = entries
    }

    /// The value of a field; the first of several.
    mutating func take(_ name: String) -> YAMLValue? { takeAll(name).first }

    /// All values of a repeated field.
    mutating func takeAll(_ name: String) -> [YAMLValue] {
        asked.insert(Self.folded(name))
        return entries.filter { Self.folded($0.key) == Self.folded(name) }.flatMap { entry -> [YAMLValue] in
            if case .sequence(let values) = entry.value.content { values } else { [entry.value] }
        }
    }

    mutating func takeText(_ name: String) -> String? { take(name)?.scalarText }

    mutating func takeFields(_ name: String) -> ProtoFields? { take(name).flatMap { ProtoFields($0) } }

    mutating func takeFlag(_ name: String) -> Bool { takeText(name)?.lowercased() == "true" }

    /// Fields that are given and that nobody has asked for.
    var rest: [YAMLValue.Entry] { entries.filter { !asked.contains(Self.folded($0.key)) && !$0.value.isNothing } }

    /// All entries, for messages whose keys are names of the user's.
    var all: [YAMLValue.Entry] { entries }

    private static func folded(_ name: String) -> String { name.filter { $0 != "_" }.lowercased() }
}

extension YAMLValue {
    /// The text of a single value.
    var scalarText: String? { if case .scalar(let text, _) = content { text } else { nil } }

    var isNothing: Bool { if case .scalar("", isPlain: true) = content { true } else { false } }
}
