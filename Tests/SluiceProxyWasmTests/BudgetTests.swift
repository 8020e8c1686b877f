import SluiceModel
import SluiceProxyWasm
import Testing

/// What plugins can make the host keep ends at limits of count and of bytes: refused with `InternalFailure`, which is
/// the letter K, counted, and possible again once there is room.
@Suite struct BudgetTests {
    private func host(_ guest: Guest, _ limits: GuestLimits) throws -> Host {
        try Host(
            .cranelift, [Host.Plugin(guest)], shared: SharedHostState(limits: limits),
            services: HostServices(clusters: ["cluster"], limits: limits)
        ).start()
    }

    /// A guest that logs the result of each call, for each request.
    private func guest(_ calls: (inout GuestWriter) -> [String]) -> Guest {
        Guest { guest in
            let body = calls(&guest).map { guest.logLetter($0) }.joined()
            guest.callback("proxy_on_request_headers", 3, returns: 0, body)
        }
    }

    private func letters(_ host: Host, _ count: Int) -> String { host.log().suffix(count).joined() }

    // MARK: Of an agent

    @Test(
        "metrics are bounded by their number and their names' bytes",
        arguments: [GuestLimits(metrics: 2), GuestLimits(metricBytes: 2 * 33)])
    func metrics(limits: GuestLimits) throws {
        let host = try host(
            guest { guest in
                ["a", "b", "c", "a"].map { name in
                    "(call $proxy_define_metric (i32.const 0) \(guest.text(name)) (i32.const 40))"
                }
            }, limits)
        host.exchange()
        #expect(host.letters == "AAKA")
        #expect(host.drain().vmEvents.metricsRefused == 1)
    }

    @Test(
        "shared data is bounded by its keys and its bytes",
        arguments: [GuestLimits(sharedDataKeys: 1), GuestLimits(sharedDataBytes: 1 + 32 + 5)])
    func sharedData(limits: GuestLimits) throws {
        let host = try host(
            guest { guest in
                [("a", "12345"), ("b", ""), ("a", "1"), ("a", "54321")].map { key, value in
                    "(call $proxy_set_shared_data \(guest.text(key)) \(guest.text(value)) (i32.const 0))"
                }
            }, limits)
        host.exchange()
        #expect(host.letters == "AKAA")
        #expect(host.drain().vmEvents.sharedDataRefused == 1)
    }

    @Test(
        "shared queues are bounded by their number and their names' bytes",
        arguments: [GuestLimits(queues: 1), GuestLimits(queueBytes: 2 * 33 - 1)])
    func queues(limits: GuestLimits) throws {
        let host = try host(
            guest { guest in
                ["a", "b", "a"].map { "(call $proxy_register_shared_queue \(guest.text($0)) (i32.const 40))" }
            }, limits)
        host.exchange()
        #expect(host.letters == "AKA")
        #expect(host.drain().vmEvents.queuesRefused == 1)
    }

    @Test("announcements of messages that are gone again are bounded")
    func announcements() throws {
        let host = try host(
            Guest { guest in
                guest.callback(
                    "proxy_on_vm_start", 2, returns: 1,
                    "(drop (call $proxy_register_shared_queue \(guest.text("q")) (i32.const 40)))")
                let put = guest.logLetter(
                    "(call $proxy_enqueue_shared_queue (i32.load (i32.const 40)) (i32.const 0) (i32.const 0))")
                let take =
                    "(drop (call $proxy_dequeue_shared_queue (i32.load (i32.const 40)) (i32.const 32) (i32.const 36)))"
                guest.callback(
                    "proxy_on_request_headers", 3, returns: 0, String(repeating: put + take, count: 4))
            }, GuestLimits(queueBytes: 3 * 32))
        host.exchange()
        #expect(host.letters == "AAAK")
        #expect(host.drain().vmEvents.queueMessagesRefused == 1)
        host.runTimers()
        host.exchange()
        #expect(letters(host, 4) == "AAAK")
    }

    // MARK: Of a worker

    @Test(
        "call-outs under way are bounded by their number, their bytes and what waits for the target",
        arguments: [GuestLimits(callOuts: 1), GuestLimits(callOutBytes: 1200), GuestLimits(callOutMessages: 1)])
    func callOuts(limits: GuestLimits) throws {
        let host = try host(
            guest { guest in
                let call = guest.httpCall("cluster", body: String(repeating: "b", count: 100))
                return [call, call]
            }, limits)
        for _ in 0..<3 {
            host.exchange()
            #expect(letters(host, 2) == "AK")
            let requests = host.callOuts()
            #expect(requests.count == 1)
            host.answer(requests[0].callOut)
        }
        let events = host.drain().vmEvents
        #expect(events.callOutsRefused == 3 && events.callOuts == 3 && events.callOutsAnswered == 3)
    }

