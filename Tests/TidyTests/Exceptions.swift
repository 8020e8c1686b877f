/// Where a rule does not hold, and why. Nowhere else may a rule be loosened.
enum Exceptions {
    /// Members that well-known protocols ask for, and that therefore explain themselves.
    static let witnesses: Set<String> = [
        "description", "errorDescription", "testDescription", "hash", "encode", "next", "makeIterator", "startIndex",
        "endIndex", "index", "rawValue", "allCases", "id",
    ]

    /// Files that no rule looks into: they are written by a program.
    static func isGenerated(_ path: String) -> Bool {
        path.hasSuffix(".pb.swift") || path.hasSuffix(".grpc.swift") || path.contains("/Generated/")
    }

    /// By rule, and then by path. A path that ends in `/` stands for everything below it.
    static let reasons: [Rule: [String: String]] = [
        .unfinishedWork: ["Tests/TidyTests/": "names the words it looks for"],
        .registryHosts: ["Tests/TidyTests/": "names the hosts it looks for"],
        .propertyDocumentation: ["Sources/SluiceModel/": "plain values, whose names carry their meaning and unit"],
    ]

    static func covers(_ finding: Finding, of rule: Rule) -> Bool {
        reasons[rule, default: [:]].keys.contains { covers(finding.path, by: $0) }
    }

    static func covers(_ path: String, by exception: String) -> Bool {
        path == exception || exception.hasSuffix("/") && path.hasPrefix(exception)
    }
}
