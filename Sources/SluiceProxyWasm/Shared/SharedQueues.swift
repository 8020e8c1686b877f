import SluiceModel
import Synchronization

/// Shared queues: messages by token, tokens by (VM id, name).
final class SharedQueues: Sendable {
    enum Dequeued {
        case unknown
        case empty
        case message([UInt8])
    }

    private struct Key: Hashable {
        var namespace: [UInt8]
        var name: [UInt8]
    }

    private struct Queue {
        var messages: [[UInt8]] = []
        /// Messages before this index are gone.
        var first = 0
        /// Of the last VM that registered, and its root context.
        var mailbox: QueueMailbox
        var root: UInt32
    }

    private struct State {
        var tokens: [Key: UInt32] = [:]
        /// Token t is element t - 1.
        var queues: [Queue] = []
        var byteCount = 0
    }

    private let state = Mutex(State())
    private let limits: GuestLimits

    init(_ limits: GuestLimits) { self.limits = limits }

    /// Creates the queue, or opens it again with what is in it; either way its messages are announced to `mailbox` from
    /// now on. `nil` when there are too many queues.
    func register(namespace: [UInt8], name: [UInt8], mailbox: QueueMailbox, root: UInt32) -> UInt32? {
        let key = Key(namespace: namespace, name: name)
        return state.withLock { state in
            if let token = state.tokens[key] {
                state.queues[Int(token) - 1].mailbox = mailbox
                state.queues[Int(token) - 1].root = root
                return token
            }
            let cost = namespace.count + name.count + GuestLimits.entryBytes
            guard state.queues.count < limits.queues, state.byteCount + cost <= limits.queueBytes else { return nil }
            state.byteCount += cost
            state.queues.append(Queue(mailbox: mailbox, root: root))
            let token = UInt32(state.queues.count)
            state.tokens[key] = token
            return token
        }
    }

    func resolve(namespace: [UInt8], name: [UInt8]) -> UInt32? {
        let key = Key(namespace: namespace, name: name)
        return state.withLock { $0.tokens[key] }
    }

    /// `nowNanoseconds`: CLOCK_MONOTONIC, when the message counts as sent.
    func enqueue(token: UInt32, message: [UInt8], nowNanoseconds: Int64) -> ResultCode {
        state.withLock { state in
            guard token > 0, Int(token) <= state.queues.count else { return .notFound }
            // Every message counts a little more than its bytes, so that empty ones are bounded as well.
            let cost = message.count + GuestLimits.entryBytes
            let index = Int(token) - 1
            let waiting = state.queues[index].messages.count - state.queues[index].first
            guard state.byteCount + cost <= limits.queueBytes, waiting < limits.queueMessages
            else { return .internalFailure }
            // A message that is gone again is still announced: who puts in and takes out meets this bound.
            let announcement = QueueMailbox.Announcement(
                root: state.queues[index].root, token: token, postedNanoseconds: nowNanoseconds)
            let mostAnnouncements = limits.queueBytes / GuestLimits.entryBytes
            guard state.queues[index].mailbox.post(announcement, atMost: mostAnnouncements)
            else { return .internalFailure }
            state.byteCount += cost
            state.queues[index].messages.append(message)
            return .ok
        }
    }

    func dequeue(token: UInt32) -> Dequeued {
        state.withLock { state in
            guard token > 0, Int(token) <= state.queues.count else { return .unknown }
            let index = Int(token) - 1
            guard state.queues[index].first < state.queues[index].messages.count else { return .empty }
            let message = state.queues[index].messages[state.queues[index].first]
            state.queues[index].messages[state.queues[index].first] = []
            state.queues[index].first += 1
            state.byteCount -= message.count + GuestLimits.entryBytes
            if 2 * state.queues[index].first > state.queues[index].messages.count {
                state.queues[index].messages.removeFirst(state.queues[index].first)
                state.queues[index].first = 0
            }
            return .message(message)
        }
    }
}
