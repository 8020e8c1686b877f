import Foundation
import RunFixtures
import SluiceAnalysis
import SluiceModel
import SluiceReport
import Testing

@Suite struct `Reports on the history of a workload` {
    /// Ten runs of which the later four are slower, one that is infinitely slow, and one that is left out.
    private func history(name: String = "conservative") throws -> RunHistory {
        let run = Fixtures.passing
        var summary = try run.summary()
        summary.strategies[0].name = name
        summary.strategies[0].cpuNanosecondsPerRequest = nil
        let medians: [Int64] = [500, 510, 490, 500, 520, 510, 640, 650, 630, 640]
        let runs = medians.enumerated().map { day, median in
            var record = run.runRecord
            record.id = "202611\(11 + day)-101530-4f2a"
            record.startedAtSeconds += Int64(day - 10) * 86_400
            var summary = summary
            summary.strategies[0].description.moduleHashes = [FixtureRun.hash(of: day < 6 ? "old" : "new").hexadecimal]
            for index in summary.strategies[0].responseTime.quantiles.indices {
                let isEndless = day == 3 && summary.strategies[0].responseTime.quantiles[index].quantile == 0.99
                summary.strategies[0].responseTime.quantiles[index].figure =
                    isEndless ? .infinite() : .finite(median * 1000)
            }
            return (record: record, summary: summary)
        }
        var builder = RunHistoryBuilder(reference: runs[9].record, summary: runs[9].summary)
        for run in runs where builder.accepts(run.record) { builder.add(run.record, run.summary) }
        var other = runs[0].record
        other.id = "20261001-101530-4f2a"
        other.workload.load.seed = 7
        let isAccepted = builder.accepts(other)
        #expect(!isAccepted)
        return builder.finish()
    }

    @Test func `golden file`() throws {
        try Golden.compare(HistoryReport.terminal(history()) + "\n", with: "history.txt")
    }

    @Test func `the page has a picture for every metric with figures, and no markup from outside`() throws {
        let page = HistoryPage.render(try history())
        #expect(page.ranges(of: "<figure>").count == 3, "CPU time is not known")
        #expect(page.contains("history-0-response-time-p50-narrow"))
        let hostile = HistoryPage.render(try history(name: "<script>alert('1')</script>"))
        #expect(!hostile.contains("<script"))
    }

    @Test(.enabled(if: Python.hasJSONSchema, "PyPI jsonschema is not there: the JSON of a history was not validated"))
    func `JSON follows its schema`() throws {
        let schema = Golden.folder.appending(path: "../../../dashboards/history.schema.json").standardizedFileURL.path
        let check = """
            import json, sys, jsonschema
            schema = json.load(open(sys.argv[1]))
            jsonschema.Draft202012Validator.check_schema(schema)
            jsonschema.validate(json.load(sys.stdin), schema)
            """
        let json = try HistoryReport.json(history())
        let result = Python.run(check, arguments: [schema], input: json)
        #expect(result.status == 0, "\(result.output)")
        let broken = json.replacing("\"is_infinite\"", with: "\"endless\"")
        #expect(Python.run(check, arguments: [schema], input: broken).status != 0)
    }
}
