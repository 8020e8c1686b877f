import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// Thousands of streams that are open in one VM at the same time, each at another place of its life.
@Suite struct InterleavingTests {
    /// Holds every request until a tick, which lets all of them go on, and gives each response its own request's mark
    /// back, which it has kept by the number of the context.
    private static let holding = Guest(memory: "(memory (export \"memory\") 16)") { guest in
        guest.raw("(global $last (mut i32) (i32.const 0))")
        // Eight bytes for each context: what the host has just given, at a place that its number says.
        guest.raw(
            """
            (func $place (param $context i32) (result i32)
              (i32.add (i32.const 524288) (i32.mul (i32.const 8) (local.get $context))))
            """)
        let mark = guest.get(0, "mark")
        guest.callback(
            "proxy_on_request_headers", 3, returns: 1,
            """
            (global.set $heap (i32.const 8192))
            (drop (call $proxy_set_tick_period_milliseconds (i32.const 1)))
            (drop \(mark))
            (i64.store (call $place (local.get $0)) (i64.load (i32.load (i32.const 32))))
            (global.set $last (local.get $0))
            """)
        guest.callback(
            "proxy_on_tick", 1,
            """
            (local $context i32)
            (local.set $context (i32.const 2))
            (loop $again
              (if (i32.eqz (call $proxy_set_effective_context (local.get $context)))
                (then (drop (call $proxy_continue_stream (i32.const 0)))))
              (local.set $context (i32.add (local.get $context) (i32.const 1)))
              (br_if $again (i32.le_u (local.get $context) (global.get $last))))
            """)
        let name = guest.text("mark")
        guest.callback(
            "proxy_on_response_headers", 3, returns: 0,
            """
            (drop (call $proxy_add_header_map_value (i32.const 2) \(name) (call $place (local.get $0)) (i32.const 8)))
            """)
    }

    @Test("ten thousand streams in one VM keep to themselves", arguments: executing)
    func interleaved(engine: EngineName) throws {
        let count = 10_000
        let host = try Host(engine, Self.holding).start()
        func mark(_ index: Int) -> String { String(10_000_000 + index) }
        let exchanges = (0..<count).map { host.send(headers: [("mark", mark($0))]) }
        #expect(exchanges.allSatisfy { $0.state == .paused })
        host.advance(2 * millisecond)
        host.runTimers()
        #expect(host.progressed().count == count)
        // The answers come in another order than the requests, and every seventh not at all.
        for step in 0..<count {
            let index = step * 7919 % count
            if index.isMultiple(of: 7) {
                exchanges[index].reset(nowNanoseconds: host.now)
            } else {
                host.respond(exchanges[index])
            }
        }
        let wrong = (0..<count).filter { index in
            index.isMultiple(of: 7)
                ? !exchanges[index].result.streamReset
                : exchanges[index].responseHeaders.value(ofName: "mark") != mark(index)
        }
        #expect(wrong == [])
        let observations = host.drain()
        #expect(observations.failures == [] && observations.vmEvents.created == 1)
    }
}
