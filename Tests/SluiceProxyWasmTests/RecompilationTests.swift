import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// The life of VMs whose module is compiled for each of them.
@Suite struct RecompilationTests {
    private static let counting = Guest { guest in
        guest.raw("(global $count (mut i32) (i32.const 0))")
        guest.callback(
            "proxy_on_request_headers", 3, returns: 0,
            "(global.set $count (i32.add (global.get $count) (i32.const 1)))" + guest.logLetter("(global.get $count)"))
    }

    @Test("every VM has a module compiled for it, and other lives have not", arguments: executing)
    func compilations(engine: EngineName) throws {
        for (life, compilations) in [(VMLife.recompiled(requests: 2), 3), (.requests(2), 0), (.unlimited, 0)] {
            let host = try Host(engine, [Host.Plugin(Self.counting)], life: life).start()
            for _ in 0..<6 { #expect(host.exchange().result.status == 200) }
            #expect(host.compilations.count == compilations)
            let events = host.drain().vmEvents
            #expect(events.created == (life == .unlimited ? 1 : 3))
            #expect(events.recycled == (life == .unlimited ? 0 : 2))
            #expect(host.letters == (life == .unlimited ? "BCDEFG" : "BC"))
        }
    }

    @Test("plugins of one VM have it compiled once", arguments: executing)
    func shared(engine: EngineName) throws {
        let plugins = ["a", "b"].map { SharedVMTests.plugin($0, Self.counting) }
        let host = try Host(engine, plugins, life: .recompiled(requests: 1)).start()
        for _ in 0..<2 { host.exchange() }
        #expect(host.compilations.count == 2)
        #expect(host.letters == "BC")
    }

    @Test("a module that no longer compiles is a VM that failed", arguments: executing)
    func failure(engine: EngineName) throws {
        let host = try Host(
            engine, [Host.Plugin(Self.counting)], life: .recompiled(requests: 1), mostCompilations: 1
        ).start()
        #expect(host.exchange().result.status == 200)
        #expect(host.exchange().result.vmState == .refused)
        let failure = try #require(host.drain().failures.first)
        #expect(failure.callback == "compilation")
        #expect(failure.message == "Missing or unknown Proxy-Wasm ABI version")
    }
}
