import SluiceEngine
import SluiceModel

/// Shared data, shared queues and metrics.
extension HostCall {
    /// (key, size, ret value, ret size, ret cas)
    func getSharedData() -> ResultCode {
        guard let key = bytes(at: self[0], count: self[1]), isWritable(self[4], count: 4)
        else { return .invalidMemoryAccess }
        let found = vm.pointee.shared.data.value(namespace: vm.pointee.plugin.vmIDBytes, key: Array(key))
        guard let found else { return .notFound }
        let result = give(found.bytes, addressAt: self[2], sizeAt: self[3])
        return result == .ok ? store(found.cas, at: self[4]) : result
    }

    /// (key, size, value, size, cas)
    func setSharedData() -> ResultCode {
        guard let key = bytes(at: self[0], count: self[1]), let value = bytes(at: self[2], count: self[3])
        else { return .invalidMemoryAccess }
        let result = vm.pointee.shared.data.set(
            namespace: vm.pointee.plugin.vmIDBytes, key: Array(key), value: Array(value), cas: self[4])
        if result == .internalFailure { vm.pointee.tallies.events.sharedDataRefused += 1 }
        return result
    }

    /// (name, size, ret token)
    func registerSharedQueue() -> ResultCode {
        guard let name = bytes(at: self[0], count: self[1]), isWritable(self[2], count: 4)
        else { return .invalidMemoryAccess }
        let token = vm.pointee.shared.queues.register(
            namespace: vm.pointee.plugin.vmIDBytes, name: Array(name), mailbox: vm.pointee.mailbox,
            root: root?.pointee.id ?? 0)
        guard let token else {
            vm.pointee.tallies.events.queuesRefused += 1
            return .internalFailure
        }
        return store(token, at: self[2])
    }

    /// (vm id, size, name, size, ret token)
    func resolveSharedQueue() -> ResultCode {
        guard let vmID = bytes(at: self[0], count: self[1]), let name = bytes(at: self[2], count: self[3]),
            isWritable(self[4], count: 4)
        else { return .invalidMemoryAccess }
        let namespace = vmID.isEmpty ? vm.pointee.plugin.vmIDBytes : Array(vmID)
        guard let token = vm.pointee.shared.queues.resolve(namespace: namespace, name: Array(name))
        else { return .notFound }
        return store(token, at: self[4])
    }

    /// (token, bytes, size). A queue that is full is `InternalFailure`; Envoy's has no end.
    func enqueueSharedQueue() -> ResultCode {
        guard let message = bytes(at: self[1], count: self[2]) else { return .invalidMemoryAccess }
        let result = vm.pointee.shared.queues.enqueue(
            token: self[0], message: Array(message), nowNanoseconds: vm.pointee.clock.pointee.nowNanoseconds)
        if result == .internalFailure { vm.pointee.tallies.events.queueMessagesRefused += 1 }
        return result
    }

    /// (token, ret bytes, ret size). The message is gone from the queue even if the guest cannot take it.
    func dequeueSharedQueue() -> ResultCode {
        guard isWritable(self[1], count: 4), isWritable(self[2], count: 4) else { return .invalidMemoryAccess }
        switch vm.pointee.shared.queues.dequeue(token: self[0]) {
        case .unknown: return .notFound
        case .empty: return .empty
        case .message(let message): return give(message, addressAt: self[1], sizeAt: self[2])
        }
    }

    /// (type, name, size, ret id)
    func defineMetric() -> ResultCode {
        guard let name = bytes(at: self[1], count: self[2]), isWritable(self[3], count: 4)
        else { return .invalidMemoryAccess }
        guard let type = MetricType(rawValue: self[0]) else { return .badArgument }
        guard let cell = vm.pointee.shared.metrics.cell(type: type, name: Array(name)) else {
            vm.pointee.tallies.events.metricsRefused += 1
            return .internalFailure
        }
        return store(vm.pointee.metrics.identifier(of: cell, type: type), at: self[3])
    }

    /// (id, i64 offset)
    func incrementMetric() -> ResultCode {
        guard let metric = vm.pointee.metrics[self[0]] else { return .notFound }
        let offset = slots[1].i64
        switch metric.type {
        case .counter:
            guard offset > 0 else { return .badArgument }
            metric.cell.add(offset)
        case .gauge: metric.cell.add(offset)
        case .histogram: return .badArgument
        }
        return .ok
    }

    /// (id, i64 value): counters add it.
    func recordMetric() -> ResultCode {
        guard let metric = vm.pointee.metrics[self[0]] else { return .notFound }
        let value = slots[1].i64
        switch metric.type {
        case .counter: metric.cell.add(value)
        case .gauge: metric.cell.set(value)
        case .histogram: metric.cell.record(value)
        }
        return .ok
    }

    /// (id, ret u64)
    func getMetric() -> ResultCode {
        guard isWritable(self[1], count: 8) else { return .invalidMemoryAccess }
        guard let metric = vm.pointee.metrics[self[0]] else { return .notFound }
        guard metric.type != .histogram else { return .badArgument }
        return store(UInt64(bitPattern: metric.cell.value), at: self[1])
    }
}
