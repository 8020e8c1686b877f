import SluiceEngine

/// Logs, time, timers, status, contexts.
extension HostCall {
    /// (level, text, size)
    func log() -> ResultCode {
        guard let level = LogLevel(rawValue: self[0]) else { return .badArgument }
        guard let text = bytes(at: self[1], count: self[2]) else { return .invalidMemoryAccess }
        guard level.rawValue >= LogLevel.reported.rawValue else { return .ok }
        vm.pointee.log.append(record: text)
        vm.pointee.services.logObserver?.observe(text)
        return .ok
    }

    /// (ret level)
    func getLogLevel() -> ResultCode { store(LogLevel.reported.rawValue, at: self[0]) }

    /// (ret u64)
    func getCurrentTime() -> ResultCode { store(SystemClock.wallNanoseconds(), at: self[0]) }

    /// (milliseconds)
    func setTickPeriod() -> ResultCode {
        guard let root else { return .ok }
        let period = Int64(self[0]) * 1_000_000
        root.pointee.tickPeriodNanoseconds = period
        root.pointee.nextTickNanoseconds = vm.pointee.clock.pointee.nowNanoseconds + period
        vm.pointee.hasTicks = vm.pointee.roots.contains { $0.pointee.tickPeriodNanoseconds > 0 }
        return .ok
    }

    /// (ret code, ret text, ret size)
    func getStatus() -> ResultCode {
        guard isWritable(self[0], count: 4) else { return .invalidMemoryAccess }
        let code = root?.pointee.statusCode ?? 0
        let result = give(root?.pointee.statusMessage ?? [], addressAt: self[1], sizeAt: self[2])
        return result == .ok ? store(code, at: self[0]) : result
    }

    /// (ret bytes, ret size)
    func getConfiguration() -> ResultCode {
        guard let root, root.pointee.isConfiguring else {
            return give(vm.pointee.plugin.vmConfiguration, addressAt: self[0], sizeAt: self[1])
        }
        return give(root.pointee.plugin.pluginConfiguration, addressAt: self[0], sizeAt: self[1])
    }

    /// (context)
    func setEffectiveContext() -> ResultCode {
        let id = self[0]
        if id == 0 || vm.pointee.root(id) != nil {
            vm.pointee.active = ContextReference(id: id, stream: nil, filter: 0)
            return .ok
        }
        guard let context = vm.pointee.contexts[id] else { return .badArgument }
        vm.pointee.active = context
        return .ok
    }

    /// ()
    func done() -> ResultCode {
        guard let root, root.pointee.isDonePending, !root.pointee.isDone else { return .notFound }
        root.pointee.isDone = true
        return .ok
    }
}

extension LogLevel {
    /// Envoy's default: lower levels are not written.
    static let reported = LogLevel.info
}
