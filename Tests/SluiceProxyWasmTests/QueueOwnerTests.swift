import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// Queues whose last registrant is gone.
@Suite struct QueueOwnerTests {
    private static let owner = Guest { guest in
        guest.callback(
            "proxy_on_configure", 2, returns: 1,
            "(drop (call $proxy_register_shared_queue \(guest.text("q")) (i32.const 40)))")
        guest.callback("proxy_on_request_headers", 3, returns: 0, "(unreachable)")
    }

    /// Puts a message into the owner's queue and takes it out again; logs both results.
    private static let user = Guest { guest in
        let token = "(i32.load (i32.const 40))"
        guest.callback(
            "proxy_on_request_headers", 3, returns: 0,
            "(drop (call $proxy_resolve_shared_queue \(guest.text("vm")) \(guest.text("q")) (i32.const 40)))"
                + guest.logLetter("(call $proxy_enqueue_shared_queue \(token) \(guest.text("m")))")
                + guest.logLetter("(call $proxy_dequeue_shared_queue \(token) (i32.const 32) (i32.const 36))"))
    }

    enum End: CaseIterable { case trapped, thrownAway }

    @Test("take messages as before, and nobody hears of them", arguments: executing, End.allCases)
    func gone(engine: EngineName, end: End) throws {
        // 128 announcements would fit.
        let shared = SharedHostState(limits: GuestLimits(queueBytes: 4096))
        var owner: Host? = try Host(
            engine,
            [
                Host.Plugin(Self.owner) {
                    $0.vmID = "vm"
                    $0.policy = .open
                }
            ], shared: shared
        ).start()
        switch end {
        case .trapped: owner?.exchange()
        case .thrownAway: owner = nil
        }
        let host = try Host(engine, [Host.Plugin(Self.user)], shared: shared).start()
        for _ in 0..<300 { host.exchange() }
        // One line stands for those that the log has left out.
        #expect(Set(host.log().filter { $0.count == 1 }) == ["A"])
        #expect(host.drain().vmEvents.queueMessagesRefused == 0)
        #expect(owner?.chain.nextTimerNanoseconds == nil)
    }
}
