package import SluiceModel
import SluiceProxyWasm

/// Everything that `sluice check` has to say about a module.
package struct CheckReport: Sendable, Codable, Equatable {
    /// Of the format in which it is written; see `dashboards/check.schema.json`.
    package static let formatVersion = 1

    /// The module's file, as it was named.
    package var path: String
    /// The profile that decides whether the module loads.
    package var profile: EnvoyProfile
    /// Whether the module had to fit the host exactly.
    package var link: LinkMode
    /// It loads and starts in the profile, and a stream of the type that was asked for passes it. `nil` when it could
    /// not be tried, for a reason that is not the module's.
    package var loads: Bool?
    /// One sentence for a person.
    package var verdict: String
    /// What is known without running it.
    package var facts: ModuleFacts
    /// What became of it when it was tried, one for each type.
    package var smoke: [SmokeResult]
    /// The gravest first.
    package var findings: [Finding]

    /// Judges what was found out.
    package init(request: CheckRequest, facts: ModuleFacts, smoke: [SmokeResult]) {
        path = request.name
        profile = request.profile
        link = request.host.link
        self.facts = facts
        self.smoke = smoke
        findings = FindingRules.findings(facts, smoke, request)
        let answer = facts.answer(of: request.profile)
        let host = answer?.releases ?? request.profile.rawValue
        let judged =
            request.type.map { type in smoke.filter { $0.type == type } } ?? smoke.filter { $0.type == .service }
        if answer?.loads != true && request.host.link == .strict {
            loads = false
            verdict = "does not load: \(host)"
        } else if let failed = judged.first(where: { $0.outcome != .passed }) {
            loads = failed.outcome == .notRun ? nil : false
            verdict =
                switch failed.outcome {
                case .notRun: "could not be tried: \(failed.reason)"
                case .refused: "does not load: \(failed.reason)"
                case .crashed: "crashes: \(host)"
                case .failed where failed.isStarted: "fails with its first stream (\(failed.type.rawValue)): \(host)"
                case .failed, .passed: "does not start: \(host)"
                }
        } else {
            loads = true
            verdict = "loads and starts: \(host)"
        }
    }
}
