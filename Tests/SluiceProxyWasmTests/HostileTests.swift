import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// Every function that a module can import, called with every kind of bad argument from every callback. The calls are
/// generated from the host's own tables, so that a new row of them is attacked without anybody's doing.
@Suite struct HostileTests {
    /// Any engine calls the host in the same way; this one compiles fastest.
    private static let engine = EngineName.winch

    /// `place`: where the VM attacks from, if not from requests.
    private static func host(
        _ guest: Guest, _ module: WasmModule? = nil, profile: EnvoyProfile = .latest,
        place: HostileGuest.Place = .contextCreate
    ) throws -> Host {
        try Host(
            engine,
            [
                Host.Plugin(guest) {
                    $0.vmID = "vm"; $0.vmConfiguration = "configuration"; $0.configuration = "plugin"
                    $0.environment = HostileGuest.environment(for: place)
                    $0.module = module
                }
            ], profile: profile.rawValue, services: HostServices(clusters: ["cluster"]))
    }

    /// Runs a request for each place that has one and returns what the guest reported from each place.
    private static func reports(_ host: Host) throws -> [HostileReport?] {
        try host.start()
        return HostileGuest.Place.ofRequests.map { place in
            run(place, host)
            return HostileReport(line: host.log().last)
        }
    }

    /// A whole request, and what else has to happen for the callback to come.
    private static func run(_ place: HostileGuest.Place, _ host: Host) {
        _ = host.callOuts()
        let exchange = host.send("POST", headers: [("name", "value")], body: "body", trailers: [("t", "1")])
        let callOut = host.callOuts().first?.callOut
        switch place {
        case .httpCallResponse: callOut.map { host.answer($0, body: "body", trailers: [("t", "1")]) }
        case .grpcInitialMetadata: callOut.map { host.deliver(.initialMetadata, to: $0) }
        case .grpcTrailingMetadata: callOut.map { host.deliver(.trailingMetadata, to: $0) }
        case .grpcMessage: callOut.map { host.deliver(.message, to: $0) }
        case .grpcClose: callOut.map { host.deliver(.close(status: 5), to: $0) }
        case .tick, .queueReady:
            host.advance(2 * millisecond)
            host.runTimers()
        default: break
        }
        if exchange.state == .awaitingUpstream { host.respond(exchange, body: "body", trailers: [("t", "1")]) }
        exchange.reset(nowNanoseconds: host.now)
        #expect(exchange.state == .complete)
    }

    private static func expectNothingWrong(
        _ reports: [HostileReport?], _ places: [HostileGuest.Place], _ hostile: HostileGuest
    ) {
        for (report, place) in zip(reports, places) {
            guard let report, report.place == place.rawValue else {
                Issue.record("nothing was reported from \(place): \(String(describing: report))")
                continue
            }
            guard report.wrong > 0 else { continue }
            let call = hostile.calls.indices.contains(report.call) ? "\(hostile.calls[report.call])" : "all calls"
            let result = report.result == 0xffff_ffff ? "touched other memory" : "returned \(report.result)"
            Issue.record("from \(place), \(report.wrong) times, first \(call) \(result)")
        }
    }

    private func attack(_ function: HostileFunction) throws {
        let hostile = HostileGuest(function, places: HostileGuest.Place.ofRequests)
        let host = try Self.host(hostile.guest, profile: function.profile)
        let healthy = try Host(Self.engine, [Host.Plugin(Guest { _ in })], shared: host.shared).start()
        let reports = try Self.reports(host)
        Self.expectNothingWrong(reports, HostileGuest.Place.ofRequests, hostile)
        #expect(host.drain().failures == [])
        host.shutDown()
        #expect(healthy.exchange().result.status == 200)
    }

    @Test("bad arguments from every callback: module env", arguments: HostileFunction.env)
    func env(function: HostileFunction) throws { try attack(function) }

    @Test("bad arguments from every callback: WASI", arguments: HostileFunction.wasi.filter { !endsVM($0) })
    func wasi(function: HostileFunction) throws { try attack(function) }

    /// Outside Envoy a plugin can end itself.
    private static func endsVM(_ function: HostileFunction) -> Bool {
        function.profile == .full && ["proc_exit", "proc_raise"].contains(function.name)
    }

