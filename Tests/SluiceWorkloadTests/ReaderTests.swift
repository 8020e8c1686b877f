import Foundation
import SluiceModel
import SluiceSchedule
import SluiceWorkload
import Testing

@Suite("Reading workloads")
struct ReaderTests {
    @Test("Several plugins run the module of a strategy")
    func severalUsers() throws {
        let workload = try Reading.workload([
            "plugins": "[{ name: a, module: '${strategy}' }, { name: b, module: '${strategy}' }]",
            "strategies": "{ one: { module: plugins/plugin.wat } }",
        ])
        #expect(workload.plugins.map(\.module) == [nil, nil])
    }

    @Test("A VM lives for ever, for requests, or up to a size")
    func vmLives() throws {
        let module = "module: plugins/plugin.wat"
        let workload = try Reading.workload([
            "plugins": "[{ name: a, module: '${strategy}' }]",
            "strategies":
                "{ a: { \(module) }, b: { \(module), vm_life: { requests: 2 } }, "
                + "c: { \(module), vm_life: { recompiled_requests: 3 } }, "
                + "d: { \(module), vm_life: { until_heap: 1MiB } } }",
        ])
        #expect(
            workload.strategies.map(\.vmLife) == [
                .unlimited, .requests(2), .recompiled(requests: 3), .heap(bytes: 1 << 20),
            ])
    }

    @Test("A workload of services sends nothing")
    func services() throws {
        let text = """
            sluice: 1
            name: inline
            load: { phases: [{ kind: warmup, duration: 1s }, { kind: hold, duration: 2s }] }
            plugins:
              - { name: p, type: service, module: plugins/plugin.wat }
              - { name: q, type: service, singleton: true, module: plugins/plugin.wat }
            """
        let workload = try Reading.read(text: text)
        #expect(workload.requests.isEmpty)
        #expect(workload.load.phases.map(\.startRatePerSecond) == [0, 0])
        #expect(workload.plugins.map(\.placement) == [.everyWorker, .firstWorker])
        let mixed = try Reading.workload([
            "plugins": "[{ name: s, type: service, module: plugins/plugin.wat }, "
                + "{ name: p, module: plugins/plugin.wat }]"
        ])
        #expect(mixed.plugins.map(\.type) == [.service, .http])
        #expect(mixed.requests.count == 1)
    }

    @Test("Connections of a workload with a network filter")
    func connections() throws {
        let workload = try Reading.workload([
            "plugins": "[{ name: p, type: tcp, module: plugins/plugin.wat }]",
            "requests": "[{ body: hello, connection: { chunk: 1KiB, close: upstream }, "
                + "expect: { client_bytes: 0B, upstream_bytes: 5B, closed_by_plugin: false, body: x } }, {}]",
        ])
        #expect(workload.plugins.map(\.type) == [.tcp])
        #expect(
            workload.requests.map(\.connection) == [
                ConnectionTemplate(chunkBytes: 1024, end: .upstream),
                ConnectionTemplate(chunkBytes: 16 << 10, end: .client),
            ])
        #expect(
            workload.requests[0].expectation
                == SluiceModel.Expectation(
                    status: nil, headers: [], body: .equals("x"), clientBytes: 0, upstreamBytes: 5,
                    closedByPlugin: false))
    }

    @Test("Defaults of a minimal workload")
    func defaults() throws {
        let workload = try Reading.read(fixture: "minimal")
        let path = Reading.fixtures.path + "/plugins/plugin.wat"
        #expect(
            workload.load
                == Load(
                    phases: [
                        Phase(
                            kind: .hold, durationNanoseconds: 1_000_000_000, startRatePerSecond: 1, endRatePerSecond: 1,
                            arrivals: .constant)
                    ], agents: 1, workers: 1, timeoutNanoseconds: 10_000_000_000, seed: 1))
        #expect(
            workload.target.upstream
                == Upstream(
                    status: 200, headers: [], body: .text(Template(segments: [])), latencyNanoseconds: .constant(0)))
        #expect(
            workload.requests == [
                RequestTemplate(
                    weight: 1, method: "GET", path: Template(literal: "/"), authority: "sluice.test", headers: [],
                    body: nil, trailers: [], expectation: .nothing)
            ])
        #expect(
            workload.host
                == HostSettings(
                    envoyProfile: "1.39", memoryCapBytes: 1 << 30, deadlineNanoseconds: 5_000_000_000,
                    engine: .cranelift))
        #expect(
            workload.strategies == [
                Strategy(
                    name: "default", module: ModuleReference(written: "plugins/plugin.wat", path: path),
                    environmentVariables: [], vmLife: .unlimited)
            ])
        #expect(workload.plugins.map(\.module) == [nil])
        #expect(workload.plugins.map(\.failurePolicy) == [.closed])
        #expect(workload.plugins.map(\.reloadBaseIntervalNanoseconds) == [1_000_000_000])
        #expect(workload.gate == GateSettings(candidate: nil, baseline: nil, blocks: 2))
        #expect(workload.budgets.isEmpty)
    }

    @Test("Every key of the format arrives in the model: load, upstream and variables")
    func everythingSent() throws {
        let workload = try Reading.read(fixture: "everything")
        #expect(workload.load.phases.map(\.kind) == [.warmup, .ramp, .hold])
        #expect(workload.load.phases.map(\.durationNanoseconds) == [500_000_000, 1_500_000_000, 120_000_000_000])
        #expect(workload.load.phases.map(\.startRatePerSecond) == [2, 0, 50.5])
        #expect(workload.load.phases.map(\.endRatePerSecond) == [2, 100, 50.5])
        #expect(workload.load.phases.map(\.arrivals) == [.constant, .constant, .poisson])
        #expect((workload.load.agents, workload.load.workers, workload.load.seed) == (2, 3, 42))
        #expect(workload.load.timeoutNanoseconds == 250_000_000)
        #expect(
            workload.target.upstream
                == Upstream(
                    status: 201, headers: [HeaderTemplate(name: "x-id", value: Template(segments: [.variable(0)]))],
                    body: .gzipOf(.json(sizeBytes: .exponential(mean: 1024))),
                    latencyNanoseconds: .uniform(100_000, 2_000_000),
                    failures: UpstreamFailures(
                        resetShare: 0.01, unavailableShare: 0.005, timeoutNanoseconds: 15_000_000_000)))
        #expect(
            workload.variables == [
                Variable(name: "id", kind: .uniform(-5, 1000)),
                Variable(name: "key", kind: .zipf(count: 100, exponent: 1.1)),
                Variable(name: "number", kind: .sequence(start: 7)),
                Variable(name: "word", kind: .choice(["a", "2", "off"])), Variable(name: "token", kind: .uuid),
            ])
    }

    @Test("Every key of the format arrives in the model: clusters and properties")
    func everythingAround() throws {
        let target = try Reading.read(fixture: "everything").target
        let auth = try #require(target.clusters.first)
        #expect(
            auth.name == "auth" && auth.upstream.status == 204 && auth.upstream.body == .text(Template(literal: "ok")))
        #expect(auth.upstream.headers == [HeaderTemplate(name: "x-user", value: Template(literal: "me"))])
        #expect(auth.upstream.failures == UpstreamFailures(resetShare: 0.02, unavailableShare: 0.03))
        #expect(auth.trailers == [HeaderTemplate(name: "x-end", value: Template(literal: "done"))])
        #expect((auth.grpcStatus, auth.grpcMessage, auth.messagesForEach) == (7, "denied", 4))
        guard case .logNormal(let median, let sigma) = auth.upstream.latencyNanoseconds else {
            Issue.record("not a log-normal distribution")
            return
        }
        // ln(10) over the 99th percentile of the standard normal distribution.
        #expect(median == 2e6 && abs(sigma - 0.98979) < 1e-4)
        #expect(
            target.clusters[1]
                == Cluster(
                    name: "outbound|80||a.b",
                    upstream: Upstream(
                        status: 200, headers: [], body: .text(Template(segments: [])),
                        latencyNanoseconds: .percentiles([
                            Distribution.Percentile(share: 0, value: 1e6),
                            Distribution.Percentile(share: 0.5, value: 2e6),
                            Distribution.Percentile(share: 0.999, value: 9e6),
                            Distribution.Percentile(share: 1, value: 1e9),
                        ]))))
        #expect(
            target.properties == [
                Property(path: ["source", "address"], value: .text("10.0.0.1:5555")),
                Property(path: ["source", "port"], value: .integer(5555)),
                Property(path: ["connection", "mtls"], value: .boolean(true)),
                Property(path: ["request", "duration"], value: .integer(5_000_000)),
                Property(path: ["xds", "node", "id"], value: .text("sidecar")),
                Property(path: ["xds", "node", "metadata", "a.b"], value: .integer(1)),
                Property(path: ["xds", "cluster_name"], value: .text("80")),
                Property(
                    path: ["own", "value"],
                    value: .map([
                        PropertyValue.Entry(key: "a", value: .integer(1)),
                        PropertyValue.Entry(key: "b", value: .list([.text("x"), .number(2.5)])),
                        PropertyValue.Entry(key: "c", value: .text("1")),
                        PropertyValue.Entry(key: "d", value: .boolean(false)),
                    ])),
            ])
    }

    @Test("A workload stored before there were clusters and properties is still understood")
    func earlierWorkload() throws {
        let workload = try Reading.read(fixture: "minimal")
        var later = [
            "clusters", "properties", "foreignFunctions", "inheritedVariables", "headersStop", "failures", "limits",
        ]
        func withoutLater(_ value: Any) -> Any {
            if let values = value as? [Any] { return values.map(withoutLater) }
            guard var fields = value as? [String: Any] else { return value }
            later.removeAll { fields.removeValue(forKey: $0) != nil }
            return fields.mapValues(withoutLater)
        }
        let document = try JSONSerialization.jsonObject(with: JSONEncoder().encode(workload))
        let earlier = try JSONSerialization.data(withJSONObject: withoutLater(document))
        #expect(later.isEmpty)
        #expect(try JSONDecoder().decode(Workload.self, from: earlier) == workload)
    }

    @Test("Every key of the format arrives in the model: requests")
    func everythingRequested() throws {
        let requests = try Reading.read(fixture: "everything").requests
        let payload = BodyGenerator.randomBytes(sizeBytes: .uniform(1024, 100_000))
        #expect(
            requests[0]
                == RequestTemplate(
                    weight: 9, method: "POST",
                    path: Template(segments: [.literal("/upload/"), .variable(0), .literal("?n="), .variable(2)]),
                    authority: "example.test",
                    headers: [
                        HeaderTemplate(name: "content-type", value: Template(literal: "text/plain")),
                        HeaderTemplate(name: "x-token", value: Template(segments: [.variable(4)])),
                        HeaderTemplate(name: "cookie", value: Template(literal: "a=1")),
                        HeaderTemplate(name: "cookie", value: Template(segments: [.literal("b="), .variable(1)])),
                        HeaderTemplate(name: "price", value: Template(literal: "$5 ${id}")),
                    ], body: payload, trailers: [HeaderTemplate(name: "x-end", value: Template(literal: "done"))],
                    expectation: Expectation(
                        status: 200,
                        headers: [
                            HeaderExpectation(name: "server", value: nil),
                            HeaderExpectation(name: "x-word", value: .contains("or")),
                            HeaderExpectation(name: "x-plain", value: .equals("5")),
                        ], body: .matches("^hello"))))
        #expect(
            requests.dropFirst().map(\.body) == [
                .pointerLike(sizeBytes: .constant(65_536), spanBytes: 8 << 20),
                .pointerLike(sizeBytes: .constant(1), spanBytes: 32 << 20),
                .file(written: "data.txt", content: FileContent(Array("hello file".utf8))),
                .text(Template(segments: [.literal("plain "), .variable(3)])), .text(Template(literal: "x")),
                .ascii(sizeBytes: .constant(0)), payload,
            ])
        #expect(requests[2].expectation.body == .equals(""))
    }

    @Test("Modules from elsewhere arrive with what pins them, and without what a report must not show")
    func modulesFromElsewhere() throws {
        let digits = String(repeating: "0a", count: 32)
        let hash = try #require(ContentHash(hexadecimal: digits))
        let image = try ImageReference(parsing: "example.test/team/p:1.0@sha256:\(digits)")
        for (written, source, shown) in [
            ("oci://example.test/team/p:1.0@sha256:\(digits)", .image(image), image.description),
            (
                "{ url: 'https://example.test/p.wasm', sha256: \(digits) }",
                .download(address: "https://example.test/p.wasm", contentHash: hash), "https://example.test/p.wasm"
            ),
            (
                "{ url: 'http://example.test/p?signature=1', sha256: '\(digits)' }",
                .download(address: "http://example.test/p?signature=1", contentHash: hash), "http://example.test/p?…"
            ),
        ] as [(String, ModuleSource, String)] {
            let workload = try Reading.workload(["plugins": "[{ name: p, module: \(written) }]"])
            #expect(workload.strategies[0].module == ModuleReference(written: shown, source: source))
        }
    }

    @Test("Every key of the format arrives in the model: plugins, host, strategies and verdict")
    func everythingCompared() throws {
        let workload = try Reading.read(fixture: "everything")
        let module = ModuleReference(
            written: "plugins/plugin.wat", path: Reading.fixtures.path + "/plugins/plugin.wat")
        let configuration =
            #"{"bytes":10485760,"ratio":0.5,"name":"5","on":true,"list":[1,"x",null],"text":"10MiB"}"#
        #expect(
            workload.plugins[0]
                == PluginSpecification(
                    name: "first", rootID: "root", configuration: Array(configuration.utf8), vmID: "vm",
                    vmConfiguration: Array("plain text".utf8),
                    environmentVariables: [
                        EnvironmentVariable(name: "GOGC", value: "50"), EnvironmentVariable(name: "EMPTY", value: ""),
                    ], inheritedVariables: [InheritedVariable(name: "HOME")], failurePolicy: .reload,
                    reloadBaseIntervalNanoseconds: 100_000_000, module: nil, headersStop: .headersOnly,
                    allowedCapabilities: ["proxy_log", "fd_write"]))
        #expect(workload.plugins[1].headersStop == .wholeMessage)
        #expect(workload.plugins[1].allowedCapabilities == ["proxy_log"])
        #expect(workload.plugins[1].module == module)
        #expect(
            workload.host
                == HostSettings(
                    envoyProfile: "1.39", memoryCapBytes: 96 << 20, deadlineNanoseconds: 1_000_000_000, engine: .winch,
                    link: .lenient, allocator: .proxyOnMemoryAllocate,
                    foreignFunctions: [
                        ForeignFunction(name: "sign", result: Array("ab".utf8)),
                        ForeignFunction(name: "refuse", status: 1),
                        ForeignFunction(name: "accept", result: Array("1".utf8)),
                    ],
                    limits: GuestLimits(
                        tableElements: 1000, logLinesPerSecond: 20, queueMessages: 30, queueBytes: 4096, queues: 2,
                        callOuts: 3, callOutBytes: 5120, callOutMessages: 6, metrics: 7, metricBytes: 8192,
                        sharedDataKeys: 9, sharedDataBytes: 10_240, streamBytes: 11_264)))
        #expect(
            workload.strategies == [
                Strategy(name: "one", module: module, environmentVariables: [], vmLife: .heap(bytes: 64 << 20)),
                Strategy(
                    name: "two", module: module,
                    environmentVariables: [EnvironmentVariable(name: "GOGC", value: "off")], vmLife: .requests(1),
                    engine: .null, body: .ascii(sizeBytes: .constant(0x1p20))),
            ])
        #expect(
            workload.observations == [
                Observation(metric: "gc_live_bytes", role: .liveHeap), Observation(metric: "other", role: .information),
            ])
        #expect(workload.gate == GateSettings(candidate: "two", baseline: "one", blocks: 2, atMostBlocks: 24))
        #expect(
            workload.budgets
                == Budgets(
                    responseTime: [
                        QuantileBudget(quantile: 0.5, limitNanoseconds: 1_000_000),
                        QuantileBudget(quantile: 0.999, limitNanoseconds: 20_000_000),
                        QuantileBudget(quantile: 1, limitNanoseconds: 1_000_000_000),
                    ], serviceTime: [QuantileBudget(quantile: 0.99, limitNanoseconds: 5_000_000)],
                    againstBaseline: [
                        RelativeBudget(quantile: 0.99, allowedFraction: 0.05),
                        RelativeBudget(quantile: 0.5, allowedFraction: 0.025),
                    ],
                    heapHighWaterBytes: 64 << 20, gcHeapHighWaterBytes: 1 << 30, growthEvents: 3, allocatorFailures: 0,
                    errorFraction: 0.001))
    }

    @Test(
        "A release of Envoy is resolved to the profile that is followed",
        arguments: [
            ("\"1.21\"", "1.21"), ("\"1.35\"", "1.33"), ("\"1.32.2\"", "1.30"), ("latest", "1.39"), ("full", "full"),
        ])
    func envoy(written: String, profile: String) throws {
        let workload = try Reading.workload(["host": "{ envoy: \(written) }"])
        #expect(workload.host.envoyProfile == profile)
        #expect(workload.host.link == .strict)
    }

    @Test("A workload survives its Codable form, in which it is stored and sent")
    func codable() throws {
        let workload = try Reading.read(fixture: "everything")
        let copy = try JSONDecoder().decode(Workload.self, from: JSONEncoder().encode(workload))
        #expect(copy == workload)
    }

    @Test("Every shipped workload reads without an error once its modules are built, and a trial is short")
    func shipped() throws {
        let folder = Reading.repository.appending(path: "workloads")
        let names = Reading.files(in: folder)
        #expect(
            Set(names).isSuperset(of: ["large-body", "random-against-ascii", "bounded-cache", "header-auth", "wasm-gc"])
        )
        let copy = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: copy) }
        let modules = copy.appending(path: "plugins/build")
        try FileManager.default.createDirectory(at: modules, withIntermediateDirectories: true)
        for name in names {
            let text = try String(contentsOf: folder.appending(path: "\(name).yaml"), encoding: .utf8)
            try Data(text.utf8).write(to: copy.appending(path: "\(name).yaml"))
            for module in text.matches(of: /plugins\/build\/([a-z0-9.-]+)/) {
                try Data("(module)".utf8).write(to: modules.appending(path: String(module.1)))
            }
        }
        for name in names {
            let (workload, text) = try WorkloadReader.read(path: copy.appending(path: "\(name).yaml").path)
            #expect(workload.name == name)
            #expect(workload.about.contains("Scenario "))
            #expect(text.hasPrefix("sluice: 1\n"))
            #expect(workload.load.durationNanoseconds <= 20_000_000_000)
            #expect(!workload.strategies.isEmpty)
            let planned = ArrivalSchedule(load: workload.load, workerCount: 1).plannedRequests(role: .measured)
            #expect(planned > 0 || workload.requests.isEmpty)
        }
    }

    @Test("A number of the log is named by its group")
    func logNumbers() throws {
        let workload = try Reading.workload([
            "observe":
                "[{ log: 'live=(?<live_bytes>[0-9]+)', role: live-heap, unit: KiB }, { log: \"n (?P<n>\\\\d+)\" }]"
        ])
        #expect(
            workload.observations == [
                Observation(
                    metric: "live_bytes", role: .liveHeap,
                    log: Observation.LogNumber(pattern: "live=(?<live_bytes>[0-9]+)", unit: .kibibytes)),
                Observation(
                    metric: "n", role: .information,
                    log: Observation.LogNumber(pattern: "n (?P<n>\\d+)", unit: .count)),
            ])
    }
}
