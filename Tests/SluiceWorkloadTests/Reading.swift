import Foundation
import SluiceModel
import SluiceWorkload

/// Files of the tests, and what reading them gives.
enum Reading {
    static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
    static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func files(in folder: URL) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
    }

    static func read(fixture: String) throws(WorkloadErrors) -> Workload {
        try WorkloadReader.read(path: fixtures.path + "/\(fixture).yaml", patternError: patternError).workload
    }

    /// Stands in for the real library, which other code has.
    static func patternError(_ pattern: String) -> String? {
        pattern.count { $0 == "(" } == pattern.count { $0 == ")" } ? nil : "missing closing parenthesis"
    }

    /// What a person sees, with the fixture's name for its path; empty when nothing is wrong.
    static func errors(fixture: String) -> String {
        do {
            _ = try read(fixture: fixture)
            return ""
        } catch {
            return error.description.replacingOccurrences(of: fixtures.path + "/\(fixture)", with: "F")
        }
    }

    /// The errors without excerpts, a line each.
    static func lines(fixture: String) -> [String] {
        errors(fixture: fixture).split(separator: "\n").map(String.init).filter { $0.hasPrefix("F.yaml:") }
            .map { $0.dropFirst("F.yaml:".count).trimmingCharacters(in: .whitespaces) }
    }

    /// A small workload with some top-level keys replaced; modules are found in the fixtures.
    static func workload(_ changes: [String: String]) throws(WorkloadErrors) -> Workload {
        try read(text: text(changes))
    }

    static func text(_ changes: [String: String]) -> String {
        var keys = [
            "sluice": "1", "name": "inline", "load": "{ phases: [{ kind: hold, duration: 1s, rate: 1/s }] }",
            "requests": "[{ path: / }]", "plugins": "[{ name: p, module: plugins/plugin.wat }]",
        ]
        keys.merge(changes) { $1 }
        return keys.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\n" }.joined()
    }

    static func read(text: String) throws(WorkloadErrors) -> Workload {
        try WorkloadReader.read(text: text, path: fixtures.path + "/inline.yaml", patternError: patternError)
    }
}
