/// Whether the figures of a run may be used at all, and why not.
package struct Validity: Sendable, Codable, Equatable {
    /// Of the whole run, then of each strategy.
    package var checks: [ValidityCheck]

    /// No check has tripped.
    package var isValid: Bool { !checks.contains { $0.state == .tripped } }
    /// Why it is invalid, a sentence each.
    package var reasons: [String] { checks.filter { $0.state == .tripped }.map(\.sentence) }
    /// What a reader must know, a sentence each.
    package var cautions: [String] { checks.filter { $0.state == .caution }.map(\.sentence) }

    /// Only what concerns the whole run or this strategy.
    package func concerning(strategy: String) -> Validity {
        Validity(checks: checks.filter { $0.strategy == nil || $0.strategy == strategy })
    }
}

/// One trip wire.
package struct ValidityCheck: Sendable, Codable, Equatable {
    /// How the check came out.
    package enum State: String, Sendable, Codable, Equatable {
        case passed
        /// The measurement is invalid.
        case tripped
        /// It stands, but a reader must know.
        case caution
        /// It could not be checked.
        case notAvailable = "not-available"
    }
    /// What is checked: `generator on time`, `every request counted`.
    package var name: String
    /// `nil`: the whole run.
    package var strategy: String?
    /// How it came out.
    package var state: State
    /// What was measured against what, as a sentence.
    package var detail: String

    /// The detail, with the strategy before it.
    package var sentence: String { strategy.map { "\($0): \(detail)" } ?? detail }
}
