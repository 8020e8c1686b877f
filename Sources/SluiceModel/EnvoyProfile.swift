/// How a Wasm host behaves towards plugins: the releases of Envoy as far as they differ, and a host outside Envoy.
///
/// What a profile offers, and what its functions return, is in the WASI table of `SluiceProxyWasm`.
package enum EnvoyProfile: String, Sendable, Codable, Equatable, CaseIterable {
    case v1_21 = "1.21"
    case v1_30 = "1.30"
    case v1_33 = "1.33"
    case v1_39 = "1.39"
    /// All of WASI preview 1 without files and sockets, as general-purpose hosts give it.
    case full

    /// The profile of the newest release of Envoy that is known here.
    package static let latest = EnvoyProfile.v1_39
    /// The newest minor version of Envoy that is known here: 39 for 1.39.
    package static let newestMinor = 39
    /// Istio 1.x carries Envoy 1.(x + 8); so it was from Istio 1.13 on.
    private static let istioOffset = 8

    /// The first minor version of Envoy 1 with this behaviour; `nil` outside Envoy.
    package var firstMinor: Int? {
        switch self {
        case .v1_21: 21
        case .v1_30: 30
        case .v1_33: 33
        case .v1_39: 39
        case .full: nil
        }
    }

    /// The profiles of Envoy, oldest first.
    package static let ofEnvoy = allCases.filter { $0.firstMinor != nil }

    /// The minor versions of Envoy 1 that this profile stands for; `nil` outside Envoy.
    package var minors: ClosedRange<Int>? {
        guard let first = firstMinor else { return nil }
        let next = Self.ofEnvoy.compactMap(\.firstMinor).first { $0 > first }
        return first...(next.map { $0 - 1 } ?? max(first, Self.newestMinor))
    }

    /// `Envoy 1.33 to 1.38, Istio 1.25 to 1.30`; the newest is open to the end.
    package var releases: String {
        guard let minors else { return "WASI hosts outside Envoy" }
        func text(_ product: String, _ offset: Int) -> String {
            let first = "\(product) 1.\(minors.lowerBound - offset)"
            return self == .latest ? "\(first) and later" : "\(first) to 1.\(minors.upperBound - offset)"
        }
        return "\(text("Envoy", 0)), \(text("Istio", Self.istioOffset))"
    }

    /// What a text that should name a host turns out to be.
    package enum Resolution: Sendable, Equatable {
        case profile(EnvoyProfile)
        /// A release of Envoy before the first of which the behaviour is known.
        case tooOld
        /// A release of Envoy that is not known here.
        case tooNew
        case notARelease
    }

    /// Resolves `1.33`, any other release (`1.35`, `1.35.2`: the newest profile that is not above it), `latest` and
    /// `full`.
    package static func resolve(_ text: String) -> Resolution {
        if text == "latest" { return .profile(latest) }
        if let profile = EnvoyProfile(rawValue: text) { return .profile(profile) }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let isPlain = parts.allSatisfy { part in
            (1...3).contains(part.utf8.count) && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
        }
        guard isPlain, (2...3).contains(parts.count), parts[0] == "1", let minor = Int(parts[1]) else {
            return .notARelease
        }
        guard minor <= newestMinor else { return .tooNew }
        let below = ofEnvoy.last { $0.firstMinor.map { $0 <= minor } ?? false }
        return below.map(Resolution.profile) ?? .tooOld
    }
}

/// Through which export of a plugin the host asks for memory.
package enum AllocatorChoice: String, Sendable, Codable, Equatable, CaseIterable {
    /// Envoy's order: `malloc`, and `proxy_on_memory_allocate` where there is none.
    case malloc
    /// `proxy_on_memory_allocate` and nothing else, as the specification has it.
    case proxyOnMemoryAllocate = "proxy_on_memory_allocate"
}

/// What happens to a plugin whose imports or exports are not what the host wants.
package enum LinkMode: String, Sendable, Codable, Equatable, CaseIterable {
    /// It does not load, as in Envoy with V8.
    case strict
    /// An import that the host does not offer traps when it is called, and an export of a wrong type is taken for
    /// absent. No Envoy release with V8 would load such a plugin.
    case lenient
}
