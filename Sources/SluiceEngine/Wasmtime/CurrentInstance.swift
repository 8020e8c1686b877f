import Glibc

/// The instance that this thread is making or calling: the library's memory creator is not told which store it creates
/// for.
enum CurrentInstance {
    static func get() -> UnsafeMutablePointer<InstanceState>? {
        pthread_getspecific(key)?.assumingMemoryBound(to: InstanceState.self)
    }

    /// Returns the one before, to be set again afterwards.
    static func set(_ state: UnsafeMutablePointer<InstanceState>?) -> UnsafeMutablePointer<InstanceState>? {
        let earlier = get()
        pthread_setspecific(key, state)
        return earlier
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let code = pthread_key_create(&key, nil)
        precondition(code == 0, "a process has room for 1024 thread-specific keys")
        return key
    }()
}
