import Testing

/// A file that breaks a rule in as many places as are given, or keeps it.
struct RuleExample: Sendable, CustomTestStringConvertible {
    var rule: Rule
    var path: String
    var text: String
    /// Lines at which the rule is broken; 0 is the whole file.
    var lines: [Int]

    init(_ rule: Rule, _ path: String, _ text: String, _ lines: [Int]) {
        self.rule = rule
        self.path = path
        self.text = text
        self.lines = lines
    }

    var testDescription: String { "\(rule.rawValue): \(text.prefix(40).split(separator: "\n").first ?? "")" }

    private static let longBody = String(repeating: "    work()\n", count: 69)

    private static let documented = """
        /// A.
        @frozen
        package final class A {
            package init() {}
            let b = 1
            /// C.
            package private(set) var c = 1
            package static func == (l: A, r: A) -> Bool { true }
            package var description: String { "" }
        }
        """

    static let table = [
        RuleExample(.fileLength, "Sources/A/A.swift", String(repeating: "\n", count: 500), [0]),
        RuleExample(.fileLength, "Sources/A/A.swift", String(repeating: "\n", count: 499), []),
        RuleExample(.fileLength, "README.md", String(repeating: "\n", count: 501), []),
        RuleExample(.fileLength, "workloads/a.json", String(repeating: "\n", count: 501), []),
        RuleExample(.fileLength, "workloads/a.yaml", String(repeating: "\n", count: 501), [0]),
        RuleExample(.fileLength, "scripts/a", String(repeating: "\n", count: 501), [0]),
        RuleExample(.lineLength, "Sources/A/A.swift", "\n" + String(repeating: "ö", count: 121), [2]),
        RuleExample(.lineLength, "Sources/A/A.swift", String(repeating: "ö", count: 120), []),
        RuleExample(.unfinishedWork, "scripts/a", "# TODO: more\n# nothing\n# FIXME", [1, 3]),
        RuleExample(.unfinishedWork, "Sources/A/A.swift", "let TODOs = 1 // a todo list", []),
        RuleExample(
            .machinePaths, "a.md", "see /\("home")/x and `/\("opt")/y`\n(/\("root")) \"/\("work")/z\"", [1, 1, 2, 2]),
        RuleExample(.machinePaths, "a.md", "src/\("work")/a /works/b https://a.b/\("home")/c $HOME/\("opt")/d", []),
        RuleExample(.registryHosts, "scripts/a", "curl https://files.pythonhosted.org/x\npip download six", [1]),
        RuleExample(.registryHosts, "scripts/a", "python -m pip install --require-hashes", []),
        RuleExample(.shellStrictness, "scripts/a", "#!/usr/bin/env bash\nset -e\n", [0]),
        RuleExample(.shellStrictness, "scripts/a", "#!/usr/bin/env bash\nset -euo pipefail\n", []),
        RuleExample(.shellStrictness, "scripts/a.py", "#!/usr/bin/env python3\n", []),
        RuleExample(.bannedCode, "Tests/A/A.swift", "try! f()\nx as! Y\n@testable import B", [1, 2, 3]),
        RuleExample(.bannedCode, "Tests/A/A.swift", "// try!\nlet a = \"x as! Y\"\ntry? f() as? Y", []),
        RuleExample(.printing, "Sources/SluiceLoad/A.swift", "print(1)\nfunc a() { debugPrint(1) }", [1, 2]),
        RuleExample(.printing, "Sources/SluiceLoad/A.swift", "blueprint(1)\na.print(1)\n/* print(1) */", []),
        RuleExample(.printing, "Sources/Sluice/A.swift", "print(1)", []),
        RuleExample(.printing, "Sources/SluiceBenchmarks/A.swift", "print(1)", []),
        RuleExample(.foundation, "Sources/SluiceLoad/A.swift", "internal import Foundation", [1]),
        RuleExample(.foundation, "Sources/SluiceModel/A.swift", "import struct FoundationEssentials.Data", [1]),
        RuleExample(.foundation, "Sources/SluiceStore/A.swift", "import Foundation", []),
        RuleExample(.functionLength, "Sources/A/A.swift", "\nfunc a(\n    b: Int\n) {\n\(longBody)}\n", [2]),
        RuleExample(.functionLength, "Sources/A/A.swift", "init() {\n\(longBody)}\n", [1]),
        RuleExample(.functionLength, "Sources/A/A.swift", "func a(b: () -> Int = { 1 }) {\n\(longBody)}\n", [1]),
        RuleExample(.functionLength, "Sources/A/A.swift", "struct A {\n\(longBody)func a() {}\n}\n", []),
        RuleExample(.functionLength, "Sources/A/A.swift", "protocol A { func a() }\nenum B {\n\(longBody)}\n", []),
        RuleExample(
            .functionLength, "Sources/A/A.swift", "protocol A {\n    func a()\n}\nstruct B {\n\(longBody)}\n", []),
        RuleExample(.functionLength, "Sources/A/A.swift", "func a() {\n let b = \"}\" // }\n\(longBody)}\n", [1]),
        RuleExample(
            .documentation, "Sources/A/A.swift",
            "package struct A {\n    package let b = 1\n    package static func c() {}\n}", [1, 3]),
        RuleExample(
            .propertyDocumentation, "Sources/A/A.swift",
            "package struct A {\n    package let b = 1\n    package private(set) var c = 1\n}", [2, 3]),
        RuleExample(.documentation, "Sources/A/A.swift", documented, []),
        RuleExample(.propertyDocumentation, "Sources/A/A.swift", documented, []),
        RuleExample(.documentation, "Tests/A/A.swift", "package struct A {}", []),
        RuleExample(.imports, "Sources/SluiceModel/A.swift", "import SluiceLoad\nimport Glibc", [1]),
        RuleExample(.imports, "Sources/SluiceReport/A.swift", "package import SluiceAgent", [1]),
        RuleExample(.imports, "Sources/SluiceReport/A.swift", "import GRDB\nimport SluiceModel", [1]),
        RuleExample(
            .imports, "Sources/SluiceStore/A.swift", "internal import GRDB\nimport SluiceModel\nimport Glibc", []),
        RuleExample(.imports, "Sources/SluiceAgent/A.swift", "import CPCRE2\nimport SluiceEngine", [1]),
        RuleExample(.imports, "Sources/SluiceTrials/A.swift", "import SluiceModel\nimport SluiceAgent", [2]),
        RuleExample(.imports, "Sources/SluiceBenchmarks/A.swift", "import CMinimalHost\nimport CWasmtime", [2]),
    ]
}

