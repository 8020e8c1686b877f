import Foundation
import Testing

/// What an open stream costs the host, guest memory aside. Measured by the benchmark program, in a process of its own.
struct StreamMemoryTests {
    @Test func `ten thousand open streams in one VM cost two KiB each at most`() throws {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let program = URL(fileURLWithPath: tests).deletingLastPathComponent().appending(path: "SluiceBenchmarks")
        let process = Process()
        let output = Pipe()
        process.executableURL = program
        process.arguments = ["streams"]
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let bytes = try #require(Int(text.dropLast()))
        #expect(bytes > 500 && bytes <= 2048)
    }
}
