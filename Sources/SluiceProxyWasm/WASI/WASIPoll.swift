import Glibc
import SluiceEngine

/// `poll_oneoff` of a host in which time passes.
///
/// https://github.com/WebAssembly/WASI/blob/snapshot-01/phases/snapshot/docs.md#subscription
struct WASIPoll {
    private static let subscriptionBytes: UInt32 = 48
    private static let eventBytes: UInt32 = 32
    private static let clockTag: UInt8 = 0
    private static let readTag: UInt8 = 1
    private static let absoluteTime: UInt8 = 1

    private let call: WASICall
    private let wallNanoseconds = SystemClock.wallNanoseconds()
    private let monotonicNanoseconds = SystemClock.monotonicNanoseconds()

    /// (subscriptions, ret events, count, ret count): waits until the first of them is ready, at most
    /// `HostLimits.pollNanoseconds`; a clock that is waited for longer is reported as due after that time.
    static func perform(_ call: WASICall) -> WASIErrno {
        let count = call[2]
        guard count > 0, count <= HostLimits.pollSubscriptions else { return .invalid }
        guard call.call.isWritable(call[0], count: count * subscriptionBytes),
            call.call.isWritable(call[1], count: count * eventBytes), call.call.isWritable(call[3], count: 4)
        else { return .fault }
        return WASIPoll(call: call).run(count)
    }

    private func run(_ count: UInt32) -> WASIErrno {
        let subscriptions = (0..<count).map { subscription($0) }
        let shortest = subscriptions.map(\.waitNanoseconds).min() ?? 0
        Self.sleep(nanoseconds: min(shortest, HostLimits.pollNanoseconds))
        let elapsed = SystemClock.monotonicNanoseconds() - monotonicNanoseconds
        var events: UInt32 = 0
        // What was due first counts as due even where the wait was cut short.
        for subscription in subscriptions where subscription.waitNanoseconds <= max(elapsed, shortest) {
            write(subscription, event: events)
            events += 1
        }
        return call.store(events, at: call[3]) ? .success : .fault
    }

    private struct Subscription {
        let userData: UInt64
        let tag: UInt8
        /// 0 for what is ready at once, errors included.
        var waitNanoseconds: UInt64 = 0
        var errno = WASIErrno.success
    }

    private func subscription(_ index: UInt32) -> Subscription {
        let address = call[0] + index * Self.subscriptionBytes
        func word(_ offset: UInt32) -> UInt32 { call.call.memory?.loadUInt32(at: address + offset) ?? 0 }
        func long(_ offset: UInt32) -> UInt64 { call.call.memory?.loadUInt64(at: address + offset) ?? 0 }
        var result = Subscription(userData: long(0), tag: UInt8(truncatingIfNeeded: word(8)))
        switch result.tag {
        case Self.clockTag:
            guard word(16) <= 1 else {
                result.errno = .notSupported
                break
            }
            let now = word(16) == 0 ? wallNanoseconds : monotonicNanoseconds
            let isAbsolute = UInt8(truncatingIfNeeded: word(40)) & Self.absoluteTime != 0
            let time = long(24)
            result.waitNanoseconds = isAbsolute ? (time > now ? time - now : 0) : time
        case Self.readTag: result.errno = word(16) == 0 ? .success : .badDescriptor
        default: result.errno = word(16) == 1 || word(16) == 2 ? .success : .badDescriptor
        }
        return result
    }

    private func write(_ subscription: Subscription, event index: UInt32) {
        let address = call[1] + index * Self.eventBytes
        guard let target = call.call.memory?.bytes(at: address, count: Self.eventBytes) else { return }
        target.initializeMemory(as: UInt8.self, repeating: 0)
        target.storeBytes(of: subscription.userData.littleEndian, as: UInt64.self)
        target.storeBytes(
            of: UInt16(subscription.errno.rawValue).littleEndian, toByteOffset: 8, as: UInt16.self)
        target[10] = subscription.tag
    }

    private static func sleep(nanoseconds: UInt64) {
        guard nanoseconds > 0 else { return }
        var time = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        var rest = timespec()
        while nanosleep(&time, &rest) != 0, errno == EINTR { time = rest }
    }
}
