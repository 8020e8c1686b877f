import CLinux
import Glibc

/// A thread of its own for work that waits in the kernel, where a task would block the pool of all tasks.
package enum OperatingSystemThread {
    private final class Body {
        let name: String
        let run: @Sendable () -> Void
        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// - Parameter name: at most 15 bytes are kept.
    package static func start(name: String, _ run: @escaping @Sendable () -> Void) throws(ProcessError) {
        let context = Unmanaged.passRetained(Body(name: name, run: run))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { pointer in
                let body = Unmanaged<Body>.fromOpaque(pointer!).takeRetainedValue()
                _ = sluice_name_thread(body.name)
                body.run()
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            context.release()
            throw .system(attempt: "start a thread", code: code)
        }
        pthread_detach(thread)
    }
}
