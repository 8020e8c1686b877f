import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// Connections through network filters: callbacks, buffers, holding and closing, as in Envoy.
@Suite struct ConnectionTests {
    /// Logs a letter for each callback of a connection; data callbacks add their size and whether it is the end, as
    /// letters.
    static func recorder(returning value: Int = 0) -> Guest {
        Guest { guest in
            guest.callback("proxy_on_new_connection", 1, returns: 0, guest.log("n"))
            for (name, letter) in [("downstream_data", "r"), ("upstream_data", "w")] {
                guest.callback(
                    "proxy_on_\(name)", 3, returns: value,
                    guest.log(letter) + guest.logLetter("(local.get $1)") + guest.logLetter("(local.get $2)"))
            }
            for (name, letter) in [("downstream", "D"), ("upstream", "U")] {
                guest.callback(
                    "proxy_on_\(name)_connection_close", 2, guest.log(letter) + guest.logLetter("(local.get $1)"))
            }
            guest.callback("proxy_on_done", 1, returns: 1, guest.log("d"))
            guest.callback("proxy_on_log", 1, guest.log("l"))
            guest.callback("proxy_on_delete", 1, guest.log("x"))
        }
    }

    private func host(_ engine: EngineName, _ guests: [Guest], pieceBytes: Int = 1 << 20) throws -> Host {
        try Host(engine, guests.map { Host.Plugin($0) { $0.type = .tcp } }, pieceBytes: pieceBytes).start()
    }

    @Test(
        "callbacks come in Envoy's order, whoever ends the connection",
        arguments: executing,
        [
            (ConnectionTemplate.End.client, "nrDArCA" + "wDAwBA" + "rAB" + "wABUADBdlx"),
            (.half, "nrDArCB" + "wDAwBBUADBdlx"),
            (.upstream, "nrDArCA" + "wDAwBBUA" + "rABDCdlx"),
        ])
    func order(engine: EngineName, expected: (end: ConnectionTemplate.End, letters: String)) throws {
        let host = try host(engine, [Self.recorder()])
        let connection = host.connect("abcde", ConnectionTemplate(chunkBytes: 3, end: expected.end))
        #expect(connection.state == .awaitingUpstream)
        host.answer(connection, "1234")
        #expect(host.letters == expected.letters)
        #expect(connection.state == .complete)
        #expect(connection.result.end == .peers)
        #expect(connection.result.upstreamBytes == 5)
        #expect(text(connection.receivedData) == "1234")
    }

    @Test("a connection object serves one connection after the other", arguments: executing)
    func reuse(engine: EngineName) throws {
        let host = try host(engine, [Self.recorder()])
        let connection = host.connect("ab")
        host.answer(connection, "1")
        let first = host.letters
        _ = host.connect("cd", on: connection)
        #expect(host.letters.hasSuffix("nrCA"))
        host.answer(connection, "2")
        #expect(host.letters.hasSuffix(first))
        #expect(connection.result.upstreamBytes == 2)
        #expect(text(connection.receivedData) == "2")
    }

    @Test("without a request the upstream speaks first", arguments: executing)
    func upstreamFirst(engine: EngineName) throws {
        let host = try host(engine, [Self.recorder()])
        let connection = host.connect("")
        #expect(connection.state == .awaitingUpstream)
        host.answer(connection, "1")
        #expect(host.letters == "nwBArABwABUADBdlx")
    }

    @Test("reads pass the chain in its order, writes against it", arguments: executing)
    func chain(engine: EngineName) throws {
        let host = try host(engine, [Self.appending("1"), Self.appending("2")])
        let connection = host.connect("a")
        host.answer(connection, "b")
        #expect(connection.result.upstreamBytes == 3)
        #expect(text(connection.receivedData) == "b21")
    }

    /// Appends a letter to what passes in both directions, unless it is nothing.
    private static func appending(_ letter: String) -> Guest {
        Guest { guest in
            let letter = guest.text(letter)
            for (name, buffer) in [("downstream", 2), ("upstream", 3)] {
                guest.callback(
                    "proxy_on_\(name)_data", 3, returns: 0,
                    "(if (local.get $1) (then (drop (call $proxy_set_buffer_bytes (i32.const \(buffer)) "
                        + "(i32.const 1000) (i32.const 0) \(letter)))))")
            }
        }
    }

