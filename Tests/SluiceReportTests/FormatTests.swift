import Foundation
import RunFixtures
import SluiceAnalysis
import SluiceModel
import SluiceReport
import Testing

@Suite struct `Report formats` {
    private func report(_ run: FixtureRun) throws -> RunReport {
        RunReport(summary: try run.summary().withoutHistograms())
    }

    @Test func `golden files`() throws {
        let large = try report(Fixtures.largeBody)
        try Golden.compare(TerminalReport.render(large, colour: false), with: "large-body.txt")
        try Golden.compare(MarkdownReport.render(large), with: "large-body.md")
        try Golden.compare(HTMLReport.render(large), with: "large-body.html")
        try Golden.compare(JUnitReport.render(large), with: "large-body.xml")
        try Golden.compare(PercentileDistribution.render(large.summary.strategies[2]), with: "leak-prone.hgrm")
        try Golden.compare(
            TerminalReport.render(report(Fixtures.randomAgainstASCII), colour: false), with: "random-against-ascii.txt")
        try Golden.compare(TerminalReport.render(report(Fixtures.passing), colour: false), with: "passing.txt")
        try Golden.compare(JSONReport.render(report(Fixtures.small), pretty: true), with: "small.json")
    }

    @Test func `the terminal report fits into 100 columns`() throws {
        for run in [Fixtures.largeBody, Fixtures.passing, Fixtures.randomAgainstASCII] {
            for line in try TerminalReport.render(report(run), colour: false).split(separator: "\n") {
                #expect(line.count <= 100, "\(line)")
            }
        }
    }

