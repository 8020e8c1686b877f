import Testing

/// What an open stream costs the host, guest memory aside. Measured by the benchmark program.
struct StreamMemoryTests {
    @Test func `ten thousand open streams in one VM cost two KiB each at most`() throws {
        let bytes = try #require(Int(try BenchmarkProgram.output(of: "streams").dropLast()))
        #expect(bytes > 500 && bytes <= 2048)
    }
}
