import SluiceEngine
import SluiceModel

/// The WASI functions of one profile: names *and results*, since both have changed from release to release.
struct WASIProfile: Sendable {
    let profile: EnvoyProfile

    init(_ profile: EnvoyProfile) { self.profile = profile }

    /// Import modules under which the same functions are offered.
    static let modules = ["wasi_snapshot_preview1", "wasi_unstable"]

    /// The functions and what they do in this profile.
    var entries: [(row: WASIRow, behaviour: WASIBehaviour)] {
        let rows = profile == .full ? WASIFullTable.rows : WASITable.rows
        return rows.compactMap { row in row.behaviour(in: profile).map { (row, $0) } }
    }

    /// Everything a module can import from WASI.
    var functions: [HostFunction] {
        let entries = entries
        return Self.modules.flatMap { module in
            entries.map {
                HostFunction(module: module, name: $0.row.name, type: $0.row.type, callback: $0.behaviour.callback)
            }
        }
    }

    /// The C++ host restricts start-up since Envoy 1.24, and only with the V8 engine; so the profile of 1.21 does not,
    /// although it also stands for 1.24 to 1.29.
    var restrictsStartUp: Bool { profile != .v1_21 && profile != .full }

    /// The profile that a text names (see `EnvoyProfile.resolve`); throws `unknownProfile` with the names there are.
    static func named(_ name: String) throws(PluginLoadError) -> WASIProfile {
        guard case .profile(let profile) = EnvoyProfile.resolve(name) else {
            throw .unknownProfile(name, known: EnvoyProfile.allCases.map(\.rawValue))
        }
        return WASIProfile(profile)
    }
}

/// What a function does from one release of Envoy on.
struct WASIBehaviour: Sendable {
    /// The first profile with this behaviour; the ones after it inherit it.
    let since: EnvoyProfile
    /// The result of every call, whatever its parameters; `nil` where it depends on them.
    let constantResult: WASIErrno?
    let callback: HostCallback

    /// A result that depends on the call. The callback says itself in which phases it may be called.
    static func computed(_ since: EnvoyProfile, _ callback: @escaping HostCallback) -> WASIBehaviour {
        WASIBehaviour(since: since, constantResult: nil, callback: callback)
    }

    /// Always the same result, from calls up to `phase`.
    static func always(
        _ since: EnvoyProfile, _ result: WASIErrno, upTo phase: VMState.Phase = .running
    ) -> WASIBehaviour {
        WASIBehaviour(since: since, constantResult: result, callback: callback(result, phase))
    }

    /// A C function cannot carry a value along, so that there is one for each result and phase of the tables.
    private static func callback(_ result: WASIErrno, _ phase: VMState.Phase) -> HostCallback {
        switch (result, phase) {
        case (.success, .running): { WASICall.perform($0, $1, upTo: .running) { _ in .success } }
        case (.success, _): { WASICall.perform($0, $1, upTo: .starting) { _ in .success } }
        case (.badDescriptor, _): { WASICall.perform($0, $1, upTo: .starting) { _ in .badDescriptor } }
        case (.noEntry, _): { WASICall.perform($0, $1, upTo: .running) { _ in .noEntry } }
        case (.notImplemented, .running): { WASICall.perform($0, $1, upTo: .running) { _ in .notImplemented } }
        case (.notImplemented, _): { WASICall.perform($0, $1, upTo: .starting) { _ in .notImplemented } }
        case (.notSupported, _): { WASICall.perform($0, $1, upTo: .starting) { _ in .notSupported } }
        default: preconditionFailure("no row of the WASI tables has this result in this phase")
        }
    }
}

/// One function, and what became of it from release to release.
struct WASIRow: Sendable {
    let name: String
    let type: FunctionType
    /// Oldest first.
    let behaviours: [WASIBehaviour]

    init(
        _ name: String, _ parameters: [ValueType], results: [ValueType] = [.i32], _ behaviours: WASIBehaviour...
    ) {
        self.name = name
        type = FunctionType(parameters, results)
        self.behaviours = behaviours
    }

    /// `nil` where the profile does not offer the function.
    func behaviour(in profile: EnvoyProfile) -> WASIBehaviour? {
        let order = EnvoyProfile.allCases
        return behaviours.last { behaviour in
            guard let first = order.firstIndex(of: behaviour.since), let own = order.firstIndex(of: profile) else {
                return false
            }
            return first <= own
        }
    }
}
