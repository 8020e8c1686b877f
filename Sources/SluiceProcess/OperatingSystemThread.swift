import CLinux
import Glibc

/// A thread of its own for work that waits in the kernel or spins, where a task would block the pool of all tasks.
package struct OperatingSystemThread: Sendable {
    private let handle: pthread_t

    private final class Body {
        let name: String
        let run: @Sendable () -> Void
        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// Starts a thread that nobody waits for.
    ///
    /// - Parameter name: shows in `top -H` and in core dumps; at most 15 bytes are kept.
    package static func start(name: String, _ run: @escaping @Sendable () -> Void) throws(ProcessError) {
        pthread_detach(try OperatingSystemThread(name: name, run).handle)
    }

    /// Starts a thread whose end `join` waits for.
    ///
    /// - Parameters:
    ///   - name: at most 15 bytes are kept.
    ///   - stackBytes: `nil` for the system's own size.
    package init(
        name: String, stackBytes: Int? = nil, _ run: @escaping @Sendable () -> Void
    ) throws(ProcessError) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        if let stackBytes { pthread_attr_setstacksize(&attributes, stackBytes) }
        let context = Unmanaged.passRetained(Body(name: String(name.prefix(15)), run: run))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, &attributes,
            { pointer in
                guard let pointer else { return nil }
                let body = Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue()
                _ = sluice_name_thread(body.name)
                body.run()
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            context.release()
            throw .system(attempt: "start a thread", code: code)
        }
        handle = thread
    }

    /// Returns when the thread has ended. Once.
    package func join() { pthread_join(handle, nil) }
}
