internal import SluiceModel

/// What a process other than the run's own can tell about the coordinator of a run that has not ended.
package enum CoordinatorState: Sendable, Equatable {
    case alive
    case dead
    /// It ran in another container, say.
    case unknown
}

/// The wires on a run as a whole.
enum RunChecks {
    /// Clocks that programs read without a call into the kernel, and that do not jump between CPUs.
    private static let steadyClocks = ["tsc", "kvm-clock", "arch_sys_counter"]

    static func checks(
        of run: RunRecord, coordinator: CoordinatorState?, engines: [EngineIdentity]
    ) -> [ValidityCheck] {
        [complete(run, coordinator), oneEngine(engines), clock(run.host)]
    }

    private static func complete(_ run: RunRecord, _ coordinator: CoordinatorState?) -> ValidityCheck {
        let reason = run.statusReason.isEmpty ? "" : ": \(run.statusReason)"
        let (state, detail): (ValidityCheck.State, String) =
            switch (run.status, coordinator) {
            case (.complete, _): (.passed, "the run is complete")
            case (.degraded, _): (.caution, "an agent was lost\(reason)")
            case (.interrupted, _): (.caution, "the run was interrupted\(reason)")
            case (.failed, _): (.caution, "the run ended early\(reason)")
            case (.running, .alive): (.caution, "the run is still going on: what is here is what has come in so far")
            case (.running, .dead): (.tripped, "the run was never finished: its coordinator died")
            case (.running, _):
                (.tripped, "the run has not ended, and its coordinator cannot be seen from here: it may have died")
            }
        return ValidityCheck(name: "run complete", state: state, detail: detail, figures: .all)
    }

    private static func oneEngine(_ engines: [EngineIdentity]) -> ValidityCheck {
        var check = ValidityCheck(
            name: "one engine", state: .passed, detail: "all agents ran the same engine version", figures: .all)
        let versions = Dictionary(grouping: engines, by: \.name).filter { Set($0.value.map(\.version)).count > 1 }
        if engines.isEmpty {
            check.state = .notAvailable
            check.detail = "no agent has said what it ran"
        } else if let (engine, found) = versions.min(by: { $0.key.rawValue < $1.key.rawValue }) {
            let list = Set(found.map(\.version)).sorted().joined(separator: ", ")
            check.state = .tripped
            check.detail = "agents ran different versions of \(engine.rawValue): \(list)"
        }
        return check
    }

    private static func clock(_ host: HostIdentity) -> ValidityCheck {
        let isSteady = steadyClocks.contains(host.clockSource)
        return ValidityCheck(
            name: "clock source", state: isSteady ? .passed : host.clockSource == "unknown" ? .notAvailable : .caution,
            detail: isSteady
                ? "the kernel reads the CPU's own counter"
                : "latencies of microseconds are not to be trusted under this clock source",
            figures: .times, measured: host.clockSource == "unknown" ? nil : host.clockSource,
            bound: steadyClocks.joined(separator: ", "))
    }

    /// A comparison of something with itself shows how far the machine can be trusted with small effects.
    static func repeatability(_ arms: [ArmCheck]) -> ValidityCheck {
        var check = ValidityCheck(
            name: "A/A arm", state: .notAvailable, detail: "nothing was compared with itself in this run",
            figures: .times, bound: "no difference")
        guard !arms.isEmpty else { return check }
        let differing = arms.filter(\.differs)
        let known = arms.compactMap(\.effect)
        check.state = !differing.isEmpty ? .tripped : known.count < arms.count ? .notAvailable : .passed
        check.detail = (differing.isEmpty ? arms : differing).map(\.words).joined(separator: "; ")
        check.measured = known.isEmpty ? nil : known.map(\.words).joined(separator: ", ")
        return check
    }
}
