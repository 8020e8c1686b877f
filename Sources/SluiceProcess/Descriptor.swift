import CLinux
import Glibc

/// An open file descriptor that is closed when the last reference to it goes.
package final class Descriptor: Sendable {
    /// For system calls; valid as long as this object.
    package let number: Int32

    /// Takes over an open descriptor.
    package init(owning number: Int32) { self.number = number }

    deinit { close(number) }

    /// Both ends of a new pipe; no process that is started inherits them unasked.
    ///
    /// Their numbers are 10 or more, so that handing them to a child under a low number cannot overwrite another one.
    package static func pipe() throws(ProcessError) -> (reading: Descriptor, writing: Descriptor) {
        var ends: [Int32] = [-1, -1]
        guard sluice_pipe2(&ends, O_CLOEXEC) == 0 else { throw .last("pipe") }
        defer { for end in ends { close(end) } }
        let reading = fcntl(ends[0], F_DUPFD_CLOEXEC, 10)
        guard reading >= 0 else { throw .last("pipe") }
        let owned = Descriptor(owning: reading)
        let writing = fcntl(ends[1], F_DUPFD_CLOEXEC, 10)
        guard writing >= 0 else { throw .last("pipe") }
        return (owned, Descriptor(owning: writing))
    }

    /// Writes all of the bytes, waiting where it has to.
    package func write(_ bytes: [UInt8]) throws(ProcessError) {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(number, $0.baseAddress! + offset, bytes.count - offset) }
            if count < 0 {
                if errno == EINTR { continue }
                throw .last("write")
            }
            offset += count
        }
    }

    /// Up to `maximum` bytes, waiting for the first of them; empty at the end.
    package func read(maximum: Int) throws(ProcessError) -> [UInt8] {
        while true {
            var code: Int32 = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: maximum) { buffer, initialised in
                let count = Glibc.read(number, buffer.baseAddress, maximum)
                code = count < 0 ? errno : 0
                initialised = max(0, count)
            }
            if code == 0 { return bytes }
            if code != EINTR { throw .system(attempt: "read", code: code) }
        }
    }

    /// Everything up to the end, or the first `limit` bytes.
    package func readToEnd(limit: Int) throws(ProcessError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < limit {
            let more = try read(maximum: min(65_536, limit - bytes.count))
            if more.isEmpty { break }
            bytes.append(contentsOf: more)
        }
        return bytes
    }
}
