import SluiceModel

/// What the host asked the guest to allocate through one export.
package struct HostAllocations: Sendable, Codable, Equatable {
    /// `malloc` or `proxy_on_memory_allocate`.
    package var export: String
    /// The sizes of all calls together.
    package var bytes: Int
    /// How often it asked.
    package var calls: Int
}

/// The sums of both exports over many batches.
struct HostAllocationLedger {
    private(set) var bytes = 0
    private(set) var calls = 0
    /// Those through `proxy_on_memory_allocate`; `nil` once there was a batch of which it is not known.
    private var shared: (bytes: Int, calls: Int)? = (0, 0)

    mutating func add(_ heap: HeapSample) {
        bytes += heap.hostAllocatedBytes
        calls += heap.hostAllocations
        guard heap.hostAllocations > 0 else { return }
        if let shared, let bytes = heap.memoryAllocateBytes, let calls = heap.memoryAllocateCalls {
            self.shared = (shared.bytes + bytes, shared.calls + calls)
        } else {
            shared = nil
        }
    }

    static func += (left: inout HostAllocationLedger, right: HostAllocationLedger) {
        left.bytes += right.bytes
        left.calls += right.calls
        if let old = left.shared, let new = right.shared {
            left.shared = (old.bytes + new.bytes, old.calls + new.calls)
        } else {
            left.shared = nil
        }
    }

    /// One for each export that was called, `malloc` first; `nil` when it is not known.
    var exports: [HostAllocations]? {
        guard let shared else { return nil }
        return [
            HostAllocations(export: "malloc", bytes: bytes - shared.bytes, calls: calls - shared.calls),
            HostAllocations(export: "proxy_on_memory_allocate", bytes: shared.bytes, calls: shared.calls),
        ].filter { $0.calls > 0 }
    }
}
