import Foundation
import SluiceAnalysis
import Testing

/// Files that hold what a report looks like. `SLUICE_REWRITE_GOLDEN=1` writes them anew.
enum Golden {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

    static func compare(_ text: String, with name: String) throws {
        let file = folder.appending(path: name)
        if ProcessInfo.processInfo.environment["SLUICE_REWRITE_GOLDEN"] == "1" {
            try text.write(to: file, atomically: true, encoding: .utf8)
            return
        }
        let golden = try String(contentsOf: file, encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let goldenLines = golden.split(separator: "\n", omittingEmptySubsequences: false)
        for (number, (line, goldenLine)) in zip(lines, goldenLines).enumerated() where line != goldenLine {
            Issue.record("\(name), line \(number + 1):\nis   \(line.prefix(300))\nwas  \(goldenLine.prefix(300))")
            return
        }
        #expect(lines.count == goldenLines.count, "\(name)")
    }
}

extension RunSummary {
    /// What zlib makes of the same bytes differs from version to version, so golden files do not hold it.
    func withoutHistograms() -> RunSummary {
        var summary = self
        for index in summary.strategies.indices {
            summary.strategies[index].responseTime.histogram = ""
            summary.strategies[index].serviceTime.histogram = ""
            summary.strategies[index].startLag.histogram = ""
            summary.strategies[index].harnessLag.histogram = ""
            for trial in summary.strategies[index].trials.indices {
                summary.strategies[index].trials[trial].responseTime.histogram = ""
            }
        }
        return summary
    }
}

/// Python, where a check is better done by somebody else's code.
enum Python {
    static func run(_ script: String, arguments: [String] = [], input: String = "") -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script] + arguments
        let (standardInput, standardOutput) = (Pipe(), Pipe())
        process.standardInput = standardInput
        process.standardOutput = standardOutput
        process.standardError = standardOutput
        guard (try? process.run()) != nil else { return (127, "no python3") }
        // Large inputs would fill the pipe while nobody reads: Python reads all of it before it writes.
        try? standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try? standardInput.fileHandleForWriting.close()
        let output = (try? standardOutput.fileHandleForReading.readToEnd()) ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    static let isThere = run("").status == 0
    static let hasJSONSchema = run("import jsonschema").status == 0
}
