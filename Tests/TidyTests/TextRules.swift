import Foundation

/// Rules about any text file.
enum TextRules {
    static let longestFileLines = 500
    static let longestLineCharacters = 120

    /// Sources are kept short for their readers. Prose has chapters, and nobody reads data line by line: a schema, a
    /// dashboard or a recorded report is as long as what it describes.
    static func fileLength(_ file: SourceFile) -> [Finding] {
        let isProse = file.path.hasSuffix(".md") || file.path == "LICENSE"
        let isData = file.path.hasSuffix(".json")
        guard !isProse, !isData, file.lines.count > longestFileLines else { return [] }
        return [Finding(path: file.path, line: 0, message: "\(file.lines.count) lines, \(longestFileLines) allowed")]
    }

    static func lineLength(_ file: SourceFile) -> [Finding] {
        guard file.isSwift else { return [] }
        return file.lines.enumerated().filter { $1.count > longestLineCharacters }.map {
            file.finding(at: $0, "\($1.count) characters, \(longestLineCharacters) allowed")
        }
    }

    /// Work that is put off is planned somewhere; a comment is where it is forgotten.
    static func unfinishedWork(_ file: SourceFile) -> [Finding] {
        matches(of: #"\b(TODO|FIXME|XXX)\b"#, in: file, "unfinished work")
    }

    /// Paths of the machine that a file was written on.
    static func machinePaths(_ file: SourceFile) -> [Finding] {
        matches(of: #"(?<![\w.\-/$}])/(work|opt|root|home|Users)(/|\b)"#, in: file, "path of a machine")
    }

    /// Where packages come from is the concern of their clients' configuration.
    static func registryHosts(_ file: SourceFile) -> [Finding] {
        let hosts = [
            "pypi.org", "pythonhosted.org", "npmjs.org", "proxy.golang.org", "sum.golang.org", "crates.io", "docker.io",
            "ghcr.io", "quay.io", "deb.debian.org",
        ]
        let pattern = hosts.map(NSRegularExpression.escapedPattern).joined(separator: "|")
        return matches(of: #"\b(\#(pattern))\b"#, in: file, "host of a package registry")
    }

    /// A shell script stops at the first error, whichever part of a pipe it is in.
    static func shellStrictness(_ file: SourceFile) -> [Finding] {
        let isScript = file.path.hasPrefix("scripts/") || file.path == ".ci/run"
        guard isScript, let first = file.lines.first, first.hasPrefix("#!"), first.hasSuffix("sh") else { return [] }
        guard !file.lines.contains("set -euo pipefail") else { return [] }
        return [Finding(path: file.path, line: 0, message: "has no line 'set -euo pipefail'")]
    }

    /// Scripts that a document tells a person to run; `exists` is asked for each.
    static func missingScripts(_ file: SourceFile, exists: (String) -> Bool) -> [Finding] {
        guard file.path.hasSuffix(".md") else { return [] }
        return file.lines.enumerated().flatMap { index, line in
            ranges(of: #"(?<![\w/])scripts/[a-z][a-z0-9_.-]*[a-z0-9]"#, in: String(line))
                .filter { !exists($0) }.map { file.finding(at: index, "\($0) does not exist or is not executable") }
        }
    }

    /// Files and folders that a document tells a person to read; `exists` is asked for each.
    static func missingFiles(_ file: SourceFile, exists: (String) -> Bool) -> [Finding] {
        guard file.path.hasSuffix(".md") else { return [] }
        return file.lines.enumerated().flatMap { index, line in
            ranges(of: #"(?<![\w/])(Sources|Tests|dashboards)/[\w./+-]*\w"#, in: String(line))
                .filter { !exists($0) }.map { file.finding(at: index, "\($0) does not exist") }
        }
    }

    private static func matches(of pattern: String, in file: SourceFile, _ message: String) -> [Finding] {
        file.lines.enumerated().flatMap { index, line in
            ranges(of: pattern, in: String(line)).map { file.finding(at: index, "\(message): \($0)") }
        }
    }

    static func ranges(of pattern: String, in line: String) -> [String] {
        guard let expression = try? NSRegularExpression(pattern: pattern) else {
            preconditionFailure("not a regular expression: \(pattern)")
        }
        return expression.matches(in: line, range: NSRange(line.startIndex..., in: line)).compactMap {
            Range($0.range, in: line).map { String(line[$0]) }
        }
    }
}
