import CMinimalHost
import SluiceEngine
import SluiceModel
import Testing

/// The C host that the benchmarks compare with does all that it is timed for.
@Suite struct MinimalHostTests {
    private func open() throws -> OpaquePointer {
        var reason = [CChar](repeating: 0, count: 256)
        let host = minimal_host_open(try Engines.locateLibrary(), &reason, reason.count)
        let text = String(decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return try #require(host, "\(text)")
    }

    @Test func `every request adds its header`() throws {
        let host = try open()
        defer { minimal_host_close(host) }
        #expect(minimal_host_run_requests(host, 1000) > 0)
        #expect(minimal_host_added_headers(host) == 1000)
    }

    @Test func `every measurement returns a time`() throws {
        let host = try open()
        defer { minimal_host_close(host) }
        #expect(minimal_host_run_look_ups(host, 1000) > 0)
        #expect(minimal_host_run_guest_to_host(host, 1000) > 0)
        #expect(minimal_host_run_host_to_guest(host, 1000) > 0)
    }

    @Test func `a missing library is told`() {
        var reason = [CChar](repeating: 0, count: 256)
        #expect(minimal_host_open("/nowhere/libwasmtime.so", &reason, reason.count) == nil)
        #expect(reason[0] != 0)
    }

    @Test(arguments: executing)
    func `its plugin runs on every engine`(engine: EngineName) throws {
        let text = Array(String(cString: minimal_host_plugin_text()).utf8)
        let module = try Engines.make(engine, settings: settings()).compile(text)
        #expect(module.imports.map(\.name).contains("proxy_get_header_map_value"))
        #expect(module.exports.contains { $0.name == "proxy_abi_version_0_2_1" })
    }
}
