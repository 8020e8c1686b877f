import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// Plugins of root contexts only, beside filters and alone.
@Suite struct ServiceTests {
    /// Ticks every 10 ms and counts.
    private static let ticking = Guest { guest in
        guest.callback(
            "proxy_on_configure", 2, returns: 1, "(drop (call $proxy_set_tick_period_milliseconds (i32.const 10)))")
        guest.callback("proxy_on_tick", 1, guest.log("t"))
        guest.callback("proxy_on_request_headers", 3, returns: 0, guest.log("h"))
        guest.callback("proxy_on_done", 1, returns: 1, defineAndCount("done", &guest))
    }

    private static let filter = Guest { guest in
        guest.callback("proxy_on_request_headers", 3, returns: 0, guest.log("h"))
    }

    private func service(_ guest: Guest) -> Host.Plugin {
        Host.Plugin(guest) {
            $0.type = .service
            $0.name = "service"
        }
    }

    @Test("a service ticks beside filters and sees no request", arguments: executing)
    func beside(engine: EngineName) throws {
        let host = try Host(engine, [service(Self.ticking), Host.Plugin(Self.filter)]).start()
        #expect(host.chain.nextTimerNanoseconds == host.now + 10 * millisecond)
        #expect(host.exchange().result == result(status: 200, origin: .upstream))
        host.advance(10 * millisecond)
        host.runTimers()
        // The filter comes first, the services after it.
        #expect(host.log(0) == ["h"])
        #expect(host.log(1) == ["t"])
        let observations = host.drain()
        #expect(observations.vmEvents.created == 2)
        #expect(observations.vmEvents.ticks == 1)
        host.shutDown()
        #expect(host.shared.metricValue("done") == 1)
    }

    @Test("a chain of services alone has time, and no request needs a filter", arguments: executing)
    func alone(engine: EngineName) throws {
        let host = try Host(engine, [service(Self.ticking)]).start()
        for _ in 0..<3 {
            host.advance(10 * millisecond)
            host.runTimers()
        }
        #expect(host.log() == ["t", "t", "t"])
        #expect(host.exchange().result == result(status: 200, origin: .upstream))
    }

    @Test("the life of a strategy's VMs is not that of a service's", arguments: executing)
    func life(engine: EngineName) throws {
        let host = try Host(engine, [Host.Plugin(Self.filter), service(Self.ticking)], life: .requests(1)).start()
        for _ in 0..<3 { host.exchange() }
        let events = host.drain().vmEvents
        #expect(events.recycled == 2)
        #expect(events.created == 4)
    }

    @Test("a service that traps is gone, and requests go on", arguments: executing)
    func failure(engine: EngineName) throws {
        let trapping = Guest { guest in
            guest.callback(
                "proxy_on_configure", 2, returns: 1,
                "(drop (call $proxy_set_tick_period_milliseconds (i32.const 10)))")
            guest.callback("proxy_on_tick", 1, "(unreachable)")
        }
        let host = try Host(engine, [service(trapping), Host.Plugin(Self.filter)]).start()
        host.advance(10 * millisecond)
        host.runTimers()
        let failure = try #require(host.drain().failures.first)
        #expect(failure.plugin == "service")
        #expect(failure.requestIndex == nil)
        #expect(host.chain.nextTimerNanoseconds == nil)
        #expect(host.exchange().result == result(status: 200, origin: .upstream))
    }
}
