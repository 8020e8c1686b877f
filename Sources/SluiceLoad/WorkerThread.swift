import CLinux
import Glibc

/// A thread with a name, which `Foundation.Thread` would bring a whole library for.
struct WorkerThread {
    /// Room for the guest's own stack limit of the engine, its host calls, and ours.
    static let stackBytes = 16 * 1024 * 1024

    private let handle: pthread_t

    /// Starts at once. The name shows in `top -H` and in core dumps; the kernel keeps 15 bytes of it.
    init(name: String, _ body: @escaping @Sendable () -> Void) {
        let box = Unmanaged.passRetained(Box(name: name, body: body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, Self.stackBytes)
        var thread = pthread_t()
        let status = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                let box = Unmanaged<Box>.fromOpaque(argument).takeRetainedValue()
                _ = sluice_name_thread(String(box.name.prefix(15)))
                box.body()
                return nil
            }, box.toOpaque())
        pthread_attr_destroy(&attributes)
        precondition(status == 0, "pthread_create: \(String(cString: strerror(status)))")
        handle = thread
    }

    /// Waits for its end. Once.
    func join() { pthread_join(handle, nil) }

    private final class Box {
        let name: String
        let body: @Sendable () -> Void
        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}
