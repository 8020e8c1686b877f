import Foundation
import Testing

/// `sluice heap` on plugins whose smallest heap is known.
@Suite(.serialized) struct HeapCommandTests {
    /// - `doubling` needs five pages, and doubles its memory: with a cap alone it would need eight.
    /// - `growing` takes a page for each request and uses none that was there.
    /// - `frugal` runs in what it declares.
    /// - `broken` dies in less than four pages without ever having asked for memory.
    private func write(to folder: borrowing CommandFolder) throws {
        func plugin(_ memory: Int, _ onRequest: String) -> String {
            """
            (module
              (memory (export "memory") \(memory))
              (func (export "proxy_abi_version_0_2_1"))
              (func (export "malloc") (param i32) (result i32) (i32.const 1024))
              (func (export "proxy_on_context_create") (param i32 i32))
              (func (export "proxy_on_vm_start") (param i32 i32) (result i32) (i32.const 1))
              (func (export "proxy_on_configure") (param i32 i32) (result i32) (i32.const 1))
              (func $work \(onRequest))
              (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (call $work) (i32.const 0)))
            """
        }
        let growOrDie = { (pages: String) in
            "(if (i32.eq (memory.grow (\(pages))) (i32.const -1)) (then (unreachable)))"
        }
        try folder.write(
            plugin(
                1,
                "(loop $more (if (i32.lt_u (memory.size) (i32.const 5)) (then \(growOrDie("memory.size")) (br $more))))"
            ), to: "doubling.wat")
        try folder.write(plugin(1, growOrDie("i32.const 1")), to: "growing.wat")
        try folder.write(plugin(3, ""), to: "frugal.wat")
        try folder.write(
            plugin(
                1,
                """
                (if (i32.eq (memory.size) (i32.const 1)) (then (drop (memory.grow (i32.const 7)))))
                (if (i32.lt_u (memory.size) (i32.const 4)) (then (call $give_up)))) (func $give_up unreachable
                """), to: "broken.wat")
        try folder.write(
            """
            sluice: 1
            name: heaps
            about: smallest heaps that are known
            load: { phases: [{ kind: hold, duration: 200ms, rate: 250/s }] }
            requests: [{ path: /, expect: { status: 200 } }]
            plugins: [{ name: test-plugin, module: "${strategy}" }]
            host: { memory: 2MiB }
            strategies:
              doubling: { module: doubling.wat }
              growing: { module: growing.wat }
              frugal: { module: frugal.wat }
              broken: { module: broken.wat }
            """, to: "heaps.yaml")
    }

    private func study(_ text: String) throws -> [String: Any] {
        let document = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(document["format"] as? String == "sluice-heap-study")
        return try #require(document["study"] as? [String: Any])
    }

    @Test func `smallest heaps are found, swept, stored and reported again`() throws {
        let folder = try CommandFolder()
        try write(to: folder)
        let result = try folder.run(
            "heap", "heaps.yaml", "--strategies", "doubling,growing,frugal", "--requests", "10", "--searches", "2",
            "--sweep", "--invocations", "2", "--format", "json", "--report-directory", "reports")
        #expect(result.code == 0, "\(result.errors)")
        let study = try study(result.output)
        let strategies = try #require(study["strategies"] as? [[String: Any]])
        let expected = [("doubling", "fixed", 5), ("growing", "cap", 11), ("frugal", "fixed", 3)]
        for (strategy, (name, form, pages)) in zip(strategies, expected) {
            #expect(strategy["name"] as? String == name)
            #expect(strategy["form"] as? String == form)
            let searches = try #require(strategy["searches"] as? [[String: Any]])
            #expect(searches.map { $0["bytes"] as? Int } == [pages << 16, pages << 16])
        }
        #expect((study["seeds"] as? [Any])?.count == 2)
        if JSONSchema.isThere {
            #expect(try JSONSchema.accepts(result.output, schema: "heap", in: folder))
            let broken = result.output.replacing("\"is_non_monotone\"", with: "\"monotone\"")
            #expect(try !JSONSchema.accepts(broken, schema: "heap", in: folder))
        }
        let sweep = try #require(study["sweep"] as? [String: Any])
        #expect(sweep["base_bytes"] as? Int == 3 << 16)
        let points = try #require(sweep["points"] as? [[String: Any]])
        #expect(points.count == 7 * 3)
        let frugal = points.filter { $0["strategy"] as? String == "frugal" }
        #expect(frugal.allSatisfy { $0["does_not_run"] == nil && $0["trials"] as? Int == 2 })
        #expect(frugal.allSatisfy { ($0["overhead"] as? Double ?? 0) >= 1 })
        // 50 requests a trial are too few for a p99, and more than 18 pages hold for one that takes a page for each.
        #expect(frugal.allSatisfy { ($0["response_time_p99"] as? [String: Any])?["unavailable_because"] != nil })
        let growing = points.filter { $0["strategy"] as? String == "growing" }
        #expect(growing.allSatisfy { $0["does_not_run"] != nil })

        #expect(try folder.run("runs").output.contains("heap"))
        let html = try folder.run("report", "--format", "html")
        #expect(html.code == 0 && html.output.contains("does not run") && html.output.contains("<svg"))
        #expect(try folder.run("report", "--format", "markdown").output.contains("| doubling | 320 KiB | 5, 5 |"))
        #expect(try folder.run("report", "--format", "json").output == result.output)
        #expect(try folder.run("report", "--format", "junit").code == 2)
        let gate = try folder.run("gate", "--run", "20")
        #expect(gate.code == 2 && gate.errors.contains("heap study"))
    }

