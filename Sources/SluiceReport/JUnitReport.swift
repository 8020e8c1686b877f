internal import SluiceAnalysis
internal import SluiceModel

/// Budgets as test cases, for continuous integration. A budget that passes under a measurement that does not count, or
/// that decides nothing, is skipped, never passed; the measurement itself is the first case.
package enum JUnitReport {
    /// The whole XML file.
    package static func render(_ report: RunReport) -> String {
        let run = report.summary.run
        let decision = report.decision
        let candidate = decision?.candidate ?? report.summary.candidate ?? ""
        let code = decision?.exitCode ?? report.summary.measurementExitCode
        let counts =
            code != .invalid && code != .degraded && code != .interrupted && code != .internalError
            && code != .usage && !report.summary.run.isInProgress
        let className = "\(run.workload).\(candidate)"
        let doubt = counts ? openness(decision) : nil
        var cases = [
            measurementCase(report, className: className, counts: counts, doubt: doubt, decision: decision)
        ]
        cases += (decision?.evidence?.armChecks ?? []).map { armCase($0, className: className) }
        cases += (decision?.results ?? []).map { budgetCase($0, className: className, counts: counts, doubt: doubt) }
        let seconds = Units.fixed(
            run.durationSeconds * Double(report.summary.strategies.reduce(0) { $0 + $1.trials.count }), decimals: 3)
        let totals =
            "tests=\"\(cases.count)\" failures=\"\(cases.count { $0.outcome == .failure })\" "
            + "errors=\"\(cases.count { $0.outcome == .error })\" skipped=\"\(cases.count { $0.outcome == .skipped })\""
        var lines = [
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
            "<testsuites name=\"sluice\" \(totals) time=\"\(seconds)\">",
            "  <testsuite name=\"\(Escape.markup("sluice \(run.command) \(run.workload)"))\" \(totals) "
                + "time=\"\(seconds)\" timestamp=\"\(ReportText.date(run.startedAtSeconds))\">",
            "    <properties>",
            "      <property name=\"run\" value=\"\(Escape.markup(run.id))\"/>",
            "      <property name=\"exit_code\" value=\"\(code.rawValue)\"/>",
            "    </properties>",
        ]
        lines += cases.flatMap(\.lines)
        lines += ["  </testsuite>", "</testsuites>"]
        return lines.joined(separator: "\n") + "\n"
    }

    private enum Outcome { case passed, failure, error, skipped }

    private struct Case {
        var className: String
        var name: String
        var outcome: Outcome
        var message: String
        var output: String

        var lines: [String] {
            let opening =
                "    <testcase classname=\"\(Escape.markup(className))\" name=\"\(Escape.markup(name))\" time=\"0\""
            let message = Escape.markup(message)
            let body: [String] =
                switch outcome {
                case .passed: output.isEmpty ? [] : ["      <system-out>\(Escape.markup(output))</system-out>"]
                case .failure:
                    ["      <failure type=\"budget\" message=\"\(message)\">\(Escape.markup(output))</failure>"]
                case .error:
                    ["      <error type=\"measurement\" message=\"\(message)\">\(Escape.markup(output))</error>"]
                case .skipped: ["      <skipped message=\"\(message)\"/>"]
                }
            return body.isEmpty ? [opening + "/>"] : [opening + ">"] + body + ["    </testcase>"]
        }
    }

    /// Why nothing is decided although no budget says so itself; `nil` when that is not so.
    private static func openness(_ decision: GateDecision?) -> String? {
        guard let decision, decision.exitCode == .inconclusive,
            !decision.results.contains(where: { $0.state == .inconclusive })
        else { return nil }
        return decision.reason
    }

    private static func measurementCase(
        _ report: RunReport, className: String, counts: Bool, doubt: String?, decision: GateDecision?
    ) -> Case {
        let validity =
            decision.map { report.summary.validity.concerning(strategies: [$0.candidate]) } ?? report.summary.validity
        let reasons = validity.reasons + (validity.isValid && !counts ? [report.verdictSentence] : [])
        return Case(
            className: className, name: "measurement", outcome: !counts ? .error : doubt == nil ? .passed : .skipped,
            message: doubt ?? reasons.joined(separator: "; "), output: validity.cautions.joined(separator: "\n"))
    }

    /// The baseline against itself: where it differs, nothing was measured.
    private static func armCase(_ check: ArmCheck, className: String) -> Case {
        Case(
            className: className, name: "baseline_against_itself.\(quantileName(check.quantile))",
            outcome: check.differs ? .error : check.effect == nil ? .skipped : .passed, message: check.words,
            output: check.words)
    }

    private static func budgetCase(
        _ result: BudgetResult, className: String, counts: Bool, doubt: String?
    ) -> Case {
        let text = "\(result.title): \(result.measured), limit \(result.limit)"
        let full = result.detail.isEmpty ? text : "\(text) (\(result.detail))"
        guard counts else {
            return Case(
                className: className, name: result.name, outcome: .skipped,
                message: "the measurement does not count; \(full)", output: "")
        }
        if let doubt, result.state == .pass {
            return Case(
                className: className, name: result.name, outcome: .skipped, message: "not decided, \(doubt); \(full)",
                output: "")
        }
        return switch result.state {
        case .pass: Case(className: className, name: result.name, outcome: .passed, message: "", output: full)
        case .fail: Case(className: className, name: result.name, outcome: .failure, message: full, output: full)
        case .inconclusive, .invalid:
            Case(
                className: className, name: result.name, outcome: .skipped,
                message: "\(result.state.rawValue): \(full)", output: "")
        }
    }
}
