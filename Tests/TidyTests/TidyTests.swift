import Testing

/// The rules over this repository. That each rule can fail is shown by `RuleTests`.
@Suite struct TidyTests {
    @Test("The repository is where it is expected")
    func repository() throws {
        let repository = try Repository.current.get()
        #expect(repository.paths.contains("Package.swift"))
        #expect(repository.paths.contains("Tests/TidyTests/TidyTests.swift"))
        #expect(repository.files.count > 20)
    }

    @Test("Files keep the rules", arguments: Rule.allCases)
    func files(_ rule: Rule) throws {
        for file in try Repository.current.get().files {
            for finding in rule.findings(in: file) where !Exceptions.covers(finding, of: rule) {
                Issue.record("\(finding)")
            }
        }
    }

    @Test("No exception is left that nothing needs")
    func exceptions() throws {
        let files = try Repository.current.get().files
        for (rule, paths) in Exceptions.reasons {
            let findings = files.flatMap { rule.findings(in: $0) }
            for path in paths.keys where !findings.contains(where: { Exceptions.covers($0.path, by: path) }) {
                Issue.record("\(path) needs no exception from: \(rule.rawValue)")
            }
        }
    }

    @Test("Scripts and files that documents name exist")
    func namedFiles() throws {
        let repository = try Repository.current.get()
        for file in repository.files {
            let scripts = TextRules.missingScripts(file, exists: repository.isExecutable)
            let files = TextRules.missingFiles(file, exists: repository.exists)
            for finding in scripts + files { Issue.record("\(finding)") }
        }
    }

    @Test("The documents that everybody looks for are there")
    func documents() throws {
        for finding in LayoutRules.requiredDocuments(sources: try Repository.current.get().paths) {
            Issue.record("\(finding)")
        }
    }

    @Test("The manifest keeps the table of rooms, and no target is empty")
    func manifest() throws {
        let repository = try Repository.current.get()
        let targets = try repository.packageTargets()
        #expect(targets.contains { $0.name == "TidyTests" })
        let findings =
            LayoutRules.dependencies(targets) + LayoutRules.emptyTargets(targets, sources: repository.paths)
        for finding in findings { Issue.record("\(finding)") }
    }
}
