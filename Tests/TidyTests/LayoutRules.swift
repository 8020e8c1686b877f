import Foundation

/// A target as the package manager sees it.
struct PackageTarget: Equatable {
    var name: String
    /// `regular`, `executable`, `test` or another word of the package manager's.
    var kind: String
    /// Relative to the repository's root.
    var folder: String
    /// Names of targets and products.
    var dependencies: [String]
}

/// Rules about who may know whom.
enum LayoutRules {
    /// Which rooms and C modules each room may import directly. It may then also import the rooms that those may,
    /// because a member of a type is only visible with its module imported.
    static let rooms: [String: Set<String>] = [
        "SluiceModel": [],
        "SluiceHistogram": ["CZlib"],
        "SluiceStatistics": [],
        "SluiceWorkload": ["SluiceModel"],
        "SluiceGenerate": ["SluiceModel", "CZlib"],
        "SluiceSchedule": ["SluiceModel"],
        "SluiceEngine": ["SluiceModel", "CWasmtime", "CLinux"],
        "SluiceProxyWasm": ["SluiceEngine", "SluiceModel", "CZlib"],
        "SluiceLoad": [
            "SluiceGenerate", "SluiceSchedule", "SluiceHistogram", "SluiceProxyWasm", "SluiceProcess", "CPCRE2",
            "CLinux",
        ],
        "SluiceProcess": ["CLinux"],
        "SluiceWire": ["SluiceModel"],
        "SluiceAgent": ["SluiceEngine", "SluiceProxyWasm", "SluiceLoad", "SluiceWire", "SluiceProcess"],
        "SluiceInspect": ["SluiceProxyWasm", "SluiceProcess"],
        "SluiceCoordinator": ["SluiceWire", "SluiceProcess"],
        "SluiceStore": ["SluiceModel"],
        "SluiceAnalysis": ["SluiceModel", "SluiceHistogram", "SluiceStatistics"],
        "SluiceFetch": ["SluiceWire", "SluiceProcess", "CCurl", "CZlib"],
        "SluiceTrials": [
            "SluiceCoordinator", "SluiceFetch", "SluiceWire", "SluiceProcess", "SluiceStore", "SluiceAnalysis",
        ],
        "SluiceReport": ["SluiceAnalysis"],
        "Sluice": ["SluiceWorkload", "SluiceAgent", "SluiceInspect", "SluiceTrials", "SluiceReport"],
        "SluiceBenchmarks": ["SluiceLoad", "SluiceStore", "SluiceReport", "CMinimalHost", "CAllocationCounter"],
        "CMinimalHost": ["CWasmtime"],
        "CWasmtime": [], "CPCRE2": [], "CZlib": [], "CCurl": [], "CLinux": [], "CAllocationCounter": [],
    ]

    /// Which room may use which package, by the name of its product and module. Everything else is the platform's.
    static let packages: [String: Set<String>] = [
        "ArgumentParser": ["Sluice"],
        "Crypto": ["SluiceWire"],
        "GRDB": ["SluiceStore"],
        "GRDBSQLite": ["SluiceStore"],
        "GRPCCore": ["SluiceWire"],
        "GRPCNIOTransportCore": ["SluiceWire"],
        "GRPCNIOTransportHTTP2Posix": ["SluiceWire"],
        "GRPCProtobuf": ["SluiceWire"],
        "SwiftProtobuf": ["SluiceWire"],
        "Yams": ["SluiceWorkload"],
    ]

    static func imports(_ file: SourceFile) -> [Finding] {
        guard file.path.hasPrefix("Sources/"), let target = file.target, rooms[target] != nil else { return [] }
        return SwiftRules.imports(of: file).filter { !allows(target, $0.module) }.map {
            file.finding(at: $0.index, "\(target) may not import \($0.module)")
        }
    }

    /// Targets below `Sources`, as the manifest declares them. Tests may use everything.
    static func dependencies(_ targets: [PackageTarget]) -> [Finding] {
        targets.filter { $0.folder.hasPrefix("Sources/") }.flatMap { target -> [Finding] in
            guard rooms[target.name] != nil else {
                return [manifest("\(target.name) is not among the rooms of LayoutRules.swift")]
            }
            return target.dependencies.filter { !allows(target.name, $0) }
                .map { manifest("\(target.name) may not depend on \($0)") }
        }
    }

    /// `sources` are the paths of all files.
    static func emptyTargets(_ targets: [PackageTarget], sources: [String]) -> [Finding] {
        targets.filter { target in
            !sources.contains { path in
                path.hasPrefix("\(target.folder)/") && [".swift", ".c", ".h"].contains { path.hasSuffix($0) }
            }
        }.map { manifest("\($0.name) has no source in \($0.folder)") }
    }

    static func requiredDocuments(sources: [String]) -> [Finding] {
        ["README.md", "RATIONALE.md", "TERMINOLOGY.md", "CHANGELOG.md", "LICENSE"].filter { !sources.contains($0) }
            .map { Finding(path: $0, line: 0, message: "is missing") }
    }

    private static func allows(_ room: String, _ module: String) -> Bool {
        if let users = packages[module] { return users.contains(room) }
        guard rooms[module] != nil else { return !module.hasPrefix("Sluice") }
        guard let direct = rooms[room] else { return false }
        return direct.contains(module) || direct.contains { !isShim(module) && allows($0, module) }
    }

    private static func isShim(_ module: String) -> Bool { !module.hasPrefix("Sluice") }

    private static func manifest(_ message: String) -> Finding {
        Finding(path: "Package.swift", line: 0, message: message)
    }
}
