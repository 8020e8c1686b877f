import Foundation

/// PyPI `hdrhistogram`, an implementation that shares no code with ours.
enum Oracle {
    struct Missing: Error, CustomStringConvertible {
        let description = "No Python with the package hdrhistogram was found: run scripts/bootstrap"
    }

    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    /// Runs a Python program with `input` on its standard input; its standard output. The interpreter of
    /// `.toolchains/python` in the package's root comes before the system's.
    static func run(_ program: String, input: String, file: StaticString = #filePath) throws -> String {
        let root = URL(fileURLWithPath: "\(file)").deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let own = root.appendingPathComponent(".toolchains/python/bin/python3").path
        for interpreter in [[own], ["/usr/bin/env", "python3"]] {
            guard FileManager.default.isExecutableFile(atPath: interpreter[0]),
                (try? execute(interpreter + ["-c", "import hdrh.histogram"], input: "")) != nil
            else { continue }
            return try execute(interpreter + ["-c", program], input: input)
        }
        throw Missing()
    }

    private static func execute(_ command: [String], input: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        let (inputPipe, outputPipe, errorPipe) = (Pipe(), Pipe(), Pipe())
        process.standardInput = inputPipe
        process.standardOutput = outputPipe
        process.standardError = errorPipe
        try process.run()
        // The programs read all of their input before they write.
        try inputPipe.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try inputPipe.fileHandleForWriting.close()
        let output = outputPipe.fileHandleForReading.readDataToEndOfFile()
        let error = errorPipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failed(description: String(decoding: error, as: UTF8.self))
        }
        return String(decoding: output, as: UTF8.self)
    }
}
