import CLinux
import Glibc

/// Content that child processes read like a file, and of which nothing is left behind, however this process ends.
package final class MemoryFile: Sendable {
    private let descriptor: Descriptor

    /// Keeps the bytes as long as this object lives.
    package init(_ bytes: [UInt8]) throws(ProcessError) {
        let number = sluice_memory_file("sluice")
        guard number >= 0 else { throw .last("make a file in memory") }
        descriptor = Descriptor(owning: number)
        try descriptor.write(bytes)
    }

    /// Where processes of this user find it.
    package var path: String { "/proc/\(getpid())/fd/\(descriptor.number)" }
}