    @Test func `allocations by export and what limits kept out are said where there is something to say`() throws {
        var summary = try Fixtures.small.summary()
        for index in summary.strategies.indices { summary.strategies[index].heap.hostAllocationsByExport = nil }
        #expect(!TerminalReport.render(RunReport(summary: summary), colour: false).contains("The host asked for"))
        let ledger = #"""
            [{"export": "malloc", "bytes": 2048, "calls": 1},
            {"export": "proxy_on_memory_allocate", "bytes": 3145728, "calls": 1200}]
            """#
        summary.strategies[0].heap.hostAllocationsByExport = try JSONDecoder().decode(
            [HostAllocations].self, from: Data(ledger.utf8))
        summary.strategies[0].vmEvents.logLinesSuppressed = 7
        summary.strategies[0].vmEvents.queueMessagesRefused = 1
        summary.strategies[0].vmEvents.callOutsRefused = 1
        summary.strategies[0].vmEvents.streamChangesRefused = 1200
        let report = RunReport(summary: summary)
        let sentences = [
            "The host asked for 2.00 KiB in 1 call of malloc and 3.00 MiB in 1,200 calls of proxy_on_memory_allocate.",
            "Dropped above the log rate: 7 log lines.", "Refused by full queues: 1 message.",
            "Refused by the limits on what the host keeps: 1 call-out, 1,200 changes of streams.",
        ]
        let pages = [
            TerminalReport.render(report, colour: false), HTMLReport.render(report),
            // Where an underscore begins no emphasis.
            MarkdownReport.render(report).replacing("\\", with: ""),
        ]
        for page in pages {
            let words = page.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            for sentence in sentences { #expect(words.contains(sentence), "\(sentence)") }
        }
    }

    @Test func `what several VMs hold together is not taken for the size of one`() throws {
        var summary = try Fixtures.small.summary()
        let words = "in a worker's VMs together"
        #expect(!TerminalReport.render(RunReport(summary: summary), colour: false).contains(words))
        summary.strategies[0].heap.linear.trials[0].endBytes =
            (summary.strategies[0].heap.linear.highWaterBytes ?? 0) + 1
        let text = TerminalReport.render(RunReport(summary: summary), colour: false)
        #expect(text.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(words))
    }

    @Test func `colour changes nothing but colour`() throws {
        let large = try report(Fixtures.largeBody)
        let plain = TerminalReport.render(large, colour: false)
        let coloured = TerminalReport.render(large, colour: true)
        #expect(!plain.contains("\u{1B}"))
        #expect(coloured.contains("\u{1B}[1;31m"))
        #expect(coloured.replacing(/\u{1B}\[[0-9;]*m/, with: "") == plain)
    }

    @Test func `text from modules and users cannot leave its place`() throws {
        let hostile = try report(Fixtures.hostile)
        let html = HTMLReport.render(hostile)
        #expect(!html.contains("<script"))
        #expect(html.ranges(of: "</style>").count == 1)
        #expect(html.ranges(of: "</title></style>").isEmpty)
        #expect(!MarkdownReport.render(hostile).contains("<script"))
        for text in [TerminalReport.render(hostile, colour: false), html, JUnitReport.render(hostile)] {
            #expect(!text.unicodeScalars.contains("\u{1B}"))
            #expect(!text.unicodeScalars.contains("\u{202E}"))
        }
    }

    @Test func `a verdict on one strategy says that another's measurement is invalid`() throws {
        var run = Fixtures.passing
        #expect(try !report(run).verdictSentence.contains("INVALID"))
        var late = run.guests[0].guest
        late.harnessLagNanoseconds = 900_000
        run.guests.append(("late", late))
        let report = try report(run)
        #expect(report.decision?.exitCode == .pass && report.summary.measurementExitCode == .invalid)
        #expect(report.verdictSentence.hasSuffix("The measurement of late is INVALID, see Validity."))
    }

    @Test func `JUnit passes nothing when nothing was decided`() throws {
        var none = Fixtures.passing
        none.budgets = Budgets()
        let summary = try none.summary()
        let text = JUnitReport.render(RunReport(summary: summary, decision: try GateDecision(summary: summary)))
        #expect(text.contains("tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"1\""))
        #expect(text.contains("the workload has no budgets to decide about"))
    }

    @Test(.enabled(if: Python.isThere, "python3 is not there: XML was not parsed"))
    func `JUnit and the pictures are well-formed XML`() throws {
        let parse = "import sys, xml.dom.minidom as m; m.parseString(sys.stdin.buffer.read())"
        for run in [Fixtures.largeBody, Fixtures.hostile, Fixtures.passing] {
            let report = try report(run)
            let junit = Python.run(parse, input: JUnitReport.render(report))
            #expect(junit.status == 0, "\(junit.output)")
            let pictures = HTMLReport.render(report).matches(of: /(?s)<svg.*?<\/svg>/).map { String($0.output) }
            #expect(!pictures.isEmpty)
            let result = Python.run(parse, input: "<all>\(pictures.joined())</all>")
            #expect(result.status == 0, "\(result.output)")
        }
    }

    @Test(.enabled(if: Python.hasJSONSchema, "PyPI jsonschema is not there: the JSON report was not validated"))
    func `JSON follows its schema`() throws {
        let schema = Golden.folder.appending(path: "../../../dashboards/report.schema.json").standardizedFileURL.path
        let check = """
            import json, sys, jsonschema
            document = json.load(sys.stdin)
            errors = list(jsonschema.Draft202012Validator(json.load(open(sys.argv[1]))).iter_errors(document))
            for error in errors[:5]: print(list(error.path), error.message[:200])
            sys.exit(1 if errors else 0)
            """
        var degraded = Fixtures.small
        degraded.status = .degraded
        degraded.tamperRecord = { record in
            var changed = record
            changed.agents = []
            return changed
        }
        for run in [Fixtures.largeBody, Fixtures.hostile, Fixtures.randomAgainstASCII, degraded] {
            let result = Python.run(
                check, arguments: [schema], input: try JSONReport.render(RunReport(summary: run.summary())))
            #expect(result.status == 0, "\(result.output)")
        }
        let broken = try JSONReport.render(report(Fixtures.small)).replacing("\"is_infinite\"", with: "\"endless\"")
        #expect(Python.run(check, arguments: [schema], input: broken).status == 1)
    }

    @Test func `an unknown figure is absent from the JSON, not 0`() throws {
        let json = try JSONReport.render(report(Fixtures.small))
        #expect(json.contains("\"unavailable_because\""))
        #expect(!json.contains("null"))
        #expect(!json.contains("\"nanoseconds\":0,"))
    }

    @Test func `JUnit has a case for each budget and never passes what does not count`() throws {
        let passing = JUnitReport.render(try report(Fixtures.passing))
        #expect(passing.contains("tests=\"6\" failures=\"0\" errors=\"0\" skipped=\"0\""))
        var late = Fixtures.passing
        late.guests[0].guest.harnessLagNanoseconds = 900_000
        let invalid = JUnitReport.render(try report(late))
        #expect(invalid.contains("tests=\"6\" failures=\"0\" errors=\"1\" skipped=\"5\""))
        var failing = Fixtures.largeBody
        failing.candidate = "no-gc"
        let failed = JUnitReport.render(try report(failing))
        #expect(failed.contains("tests=\"6\" failures=\"5\" errors=\"0\" skipped=\"0\""))
    }

    @Test func `the verdict says no more than is known`() throws {
        var unbudgeted = Fixtures.passing
        unbudgeted.budgets = Budgets()
        #expect(try report(unbudgeted).verdictWord == "MEASURED")
        #expect(try report(unbudgeted).verdictSentence.hasPrefix("The measurement is valid."))

        var few = unbudgeted
        few.ratePerSecond = 1
        few.holdSeconds = 4
        few.warmupSeconds = 0
        few.agents = 1
        few.blocks = 1
        #expect(try report(few).verdictWord == "NOT JUDGED")
        #expect(try TerminalReport.render(report(few), colour: false).contains("  not judged: "))
        #expect(try !HTMLReport.render(report(few)).contains("Validity: valid"))

        var failing = unbudgeted
        failing.tamper = { batch, _ in
            var changed = batch
            for index in changed.segments.indices {
                changed.segments[index].counts.refused = changed.segments[index].counts.total
                changed.segments[index].counts.succeeded = 0
                changed.segments[index].serviceTime = .empty
                changed.segments[index].responseTime = .empty
            }
            return changed
        }
        #expect(try report(failing).verdictWord == "ALL FAILED")
        #expect(try report(failing).verdictTone == .bad)
        #expect(try report(failing).verdictSentence.contains("All requests failed."))
    }

    @Test func `a run that goes on is shown as such in every format`() throws {
        var run = Fixtures.largeBody
        run.status = .running
        run.tamperRecord = { record in
            var changed = record
            changed.status = record.identity.block == 0 ? .complete : .running
            return changed
        }
        let report = RunReport(summary: try run.summary(coordinator: .alive).withoutHistograms())
        for text in [
            TerminalReport.render(report, colour: false), MarkdownReport.render(report), HTMLReport.render(report),
        ] {
            #expect(text.contains("RUNNING"))
            #expect(text.contains("3 of 6 trials ended so far"))
            #expect(!text.contains("coordinator"))
        }
        #expect(JUnitReport.render(report).contains("errors=\"1\""))
    }

    @Test func `the percentile distribution ends at the failures`() throws {
        let strategy = try #require(try Fixtures.largeBody.summary().strategy(named: "leak-prone"))
        let text = PercentileDistribution.render(strategy)
        let rows = text.split(separator: "\n").dropFirst().filter { !$0.hasPrefix("#") }
        let last = try #require(rows.last).split(separator: " ")
        #expect(Int(last[2]) == strategy.counts.succeeded)
        #expect(text.contains("# \(strategy.counts.failed) of \(strategy.counts.total) requests failed"))
        let values = rows.compactMap { Double($0.split(separator: " ")[0]) }
        #expect(values == values.sorted() && values.count == rows.count)
    }
}

@Suite struct `Narrow terminals` {
    @Test(arguments: [40, 60, 80])
    func `p99 and the heap's verdict stay, and the tables fit`(columns: Int) throws {
        let report = RunReport(summary: try Fixtures.largeBody.summary())
        let lines = TerminalReport.render(report, colour: false, columns: columns).split(separator: "\n")
        let header = try #require(lines.firstIndex { $0.hasPrefix("  strategy") })
        #expect(lines[header].contains("p99") && lines[header].contains("heap"))
        let rows = lines[(header + 1)...].prefix { !$0.hasPrefix("  strategy") }
        #expect(!rows.isEmpty)
        for row in rows + [lines[header]] { #expect(row.count <= columns, "\(row)") }
    }
}

@Suite struct `Progress lines` {
    private let state = ProgressState(
        strategy: "conservative", trial: 2, trials: 6, block: 0, blocks: 2, phase: "hold",
        elapsedNanoseconds: 7_400_000_000, durationNanoseconds: 17_000_000_000, remainingNanoseconds: 79_400_000_000,
        answeredPerSecond: 50.2, p99Nanoseconds: 6_200_000, heapBytes: 21_600_000, failedRequests: 3, vmFailures: 1)

    @Test(arguments: [
        (
            200,
            "conservative  trial 3/6  block 1/2  hold  7/17 s  answered 50/s  p99 6.20 ms  heap 20.6 MiB  3 failed  "
                + "1 VM death  ETA 1 min 20 s"
        ),
        (
            103,
            "conservative  trial 3/6  hold  7/17 s  answered 50/s  p99 6.20 ms  heap 20.6 MiB  3 failed  1 VM death"
        ),
        (80, "conservative  hold  7/17 s  p99 6.20 ms  heap 20.6 MiB  3 failed  1 VM death"),
        (50, "conservative  p99 6.20 ms  3 failed  1 VM death"), (40, "conservative  p99 6.20 ms  1 VM death"),
        (30, "conservative  p99 6.20 ms"), (20, "conser…  p99 6.20 ms"), (12, "…  p99 6.20 "), (0, ""),
    ]) func `the least important part is left out first, the latency never`(width: Int, line: String) {
        let rendered = ProgressLine.render(state, width: width)
        #expect(rendered.count <= width)
        #expect(rendered == line)
    }

    @Test func `a trial of six seconds is over after six`() {
        var state = state
        (state.elapsedNanoseconds, state.durationNanoseconds) = (5_960_000_000, 6_000_000_000)
        #expect(ProgressLine.render(state, width: 200).contains("  6/6 s  "))
        state.elapsedNanoseconds = 5_400_000_000
        #expect(ProgressLine.render(state, width: 200).contains("  5/6 s  "))
    }

    @Test func `unknown figures are n/a, and the slowest request stands in for a p99`() {
        var early = ProgressState(
            strategy: "no-gc", trial: 0, trials: 1, block: 0, blocks: 1, phase: "starting", elapsedNanoseconds: -1,
            durationNanoseconds: 17_000_000_000)
        #expect(
            ProgressLine.render(early, width: 100)
                == "no-gc  trial 1/1  block 1/1  starting  0/17 s  p99 n/a  heap n/a")
        early.maximumNanoseconds = 9_000_000
        #expect(ProgressLine.render(early, width: 100).contains("max 9.00 ms"))
    }
}
