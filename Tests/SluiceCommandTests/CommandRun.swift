import Foundation

/// Runs of the real command, each in a folder of its own.
struct CommandFolder: ~Copyable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "sluice-command-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func write(_ text: String, to name: String) throws { try Data(text.utf8).write(to: url.appending(path: name)) }

    func contains(_ name: String) -> Bool { FileManager.default.fileExists(atPath: url.appending(path: name).path) }

    func text(of name: String) throws -> String {
        String(decoding: try Data(contentsOf: url.appending(path: name)), as: UTF8.self)
    }

    /// Starts `sluice`, which is built into the same folder as the tests.
    func start(_ arguments: [String], environment: [String: String] = [:]) throws -> RunningCommand {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: tests).deletingLastPathComponent().appending(path: "sluice")
        process.arguments = arguments
        process.currentDirectoryURL = url
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let command = RunningCommand(process: process, folder: url)
        try command.start()
        return command
    }

    /// Runs it to its end.
    func run(_ arguments: String..., environment: [String: String] = [:]) throws -> CommandResult {
        try start(arguments, environment: environment).wait()
    }
}

struct CommandResult {
    var code: Int32
    var output: String
    var errors: String
}

final class RunningCommand {
    private let process: Process
    private let output: URL
    private let errors: URL

    init(process: Process, folder: URL) {
        self.process = process
        let name = UUID().uuidString
        output = folder.appending(path: "\(name).out")
        errors = folder.appending(path: "\(name).err")
    }

    /// Output goes to files, so that no pipe can fill up.
    func start() throws {
        for file in [output, errors] { try Data().write(to: file) }
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Processes that the command has started itself, its agents.
    func children() throws -> [Int32] {
        let path = "/proc/\(process.processIdentifier)/task"
        return try FileManager.default.contentsOfDirectory(atPath: path).flatMap { task in
            let list = try String(contentsOfFile: "\(path)/\(task)/children", encoding: .utf8)
            return list.split(separator: " ").compactMap { Int32($0) }
        }
    }

    func wait() throws -> CommandResult {
        process.waitUntilExit()
        let code = process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
        return CommandResult(
            code: code, output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
    }
}