    @Test func `a crash that more memory does not explain is inconclusive, with its message`() throws {
        let folder = try CommandFolder()
        try write(to: folder)
        let result = try folder.run(
            "heap", "heaps.yaml", "--strategies", "broken", "--requests", "5", "--searches", "2", "--no-report")
        #expect(result.code == 3, "\(result.output)\(result.errors)")
        #expect(result.output.contains("INCONCLUSIVE"))
        #expect(result.output.contains("give_up"))
    }

    @Test func `a leak is told from a plateau by longer sequences`() throws {
        let folder = try CommandFolder()
        try write(to: folder)
        let result = try folder.run(
            "heap", "heaps.yaml", "--strategies", "growing,frugal", "--requests", "5", "--searches", "2", "--leaks",
            "--format", "json", "--no-report")
        #expect(result.code == 0, "\(result.errors)")
        let strategies = try #require(try study(result.output)["strategies"] as? [[String: Any]])
        if JSONSchema.isThere { #expect(try JSONSchema.accepts(result.output, schema: "heap", in: folder)) }
        let evidence = try strategies.map { try #require($0["leak"] as? [String: Any]) }
        #expect(evidence.map { $0["verdict"] as? String } == ["leaking", "plateaued"])
        let repeated = try #require(evidence[0]["repeated"] as? [String: Any])
        // 6 pages for 5 requests, 21 for 20: a page for each.
        #expect((repeated["difference"] as? [String: Any])?["mean"] as? Double == 65_536)
    }

    @Test func `what does not run within the cap is a result`() throws {
        let folder = try CommandFolder()
        try write(to: folder)
        let result = try folder.run(
            "heap", "heaps.yaml", "--strategies", "growing", "--requests", "40", "--searches", "1", "--no-report")
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.output.contains("does not run 40 requests in 2.00 MiB"))
        #expect(result.output.contains("growth-refused at request 32"))
    }

    @Test func `wrong options and a plugin that does not start end with 2`() throws {
        let folder = try CommandFolder()
        try write(to: folder)
        for arguments in [
            ["--searches", "0"], ["--requests", "0"], ["--strategies", "nobody"], ["--invocations", "-1"],
        ] {
            let command = try folder.start(["heap", "heaps.yaml", "--no-report"] + arguments)
            #expect(try command.wait().code == 2)
        }
        try folder.write("(module)", to: "frugal.wat")
        let result = try folder.run("heap", "heaps.yaml", "--strategies", "frugal", "--no-report")
        #expect(result.code == 2, "\(result.output)\(result.errors)")
        #expect(result.errors.contains("frugal"))
        #expect(!result.errors.contains("is kept") && !folder.contains("sluice.sqlite"))
    }

    @Test func `an interruption keeps what was found`() throws {
        let folder = try CommandFolder()
        try write(to: folder)
        let command = try folder.start([
            "heap", "heaps.yaml", "--strategies", "frugal", "--requests", "5", "--searches", "100", "--no-report",
        ])
        Thread.sleep(forTimeInterval: 3)
        command.signal(SIGINT)
        let result = try command.wait()
        #expect(result.code == 130, "\(result.output)\(result.errors)")
        // On a very busy machine nothing may have begun.
        #expect("\(result.output)\(result.errors)".contains("interrupted"))
        if result.errors.contains("search 2") {
            #expect(result.output.contains("frugal"), "\(result.output)\(result.errors)")
        }
    }
}
