import Glibc
import SluiceAgent
import SluiceModel
import SluiceProcess
import SluiceWire
import Synchronization
import Testing

@Suite struct ArtifactCacheTests {
    private let module = ContentHash(of: [1, 2, 3])

    @Test func `a module is compiled once for each engine key`() throws {
        try withCache { cache, _ in
            var compiled = 0
            for key in ["a", "b", "a", "a", "b"] {
                let path = try cache.artifact(module: module, engineKey: key) {
                    compiled += 1
                    return Array(key.utf8)
                }
                #expect(try ArtifactCache.read(path) == Array(key.utf8))
            }
            #expect(compiled == 2)
        }
    }

    @Test func `a damaged file is made again, and never loaded`() throws {
        try withCache { cache, _ in
            let path = try cache.artifact(module: module, engineKey: "a") { [5, 6, 7] }
            for damage in [[], [5, 6, 7], Array(repeating: 0x30, count: 70)] as [[UInt8]] {
                try PrivateFile.write(damage, to: path)
                #expect(throws: TrialFailure.self) { try ArtifactCache.read(path) }
                let again = try cache.artifact(module: module, engineKey: "a") { [5, 6, 7] }
                #expect(again == path)
                #expect(try ArtifactCache.read(path) == [5, 6, 7])
            }
        }
    }

    @Test func `a failed compilation leaves nothing`() throws {
        struct Failed: Error {}
        try withCache { cache, directory in
            #expect(throws: Failed.self) {
                try cache.artifact(module: module, engineKey: "a") { throw Failed() }
            }
            #expect(PrivateDirectory.names(in: directory).allSatisfy { $0.hasSuffix(".lock") })
            let path = try cache.artifact(module: module, engineKey: "a") { [1] }
            #expect(try ArtifactCache.read(path) == [1])
        }
    }

    @Test func `several at once compile once`() async throws {
        let directory = try PrivateDirectory.makeTemporary(in: "/tmp", prefix: "sluice-test-")
        defer { PrivateDirectory.remove(directory) }
        let compilations = Compilations()
        let module = module
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let cache = try ArtifactCache(directory: directory)
                    let path = try cache.artifact(module: module, engineKey: "a") {
                        compilations.count.withLock { $0 += 1 }
                        usleep(20_000)
                        return [9]
                    }
                    #expect(try ArtifactCache.read(path) == [9])
                }
            }
            try await group.waitForAll()
        }
        #expect(compilations.count.withLock { $0 } == 1)
    }

    @Test func `a cache that others can get at is refused`() throws {
        try withCache { _, directory in
            chmod(directory, 0o755)
            #expect(throws: ProcessError.self) { try ArtifactCache(directory: directory) }
        }
    }

    private func withCache(_ body: (ArtifactCache, String) throws -> Void) throws {
        let directory = try PrivateDirectory.makeTemporary(in: "/tmp", prefix: "sluice-test-")
        defer { PrivateDirectory.remove(directory) }
        try body(try ArtifactCache(directory: directory), directory)
    }
}

private final class Compilations: Sendable {
    let count = Mutex(0)
}