    @Test("data that a filter holds come again with the next piece, to all filters", arguments: executing)
    func holding(engine: EngineName) throws {
        let untilSix = Guest { guest in
            guest.raw(
                """
                (func (export "proxy_on_downstream_data") (param i32 i32 i32) (result i32)
                  (i32.lt_u (local.get 1) (i32.const 6)))
                """)
        }
        let host = try host(engine, [Self.recorder(), untilSix, Self.recorder()])
        let connection = host.connect("abcdefgh", ConnectionTemplate(chunkBytes: 3))
        // 3, then 6 bytes that pass, then 2 that stay.
        #expect(host.letters == "nrDArGArCA")
        #expect(host.log(2).joined() == "nrGA")
        #expect(connection.state == .paused)
        #expect(connection.result.upstreamBytes == 6)
    }

    @Test("an answer that a filter holds never goes on", arguments: executing)
    func heldAnswer(engine: EngineName) throws {
        let hold = Guest { guest in guest.callback("proxy_on_upstream_data", 3, returns: 1, "") }
        let host = try host(engine, [hold])
        let connection = host.connect("a")
        host.answer(connection, "b")
        #expect(connection.state == .paused)
        connection.reset(nowNanoseconds: host.now)
        #expect(connection.result.end == .client)
        #expect(connection.receivedData.isEmpty)
    }

    @Test("no more is read than the buffer limit while a filter holds", arguments: executing)
    func bufferLimit(engine: EngineName) throws {
        let host = try host(engine, [Self.recorder(returning: 1)], pieceBytes: 4)
        let connection = host.connect("abcdefghi", ConnectionTemplate(chunkBytes: 3))
        #expect(host.letters == "nrDArGA")
        #expect(connection.state == .paused)
    }

    @Test("a filter that stopped at the connection goes on from a timer", arguments: executing)
    func resumed(engine: EngineName) throws {
        let wait = Guest { guest in
            guest.raw("(global $context (mut i32) (i32.const 0))")
            guest.callback(
                "proxy_on_context_create", 2, "(drop (call $proxy_set_tick_period_milliseconds (i32.const 10)))")
            guest.callback("proxy_on_new_connection", 1, returns: 1, "(global.set $context (local.get $0))")
            guest.callback("proxy_on_downstream_data", 3, returns: 1, "")
            guest.callback(
                "proxy_on_tick", 1,
                "(drop (call $proxy_set_effective_context (global.get $context)))"
                    + "(drop (call $proxy_get_buffer_bytes (i32.const 2) (i32.const 0) (i32.const 100) "
                    + "(i32.const 32) (i32.const 36)))" + guest.logResult
                    + "(drop (call $proxy_continue_stream (i32.const 2)))")
        }
        let host = try host(engine, [wait, Self.recorder()])
        let connection = host.connect("abc")
        #expect(connection.state == .paused)
        #expect(host.log(1).isEmpty)
        host.advance(20 * millisecond)
        host.runTimers()
        #expect(host.log() == ["abc"])
        #expect(host.log(1).joined() == "nrDA")
        #expect(connection.state == .awaitingUpstream)
        #expect(host.progressedConnections().map(\.tag) == [connection.tag])
    }

    @Test("a plugin closes the connection, by either of its ends", arguments: executing, [2, 3])
    func closing(engine: EngineName, streamType: Int) throws {
        let close = Guest { guest in
            guest.callback(
                "proxy_on_downstream_data", 3, returns: 0,
                "(drop (call $proxy_close_stream (i32.const \(streamType))))")
        }
        let host = try host(engine, [Self.recorder(), close])
        let connection = host.connect("abc")
        #expect(connection.state == .complete)
        #expect(connection.result.end == .plugin)
        #expect(connection.result.upstreamBytes == 0)
        #expect(host.letters == "nrDADBdlx")
    }

