/// Whether the figures of a run may be used at all, and why not.
package struct Validity: Sendable, Codable, Equatable {
    /// Of the whole run, then of each strategy.
    package var checks: [ValidityCheck]

    /// No wire has tripped.
    package var isValid: Bool { !checks.contains { $0.state == .tripped } }
    /// Whether the generator was on time could be told, for every strategy. Where it could not, nothing is known to be
    /// wrong, and nothing to be right.
    package var isGeneratorJudged: Bool {
        !checks.contains { $0.name == ValidityCheck.generatorOnTime && $0.state == .notAvailable }
    }
    /// Why it is invalid, a sentence each.
    package var reasons: [String] { checks.filter { $0.state == .tripped }.map(\.sentence) }
    /// What a reader must know, a sentence each.
    package var cautions: [String] { checks.filter { $0.state == .caution }.map(\.sentence) }
    /// `valid`, `INVALID`, `not judged`.
    package var word: String { isValid ? (isGeneratorJudged ? "valid" : "not judged") : "INVALID" }
    /// `18 wires held, 2 unknown`.
    package var tally: String {
        let held = checks.count { $0.state == .passed }
        let unknown = checks.count { $0.state == .notAvailable }
        let cautions = checks.count { $0.state == .caution }
        let tripped = checks.count { $0.state == .tripped }
        return [
            "\(counted(held, "wire")) held", tripped > 0 ? "\(tripped) tripped" : nil,
            cautions > 0 ? "\(cautions) with a caution" : nil, unknown > 0 ? "\(unknown) unknown" : nil,
        ].compactMap { $0 }.joined(separator: ", ")
    }

    /// Only what concerns the whole run or these strategies.
    package func concerning(strategies: [String]) -> Validity {
        Validity(checks: checks.filter { $0.strategy.map(strategies.contains) ?? true })
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
    /// Which figures a wire is about: those of the span that it watches.
    package enum Figures: String, Sendable, Codable, Equatable {
        case all
        /// Latencies, rates, outcomes: of the measured phases.
        case measured
        /// Quantiles with few samples beyond them and the slowest request: those that are marked.
        case tail
        /// Heap, VM failures, CPU per request: of the whole trial, the warm-up included.
        case wholeTrial = "whole-trial"
        /// Latencies and CPU per request.
        case times

        /// For tables.
        package var words: String {
            switch self {
            case .all: "all"
            case .measured: "latencies, rates, errors"
            case .tail: "those marked !"
            case .wholeTrial: "heap, VM failures, CPU"
            case .times: "latencies, CPU"
            }
        }
    }
    /// Name of the check that tells whether latencies are the plugin's.
    package static let generatorOnTime = "generator on time"

    /// What is checked: `generator on time`, `every request counted`.
    package var name: String
    /// `nil`: the whole run.
    package var strategy: String?
    /// How it came out.
    package var state: State
    /// What was measured against what, as a sentence.
    package var detail: String
    /// What a tripped wire makes invalid.
    package var figures: Figures
    /// The value against the bound, for tables: `0.03 %`; `nil`: unknown.
    package var measured: String?
    /// What it must keep to: `at most 1 %`; `nil` where the detail says it.
    package var bound: String?

    /// The detail, with the strategy before it.
    package var sentence: String { strategy.map { "\($0): \(detail)" } ?? detail }
}