@Suite struct RuleTests {
    @Test("A rule finds what breaks it, and nothing else", arguments: RuleExample.table)
    func example(_ example: RuleExample) {
        let findings = example.rule.findings(in: SourceFile(path: example.path, text: example.text))
        #expect(findings.map(\.line) == example.lines, "\(findings)")
        #expect(findings.allSatisfy { $0.path == example.path })
    }

    @Test("Every rule has an example that breaks it and one that keeps it")
    func everyRule() {
        for rule in Rule.allCases {
            let examples = RuleExample.table.filter { $0.rule == rule }
            #expect(examples.contains { !$0.lines.isEmpty }, "\(rule)")
            #expect(examples.contains { $0.lines.isEmpty }, "\(rule)")
        }
    }

    @Test("The manifest is held to the table of rooms")
    func dependencies() {
        let targets = [
            PackageTarget(
                name: "SluiceModel", kind: "regular", folder: "Sources/SluiceModel", dependencies: ["SluiceLoad"]),
            PackageTarget(name: "SluiceStore", kind: "regular", folder: "Sources/SluiceStore", dependencies: ["GRDB"]),
            PackageTarget(name: "Attic", kind: "regular", folder: "Sources/Attic", dependencies: []),
            PackageTarget(name: "ATests", kind: "test", folder: "Tests/ATests", dependencies: ["GRDB"]),
        ]
        #expect(
            LayoutRules.dependencies(targets).map(\.message) == [
                "SluiceModel may not depend on SluiceLoad", "Attic is not among the rooms of LayoutRules.swift",
            ])
        #expect(
            LayoutRules.emptyTargets(
                targets,
                sources: [
                    "Sources/SluiceModel/A.swift", "Sources/SluiceStoreOther/A.swift", "Sources/Attic/notes.md",
                    "Tests/ATests/A.swift",
                ]
            ).map(\.message) == [
                "SluiceStore has no source in Sources/SluiceStore", "Attic has no source in Sources/Attic",
            ])
    }

    @Test("Documents and the scripts that they name are missed when they are not there")
    func documents() {
        let missing = LayoutRules.requiredDocuments(sources: ["README.md", "RATIONALE.md", "LICENSE"])
        #expect(missing.map(\.path) == ["TERMINOLOGY.md", "CHANGELOG.md"])
        let readme = SourceFile(path: "README.md", text: "Run `scripts/quickstart`.\nThen scripts/no-such.\n")
        let findings = TextRules.missingScripts(readme) { $0 == "scripts/quickstart" }
        #expect(findings.map(\.description) == ["README.md:2: scripts/no-such does not exist or is not executable"])
        let code = SourceFile(path: "README.md", text: "See `Sources/A/B+C.swift`, not\nSources/A/D.swift.\n")
        let files = TextRules.missingFiles(code) { $0 == "Sources/A/B+C.swift" }
        #expect(files.map(\.description) == ["README.md:2: Sources/A/D.swift does not exist"])
    }

    @Test("Comments and literals are blanked, whatever they are nested in")
    func blanking() {
        let text = #"a("b\(c("d"))e" /* f /* g */ h */, i) // j"#
        #expect(SwiftCode.blanked(text).filter { $0 != " " } == "a(,i)")
        let raw = "a = #\"b \" \\(c) \"# + \"\"\"\n d \" e\n \"\"\" + f"
        #expect(SwiftCode.blanked(raw).filter { $0 != " " } == "a=+\n\n+f")
    }
}
