import Glibc
import SluiceEngine

/// Logs, time, timers, status, contexts.
extension HostCall {
    /// (level, text, size)
    func log() -> ResultCode {
        guard let level = LogLevel(rawValue: self[0]) else { return .badArgument }
        guard let text = bytes(at: self[1], count: self[2]) else { return .invalidMemoryAccess }
        if level.rawValue >= LogLevel.reported.rawValue { vm.pointee.log.append(record: text) }
        return .ok
    }

    /// (ret level)
    func getLogLevel() -> ResultCode { store(LogLevel.reported.rawValue, at: self[0]) }

    /// (ret u64)
    func getCurrentTime() -> ResultCode { store(SystemClock.wallNanoseconds(), at: self[0]) }

    /// (milliseconds)
    func setTickPeriod() -> ResultCode {
        vm.pointee.tickPeriodNanoseconds = Int64(self[0]) * 1_000_000
        vm.pointee.nextTickNanoseconds = vm.pointee.clock.pointee.nowNanoseconds + vm.pointee.tickPeriodNanoseconds
        return .ok
    }

    /// (ret code, ret text, ret size). No call-out has failed as long as none can be started.
    func getStatus() -> ResultCode {
        guard isWritable(self[0], count: 4) else { return .invalidMemoryAccess }
        let result = give(UnsafeRawBufferPointer(start: nil, count: 0), addressAt: self[1], sizeAt: self[2])
        return result == .ok ? store(UInt32(0), at: self[0]) : result
    }

    /// (ret bytes, ret size)
    func getConfiguration() -> ResultCode {
        let plugin = vm.pointee.plugin
        let bytes = vm.pointee.isConfiguring ? plugin.pluginConfiguration : plugin.vmConfiguration
        return give(bytes, addressAt: self[0], sizeAt: self[1])
    }

    /// (context)
    func setEffectiveContext() -> ResultCode {
        let id = self[0]
        if id == 0 || id == vm.pointee.rootID {
            vm.pointee.active = ContextReference(id: id, stream: nil, filter: 0)
            return .ok
        }
        guard let context = vm.pointee.contexts[id] else { return .badArgument }
        vm.pointee.active = context
        return .ok
    }

    /// ()
    func done() -> ResultCode {
        guard vm.pointee.isDonePending, !vm.pointee.isDone else { return .notFound }
        vm.pointee.isDone = true
        return .ok
    }
}

extension LogLevel {
    /// Envoy's default: lower levels are not written.
    static let reported = LogLevel.info
}

/// Clocks that guests read.
enum SystemClock {
    static func wallNanoseconds() -> UInt64 { read(CLOCK_REALTIME) }
    static func monotonicNanoseconds() -> UInt64 { read(CLOCK_MONOTONIC) }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