    @Test("what is of HTTP does nothing to a connection", arguments: executing)
    func foreign(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_downstream_data", 3, returns: 0,
                guest.logLetter("(call $proxy_close_stream (i32.const 0))")
                    + guest.logLetter(
                        "(call $proxy_send_local_response (i32.const 403) (i32.const 0) (i32.const 0) "
                            + "(i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const -1))")
                    + guest.logLetter(
                        "(call $proxy_get_buffer_bytes (i32.const 0) (i32.const 0) (i32.const 9) (i32.const 32) "
                            + "(i32.const 36))")
                    + guest.logLetter(guest.get(0, ":path"))
                    + guest.logLetter("(call $proxy_continue_stream (i32.const 3))"))
        }
        let host = try host(engine, [guest])
        let connection = host.connect("abc")
        // Ok, Ok, NotFound, BadArgument, Unimplemented.
        #expect(host.letters == "AABCM")
        #expect(connection.state == .awaitingUpstream)
    }

    @Test("data of the other direction are not there", arguments: executing)
    func buffers(engine: EngineName) throws {
        let guest = Guest { guest in
            for (name, other) in [("downstream", 3), ("upstream", 2)] {
                guest.callback(
                    "proxy_on_\(name)_data", 3, returns: 0,
                    guest.logLetter(
                        "(call $proxy_get_buffer_status (i32.const \(other)) (i32.const 32) (i32.const 36))"))
            }
        }
        let host = try host(engine, [guest])
        host.answer(host.connect("abc", ConnectionTemplate(end: .half)), "d")
        #expect(host.letters == "BB")
    }

    @Test("an upstream that fails closes the connection", arguments: executing)
    func upstreamFailure(engine: EngineName) throws {
        let host = try host(engine, [Self.recorder()])
        let connection = host.connect("a")
        connection.upstreamFailed(.reset, nowNanoseconds: host.now)
        #expect(connection.result.end == .upstream(.reset))
        #expect(host.letters == "nrBADBdlx")
        let refused = host.connect("a", isUpstreamAvailable: false)
        #expect(refused.result.end == .upstream(.unavailable))
        #expect(host.log().dropFirst(9).joined() == "nDBdlx")
    }

    @Test(
        "a VM that dies closes its connections, or lets them pass", arguments: executing,
        [FailurePolicy.closed, .open, .reload])
    func failure(engine: EngineName, policy: FailurePolicy) throws {
        let trap = Guest { guest in
            guest.callback("proxy_on_downstream_data", 3, returns: 0, "(unreachable)")
        }
        let host = try Host(
            engine,
            [
                Host.Plugin(trap) {
                    $0.type = .tcp; $0.policy = policy
                }
            ]
        ).start()
        let waiting = host.connect("")
        let trapped = host.connect("a")
        let late = host.connect("a")
        #expect(trapped.result.vmState == .trapped)
        host.answer(waiting, "1")
        if policy == .open {
            #expect([waiting, late].map(\.result.vmState) == [.bypassed, .bypassed])
            #expect(trapped.state == .awaitingUpstream)
            #expect(late.result.upstreamBytes == 1)
        } else {
            #expect([waiting, late].map(\.result.vmState) == [.trapped, .refused])
            #expect([waiting, trapped, late].map(\.result.end) == [.host, .host, .host])
        }
        let failure = try #require(host.drain().failures.first)
        #expect(failure.requestIndex == 1)
        #expect(failure.callback == "proxy_on_downstream_data")
    }

    @Test("the end of the chain ends open connections and counts none in the VM", arguments: executing)
    func shutDown(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback("proxy_on_downstream_connection_close", 2, defineAndCount("closed", &guest))
        }
        let host = try host(engine, [guest])
        _ = host.connect("a")
        _ = host.connect("b")
        host.shutDown()
        #expect(host.shared.metricValue("closed") == 2)
    }
}

extension Host {
    /// A new connection with the client's data.
    func connect(
        _ data: String, _ template: ConnectionTemplate = ConnectionTemplate(), isUpstreamAvailable: Bool = true,
        on reused: TCPConnection? = nil
    ) -> TCPConnection {
        let connection = reused ?? chain.makeConnection(tag: 7)
        connection.clientData = Array(data.utf8)
        connection.begin(
            requestIndex: takeRequestIndex(), template: template, isUpstreamAvailable: isUpstreamAvailable,
            nowNanoseconds: now)
        return connection
    }

    func answer(_ connection: TCPConnection, _ data: String) {
        guard connection.state == .awaitingUpstream else { return }
        connection.upstreamData = Array(data.utf8)
        connection.upstreamResponded(nowNanoseconds: now)
    }

    func progressedConnections() -> [TCPConnection] {
        var connections: [TCPConnection] = []
        chain.takeProgressed(into: &connections)
        return connections
    }
}