    @Test("answers that wait with the target count")
    func waitingAnswers() throws {
        let host = try host(guest { [$0.httpCall("cluster")] }, GuestLimits(callOutMessages: 2))
        host.chain.waitingAnswers = 2
        host.exchange()
        host.chain.waitingAnswers = 1
        host.exchange()
        #expect(host.letters == "KA")
    }

    @Test(
        "messages of gRPC streams are bounded by their number and their bytes",
        arguments: [GuestLimits(callOutMessages: 3), GuestLimits(callOutBytes: 512 + 20)])
    func messages(limits: GuestLimits) throws {
        let host = try host(
            guest { guest in
                let sizes = limits.callOutMessages == 3 ? [1, 1, 1] : [10, 20, 21]
                return [guest.grpcStream("cluster")]
                    + sizes.map { size in
                        "(call $proxy_grpc_send (i32.load (i32.const 40)) (i32.const 0) "
                            + "(i32.const \(size)) (i32.const 0))"
                    }
            }, limits)
        host.exchange()
        #expect(host.letters == "AAAK")
        #expect(host.drain().vmEvents.callOutsRefused == 1)
    }

    /// Each adds 40 bytes to its stream.
    static let changes: [String: String] = [
        "header": "(call $proxy_add_header_map_value (i32.const 0) (i32.const 64) (i32.const 10) (i32.const 64) "
            + "(i32.const 30))",
        "replaced header": "(call $proxy_replace_header_map_value (i32.const 0) (i32.const 64) (i32.const 10) "
            + "(i32.const 64) (i32.const 30))",
        "property": "(call $proxy_set_property (i32.const 64) (i32.const 10) (i32.const 64) (i32.const 30))",
        "local response": "(call $proxy_send_local_response (i32.const 200) (i32.const 64) (i32.const 10) "
            + "(i32.const 64) (i32.const 30) (i32.const 0) (i32.const 0) (i32.const -1))",
    ]

    @Test("what plugins add to streams is bounded over all of them", arguments: changes.keys.sorted())
    func streams(kind: String) throws {
        let change = try #require(Self.changes[kind])
        let host = try host(
            Guest { guest in
                guest.data("name-name-", at: 64)
                guest.callback("proxy_on_request_headers", 3, returns: 0, guest.logLetter(change))
            }, GuestLimits(streamBytes: 100))
        let open = (0..<3).map { _ in host.send() }
        #expect(host.letters == "AAK")
        // The object of the first stream is used again.
        open[0].reset(nowNanoseconds: host.now)
        _ = host.send(on: open[0])
        #expect(letters(host, 1) == "A")
        #expect(host.drain().vmEvents.streamChangesRefused == 1)
    }

    @Test("bodies count by what they have grown")
    func bodies() throws {
        func set(_ start: Int, _ size: Int, _ count: Int) -> String {
            "(call $proxy_set_buffer_bytes (i32.const 0) (i32.const \(start)) (i32.const \(size)) (i32.const 64) "
                + "(i32.const \(count)))"
        }
        let host = try host(
            Guest { guest in
                let calls = [
                    set(4, 0, 40), set(0, 44, 4), set(99, 0, 90), set(99, 0, 90), set(0, 99, 0), set(0, 0, 90),
                ]
                guest.callback(
                    "proxy_on_request_body", 3, returns: 0, calls.map { guest.logLetter($0) }.joined())
            }, GuestLimits(streamBytes: 100))
        host.exchange(body: "body")
        #expect(host.letters == "AAAKAA")
    }

    @Test("large buffers end with their stream, and the next one works")
    func largeBuffers() throws {
        let host = try host(
            Guest(memory: "(memory (export \"memory\") 4)") { guest in
                guest.callback(
                    "proxy_on_response_body", 3, returns: 0,
                    guest.logLetter(
                        "(call $proxy_set_buffer_bytes (i32.const 1) (i32.const 0) (i32.const 9) (i32.const 0) "
                            + "(i32.const 200000))"))
            }, GuestLimits())
        let exchange = host.chain.makeExchange()
        for _ in 0..<3 {
            _ = host.send(on: exchange)
            host.respond(exchange, body: "body")
            #expect(exchange.responseBody.count == 200_000 && exchange.result.status == 200)
        }
        #expect(host.letters == "AAA")
    }
}
