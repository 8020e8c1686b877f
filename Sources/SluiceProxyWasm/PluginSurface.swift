package import SluiceEngine
package import SluiceModel

/// What a module exports and imports, in the terms of the ABI: read off the tables that the host itself goes by.
package struct PluginSurface: Sendable {
    /// The version whose marker comes first; `nil` without a marker.
    package let version: ABIVersion?
    /// Every marker, in the order of the export section.
    package let markers: [ABIVersion]
    /// What the host calls to start the module, in its order.
    package let entryPoints: [String]
    /// Callbacks that are exported and that the version calls.
    package let callbacks: [String]
    /// The exports through which a host can allocate, in the order in which Envoy looks for them.
    package let allocators: [Allocator]

    /// An export through which a host can allocate.
    package struct Allocator: Sendable, Equatable {
        /// Which of the two it is.
        package let export: AllocatorExport
        /// What it is declared as.
        package let type: FunctionType
        /// It has the type that a host can call.
        package var isCallable: Bool { type == AllocatorExport.type }
    }

    package init(exports: [ModuleExport]) {
        func type(_ name: String) -> FunctionType? {
            guard let export = exports.first(where: { $0.name == name }), case .function(let type) = export.type else {
                return nil
            }
            return type
        }
        version = ABIVersion.detect(in: exports)
        markers = exports.compactMap { ABIVersion.detect(in: [$0]) }
        let starts: [Callback] =
            type(Callback.initialize.exportName) == nil
            ? [.start]
            : [.initialize, type(Callback.main.exportName) == nil ? .mainVoid : .main]
        entryPoints = starts.map(\.exportName).filter { type($0) != nil }
        let version = version ?? .v0_2_1
        callbacks = Callback.allCases.filter { $0.type(in: version) != nil }.map(\.exportName)
            .filter { $0.hasPrefix("proxy_on_") && type($0) != nil }
        allocators = AllocatorExport.allCases.compactMap { export in
            type(export.rawValue).map { Allocator(export: export, type: $0) }
        }
    }

    /// Whether any callback of this kind of plugin is among the exports of these names.
    package static func hasCallbacks(of kind: PluginType, among names: [String]) -> Bool {
        let wanted: [Callback] =
            switch kind {
            case .http: [.requestHeaders, .requestBody, .responseHeaders, .responseBody]
            case .tcp: [.newConnection, .downstreamData, .upstreamData]
            case .service: [.vmStart, .configure, .tick, .queueReady]
            }
        return wanted.contains { names.contains($0.exportName) }
    }

    /// Profiles of Envoy, and `full`, that offer this import with this type; empty for what no host offers.
    package static func profiles(offering entry: ModuleImport, version: ABIVersion) -> [EnvoyProfile] {
        EnvoyProfile.allCases.filter { profile in
            LinkRules.problem(
                with: entry, offered: importable(version: version, profile: profile)) == nil
        }
    }

    /// Every function that a module of this ABI version can import from a host of this profile, with its type: the rows
    /// of the tables.
    package static func importable(version: ABIVersion, profile: EnvoyProfile) -> [HostFunction] {
        HostFunctionTable.functions(for: version) + WASIProfile(profile).functions
    }

    /// WASI functions that a profile offers only to refuse every call with "not implemented".
    package static func unimplemented(in profile: EnvoyProfile) -> [String] {
        WASIProfile(profile).entries.filter { $0.behaviour.constantResult == .notImplemented }.map(\.row.name)
    }

    /// Import modules under which WASI is offered.
    package static var wasiModules: [String] { WASIProfile.modules }
}
