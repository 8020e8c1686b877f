import Testing

/// The steady state allocates nothing for a request. Counted by the benchmark program, whose malloc is replaced by one
/// that counts: a number above 0 means that something on the path of every request, or of every few, has begun to
/// allocate.
struct AllocationTests {
    @Test func `a thousand requests allocate nothing`() throws {
        #expect(try BenchmarkProgram.output(of: "allocations") == "0\n")
    }
}
