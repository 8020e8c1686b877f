import ArgumentParser
import Foundation
import SluiceAnalysis
import SluiceModel
import SluiceReport
import SluiceStore
import SluiceWorkload

/// `sluice runs trend`: what runs of one workload came to, one after the other.
struct RunsTrendCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trend", abstract: "Shows the runs of a workload one after the other, with change points.",
        discussion: """
            Only runs of the same workload text, seed, machine and engine are put side by side; the others are named \
            with what differs. For information: it decides about nothing.
            """)

    /// A form that a history can take.
    enum Format: String, CaseIterable, ExpressibleByArgument { case terminal, json, html }

    @Argument(help: "The workload's name, or its file.")
    var workload: String

    @Option(help: ArgumentHelp("Looks at so many of its runs, the latest.", valueName: "number"))
    var last = 50

    @Option(help: "The form of the report.")
    var format = Format.terminal

    @Option(name: [.short, .long], help: "A file to write to. (default: standard output)")
    var output: String?

    @OptionGroup var storeOptions: StoreOptions

    func validate() throws {
        guard last >= 1 else { throw ValidationError("--last is 1 or more.") }
    }

    func run() throws {
        if let output { try ReportFile.checkFile(output) }
        let history = try history()
        let text =
            switch format {
            case .terminal: HistoryReport.terminal(history)
            case .json: try HistoryReport.json(history)
            case .html: HistoryPage.render(history)
            }
        if let output { try ReportFile.write(text + "\n", to: output) } else { try Output.write(text) }
    }

    private func history() throws -> RunHistory {
        let store = try StoredRun.open(storeOptions.path)
        let records = try records(in: store)
        var builder: RunHistoryBuilder?
        var unusable: [(record: RunRecord, reason: String)] = []
        for record in records {
            if builder == nil {
                if let reason = RunHistoryBuilder.problem(of: record) {
                    unusable.append((record, reason))
                    continue
                }
                let summary = try StoredRun.summary(of: record, in: store)
                if let reason = RunHistoryBuilder.problem(of: summary) {
                    unusable.append((record, reason))
                } else {
                    builder = RunHistoryBuilder(reference: record, summary: summary)
                }
            } else if builder?.accepts(record) == true {
                builder?.add(record, try StoredRun.summary(of: record, in: store))
            }
        }
        guard var builder else {
            let reasons = unusable.map { "\($0.record.id): \($0.reason)" }.joined(separator: "\n")
            throw CommandEnd(.inconclusive, "no run of \(workload) has figures to show\n\(reasons)")
        }
        for (record, reason) in unusable { builder.leaveOut(record, reason) }
        return builder.finish()
    }

    /// Runs of the workload, the latest first.
    private func records(in store: RunStore) throws -> [RunRecord] {
        let all: [RunRecord]
        do throws(StoreError) { all = try store.runs() } catch { throw StoredRun.end(error) }
        let text = FileManager.default.contents(atPath: workload).map { String(decoding: $0, as: UTF8.self) }
        let found = all.filter {
            $0.workload.name == workload || $0.workloadPath == workload || (text != nil && $0.workloadText == text)
        }
        guard found.isEmpty else { return Array(found.prefix(last)) }
        let names = Set(all.map(\.workload.name)).sorted()
        let help = names.isEmpty ? "it holds no runs" : Suggestion.help(for: workload, among: names)
        throw CommandEnd(.usage, "\(store.path) holds no run of `\(workload)`; \(help)")
    }
}
