import CWasmtime
import Glibc

/// How a host function ends the guest call that it was called from.
package enum HostTrap {
    /// Keeps the message for the trap and returns what the callback has to return at once.
    package static func raise(_ message: String) -> Int32 {
        if let earlier = pthread_getspecific(key) { free(earlier) }
        pthread_setspecific(key, strdup(message))
        return 1
    }

    /// The trap that the callback just raised on this thread, as the library wants it.
    static func make(_ functions: UnsafePointer<sluice_wasmtime_t>) -> OpaquePointer? {
        guard let message = pthread_getspecific(key)?.assumingMemoryBound(to: CChar.self) else {
            let unexplained = "a host function failed"
            return functions.pointee.wasmtime_trap_new(unexplained, unexplained.utf8.count)
        }
        pthread_setspecific(key, nil)
        defer { free(message) }
        return functions.pointee.wasmtime_trap_new(message, strlen(message))
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let code = pthread_key_create(&key) { free($0) }
        precondition(code == 0, "a process has room for 1024 thread-specific keys")
        return key
    }()
}
