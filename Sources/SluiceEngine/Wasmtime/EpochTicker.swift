import CLinux
import CWasmtime
import Glibc

/// The thread that makes an engine's epochs pass: eight to a deadline, so that a call armed with nine of them ends
/// between the deadline and 9/8 of it, and with a late thread still before twice the deadline.
///
/// An epoch never lasts shorter than its nominal time, however late the one before it was: a call is not stopped early.
///
/// `@unchecked`: everything but `stopping` is constant after `init`, `stopping` is guarded by `lock`, and the library
/// allows any thread to increment an engine's epoch.
final class EpochTicker: @unchecked Sendable {
    /// Epochs that an outermost call may see begin. The first may begin at once.
    static let epochsPerDeadline: UInt64 = 9

    private let engine: OpaquePointer
    private let functions: UnsafePointer<sluice_wasmtime_t>
    private let intervalNanoseconds: Int64
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var stopping = false
    private var thread = pthread_t()

    init(
        engine: OpaquePointer, functions: UnsafePointer<sluice_wasmtime_t>, deadlineNanoseconds: Int64
    ) throws(EngineError) {
        precondition(deadlineNanoseconds > 0, "a deadline is above 0")
        self.engine = engine
        self.functions = functions
        intervalNanoseconds = max(1, deadlineNanoseconds / Int64(Self.epochsPerDeadline - 1))
        lock = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
        // The thread never outlives this object: `stop` joins it, and the owner calls `stop` before it lets go.
        let code = pthread_create(
            &thread, nil,
            { pointer in
                sluice_name_this_thread("sluice-epochs")
                Unmanaged<EpochTicker>.fromOpaque(pointer!).takeUnretainedValue().run()
                return nil
            }, Unmanaged.passUnretained(self).toOpaque())
        guard code == 0 else {
            freeLock()
            throw .system(call: "pthread_create", code: code)
        }
    }

    /// Returns when no further epoch will begin. Once only.
    func stop() {
        pthread_mutex_lock(lock)
        stopping = true
        pthread_cond_signal(condition)
        pthread_mutex_unlock(lock)
        pthread_join(thread, nil)
        freeLock()
    }

    private func freeLock() {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(lock)
        condition.deallocate()
        lock.deallocate()
    }

    private func run() {
        pthread_mutex_lock(lock)
        var next = sluice_monotonic_nanoseconds() + intervalNanoseconds
        while !stopping {
            var time = timespec(tv_sec: Int(next / 1_000_000_000), tv_nsec: Int(next % 1_000_000_000))
            pthread_cond_timedwait(condition, lock, &time)
            let now = sluice_monotonic_nanoseconds()
            guard !stopping, now >= next else { continue }
            functions.pointee.wasmtime_engine_increment_epoch(engine)
            next = now + intervalNanoseconds
        }
        pthread_mutex_unlock(lock)
    }
}
