/// A node of a YAML file with its place; references are resolved, types are not.
struct YAMLValue {
    enum Content {
        /// `isPlain`: written without quotes, so that YAML itself would look for a number or a truth value in it.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLValue])
        case mapping([Entry])
    }

    struct Entry {
        var key: String
        var keyPosition: Position
        var value: YAMLValue
    }

    var position: Position
    var content: Content

    /// What it is, for messages.
    var kind: String {
        switch content {
        case .scalar("", isPlain: true), .scalar("~", isPlain: true), .scalar("null", isPlain: true): "nothing"
        case .scalar: "a single value"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}
