import Foundation
import Testing

/// The README's examples for CI services, run as they are written there.
@Suite(.serialized) struct `CI examples of the README` {
    /// Blocks of YAML below the chapter's heading.
    private static func examples() throws -> [String] {
        let file = URL(filePath: #filePath).appending(path: "../../../README.md").standardized
        let text = try String(contentsOf: file, encoding: .utf8)
        let chapter = try #require(text.split(separator: "\n## ").first { $0.hasPrefix("In CI\n") })
        return chapter.split(separator: "```yaml\n").dropFirst().map { String($0.split(separator: "```")[0]) }
    }

    /// What a service hands to a shell: `run` of each step, or the items of `script`.
    private static func commands(_ example: String) -> [String] {
        var commands: [String] = []
        var block: (indent: Int, isScript: Bool)?
        for line in example.split(separator: "\n") {
            let indent = line.prefix { $0 == " " }.count
            let text = String(line.dropFirst(indent))
            if let open = block, indent > open.indent {
                if open.isScript {
                    if text.hasPrefix("- ") { commands.append(String(text.dropFirst(2))) }
                } else {
                    commands[commands.count - 1] += text + "\n"
                }
                continue
            }
            block = nil
            if text == "script:" {
                block = (indent, true)
            } else if text == "run: |" {
                commands.append("")
                block = (indent, false)
            } else if text.hasPrefix("run: ") {
                commands.append(String(text.dropFirst("run: ".count)))
            }
        }
        return commands
    }

    /// - Returns: the exit code of a shell that stops at an error, as the services' shells do.
    private static func shell(_ command: String, in folder: URL) throws -> Int32 {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let programs = URL(filePath: tests).deletingLastPathComponent().path
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", command]
        process.currentDirectoryURL = folder
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        process.environment = ProcessInfo.processInfo.environment.merging([
            "PATH": "\(programs):\(path)", "CI": "true",
            "GITHUB_STEP_SUMMARY": folder.appending(path: "summary.md").path,
        ]) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    @Test(arguments: [(highWater: "2MiB", code: Int32(0)), (highWater: "1KiB", code: 1)])
    func `their steps gate a plugin and leave its reports`(highWater: String, code: Int32) throws {
        let examples = try Self.examples()
        #expect(examples.count == 2)
        for example in examples {
            let folder = try CommandFolder()
            let workload = TestWorkload(
                seconds: 1, agents: 1, module: "build/plugin.wasm",
                gate: "budgets: { heap: { high_water: \(highWater) } }")
            try workload.write(to: folder)
            let build = folder.url.appending(path: "build")
            try FileManager.default.createDirectory(at: build, withIntermediateDirectories: false)
            try folder.write(try folder.text(of: "plugin.wat"), to: "build/plugin.wasm")
            try folder.write(workload.text, to: "workload.yaml")
            let commands = Self.commands(example)
            let gate = try #require(commands.first)
            #expect(gate.hasPrefix("sluice gate"))
            let ended = try Self.shell(gate, in: folder.url)
            // On a busy machine the measurement may be invalid; the reports are written in any case.
            #expect([code, 4].contains(ended), "\(gate)")
            for command in commands.dropFirst() { #expect(try Self.shell(command, in: folder.url) == 0, "\(command)") }
            #expect(try folder.text(of: "junit.xml").contains("<testcase"))
            if commands.count > 1 { #expect(try folder.text(of: "summary.md").hasPrefix("# test: ")) }
        }
    }
}
