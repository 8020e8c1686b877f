package import SluiceAnalysis
internal import SluiceModel

/// What the gate's blocks say, in words that several formats share.
package enum GateText {
    /// One line after a look: what is known and what is not.
    package static func look(_ evidence: GateEvidence) -> String {
        let parts = evidence.comparisons.map { comparison in
            "\(comparison.title) \(comparison.effect?.words ?? "∞ or n/a") \(allowed(comparison)): "
                + comparison.outcome.rawValue
        }
        return "after \(counted(evidence.blocks, "block")): " + parts.joined(separator: "; ")
    }

    /// For the verdict card: effects with their intervals, what could have been seen, blocks used, the A/A arm. Empty
    /// when nothing was compared with a baseline.
    package static func card(_ report: RunReport) -> [String] {
        guard let evidence = report.decision?.evidence else { return [] }
        let relative = evidence.comparisons.filter { $0.baseline != nil }
        guard !relative.isEmpty else { return [] }
        return relative.map(sentence) + [blocks(evidence)] + arm(evidence)
    }

    private static func sentence(_ comparison: BlockComparison) -> String {
        var text = "\(comparison.title): "
        if let effect = comparison.effect {
            text += "\(effect.words) by the mean of \(counted(comparison.blocks.count, "block"))"
            if let crossCheck = comparison.crossCheck { text += ", \(crossCheck.words) by signed ranks" }
        } else {
            text += comparison.words.isEmpty ? "n/a" : comparison.words
        }
        text += "; \(allowed(comparison))."
        if let least = comparison.leastDetectableFraction {
            text += " So many blocks can show +\(Units.percentage(fraction: least)) and more."
        }
        return text
    }

    private static func allowed(_ comparison: BlockComparison) -> String {
        comparison.baseline == nil
            ? "of the limit" : "allowed +\(Units.percentage(fraction: comparison.allowedFraction))"
    }

    private static func blocks(_ evidence: GateEvidence) -> String {
        guard let most = evidence.looks.last, evidence.looks.count > 1 else {
            return "\(counted(evidence.blocks, "block")), as planned."
        }
        let looks = evidence.looks.map(String.init).joined(separator: ", ")
        return "\(evidence.blocks) of at most \(counted(most, "block")); looks after \(looks), each with a risk of "
            + "\(Units.percentage(fraction: evidence.level)) on either side."
    }

    private static func arm(_ evidence: GateEvidence) -> [String] {
        evidence.armChecks.isEmpty
            ? ["A/A: n/a, the baseline ran once in each block."] : evidence.armChecks.map { "A/A: \($0.words)." }
    }

    /// One row a block and comparison.
    static let blockHeader = ["budget", "block", "candidate", "baseline", "ratio"]

    static func blockRows(_ evidence: GateEvidence) -> [[String]] {
        evidence.comparisons.filter { $0.baseline != nil }.flatMap { comparison in
            comparison.blocks.map { value in
                [
                    comparison.title, "\(value.block + 1)", duration(value.candidateNanoseconds),
                    duration(value.baselineNanoseconds),
                    value.fraction.map { ($0 < 0 ? "−" : "+") + Units.percentage(fraction: abs($0)) } ?? "∞",
                ]
            }
        }
    }

    private static func duration(_ nanoseconds: Int64?) -> String {
        nanoseconds.map { Units.duration(nanoseconds: $0) } ?? "∞"
    }
}
