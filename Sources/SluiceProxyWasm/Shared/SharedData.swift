import SluiceModel
import Synchronization

/// Shared data: values with a compare-and-swap number, by (VM id, key).
final class SharedData: Sendable {
    struct Value {
        var bytes: [UInt8]
        /// Never 0, and never the same for two writes.
        var cas: UInt32
    }

    private struct Key: Hashable {
        var namespace: [UInt8]
        var key: [UInt8]
    }

    private struct State {
        var values: [Key: Value] = [:]
        var lastCAS: UInt32 = 0
        var byteCount = 0
    }

    private let state = Mutex(State())
    private let limits: GuestLimits

    init(_ limits: GuestLimits) { self.limits = limits }

    func value(namespace: [UInt8], key: [UInt8]) -> Value? {
        let key = Key(namespace: namespace, key: key)
        return state.withLock { $0.values[key] }
    }

    /// `cas` 0 writes in any case; another has to be that of the stored value, except that a key which does not exist
    /// takes any. `InternalFailure`: there is no room.
    func set(namespace: [UInt8], key: [UInt8], value: [UInt8], cas: UInt32) -> ResultCode {
        let key = Key(namespace: namespace, key: key)
        return state.withLock { state in
            let old = state.values[key]
            if cas != 0, let old, old.cas != cas { return .casMismatch }
            let name = key.namespace.count + key.key.count + GuestLimits.entryBytes
            let size = state.byteCount + value.count - (old?.bytes.count ?? -name)
            guard size <= limits.sharedDataBytes, old != nil || state.values.count < limits.sharedDataKeys
            else { return .internalFailure }
            state.byteCount = size
            state.lastCAS &+= 1
            if state.lastCAS == 0 { state.lastCAS = 1 }
            state.values[key] = Value(bytes: value, cas: state.lastCAS)
            return .ok
        }
    }
}
