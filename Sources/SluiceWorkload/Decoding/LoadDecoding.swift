import SluiceModel

/// `load`: phases, agents, workers, timeout, seed.
extension Decoding {
    static let mostPlannedRequests = 1e9
    static let mostWorkers: Int64 = 4096
    static let longestRunNanoseconds: Int64 = 7 * 24 * 3_600_000_000_000
    static let highestRate = 1e9
    static let lowestRate = 1e-6

    private enum PhaseKind: String, CaseIterable {
        case warmup, hold, ramp

        var inModel: Phase.Kind {
            switch self {
            case .warmup: .warmup
            case .hold: .hold
            case .ramp: .ramp
            }
        }
    }

    func load(_ value: YAMLValue) -> Load? {
        guard let fields = fields(value, .load, what: "`load`") else { return nil }
        let agents = fields["agents"].flatMap { whole($0, what: "the number of agents", in: 1...Self.mostWorkers) } ?? 1
        let workers =
            fields["workers"].flatMap { whole($0, what: "the number of workers", in: 1...Self.mostWorkers) } ?? 1
        if agents * workers > Self.mostWorkers {
            report(
                (fields["workers"] ?? fields["agents"] ?? value).position,
                "\(agents) agents with \(workers) workers each are \(agents * workers) workers",
                "there may be up to \(Self.mostWorkers)")
        }
        let timeout = fields["timeout"].flatMap {
            duration($0, what: "the timeout", in: 1...3_600_000_000_000)
        }
        let seed = fields["seed"].flatMap { whole($0, what: "the seed", in: 0 ... .max) }
        return Load(
            phases: fields["phases"].map(phases) ?? [], agents: Int(agents), workers: Int(workers),
            timeoutNanoseconds: timeout ?? 10_000_000_000, seed: UInt64(seed ?? 1))
    }

    private func phases(_ value: YAMLValue) -> [Phase] {
        guard let values = list(value, what: "of phases") else { return [] }
        guard !values.isEmpty else {
            report(
                value.position, "the list of phases is empty",
                "one phase at least, as in `{ kind: hold, duration: 15s, rate: 50/s }`")
            return []
        }
        let phases = values.map { (position: $0.position, phase: phase($0)) }
        guard phases.allSatisfy({ $0.phase != nil }) else { return [] }
        checkRoles(phases.compactMap { place in place.phase.map { (place.position, $0) } }, value.position)
        return phases.compactMap(\.phase)
    }

    private func checkRoles(_ phases: [(position: Position, phase: Phase)], _ position: Position) {
        if phases.allSatisfy({ $0.phase.role == .warmup }) {
            report(position, "every phase is a warm-up, so nothing would be measured", "add a `hold` or a `ramp`")
        }
        var measured = false
        for (position, phase) in phases {
            if phase.role == .measured { measured = true }
            if measured, phase.role == .warmup {
                report(position, "a warm-up after a measured phase", "warm-ups come first")
            }
        }
        let seconds = phases.reduce(0.0) { $0 + Double($1.phase.durationNanoseconds) / 1e9 }
        let planned = phases.reduce(0.0) { total, place in
            total + (place.phase.startRatePerSecond + place.phase.endRatePerSecond) / 2
                * Double(place.phase.durationNanoseconds) / 1e9
        }
        if seconds * 1e9 > Double(Self.longestRunNanoseconds) {
            report(position, "the phases last longer than 7 d together", "make them shorter")
        }
        if planned > Self.mostPlannedRequests {
            report(
                position, "the phases plan \(Int64(min(planned, 1e18))) requests",
                "a trial has up to \(Int64(Self.mostPlannedRequests))")
        }
    }

    private func phase(_ value: YAMLValue) -> Phase? {
        guard let entries = mapping(value, what: "a phase") else { return nil }
        guard let kindValue = entries.first(where: { $0.key == "kind" })?.value else {
            report(value.position, "`kind` is missing in a phase", "it is one of `warmup`, `hold`, `ramp`")
            return nil
        }
        guard let kind: PhaseKind = choice(kindValue, what: "a kind of phase", notYet: ["burst", "replay"]) else {
            return nil
        }
        let shape: FormatShape = kind == .ramp ? .rampPhase : .steadyPhase
        guard let fields = fields(value, shape, what: "a phase of kind `\(kind.rawValue)`") else { return nil }
        let duration = fields["duration"].flatMap {
            self.duration($0, what: "the duration of a phase", in: 1...Self.longestRunNanoseconds)
        }
        let arrivals: ArrivalProcess?
        if let value = fields["arrivals"] {
            arrivals = choice(value, what: "an arrival process")
        } else {
            arrivals = .constant
        }
        let start: Double?
        let end: Double?
        if kind == .ramp {
            if requestType == .service {
                report(value.position, "a ramp without a plugin that takes requests", "say `hold`")
            }
            start = fields["from"].flatMap { boundedRate($0, allowsZero: true) }
            end = fields["to"].flatMap { boundedRate($0, allowsZero: true) }
            if start == 0, end == 0 {
                report(value.position, "a ramp from 0/s to 0/s", "one of the rates is above 0")
                return nil
            }
        } else {
            start = steadyRate(fields, kind)
            end = start
        }
        guard let duration, let start, let end, let arrivals else { return nil }
        return Phase(
            kind: kind.inModel, durationNanoseconds: duration,
            startRatePerSecond: start,
            endRatePerSecond: end, arrivals: arrivals)
    }

    /// 0 where no plugin takes requests.
    private func steadyRate(_ fields: Fields, _ kind: PhaseKind) -> Double? {
        switch (requestType, fields["rate"]) {
        case (.service, nil): return 0
        case (.service, let value?):
            report(value.position, "a rate without a plugin that takes requests", "say how long the phase is, no more")
            return nil
        case (.http, nil), (.tcp, nil):
            report(fields.position, "`rate` is missing in a phase of kind `\(kind.rawValue)`", "")
            return nil
        case (.http, let value?), (.tcp, let value?): return boundedRate(value, allowsZero: false)
        }
    }

    private func boundedRate(_ value: YAMLValue, allowsZero: Bool) -> Double? {
        guard let rate = rate(value, what: "a rate") else { return nil }
        if allowsZero, rate == 0 { return 0 }
        guard rate >= Self.lowestRate, rate <= Self.highestRate else {
            report(
                value.position, "the rate is out of range",
                allowsZero ? "it is 0/s, or from 0.000001/s to 1000000000/s" : "it is from 0.000001/s to 1000000000/s")
            return nil
        }
        return rate
    }
}
