import Glibc

/// A POSIX semaphore, for threads that must not run Swift's concurrency.
final class Semaphore: @unchecked Sendable {
    // Guarded by the kernel: sem_t is made to be shared, and its address never changes.
    private let handle: UnsafeMutablePointer<sem_t>

    init() {
        handle = .allocate(capacity: 1)
        handle.initialize(to: sem_t())
        sem_init(handle, 0, 0)
    }

    deinit {
        sem_destroy(handle)
        handle.deallocate()
    }

    func signal() { sem_post(handle) }

    func wait() { while sem_wait(handle) != 0 && errno == EINTR {} }
}
