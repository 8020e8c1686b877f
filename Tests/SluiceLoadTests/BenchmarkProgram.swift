import Foundation
import Testing

/// The benchmark program, which is built into the same folder as the tests: measures in a process of its own.
enum BenchmarkProgram {
    /// What it prints when it is asked for one figure.
    static func output(of argument: String) throws -> String {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: tests).deletingLastPathComponent()
            .appending(path: "SluiceBenchmarks")
        process.arguments = [argument]
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return text
    }
}
