import Foundation
import Testing

/// The command as its users meet it: exit codes, what is printed, what is kept.
///
/// On a busy machine a measurement may be invalid (4), which wins over what the budgets say. Tests that meet a verdict
/// accept that, and then want the reason in the output; everything else they ask for holds in either case.
@Suite(.serialized) struct CommandTests {
    private static let budgets = "budgets: { heap: { high_water: 1MiB }, allocator_failures: 0, errors: 1% }"

    private func expectVerdict(_ result: CommandResult, _ code: Int32, _ word: String) {
        if result.code == 4 {
            #expect(result.output.contains("INVALID"))
        } else {
            #expect(result.code == code, "\(result.output)\(result.errors)")
            #expect(result.output.contains(word))
        }
    }

    @Test func `a comparison prints, stores and writes its reports`() throws {
        let folder = try CommandFolder()
        try TestWorkload(gate: Self.budgets).write(to: folder)
        let result = try folder.run("compare", "test.yaml", "--blocks", "1", "--report-directory", "reports")
        #expect([0, 4].contains(result.code), "\(result.errors)")
        #expect(result.output.contains("growth-refused in test-plugin"))
        #expect(result.output.contains("allocate_a_page"))
        #expect(result.errors.contains("report: reports/test-"))
        let listed = try folder.run("runs")
        #expect(listed.output.contains("flat,growing") && listed.output.contains("complete"))
        let again = try folder.run("report", "--format", "terminal")
        #expect(again.code == 0)
        #expect(again.output == result.output)
        for format in ["json", "markdown", "html", "junit", "hgrm"] {
            #expect(try folder.run("report", "--format", format, "--output", "out.\(format)").code == 0)
            #expect(try folder.text(of: "out.\(format)").count > 100)
        }
        // Behind a link the file is replaced, and nothing of a longer one is left.
        try folder.write(String(repeating: "x", count: 1 << 20), to: "long.txt")
        let link = folder.url.appending(path: "latest")
        try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: "long.txt")
        #expect(try folder.run("report", "--format", "json", "--output", "latest").code == 0)
        #expect(try folder.text(of: "long.txt") == folder.text(of: "out.json"))
        #expect(try link.resourceValues(forKeys: [.isSymbolicLinkKey]).isSymbolicLink == true)
        // The workload comes back byte for byte.
        let identifier = try #require(listed.output.firstMatch(of: /[0-9]{8}-[0-9]{6}-[0-9a-f]{4}/)).output
        #expect(try folder.run("runs", "show", String(identifier)).output == folder.text(of: "test.yaml"))
    }

    @Test func `a trend shows the runs of a workload, and names those that do not belong to it`() throws {
        let folder = try CommandFolder()
        let workload = TestWorkload(seconds: 1, agents: 1)
        try workload.write(to: folder)
        #expect(try folder.run("runs", "trend", "test").code == 2)
        for _ in 0..<2 {
            #expect([0, 4].contains(try folder.run("run", "test.yaml", "--strategy", "flat", "--no-report").code))
        }
        try folder.write(workload.text + "# another text\n", to: "test.yaml")
        #expect([0, 4].contains(try folder.run("run", "test.yaml", "--strategy", "flat", "--no-report").code))
        let trend = try folder.run("runs", "trend", "test.yaml")
        // On a busy machine runs may be invalid, the latest included.
        #expect([0, 3].contains(trend.code), "\(trend.errors)")
        func namesOthers(_ text: String) -> Bool { text.contains("another text") || text.contains("invalid") }
        #expect(namesOthers(trend.output + trend.errors), "\(trend.output)\(trend.errors)")
        #expect(try folder.run("runs", "trend", "tset").errors.contains("did you mean `test`?"))
        if trend.code == 0 {
            #expect(trend.output.contains("Too few runs for change points"))
            for format in ["json", "html"] {
                #expect(
                    try folder.run("runs", "trend", "test", "--format", format, "--output", "t.\(format)").code == 0)
                #expect(namesOthers(try folder.text(of: "t.\(format)")))
            }
        }
    }

    @Test func `figures in the JSON report are those of the schedule and the ledger`() throws {
        let folder = try CommandFolder()
        try TestWorkload().write(to: folder)
        let result = try folder.run("compare", "test.yaml", "--blocks", "1", "--format", "json", "--no-report")
        let report = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        let summary = try #require(report["summary"] as? [String: Any])
        let strategies = try #require(summary["strategies"] as? [[String: Any]])
        #expect(strategies.map { $0["name"] as? String } == ["flat", "growing"])
        for strategy in strategies {
            #expect(strategy["planned_requests"] as? Int == 200)
            let counts = try #require(strategy["counts"] as? [String: Int])
            let outcomes = ["succeeded", "check_failed", "refused", "trapped", "timed_out", "reset", "unfinished"]
            #expect(outcomes.reduce(0) { $0 + (counts[$1] ?? 0) } == 200)
        }
        // 4 MiB are 64 pages, one of which is there at the start: the 64th request of a VM meets the cap.
        let failures = try #require(strategies[1]["failures"] as? [[String: Any]])
        let first = try #require((failures.first?["first"] as? [String: Any])?["failure"] as? [String: Any])
        #expect(first["kind"] as? String == "growth-refused")
        #expect(first["vm_request_number"] as? Int == 64)
        #expect(first["linear_bytes"] as? Int == 4 << 20)
    }

    @Test func `the gate passes, fails and judges stored runs`() throws {
        let folder = try CommandFolder()
        try TestWorkload(gate: Self.budgets).write(to: folder)
        expectVerdict(try folder.run("gate", "test.yaml", "--blocks", "1", "--no-report"), 0, "PASS")
        let failed = try folder.run(
            "gate", "test.yaml", "--blocks", "1", "--candidate", "growing", "--no-report", "--junit", "junit.xml")
        expectVerdict(failed, 1, "FAIL")
        // A budget that is exceeded under a measurement that does not count is no failure of the plugin.
        #expect(try folder.text(of: "junit.xml").contains(failed.code == 4 ? "<error" : "<failure"))
        let run = try #require(try folder.run("runs").output.split(separator: "\n").dropFirst().first)
        let identifier = String(try #require(run.split(separator: " ").first))
        expectVerdict(try folder.run("gate", "--run", identifier, "--no-report"), 1, "FAIL")
    }

    @Test func `a budget without enough samples is inconclusive`() throws {
        let folder = try CommandFolder()
        try TestWorkload(seconds: 1, gate: "budgets: { response_time: { p99.9: 1s } }").write(to: folder)
        expectVerdict(try folder.run("gate", "test.yaml", "--blocks", "1", "--no-report"), 3, "INCONCLUSIVE")
    }

    @Test func `an interrupt keeps what was measured`() throws {
        let folder = try CommandFolder()
        try TestWorkload(seconds: 30).write(to: folder)
        let command = try folder.start(["run", "test.yaml", "--no-report"])
        try waitForBatches(in: folder)
        command.signal(SIGINT)
        let result = try command.wait()
        #expect(result.code == 130, "\(result.errors)")
        #expect(result.output.contains("INTERRUPTED"))
        #expect(try folder.run("runs").output.contains("interrupted"))
    }

    @Test func `a killed agent ends the run as degraded, with what it had sent`() throws {
        let folder = try CommandFolder()
        try TestWorkload(seconds: 30).write(to: folder)
        let command = try folder.start(["run", "test.yaml", "--no-report"])
        try waitForBatches(in: folder)
        kill(try #require(try command.children().last), SIGKILL)
        let result = try command.wait()
        #expect(result.code == 5, "\(result.output)\(result.errors)")
        #expect(result.output.contains("DEGRADED"))
        #expect(result.output.contains("was killed by SIGKILL"))
    }

    @Test func `a report of a run that goes on says so`() throws {
        let folder = try CommandFolder()
        try TestWorkload(seconds: 30).write(to: folder)
        let command = try folder.start(["run", "test.yaml", "--no-report"])
        try waitForBatches(in: folder)
        let report = try folder.run("report")
        #expect(report.code == 0)
        #expect(report.output.contains("RUNNING  The run is still going on: 0 of 1 trial ended so far"))
        #expect(!report.output.contains("coordinator"))
        command.signal(SIGINT)
        #expect(try command.wait().code == 130)
    }

    @Test func `a killed coordinator leaves its intervals, and no process`() throws {
        let folder = try CommandFolder()
        try TestWorkload(seconds: 30).write(to: folder)
        let command = try folder.start(["run", "test.yaml", "--no-report"])
        try waitForBatches(in: folder)
        let agents = try command.children()
        #expect(agents.count == 2)
        command.signal(SIGKILL)
        #expect(try command.wait().code == 128 + SIGKILL)
        #expect(try folder.run("runs").output.contains("its coordinator died"))
        #expect(try folder.run("report").output.contains("its coordinator died"))
        let deadline = Date(timeIntervalSinceNow: 5)
        while agents.contains(where: isRunning), Date() < deadline { usleep(50_000) }
        #expect(!agents.contains(where: isRunning))
    }

    @Test func `what cannot start says why and stores no run`() throws {
        let folder = try CommandFolder()
        try TestWorkload(module: "other.wasm").write(to: folder)
        try folder.write("this is no module", to: "other.wasm")
        let result = try folder.run("run", "test.yaml")
        #expect(result.code == 2)
        #expect(result.errors.contains("not a valid Wasm module"))
        #expect(result.output.isEmpty)
        let hasStore = folder.contains("sluice.sqlite")
        #expect(!hasStore, "a run that could not start makes no store")
        #expect(try folder.run("runs").output == "no runs are stored\n")
        #expect(try folder.run("runs", "delete", "2026").code == 2)
        let hasStoreNow = folder.contains("sluice.sqlite")
        #expect(!hasStoreNow)
    }

    @Test func `all strategies that cannot start are named before the first is measured`() throws {
        let folder = try CommandFolder()
        let strategies =
            "  cut: { module: cut.wasm }\n  text: { module: text.wat }\n  refusing: { module: refusing.wat }\n"
        let workload = TestWorkload(seconds: 60)
        try workload.write(to: folder)
        try folder.write(workload.text + "\n" + strategies, to: "test.yaml")
        try folder.write("\0asm\u{1}\0\0\0\u{1}\u{20}\u{1}", to: "cut.wasm")
        try folder.write("(module\n  (func (foo)))", to: "text.wat")
        let plugin = try folder.text(of: "plugin.wat")
        try folder.write(
            plugin.replacing(
                "(param i32 i32) (result i32) (i32.const 1)", with: "(param i32 i32) (result i32) (i32.const 0)"),
            to: "refusing.wat")
        let started = Date()
        let result = try folder.run("compare", "test.yaml", "--no-report")
        #expect(Date().timeIntervalSince(started) < 50)
        #expect(result.code == 2 && result.output.isEmpty)
        for text in [
            "strategy cut: module cut.wasm: not a valid Wasm module: the module is truncated: it ends at byte 11, but "
                + "its type section goes from byte 10 to byte 42",
            "strategy text: module text.wat: ", "--> text.wat:2:10",
            "strategy refusing: plugin test-plugin, module refusing.wat, did not start: proxy_on_vm_start returned "
                + "false",
        ] {
            #expect(result.errors.contains(text), "\(result.errors)")
        }
        #expect(!result.errors.contains("strategy flat"))
        let hasStore = folder.contains("sluice.sqlite")
        #expect(!hasStore)
    }

    @Test func `reports that cannot be written are noticed before anything runs`() throws {
        let folder = try CommandFolder()
        try TestWorkload(seconds: 60, gate: Self.budgets).write(to: folder)
        try FileManager.default.createSymbolicLink(
            atPath: folder.url.appending(path: "nowhere.xml").path, withDestinationPath: "none/x.xml")
        for (arguments, words) in [
            (["gate", "test.yaml", "--junit", "nowhere.xml"], "the link leads nowhere"),
            (["run", "test.yaml", "--report-directory", "test.yaml"], "test.yaml: Not a directory"),
            (["compare", "test.yaml", "--report-directory", "/proc/none/x"], "/proc/none: No such file or directory"),
            (["gate", "test.yaml", "--junit", "."], "cannot write .: it is a folder"),
            (["gate", "test.yaml", "--junit", "/proc/none/x.xml"], "/proc/none: No such file or directory"),
            (["report", "--output", "/proc/none/x.html"], "/proc/none: No such file or directory"),
            (["run", "test.yaml", "--store", "none/x.sqlite"], "/none: No such file or directory"),
            (["run", "test.yaml", "--store", "."], "it is a folder"),
        ] {
            let result = try folder.start(arguments).wait()
            #expect(result.code == 2 && result.errors.contains(words), "\(arguments): \(result.errors)")
            #expect(!result.errors.contains("couldn") && !result.errors.contains("Cocoa"))
        }
        let left = ["sluice.sqlite", "sluice-report"].filter { folder.contains($0) }
        #expect(left.isEmpty, "\(left)")
    }

    @Test func `the command that repeats a run names the file as it was named`() throws {
        let folder = try CommandFolder()
        let workload = TestWorkload(seconds: 1)
        try workload.write(to: folder)
        try folder.write(workload.text, to: "it's my test.yaml")
        let result = try folder.run("run", "./it's my test.yaml", "--no-report")
        let command = "sluice run './it'\\''s my test.yaml' --strategy flat"
        #expect(result.output.contains("repeat with: \(command)\n"), "\(result.output)")
        #expect(try folder.run("report").output == result.output)
    }

    @Test func `unknown commands and formats are answered with those that there are`() throws {
        let folder = try CommandFolder()
        try TestWorkload().write(to: folder)
        for (arguments, words) in [
            (["help", "bogus"], "no command `bogus`; it is one of `run`, `compare`"),
            (["help", "runs", "lst"], "no command `lst`; did you mean `list`?"),
            (["comapre", "test.yaml"], "no command `comapre`; did you mean `compare`?"),
            (["run", "test.yaml", "--format", "html"], "one of 'terminal' and 'json'"),
            (["run", "test.yaml", "--strategy", "flta"], "no strategy `flta`; did you mean `flat`?"),
        ] {
            let result = try folder.start(arguments).wait()
            #expect(result.code == 2 && result.errors.contains(words), "\(arguments): \(result.errors)")
        }
        let help = try folder.run("help", "run")
        #expect(help.code == 0 && help.output.contains("terminal, json") && !help.output.contains("junit"))
        #expect(try folder.run("help", "runs", "delete").code == 0)
        try TestWorkload(seconds: 0.1).write(to: folder)
        #expect([0, 4].contains(try folder.run("run", "test.yaml", "--no-report").code))
        for arguments in [["report", ""], ["runs", "show", ""], ["runs", "delete", ""]] {
            let result = try folder.start(arguments).wait()
            #expect(result.code == 2 && result.errors.contains("the identifier of the run is empty"))
        }
    }

    @Test func `a missing engine library is named with the way to get it`() throws {
        let folder = try CommandFolder()
        try TestWorkload().write(to: folder)
        let result = try folder.run("run", "test.yaml", environment: ["SLUICE_WASMTIME_LIB": "/nowhere/lib.so"])
        #expect(result.code == 2)
        #expect(result.errors.contains("run scripts/bootstrap"))
    }

    @Test func `wrong command lines and files exit with 2`() throws {
        let folder = try CommandFolder()
        try TestWorkload().write(to: folder)
        try folder.write("sluice: 1\nnmae: x\n", to: "bad.yaml")
        for arguments in [
            ["compare"], ["compare", "missing.yaml"], ["compare", "bad.yaml"], ["frobnicate"],
            ["compare", "test.yaml", "--strategies", "nobody"], ["compare", "test.yaml", "--blocks", "0"],
            ["gate", "test.yaml"], ["report", "--format", "pdf"], ["gate"],
        ] {
            let result = try folder.start(arguments).wait()
            #expect(result.code == 2, "\(arguments): \(result.errors)")
            #expect(!result.errors.isEmpty && result.output.isEmpty, "\(arguments)")
        }
        let help = try folder.run("--help")
        #expect(help.code == 0 && help.output.contains("Exit codes"))
    }

    /// Until the store holds the first interval.
    private func waitForBatches(in folder: borrowing CommandFolder) throws {
        let deadline = Date(timeIntervalSinceNow: 20)
        while Date() < deadline {
            if folder.contains("sluice.sqlite"), try folder.run("report").output.contains("succeeded") { return }
            usleep(200_000)
        }
        Issue.record("no interval was stored within 20 s")
    }

    private func isRunning(_ process: Int32) -> Bool {
        guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
        // A zombie has ended; whoever adopted it has not looked yet.
        return !stat.contains(") Z ")
    }
}
