package import SluiceEngine
package import SluiceModel
import SluiceProxyWasm

/// What is known about a module without running it. All of it is read from the module and from the host's own tables.
package struct ModuleFacts: Sendable, Codable, Equatable {
    /// Size of the binary module.
    package var byteCount: Int
    /// `0.2.1`; absent without a marker.
    package var abiVersion: String?
    /// Every version that the module says it has, the one that counts first.
    package var abiMarkers: [String]
    /// What the host calls to start it, in order.
    package var entryPoints: [String]
    /// Code runs while the module is instantiated.
    package var hasStartFunction: Bool
    /// Exported callbacks of the ABI.
    package var callbacks: [String]
    /// Exports through which a host can allocate.
    package var allocators: [Allocator]
    /// Exports that could give memory back; no host calls them.
    package var releasers: [String]
    /// The linear memory; absent without one.
    package var memory: Memory?
    /// What it was built with, as far as it shows.
    package var toolchain: Toolchain
    /// What the guess at the toolchain rests on.
    package var toolchainEvidence: String
    /// The `producers` section: `language Go go1.24.1`.
    package var producers: [String]
    /// Backtraces show names.
    package var hasFunctionNames: Bool
    /// It needs an engine with the GC proposal, as V8 has it.
    package var usesGarbageCollection: Bool
    /// In the order of the import section.
    package var imports: [Import]
    /// What every profile says to it, oldest first.
    package var profiles: [Profile]

    /// An export through which a host can allocate.
    package struct Allocator: Sendable, Codable, Equatable {
        /// `malloc` or `proxy_on_memory_allocate`.
        package var export: String
        /// `(i32) -> i32`
        package var type: String
        /// Envoy allocates through this one.
        package var isUsed: Bool
    }

    /// A linear memory.
    package struct Memory: Sendable, Codable, Equatable {
        /// What an instance begins with.
        package var minimumBytes: Int
        /// Absent when the module sets no bound.
        package var maximumBytes: Int?
        /// It is made by the host.
        package var isImported: Bool
        /// Hosts find it by its export.
        package var isExported: Bool
    }

    /// One import.
    package struct Import: Sendable, Codable, Equatable {
        /// The import module, `env` for example.
        package var module: String
        /// The name within the import module.
        package var name: String
        /// `function (i32) -> i32`, `memory`, `table`, `global` or `tag`.
        package var type: String
        /// The profiles that offer it with this type.
        package var offeredBy: [EnvoyProfile]
    }

    /// Whether one profile loads the module.
    package struct Profile: Sendable, Codable, Equatable {
        /// Whose answer it is.
        package var profile: EnvoyProfile
        /// `Envoy 1.33 to 1.38, Istio 1.25 to 1.30`
        package var releases: String
        /// Nothing keeps it from being loaded.
        package var loads: Bool
        /// What keeps it from being loaded, in the order in which the host meets it.
        package var errors: [LinkError]
    }

    /// Something that keeps a module from being loaded.
    package struct LinkError: Sendable, Codable, Equatable {
        /// What is wrong.
        package enum Kind: String, Sendable, Codable, Equatable, CaseIterable {
            case noABIVersion = "no-abi-version"
            case missingImport = "missing-import"
            case importType = "import-type"
            case exportType = "export-type"
            case noAllocator = "no-allocator"
            case other
        }

        /// What is wrong.
        package var kind: Kind
        /// What the host prints, exactly.
        package var text: String
    }
}

extension ModuleFacts {
    /// Pages of a memory are of this size.
    private static let pageBytes: UInt64 = 65536

    /// Memories of 64 bits can declare more pages than any number here has bytes.
    private static func bytes(pages: UInt64) -> Int {
        let (bytes, isTooLarge) = pages.multipliedReportingOverflow(by: pageBytes)
        return isTooLarge ? .max : Int(clamping: bytes)
    }

    /// Facts of a module of `byteCount` bytes.
    package init(_ module: ModuleInspection, byteCount: Int) {
        let surface = PluginSurface(exports: module.exports)
        let names = module.functionNames
        let guess = ToolchainGuess(module, functionNames: Set(names ?? []))
        let exportNames = Set(module.exports.map(\.name))
        let used = surface.allocators.first?.export
        self.init(
            byteCount: byteCount, abiVersion: surface.version?.rawValue, abiMarkers: surface.markers.map(\.rawValue),
            entryPoints: surface.entryPoints, hasStartFunction: module.hasStartFunction, callbacks: surface.callbacks,
            allocators: surface.allocators.map {
                Allocator(export: $0.export.rawValue, type: $0.type.description, isUsed: $0.export == used)
            },
            releasers: ["free", "calloc", "realloc"].filter(exportNames.contains),
            memory: module.memories.first.map { memory in
                Memory(
                    minimumBytes: Self.bytes(pages: memory.limits.minimum),
                    maximumBytes: memory.limits.maximum.map(Self.bytes(pages:)),
                    isImported: memory.isImported,
                    isExported: module.exports.contains { if case .memory = $0.type { true } else { false } })
            },
            toolchain: guess.toolchain, toolchainEvidence: guess.evidence,
            producers: module.producers.map { "\($0.field) \($0.tool) \($0.version)".trimmingSpaces },
            hasFunctionNames: names?.isEmpty == false, usesGarbageCollection: module.usesGarbageCollection,
            imports: Self.imports(of: module, surface.version), profiles: Self.profiles(of: module))
    }

    private static func imports(of module: ModuleInspection, _ version: ABIVersion?) -> [Import] {
        module.imports.map { entry in
            Import(
                module: entry.module, name: entry.name, type: entry.type.description,
                offeredBy: version.map { PluginSurface.profiles(offering: entry, version: $0) } ?? [])
        }
    }

    private static func profiles(of module: ModuleInspection) -> [Profile] {
        EnvoyProfile.allCases.map { profile in
            let problems = PluginLinker.problems(
                imports: module.imports, exports: module.exports, profile: profile)
            return Profile(
                profile: profile, releases: profile.releases, loads: problems.isEmpty,
                errors: problems.flatMap { problem in
                    problem.description.split(separator: "\n").map {
                        LinkError(kind: LinkError.Kind(problem), text: String($0))
                    }
                })
        }
    }

    /// The profile's own answer.
    func answer(of profile: EnvoyProfile) -> Profile? { profiles.first { $0.profile == profile } }

    func imports(_ name: String) -> Bool {
        imports.contains { PluginSurface.wasiModules.contains($0.module) && $0.name == name }
    }
}

extension ModuleFacts.LinkError.Kind {
    init(_ problem: PluginLoadError) {
        self =
            switch problem {
            case .unknownABIVersion: .noABIVersion
            case .missingImports: .missingImport
            case .importTypeMismatch: .importType
            case .badExportSignature: .exportType
            case .missingAllocator: .noAllocator
            case .unknownProfile, .engine: .other
            }
    }
}
