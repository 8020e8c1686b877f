import Glibc
import SluiceCoordinator
import SluiceProcess
import Testing

@Suite struct RendezvousDirectoryTests {
    @Test func `what a coordinator that is gone has left is removed, and a living one's stays`() throws {
        try withTemporary { base in
            let living = try RendezvousDirectory.create(in: [base])
            let dead = "\(base)/sluice-run-dead00"
            try PrivateDirectory.open(dead)
            try PrivateFile.write([], to: "\(dead)/lock")
            try PrivateFile.write([1], to: "\(dead)/socket")
            let foreign = "\(base)/sluice-run-foreign"
            try PrivateDirectory.open(foreign)
            let next = try RendezvousDirectory.create(in: [base])
            let names = PrivateDirectory.names(in: base)
            #expect(names.contains { living.path.hasSuffix($0) })
            #expect(names.contains { next.path.hasSuffix($0) })
            #expect(!names.contains("sluice-run-dead00"))
            #expect(names.contains("sluice-run-foreign"), "a directory without a lock is not one of ours")
            next.remove()
            living.remove()
            #expect(PrivateDirectory.names(in: base) == ["sluice-run-foreign"])
        }
    }

    @Test func `a path that is too long or not writable is passed over, and named when none is left`() throws {
        try withTemporary { base in
            let long = "\(base)/\(String(repeating: "long", count: 25))"
            try PrivateDirectory.open(long)
            let directory = try RendezvousDirectory.create(in: [long, "/no/such/place", base])
            #expect(directory.socketPath.utf8.count <= 100)
            #expect(directory.path.hasPrefix("\(base)/sluice-run-"))
            directory.remove()
            let error = #expect(throws: ClusterError.self) {
                _ = try RendezvousDirectory.create(in: [long, "/no/such/place"])
            }
            let text = error?.description ?? ""
            #expect(
                text.contains("set TMPDIR") && text.contains("over 100") && text.contains("No such file"), "\(text)")
        }
    }

    @Test func `the directory is for this user alone`() throws {
        try withTemporary { base in
            let directory = try RendezvousDirectory.create(in: [base])
            defer { directory.remove() }
            var information = stat()
            #expect(lstat(directory.path, &information) == 0)
            #expect(information.st_mode & 0o777 == 0o700)
        }
    }

    private func withTemporary(_ body: (String) throws -> Void) throws {
        let base = try PrivateDirectory.makeTemporary(in: "/tmp", prefix: "sluice-test-")
        defer { PrivateDirectory.remove(base) }
        try body(base)
    }
}
