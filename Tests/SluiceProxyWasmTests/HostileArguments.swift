import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// A host function as a hostile guest imports it: a row of the host's own tables, under one ABI version and profile.
struct HostileFunction: CustomTestStringConvertible, Sendable {
    let version: ABIVersion
    let profile: EnvoyProfile
    let module: String
    let name: String
    let type: FunctionType
    var testDescription: String { "\(name) of \(module) (ABI \(version.rawValue), Envoy \(profile.rawValue))" }

    var isWASI: Bool { module != "env" }

    /// All functions of module `env` of every ABI version.
    static let env: [HostileFunction] = ABIVersion.allCases.flatMap { version in
        all(version, .latest).filter { !$0.isWASI }
    }

    /// All functions of WASI in every profile; under its old name as well in one of them.
    static let wasi: [HostileFunction] = EnvoyProfile.allCases.flatMap { profile in
        all(.v0_2_1, profile).filter { function in
            function.module == "wasi_snapshot_preview1" || (function.isWASI && profile == .latest)
        }
    }

    /// The newest of each: what differs between the others is not what a call is refused for.
    static let newest =
        env.filter { $0.version == .v0_2_1 || HostImport.onlyInOldABI.contains($0.name) }
        + wasi.filter { $0.module == "wasi_snapshot_preview1" && ($0.profile == .latest || $0.profile == .full) }

    private static func all(_ version: ABIVersion, _ profile: EnvoyProfile) -> [HostileFunction] {
        PluginSurface.importable(version: version, profile: profile).map {
            HostileFunction(version: version, profile: profile, module: $0.module, name: $0.name, type: $0.type)
        }
    }
}

/// One call with hostile arguments, and what may come of it.
struct HostileCall: Sendable {
    /// What the function may return.
    enum Rule: UInt32, Sendable {
        /// Any code that there is.
        case any = 0xffff
        /// Anything but success.
        case failure = 0x100
        case badArgument = 2
        case invalidMemoryAccess = 6
    }

    /// Numbers of 32 bits, whose sign is extended where the function takes 64.
    var arguments: [UInt64]
    var rule = Rule.any

    /// Addresses and sizes at, before and behind the end of the memory, and around the ends of the number ranges.
    static let values: [UInt64] = [
        0, 2, 16, 64, end - 4, end - 3, end - 1, end, end + 1, 0x7fff_ffff, 0x8000_0000, 0xffff_fffc, 0xffff_ffff,
    ]

    /// Bytes of the guest's memory.
    static let end = UInt64(HostileGuest.memoryBytes)

    /// The same value everywhere, so that everything overlaps; each value at each place among good ones; values drawn
    /// for every place; and what the shapes of the functions say must be refused.
    static func calls(of function: HostileFunction) -> [HostileCall] {
        let count = function.type.parameters.count
        guard count > 0 else { return [HostileCall(arguments: [])] }
        var calls = values.map { HostileCall(arguments: Array(repeating: $0, count: count)) }
        for base: UInt64 in [0, 2, 64] {
            for place in 0..<count {
                for value in values {
                    var arguments = Array(repeating: base, count: count)
                    arguments[place] = value
                    calls.append(HostileCall(arguments: arguments))
                }
            }
        }
        var random = SeededRandom(key: 7)
        for _ in 0..<40 {
            let drawn = (0..<count).map { _ in values[Int(random.next(below: UInt64(values.count)))] }
            calls.append(HostileCall(arguments: drawn))
        }
        return calls + (function.isWASI ? [] : refused(function.name))
    }

    // MARK: What must be refused

    /// `PointerTests.rows` and what they leave out; by name.
    static let shapes: [String: PointerTests.Row] = {
        let old = PointerTests.Row(name: "proxy_get_configuration", shape: "rr")
        return Dictionary(uniqueKeysWithValues: (PointerTests.rows + [old]).map { ($0.name, $0) })
    }()

    /// Functions without addresses.
    static let withoutAddresses: Set<String> = [
        "proxy_set_tick_period_milliseconds", "proxy_set_effective_context", "proxy_done", "proxy_continue_stream",
        "proxy_close_stream", "proxy_continue_request", "proxy_continue_response", "proxy_clear_route_cache",
        "proxy_grpc_cancel", "proxy_grpc_close", "proxy_increment_metric", "proxy_record_metric",
        "emscripten_notify_memory_growth", "pthread_equal",
    ]

    /// Numbers of the ABI that stand for something, all of them in the first parameter: the first number that stands
    /// for nothing.
    static let firstUnknown: [String: UInt64] = [
        "proxy_log": 6, "proxy_get_buffer_bytes": 9, "proxy_get_buffer_status": 9, "proxy_set_buffer_bytes": 9,
        "proxy_get_header_map_value": 8, "proxy_add_header_map_value": 8, "proxy_replace_header_map_value": 8,
        "proxy_remove_header_map_value": 8, "proxy_set_header_map_pairs": 8, "proxy_get_header_map_pairs": 8,
        "proxy_get_header_map_size": 8, "proxy_continue_stream": 4, "proxy_close_stream": 4, "proxy_define_metric": 3,
    ]

    private static func refused(_ name: String) -> [HostileCall] {
        var calls: [HostileCall] = []
        let good = goodArguments(of: name)
        for (index, kind) in (shapes[name]?.shape ?? "").enumerated() {
            for value in badValues(kind) {
                var arguments = good
                arguments[index] = value
                // Whether the place of a result is looked at first depends on what the call finds.
                calls.append(
                    HostileCall(arguments: arguments, rule: kind == "r" ? .failure : .invalidMemoryAccess))
            }
        }
        if let unknown = firstUnknown[name] {
            for value in [unknown, unknown + 1, 99, 0x7fff_ffff, 0xffff_ffff] {
                calls.append(HostileCall(arguments: [value] + good.dropFirst(), rule: .badArgument))
            }
        }
        return calls
    }

    private static func goodArguments(of name: String) -> [UInt64] {
        guard let row = shapes[name] else { return [0] }
        return row.shape.enumerated().map { index, kind in
            switch kind {
            case "p": 64
            case "n": 4
            case "r": UInt64(512 + 16 * index)
            default: UInt64(row.numbers[index] ?? 0)
            }
        }
    }

    private static func badValues(_ kind: Character) -> [UInt64] {
        switch kind {
        case "p": [end - 3, end, 0x7fff_ffff, 0xffff_ffff, 0xffff_fffc]
        case "n": [end - 63, 0x7fff_ffff, 0xffff_ffff, 0xffff_ffc0]
        case "r": [end - 3, end, 0x8000_0000, 0xffff_ffff, 0xffff_fffd]
        default: []
        }
    }
}
