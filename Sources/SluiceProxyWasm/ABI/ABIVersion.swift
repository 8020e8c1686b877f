package import SluiceEngine

/// A version of the Proxy-Wasm ABI, as the name of a module's marker export says it.
package enum ABIVersion: String, Sendable, Codable, Equatable, CaseIterable {
    case v0_1_0 = "0.1.0"
    case v0_2_0 = "0.2.0"
    case v0_2_1 = "0.2.1"

    /// The exported function whose presence declares the version. It is never called.
    package var markerExport: String {
        "proxy_abi_version_" + String(rawValue.map { $0 == "." ? "_" : $0 })
    }

    /// The first marker in the order of the export section decides, as in the C++ host.
    package static func detect(in exports: [ModuleExport]) -> ABIVersion? {
        for export in exports {
            guard case .function = export.type else { continue }
            if let version = allCases.first(where: { $0.markerExport == export.name }) { return version }
        }
        return nil
    }
}

/// A set of ABI versions: the ones that offer a row of a table.
struct ABIVersions: OptionSet, Sendable {
    let rawValue: UInt8

    static let v0_1_0 = ABIVersions(rawValue: 1)
    static let v0_2_0 = ABIVersions(rawValue: 2)
    static let v0_2_1 = ABIVersions(rawValue: 4)
    static let from0_2_0: ABIVersions = [.v0_2_0, .v0_2_1]
    static let all: ABIVersions = [.v0_1_0, .v0_2_0, .v0_2_1]

    func includes(_ version: ABIVersion) -> Bool {
        switch version {
        case .v0_1_0: contains(ABIVersions.v0_1_0)
        case .v0_2_0: contains(ABIVersions.v0_2_0)
        case .v0_2_1: contains(ABIVersions.v0_2_1)
        }
    }
}
