import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// How a VM that several plugins are in begins and ends.
@Suite struct SharedVMLifeTests {
    /// The fourth call of the instance traps.
    private static let trapping = Guest { guest in
        guest.raw("(global $count (mut i32) (i32.const 0))")
        guest.callback(
            "proxy_on_request_headers", 3, returns: 0,
            "(global.set $count (i32.add (global.get $count) (i32.const 1)))"
                + "(if (i32.eq (global.get $count) (i32.const 4)) (then (unreachable)))")
    }

    private static func plugin(_ name: String, _ guest: Guest, policy: FailurePolicy = .closed) -> Host.Plugin {
        SharedVMTests.plugin(name, guest) { $0.policy = policy }
    }

    @Test(
        "a trap takes all plugins of the VM along, and the first to reload brings the VM that the others join",
        arguments: executing)
    func failure(engine: EngineName) throws {
        let host = try Host(
            engine,
            [Self.plugin("a", Self.trapping, policy: .reload), Self.plugin("b", Self.trapping, policy: .reload)]
        ).start()
        #expect(host.exchange().result.status == 200)
        // The third call passes the first filter, the fourth traps in the second.
        #expect(host.exchange().result.vmState == .trapped)
        #expect(host.exchange().result.vmState == .refused)
        var observations = host.drain()
        #expect(observations.failures.map(\.plugin) == ["b"])
        #expect(observations.failures.map(\.vmRequestNumber) == [2])
        #expect(observations.vmEvents.failed == 1)
        host.advance(2 * second)
        #expect(host.exchange().result.status == 200)
        observations = host.drain()
        #expect(observations.vmEvents.created == 1)
        #expect(observations.vmEvents.reloadSucceeded == 2)
        #expect(observations.heap.vmRequests == 1)
    }

    @Test("the death is the VM's, the policy each plugin's", arguments: executing)
    func policies(engine: EngineName) throws {
        let guests = [
            Self.plugin("a", Self.trapping, policy: .open), Self.plugin("b", Self.trapping, policy: .reload),
        ]
        let host = try Host(engine, guests).start()
        host.exchange()
        #expect(host.exchange().result.status == 503)
        #expect(host.drain().vmEvents.failed == 1)
        host.advance(2 * second)
        // The second has a VM again, the first stays without one and lets everything pass.
        for _ in 0..<3 {
            let result = host.exchange().result
            #expect(result.status == 200)
            #expect(result.vmState == .bypassed)
        }
        let events = host.drain().vmEvents
        #expect(events.created == 1)
        #expect(events.reloadSucceeded == 1)
    }

    @Test("the VM is replaced for all of its plugins at once", arguments: executing)
    func life(engine: EngineName) throws {
        let host = try Host(
            engine, [SharedVMTests.plugin("a"), SharedVMTests.plugin("b")], life: .requests(2)
        ).start()
        for _ in 0..<6 { host.exchange() }
        let events = host.drain().vmEvents
        #expect(events.created == 3)
        #expect(events.recycled == 2)
        #expect(host.letters == "ivfBvfCBCDE")
    }

    @Test("a VM above its heap is replaced when the last stream in it has ended", arguments: executing)
    func heap(engine: EngineName) throws {
        let growing = Guest { guest in
            guest.callback("proxy_on_request_headers", 3, returns: 0, "(drop (memory.grow (i32.const 1)))")
        }
        let host = try Host(
            engine, [SharedVMTests.plugin("a", growing), SharedVMTests.plugin("b", growing)],
            life: .heap(bytes: 3 * 65536)
        ).start()
        let open = host.send()
        host.exchange()
        #expect(host.drain().heap.linearBytes == 6 * 65536)
        host.respond(open)
        host.exchange()
        let observations = host.drain()
        #expect(observations.vmEvents.recycled == 1)
        #expect(observations.vmEvents.created == 1)
        #expect(observations.heap.linearBytes == 4 * 65536)
    }

    /// Ticks every 10 ms; logs the root context's id.
    private static let ticking = Guest { guest in
        guest.callback(
            "proxy_on_configure", 2, returns: 1,
            "(drop (call $proxy_set_tick_period_milliseconds (i32.const 10)))")
        guest.callback("proxy_on_tick", 1, guest.logLetter("(local.get $0)"))
    }

    @Test("a service in a filter's VM moves on with it, although no stream comes to it", arguments: executing)
    func service(engine: EngineName) throws {
        let service = SharedVMTests.plugin("s", Self.ticking) { $0.type = .service }
        let host = try Host(engine, [service, SharedVMTests.plugin("a", Self.ticking)], life: .requests(1)).start()
        #expect(host.drain().vmEvents.created == 1)
        for _ in 0..<2 { host.exchange() }
        host.advance(10 * millisecond)
        host.runTimers()
        // The filter's root context is the first, the service's the second.
        #expect(host.letters == "BC")
        let observations = host.drain()
        #expect(observations.vmEvents.created == 1)
        #expect(observations.vmEvents.recycled == 1)
        #expect(observations.heap.linearBytes == 2 * 65536)
    }

    @Test("a singleton has no part in a worker's VM", arguments: executing)
    func singleton(engine: EngineName) throws {
        func singleton(_ name: String) -> Host.Plugin {
            SharedVMTests.plugin(name, Self.ticking) {
                $0.type = .service
                $0.placement = .firstWorker
            }
        }
        let host = try Host(
            engine, [SharedVMTests.plugin("a", Self.ticking), singleton("s"), singleton("t")]
        ).start()
        #expect(host.drain().vmEvents.created == 2)
        host.advance(10 * millisecond)
        host.runTimers()
        #expect(host.log(0) == ["B"])
        #expect(host.log(1) == ["B", "C"])
    }

    @Test("a plugin that does not want to start takes the VM with it", arguments: executing)
    func start(refusedBy engine: EngineName) throws {
        let refusing = Guest { guest in
            guest.raw(
                """
                (func (export "proxy_on_configure") (param i32 i32) (result i32)
                  (i32.ne (local.get 0) (i32.const 2)))
                """)
        }
        let failure = try startFailure(
            try Host(engine, [SharedVMTests.plugin("a", refusing), SharedVMTests.plugin("b", refusing)]))
        #expect(failure.plugin == "b")
        #expect(failure.callback == "proxy_on_configure")
    }
}
