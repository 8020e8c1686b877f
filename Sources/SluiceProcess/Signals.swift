import CLinux
import Glibc

/// The signals that a process wants to know about.
package enum Signals {
    /// A write to a pipe whose reader has died becomes an error instead of the end of this process.
    package static func ignoreBrokenPipes() { _ = sluice_ignore_signal(SIGPIPE) }

    /// Has the kernel kill this process when its parent dies, however that happens.
    ///
    /// A parent that died before this call is noticed by other means: the end of the pipe or stream to it.
    package static func dieWithParent() { _ = sluice_set_parent_death_signal(SIGKILL) }

    /// Calls `handler` on a thread of its own for each of the signals, which lose their usual effect.
    /// Once in a process.
    package static func watch(
        _ signals: [Int32], _ handler: @escaping @Sendable (_ signal: Int32) -> Void
    ) throws(ProcessError) {
        let (reading, writing) = try Descriptor.pipe()
        guard fcntl(writing.number, F_SETFL, O_NONBLOCK) == 0 else { throw .last("watch signals") }
        try OperatingSystemThread.start(name: "signals") {
            // The writing end belongs to the handlers from now on, so it stays open as long as this thread.
            withExtendedLifetime(writing) {
                while let bytes = try? reading.read(maximum: 16), !bytes.isEmpty {
                    for byte in bytes { handler(Int32(byte)) }
                }
            }
        }
        for signal in signals {
            guard sluice_forward_signal(signal, writing.number) == 0 else { throw .last("watch signals") }
        }
    }
}
