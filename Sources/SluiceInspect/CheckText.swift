import SluiceModel
import SluiceProxyWasm

/// The report for a person, in lines of plain text. Names come from the module: whoever prints them escapes them.
package enum CheckText {
    /// No line ends in a line feed.
    package static func lines(_ report: CheckReport) -> [String] {
        var lines = ["\(report.path): \(report.verdict)", ""]
        lines += facts(report.facts)
        lines += ["", "imports"] + profiles(report.facts)
        lines += ["", "smoke test in \(report.profile.rawValue)\(report.link == .lenient ? ", linked leniently" : "")"]
        lines += report.smoke.flatMap(smoke)
        for finding in report.findings { lines += [""] + self.finding(finding) }
        return lines
    }

    private static func row(_ name: String, _ value: String) -> String {
        "  " + name + String(repeating: " ", count: max(1, 14 - name.count)) + value
    }

    private static func list(_ items: [String]) -> String { items.isEmpty ? "none" : items.joined(separator: ", ") }

    private static func facts(_ facts: ModuleFacts) -> [String] {
        let evidence = facts.toolchainEvidence.isEmpty ? "" : " (\(facts.toolchainEvidence))"
        var lines = [
            row("size", Units.bytes(facts.byteCount)),
            row("ABI", facts.abiVersion ?? "none"),
            row("toolchain", facts.toolchain.title + evidence),
            row("entry points", list(facts.entryPoints)),
            row(
                "allocators",
                list(facts.allocators.map { "\($0.export) \($0.type)" + ($0.isUsed ? ", used by Envoy" : "") })),
        ]
        if !facts.releasers.isEmpty { lines.append(row("also exports", list(facts.releasers))) }
        if let memory = facts.memory {
            let limit = memory.maximumBytes.map { "at most \(Units.bytes($0))" } ?? "no maximum"
            lines.append(
                row(
                    "memory",
                    "\(Units.bytes(memory.minimumBytes)) to begin with, \(limit), "
                        + (memory.isImported ? "imported" : "its own")))
        } else {
            lines.append(row("memory", "none"))
        }
        lines.append(row("callbacks", list(facts.callbacks.map { String($0.dropFirst("proxy_on_".count)) })))
        return lines
    }

    private static func profiles(_ facts: ModuleFacts) -> [String] {
        facts.profiles.flatMap { answer -> [String] in
            let name = row(answer.profile.rawValue, (answer.loads ? "loads" : "refuses") + "  \(answer.releases)")
            return [name] + answer.errors.map { "      \($0.text)" }
        }
    }

    private static func smoke(_ result: SmokeResult) -> [String] {
        var words: String
        switch result.outcome {
        case .passed:
            words = "passed" + (result.status.map { ", status \($0)" } ?? "")
        case .failed: words = "failed in \(result.failure?.callback ?? result.stage?.rawValue ?? "its start")"
        case .crashed: words = "crashed"
        case .refused: words = "refused"
        case .notRun: words = "not run"
        }
        if !result.reason.isEmpty { words += ": \(result.reason)" }
        var lines = [row(result.type.rawValue, words)]
        let sizes = [
            ("instantiated", result.instantiatedBytes), ("started", result.startedBytes),
            ("configured", result.configuredBytes), ("after the stream", result.finalBytes),
        ].compactMap { name, bytes in bytes.map { "\(name) \(Units.bytes($0))" } }
        if !sizes.isEmpty { lines.append("      heap: \(sizes.joined(separator: ", "))") }
        guard let failure = result.failure else { return lines }
        lines.append("      \(failure.message)")
        for (depth, frame) in failure.backtrace.enumerated() {
            lines.append("      #\(depth) \(frame.functionName ?? "<wasm function \(frame.functionIndex)>")")
        }
        if !failure.lastLogLines.isEmpty {
            lines.append("      it logged:")
            lines += failure.lastLogLines.map { "        \($0)" }
        }
        return lines
    }

    private static func finding(_ finding: Finding) -> [String] {
        var lines = ["\(finding.severity.rawValue): \(finding.title) [\(finding.code)]"]
        if !finding.cause.isEmpty { lines.append("  cause: \(finding.cause)") }
        if !finding.advice.isEmpty { lines.append("  what to do: \(finding.advice)") }
        return lines + finding.hostTexts.map { "  | \($0)" }
    }
}
