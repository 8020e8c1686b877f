import Foundation
import Testing

/// The steady state allocates nothing for a request. Counted by the benchmark program, whose malloc is replaced by one
/// that counts: a number above 0 means that something on the path of every request, or of every few, has begun to
/// allocate.
struct AllocationTests {
    @Test func `a thousand requests allocate nothing`() throws {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let program = URL(fileURLWithPath: tests).deletingLastPathComponent().appending(path: "SluiceBenchmarks")
        let process = Process()
        let output = Pipe()
        process.executableURL = program
        process.arguments = ["allocations"]
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(text == "0\n")
    }
}
