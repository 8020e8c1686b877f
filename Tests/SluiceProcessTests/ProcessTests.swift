import Glibc
import SluiceProcess
import Testing

@Suite struct FrameTests {
    @Test func `frames of any size come out as they went in`() throws {
        let (reading, writing) = try Descriptor.pipe()
        let frames = [0, 1, 3, 4, 255, 256, 70_000, 1 << 20].map { size in (0..<size).map { UInt8($0 & 255) } }
        let writer = FrameWriter(writing)
        try OperatingSystemThread.start(name: "writer") { for frame in frames { try? writer.write(frame) } }
        let reader = FrameReader(reading)
        for frame in frames { #expect(try reader.next() == frame) }
    }

    @Test func `a frame over the limit is refused before it is read`() throws {
        let (reading, writing) = try Descriptor.pipe()
        try writing.write([0, 0, 0, 0x7f])
        let error = ProcessError.frameTooLarge(bytes: 0x7f00_0000, limitBytes: FrameLimit.bytes)
        #expect(throws: error) { try FrameReader(reading).next() }
        let large = [UInt8](repeating: 0, count: FrameLimit.bytes + 1)
        #expect(throws: ProcessError.self) { try FrameWriter(writing).write(large) }
    }

    @Test(arguments: [[1], [5, 0, 0, 0, 1, 2]] as [[UInt8]])
    func `a writer that dies in the middle is noticed`(bytes: [UInt8]) throws {
        let reading = try Self.pipe(holding: bytes)
        #expect(throws: ProcessError.frameCut) { try FrameReader(reading).next() }
    }

    /// The writing end is closed by the return.
    private static func pipe(holding bytes: [UInt8]) throws -> Descriptor {
        let (reading, writing) = try Descriptor.pipe()
        try writing.write(bytes)
        return reading
    }
}

@Suite struct ChildProcessTests {
    @Test(arguments: [
        ("exit 0", "exited with code 0"), ("exit 7", "exited with code 7"),
        ("kill -SEGV $$", "was killed by SIGSEGV (Segmentation fault)"),
        ("kill -KILL $$", "was killed by SIGKILL (Killed)"),
    ])
    func `the end of a child is told as it was`(script: String, expected: String) async throws {
        #expect(try await Self.run(script).status.description == expected)
    }

    @Test func `a child gets the descriptors it is given, and no others`() async throws {
        let (reading, writing) = try Descriptor.pipe()
        let (_, unrelated) = try Descriptor.pipe()
        // Not closed on exec, as a careless library would leave it.
        let careless = dup(unrelated.number)
        defer { close(careless) }
        try writing.write(Array("secret".utf8))
        let (output, status) = try await Self.run(
            "head -c 6 <&3; echo; ls /proc/$$/fd | tr '\\n' ' '", inherited: [reading])
        #expect(status.isSuccess)
        #expect(output.hasPrefix("secret\n0 1 2 3 "), "\(output)")
        #expect(!output.contains(" \(careless) "), "\(output)")
    }

    @Test func `a program that is not there is named`() {
        #expect(throws: ProcessError.cannotStart(executable: "/no/such/program", code: ENOENT)) {
            _ = try ChildProcess.start(ChildCommand(executable: "/no/such/program", arguments: [])) { _ in }
        }
    }

    @Test func `signals reach a running child, and nobody after its end`() async throws {
        let (statuses, continuation) = AsyncStream<ProcessEnding>.makeStream()
        let child = try ChildProcess.start(ChildCommand(executable: "/bin/sleep", arguments: ["60"])) {
            continuation.yield($0)
        }
        #expect(child.exitStatus == nil)
        child.kill()
        var iterator = statuses.makeAsyncIterator()
        #expect(await iterator.next() == .killed(signal: SIGKILL))
        #expect(child.exitStatus == .killed(signal: SIGKILL))
        child.kill()
    }

    private static func run(
        _ script: String, inherited: [Descriptor] = []
    ) async throws -> (output: String, status: ProcessEnding) {
        let (statuses, continuation) = AsyncStream<ProcessEnding>.makeStream()
        let (reading, status): (Descriptor, ProcessEnding)
        do {
            let (read, write) = try Descriptor.pipe()
            reading = read
            _ = try ChildProcess.start(
                ChildCommand(
                    executable: "/bin/sh", arguments: ["-c", script], inherited: inherited, standardError: write)
            ) { continuation.yield($0) }
        }
        var iterator = statuses.makeAsyncIterator()
        status = try #require(await iterator.next())
        let output = String(decoding: try reading.read(maximum: 65_536), as: UTF8.self)
        return (output, status)
    }
}

@Suite struct PrivateDirectoryTests {
    @Test func `a directory is made with its parents, and only ours`() throws {
        try withTemporary { base in
            let path = "\(base)/a/b/c"
            try PrivateDirectory.open(path)
            try PrivateDirectory.open(path)
            chmod(path, 0o750)
            let error = #expect(throws: ProcessError.self) { try PrivateDirectory.open(path) }
            #expect(error?.description.contains("its mode is 750, not 700") == true)
            symlink("\(base)/a/b", "\(base)/link")
            #expect(throws: ProcessError.notPrivate(path: "\(base)/link", reason: "it is something else")) {
                try PrivateDirectory.open("\(base)/link")
            }
        }
    }

    @Test func `a file is replaced in one step and a lock excludes`() throws {
        try withTemporary { base in
            try PrivateFile.write([1, 2, 3], to: "\(base)/file")
            try PrivateFile.write([4], to: "\(base)/file")
            #expect(try PrivateFile.read("\(base)/file") == [4])
            #expect(PrivateDirectory.names(in: base) == ["file"])
            #expect(throws: ProcessError.self) { try PrivateFile.read("\(base)/file", limit: 0) }
            let lock = try PrivateFile.lock("\(base)/lock", wait: false)
            #expect(lock != nil)
            #expect(try PrivateFile.lock("\(base)/lock", wait: false) == nil)
            withExtendedLifetime(lock) {}
        }
    }

    private func withTemporary(_ body: (String) throws -> Void) throws {
        let base = try PrivateDirectory.makeTemporary(in: "/tmp", prefix: "sluice-test-")
        defer { PrivateDirectory.remove(base) }
        try body(base)
    }
}
