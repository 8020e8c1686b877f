// swift-tools-version: 6.2

import PackageDescription

/// The same for every Swift target of ours.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// For the targets that the hot path runs through.
///
/// The compiler proves exclusive access where it can; the checks that it leaves to run time are on the path of every
/// request, and are left out. A worker and all it reaches are confined to one thread, and debug builds keep the checks.
let hotSettings = settings + [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

func hotRoom(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: hotSettings)
}

func room(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.init(stringLiteral: name)] + dependencies, exclude: exclude,
        swiftSettings: settings)
}

func support(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: settings)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: settings)
}

let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
/// SQLite's own functions, as GRDB is built with them.
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let grpc = Target.Dependency.product(name: "GRPCCore", package: "grpc-swift-2")
let grpcProtobuf = Target.Dependency.product(name: "GRPCProtobuf", package: "grpc-swift-protobuf")
let grpcTransport = Target.Dependency.product(
    name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport")

let package = Package(
    name: "sluice",
    products: [.executable(name: "sluice", targets: ["Sluice"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
        .package(url: "https://github.com/grpc/grpc-swift-2", exact: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", exact: "2.9.2"),
        .package(url: "https://github.com/grpc/grpc-swift-protobuf", exact: "2.4.1"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),

        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        // C libraries: module maps and shims only.
        .systemLibrary(name: "CWasmtime"),
        .target(name: "CPCRE2"),
        .target(name: "CZlib"),
        .target(name: "CCurl"),
        .systemLibrary(name: "CLinux"),

        // Values and pure functions.
        hotRoom("SluiceModel"),
        hotRoom("SluiceHistogram", ["CZlib"]),
        room("SluiceStatistics"),
        room("SluiceWorkload", ["SluiceModel", yams]),
        hotRoom("SluiceGenerate", ["SluiceModel", "CZlib"]),
        hotRoom("SluiceSchedule", ["SluiceModel"]),

        // The hot path.
        hotRoom("SluiceEngine", ["SluiceModel", "CWasmtime", "CLinux"]),
        hotRoom("SluiceProxyWasm", ["SluiceModel", "SluiceEngine", "CZlib"]),
        hotRoom(
            "SluiceLoad",
            [
                "SluiceModel", "SluiceGenerate", "SluiceSchedule", "SluiceHistogram", "SluiceProxyWasm",
                "SluiceProcess", "CPCRE2", "CLinux",
            ]),

        // Processes and storage.
        room("SluiceProcess", ["CLinux"]),
        room("SluiceWire", ["SluiceModel", crypto, protobuf, grpc, grpcProtobuf, grpcTransport], exclude: ["Protos"]),
        room(
            "SluiceAgent",
            ["SluiceModel", "SluiceEngine", "SluiceProxyWasm", "SluiceLoad", "SluiceWire", "SluiceProcess"]),
        room("SluiceInspect", ["SluiceModel", "SluiceEngine", "SluiceProxyWasm", "SluiceProcess"]),
        room("SluiceCoordinator", ["SluiceModel", "SluiceWire", "SluiceProcess"]),
        room("SluiceStore", ["SluiceModel", grdb, sqlite]),

        // Answers.
        room("SluiceAnalysis", ["SluiceModel", "SluiceHistogram", "SluiceStatistics"]),
        room("SluiceFetch", ["SluiceModel", "SluiceProcess", "SluiceWire", "CCurl", "CZlib"]),
        room(
            "SluiceTrials",
            [
                "SluiceModel", "SluiceProcess", "SluiceFetch", "SluiceWire", "SluiceCoordinator", "SluiceStore",
                "SluiceAnalysis",
            ]),
        room("SluiceReport", ["SluiceModel", "SluiceAnalysis"]),
        .executableTarget(
            name: "Sluice",
            dependencies: [
                "SluiceModel", "SluiceHistogram", "SluiceProcess", "SluiceWorkload", "SluiceLoad", "SluiceAgent",
                "SluiceStore", "SluiceCoordinator", "SluiceAnalysis", "SluiceStatistics", "SluiceTrials",
                "SluiceReport", "SluiceInspect", "SluiceProxyWasm", argumentParser,
            ], swiftSettings: settings),

        // Benchmarks, and what only they need.
        .target(name: "CMinimalHost", dependencies: ["CWasmtime"], cSettings: [.headerSearchPath("../CWasmtime")]),
        .target(name: "CAllocationCounter"),
        .executableTarget(
            name: "SluiceBenchmarks",
            dependencies: [
                "SluiceModel", "SluiceHistogram", "SluiceGenerate", "SluiceSchedule", "SluiceEngine",
                "SluiceProxyWasm", "SluiceLoad", "SluiceProcess", "SluiceStore", "SluiceAnalysis", "SluiceReport",
                "CMinimalHost", "CAllocationCounter",
            ], swiftSettings: settings),

        // Helpers of tests: libraries that several test targets share, and programs that tests start.
        support("StoreTestSupport", ["SluiceModel", "SluiceHistogram"]),
        program("StoreCrashHelper", ["SluiceModel", "SluiceStore", "StoreTestSupport"]),
        support("WireTestSupport", ["SluiceModel", "SluiceWire"]),
        program(
            "AgentTestProcess",
            ["SluiceModel", "SluiceWire", "SluiceProcess", "SluiceAgent", "SluiceCoordinator", "WireTestSupport"]),
        support("FetchTestSupport", ["SluiceModel", "SluiceProcess", "SluiceWire"]),
        support("RunFixtures", ["SluiceModel", "SluiceHistogram", "SluiceAnalysis"]),
        // scripts/fuzz builds it once more, with sanitisers.
        support("HostFuzzing", ["SluiceModel", "SluiceEngine", "SluiceProxyWasm"]),

        tests(of: "SluiceModel", exclude: ["Fixtures"]),
        tests(of: "SluiceHistogram", ["CZlib"]),
        tests(of: "SluiceStatistics", ["SluiceModel", "SluiceAnalysis", "RunFixtures"], exclude: ["Fixtures"]),
        tests(of: "SluiceWorkload", ["SluiceModel", "SluiceSchedule"], exclude: ["Fixtures"]),
        tests(of: "SluiceGenerate", ["SluiceModel"]),
        tests(of: "SluiceSchedule", ["SluiceModel"]),
        tests(of: "SluiceEngine", ["SluiceModel", "CMinimalHost", "CWasmtime"]),
        tests(of: "SluiceProxyWasm", ["SluiceModel", "SluiceEngine", "HostFuzzing"]),
        tests(
            of: "SluiceLoad",
            [
                "SluiceModel", "SluiceEngine", "SluiceGenerate", "SluiceSchedule", "SluiceHistogram", "SluiceProxyWasm",
                "SluiceProcess", "SluiceBenchmarks",
            ]),
        tests(of: "SluiceProcess"),
        tests(of: "SluiceWire", ["SluiceModel", "SluiceProcess", "WireTestSupport"]),
        tests(of: "SluiceAgent", ["SluiceModel", "SluiceWire", "SluiceProcess"]),
        tests(of: "SluiceInspect", ["SluiceModel", "SluiceEngine", "SluiceProxyWasm"]),
        tests(
            of: "SluiceCoordinator",
            [
                "SluiceModel", "SluiceWire", "SluiceProcess", "SluiceAgent", "AgentTestProcess", "WireTestSupport",
            ]),
        tests(of: "SluiceStore", ["SluiceModel", "StoreTestSupport", grdb]),
        tests(of: "SluiceAnalysis", ["SluiceModel", "SluiceHistogram", "SluiceStatistics", "RunFixtures"]),
        tests(of: "SluiceFetch", ["SluiceModel", "SluiceProcess", "SluiceWire", "FetchTestSupport"]),
        tests(of: "SluiceTrials", ["SluiceModel"]),
        tests(of: "SluiceReport", ["SluiceModel", "SluiceAnalysis", "RunFixtures"], exclude: ["Golden"]),
        .testTarget(
            name: "SluiceCommandTests", dependencies: ["Sluice", "SluiceWire", "FetchTestSupport"],
            swiftSettings: settings),
        .testTarget(name: "TidyTests", swiftSettings: settings),
    ]
)
