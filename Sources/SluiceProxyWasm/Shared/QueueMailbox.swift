import SluiceModel
import Synchronization

/// Announcements of queued messages for one VM; filled by any thread, emptied by the VM's own.
final class QueueMailbox: Sendable {
    /// A message has come for a root context of the VM.
    struct Announcement: Sendable {
        var root: UInt32
        var token: UInt32
        /// CLOCK_MONOTONIC: since when the VM could have been told.
        var postedNanoseconds: Int64
    }

    private struct State {
        var announcements: [Announcement] = []
        /// Of all that are waiting: threads post in an order of their own.
        var oldestNanoseconds = Int64.max
        /// The VM is gone.
        var isClosed = false
    }

    private let waiting = Atomic<Int>(0)
    private let state = Mutex(State())

    var isEmpty: Bool { waiting.load(ordering: .acquiring) == 0 }

    /// When the oldest announcement was posted; `nil` without any.
    var oldestNanoseconds: Int64? {
        guard !isEmpty else { return nil }
        return state.withLock { $0.announcements.isEmpty ? nil : $0.oldestNanoseconds }
    }

    /// `false`, and nothing is posted, when `atMost` are waiting already. For a VM that is gone nothing is posted
    /// either, which is no failure: as in Envoy, the message is in its queue and nobody hears of it.
    func post(_ announcement: Announcement, atMost: Int) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return true }
            guard state.announcements.count < atMost else { return false }
            state.announcements.append(announcement)
            state.oldestNanoseconds = min(state.oldestNanoseconds, announcement.postedNanoseconds)
            waiting.add(1, ordering: .releasing)
            return true
        }
    }

    /// The VM is gone: what waits is dropped, and what comes.
    func close() {
        state.withLock { state in
            state.isClosed = true
            waiting.subtract(state.announcements.count, ordering: .acquiringAndReleasing)
            state.announcements = []
            state.oldestNanoseconds = .max
        }
    }

    /// Everything posted so far, oldest first.
    func takeAll() -> [Announcement] {
        let taken = state.withLock { state in
            let taken = state.announcements
            state.announcements.removeAll(keepingCapacity: true)
            state.oldestNanoseconds = .max
            return taken
        }
        waiting.subtract(taken.count, ordering: .acquiringAndReleasing)
        return taken
    }
}