    @Test(
        "functions that end the VM end it wherever they are called",
        arguments: HostileFunction.wasi.filter(endsVM), HostileGuest.Place.ofRequests)
    func ending(function: HostileFunction, place: HostileGuest.Place) throws {
        let host = try Self.host(HostileGuest(function, places: [place]).guest, profile: .full).start()
        for earlier in HostileGuest.Place.ofRequests {
            #expect(host.drain().failures == [])
            Self.run(earlier, host)
            if earlier == place { break }
        }
        #expect(host.drain().failures.map(\.kind) == [.trap])
        #expect(host.exchange().result == result(status: 503, origin: .host, vmState: .refused))
    }

    // MARK: Before the first request, and where little may be called

    @Test(
        "bad arguments while the plugin starts and in the allocator", arguments: HostileFunction.newest)
    func earlyCalls(function: HostileFunction) throws {
        let hostile = HostileGuest(function, places: HostileGuest.Place.others)
        let guest = hostile.guest
        let module = try Host.compile(guest, Self.engine)
        for place in HostileGuest.Place.others {
            let host = try Self.host(guest, module, profile: function.profile, place: place)
            try attack(function, from: place, host, hostile)
        }
    }

    private func attack(
        _ function: HostileFunction, from place: HostileGuest.Place, _ host: Host, _ hostile: HostileGuest
    ) throws {
        do {
            try host.start()
            if place == .allocator { host.exchange() }
        } catch let error as PluginStartError {
            #expect(place != .allocator && error.failure.kind == .startUp, "\(error)")
        }
        guard let failure = host.drain().failures.first else {
            Self.expectNothingWrong([HostileReport(line: host.log().last)], [place], hostile)
            return
        }
        #expect(
            (place.isRestricted && failure.message.contains("restricted_callback")) || Self.endsVM(function),
            "\(place): \(failure.callback): \(failure.message)")
    }

    // MARK: The suite itself

    @Test("every function with addresses has a shape, and only those")
    func completeness() {
        let names = Set(HostileFunction.env.map(\.name))
        #expect(names == Set(HostileCall.shapes.keys).union(HostileCall.withoutAddresses))
        #expect(Set(HostileCall.firstUnknown.keys).isSubset(of: names))
        for function in HostileFunction.env {
            guard let shape = HostileCall.shapes[function.name]?.shape else { continue }
            #expect(shape.count == function.type.parameters.count, "\(function.name)")
        }
        let wasi = HostileFunction.wasi.filter { $0.profile != .full && $0.module == "wasi_snapshot_preview1" }
        #expect(Set(wasi.map(\.name)) == Set(HostImport.wasi.map(\.name)))
    }

    @Test(
        "a wrong result, an unknown one and a touched byte are seen",
        arguments: [
            // What a function does, the rule of its call, and the result that is reported.
            ("(i32.const 0)", HostileCall.Rule.invalidMemoryAccess, 0),
            ("(i32.const 2)", .invalidMemoryAccess, 2), ("(i32.const 0)", .failure, 0), ("(i32.const 13)", .any, 13),
            ("(i32.store8 (i32.const 49664) (i32.const 1)) (i32.const 6)", .invalidMemoryAccess, 0xffff_ffff),
            ("(i32.store8 (i32.const 126975) (i32.const 1)) (i32.const 6)", .invalidMemoryAccess, 0xffff_ffff),
            ("(i32.store8 (i32.const 258048) (i32.const 1)) (i32.const 6)", .invalidMemoryAccess, 0xffff_ffff),
        ])
    func teeth(body: String, rule: HostileCall.Rule, result: Int) throws {
        let hostile = HostileGuest(
            attacked: body, calls: [HostileCall(arguments: [1], rule: rule)], places: [.requestHeaders])
        let host = try Self.host(hostile.guest).start()
        Self.run(.contextCreate, host)
        #expect(HostileReport(line: host.log().last) == nil)
        Self.run(.requestHeaders, host)
        let report = try #require(HostileReport(line: host.log().last))
        #expect(report.wrong > 0 && report.result == result)
    }
}
