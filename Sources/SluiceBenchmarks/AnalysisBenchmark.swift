import Glibc
import SluiceAnalysis
import SluiceModel
import SluiceReport
import SluiceStore

/// What it takes to look at an hour's run of ten agents, beside SQLite's own time to read the same rows.
enum AnalysisBenchmark {
    private static let tables = ["batch", "segment", "growth_event", "vm_failure", "metric_sample", "check_failure"]
    private static let limit = 3.0
    private static let mostBytes = 500 << 20

    static func run() throws {
        let folder = "/tmp/sluice-benchmark-\(getpid())"
        guard mkdir(folder, 0o700) == 0 else { throw PlainSQLite.Failure(what: folder) }
        let path = "\(folder)/hour.sqlite"
        defer {
            for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
            rmdir(folder)
        }
        let hour = try HourOfLoad(path: path)
        let sqlite = try PlainSQLite()
        let rows = try sqlite.readAll(path: path, tables: tables).rows
        var parts = (read: [Double](), analysis: [Double](), report: [Double]())
        resetPeak()
        let medians = try Rounds.medians([
            { try look(at: hour, &parts) },
            { try Rounds.time { _ = try sqlite.readAll(path: path, tables: tables) } },
        ])
        let peak = peakBytes()
        func middle(_ values: [Double]) -> String {
            Units.duration(nanoseconds: Int64(values.sorted()[values.count / 2]))
        }
        print(
            "an hour of ten agents, \(rows) rows: read \(middle(parts.read)), read and analysed "
                + "\(middle(parts.analysis)), HTML report \(middle(parts.report)); peak "
                + "\(peak.map(Units.bytes) ?? "n/a") of \(Units.bytes(mostBytes)) allowed")
        Rounds.report(
            "analysis and report", medians[0], against: medians[1], named: "SQLite alone", limit: limit)
    }

    /// Nanoseconds from the stored run to the page.
    private static func look(
        at hour: HourOfLoad, _ parts: inout (read: [Double], analysis: [Double], report: [Double])
    ) throws -> Double {
        let store = try RunStore.open(path: hour.path, mode: .readOnly)
        guard let record = try store.latestRun() else { throw PlainSQLite.Failure(what: "a run") }
        let trials = try store.trials(ofRun: record.id)
        parts.read.append(
            try Rounds.time { for trial in trials { try store.forEachBatch(ofTrial: trial.identity) { _ in } } })
        var summary: RunSummary?
        let analysis = try Rounds.time {
            summary = try RunAnalyser.analyse(run: record, trials: trials) { trial, body in
                var problem: (any Error)?
                try store.forEachBatch(ofTrial: trial) { batch in
                    do { try body(batch) } catch { problem = error }
                }
                if let problem { throw problem }
            }
        }
        guard let summary else { throw PlainSQLite.Failure(what: "a summary") }
        let report = Rounds.time { _ = HTMLReport.render(RunReport(summary: summary)) }
        parts.analysis.append(analysis)
        parts.report.append(report)
        return analysis + report
    }

    /// From here on the kernel notes the largest resident set anew.
    private static func resetPeak() {
        guard let file = fopen("/proc/self/clear_refs", "w") else { return }
        fputs("5", file)
        fclose(file)
    }

    /// `nil` where the kernel does not tell.
    private static func peakBytes() -> Int? {
        guard let file = fopen("/proc/self/status", "r") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard text.hasPrefix("VmHWM:") else { continue }
            return text.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) }.map { $0 * 1024 }
        }
        return nil
    }
}
