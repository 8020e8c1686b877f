import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// The limits that a workload sets on what plugins make the host keep.
@Suite struct LimitTests {
    private func host(_ guest: Guest, limits: GuestLimits) throws -> Host {
        try Host(
            .cranelift, [Host.Plugin(guest)], shared: SharedHostState(limits: limits),
            services: HostServices(limits: limits)
        ).start()
    }

    /// Fifty lines, and then what `body` says.
    private static func chatter(_ body: (inout GuestWriter) -> String) -> Guest {
        Guest { guest in
            let line = guest.log("line")
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                """
                (local $n i32)
                (loop $again
                  \(line)
                  (local.set $n (i32.add (local.get $n) (i32.const 1)))
                  (br_if $again (i32.lt_u (local.get $n) (i32.const 50))))
                \(body(&guest))
                """)
        }
    }

    @Test("lines above the rate are dropped and counted, once")
    func rate() throws {
        let host = try host(Self.chatter { $0.log("last") }, limits: GuestLimits(logLinesPerSecond: 10))
        host.exchange()
        #expect(host.log() == Array(repeating: "line", count: 10) + ["… 41 lines above the log rate dropped …"])
        #expect(host.drain().vmEvents.logLinesSuppressed == 41)
        #expect(host.drain().vmEvents.logLinesSuppressed == 0)
    }

    @Test("at the rate nothing is dropped")
    func atRate() throws {
        let host = try host(Self.chatter { $0.log("last") }, limits: GuestLimits(logLinesPerSecond: 51))
        host.exchange()
        #expect(host.log().last == "last")
        #expect(host.drain().vmEvents.logLinesSuppressed == 0)
    }

    @Test("the announcement of an end is kept above the rate, with what follows it")
    func announcement() throws {
        let guest = Self.chatter { $0.log("panic: no more") + $0.log("goroutine 1") + "unreachable" }
        let host = try host(guest, limits: GuestLimits(logLinesPerSecond: 5))
        host.exchange()
        let observations = host.drain()
        let lines = try #require(observations.failures.first).lastLogLines
        #expect(
            lines.suffix(3) == ["panic: no more", "goroutine 1", "… 45 lines above the log rate dropped …"])
        #expect(observations.vmEvents.logLinesSuppressed == 45)
    }

    @Test("pieces of one dropped line are dropped together")
    func pieces() throws {
        let guest = Self.chatter { guest in
            let (first, second) = (guest.place("pan"), guest.place("ic: x\nnext\n"))
            return [first, second].map { piece in
                "(i32.store (i32.const 100) (i32.const \(piece.address)))"
                    + "(i32.store (i32.const 104) (i32.const \(piece.size)))"
                    + "(drop (call $fd_write (i32.const 2) (i32.const 100) (i32.const 1) (i32.const 40)))"
            }.joined()
        }
        let host = try host(guest, limits: GuestLimits(logLinesPerSecond: 50))
        host.exchange()
        #expect(host.log().last == "… 2 lines above the log rate dropped …")
        #expect(host.drain().vmEvents.logLinesSuppressed == 2)
    }

    /// Three messages of 100 bytes, then one is taken out and another one put in.
    private static let queueing = Guest { guest in
        let name = guest.text("queue")
        let put = guest.logLetter(
            "(call $proxy_enqueue_shared_queue (i32.load (i32.const 40)) (i32.const 1024) (i32.const 100))")
        guest.callback(
            "proxy_on_request_headers", 3, returns: 0,
            "(drop (call $proxy_register_shared_queue \(name) (i32.const 40)))" + put + put + put
                + guest.logLetter(
                    "(call $proxy_dequeue_shared_queue (i32.load (i32.const 40)) (i32.const 32) (i32.const 36))")
                + put)
    }

    @Test(
        "a full queue refuses with InternalFailure, and takes messages again once there is room",
        arguments: [
            (GuestLimits(queueMessages: 2), "AAKAA", 1),
            // The queue's name counts as well.
            (GuestLimits(queueBytes: 264 + 37), "AAKAA", 1), (GuestLimits(queueBytes: 263 + 37), "AKKAA", 2),
            (GuestLimits(), "AAAAA", 0),
        ])
    func queue(limits: GuestLimits, letters: String, refused: Int) throws {
        let host = try host(Self.queueing, limits: limits)
        host.exchange()
        #expect(host.letters == letters)
        #expect(host.drain().vmEvents.queueMessagesRefused == refused)
    }

    @Test("the ledger says through which export the host asked", arguments: AllocatorExport.allCases)
    func ledger(export: AllocatorExport) throws {
        let allocator = Guest.malloc.replacing("\"malloc\"", with: "\"\(export.rawValue)\"")
        let guest = Guest(allocator: allocator) { guest in
            guest.callback("proxy_on_request_headers", 3, returns: 0, "(drop \(guest.get(0, ":path")))")
        }
        let host = try Host(.cranelift, guest).start()
        host.exchange()
        let heap = host.drain().heap
        #expect(heap.hostAllocatedBytes == 9 && heap.hostAllocations == 1)
        let isOther = export == .proxyOnMemoryAllocate
        #expect(heap.memoryAllocateBytes == (isOther ? 9 : 0) && heap.memoryAllocateCalls == (isOther ? 1 : 0))
        #expect(host.drain().heap.memoryAllocateBytes == 0)
    }
}
