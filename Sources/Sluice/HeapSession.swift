import Glibc
import SluiceAnalysis
import SluiceCoordinator
import SluiceModel
import SluiceProcess
import SluiceReport
import SluiceStore
import SluiceTrials

/// Runs a heap study with its progress on standard error.
struct HeapSession {
    var request: HeapStudyRequest

    func run() async throws -> HeapStudy {
        let configuration = LocalClusterConfiguration(agentCount: 1, buildVersion: BuildVersion.current) {
            Self.show("agent \($0): \($1)")
        }
        let conductor = HeapStudyConductor(request: request, configuration: configuration) { notice in
            if let line = Self.line(notice) { Self.show(line) }
        }
        try Signals.watch([SIGINT, SIGTERM, SIGHUP]) { _ in conductor.interrupt() }
        let names = request.strategies.map(\.name).joined(separator: ", ")
        Self.show(
            "\(request.workload.name): \(names); "
                + "\(counted(request.searches, "search", plural: "searches")) a strategy, "
                + "replays of \(counted(request.requestsOfReplay, "request"))")
        do throws(RunFailure) { return try await conductor.run() } catch {
            throw CommandEnd(error.exitCode, error.description)
        }
    }

    private static func show(_ line: String) { Output.writeErrorLines(line) }

    /// Sizes that are tried are only shown to a person who waits for them.
    private static func line(_ notice: HeapStudyNotice) -> String? {
        switch notice {
        case .unconstrained(let strategy, let figures, let problem):
            if let problem { return "\(strategy): does not run without a limit: \(problem)" }
            return "\(strategy): without a limit \(Units.bytes(figures.linearHighWaterBytes))"
                + (figures.gcHeapHighWaterBytes > 0
                    ? " and \(Units.bytes(figures.gcHeapHighWaterBytes)) of Wasm GC heap" : "")
                + ", \(Units.duration(nanoseconds: figures.durationNanoseconds)) a replay"
        case .attempt(let strategy, let requests, let attempt):
            guard TerminalStyle.isInteractive(STDERR_FILENO) else { return nil }
            return "\(strategy): \(grouped(requests)) requests in \(Units.bytes(attempt.bytes)): "
                + (attempt.ran ? "ran" : attempt.reason)
        case .searchEnded(let strategy, let number, let requests, let result):
            return "\(strategy): search \(number), \(counted(requests, "request")): "
                + (result.bytes.map { Units.bytes($0) } ?? result.problem ?? "")
                + " (\(counted(result.attempts.count, "size")) tried)"
        case .sweepBegins(let trials, let nanoseconds):
            return "sweep: \(counted(trials, "trial")), about \(Units.duration(nanoseconds: nanoseconds))"
        case .sweepTrial(let strategy, let bytes, let position, let trials):
            return "sweep \(position)/\(trials): \(strategy) in \(Units.bytes(bytes))"
        case .log(let line): return line
        }
    }
}

extension ReportFormat {
    /// The text of a heap study in this form; `nil` for the forms that it does not have.
    func render(_ study: HeapStudy) throws -> String? {
        switch self {
        case .terminal: HeapStudyReport.terminal(study)
        case .json: try HeapStudyReport.json(study)
        case .markdown: HeapStudyReport.markdown(study)
        case .html: HeapStudyPage.render(study)
        default: nil
        }
    }
}

extension ReportOptions {
    /// Prints the study and writes it as HTML, Markdown and JSON.
    func publish(_ study: HeapStudy) throws {
        if let text = try format.reportFormat.render(study) { try Output.write(text) }
        guard !isSuppressed else { return }
        let base = "\(directory)/\(study.workload)-\(study.runID)"
        for format in [ReportFormat.html, .markdown, .json] {
            if let text = try format.render(study) {
                try ReportFile.write(text, to: "\(base).\(format.fileExtension)")
            }
        }
        Output.writeError("report: \(base).html (also .md and .json)\n")
    }
}

extension StoredRun {
    /// The study of a run of `sluice heap`; `nil` for any other run.
    static func heapStudy(of record: RunRecord, in store: RunStore) throws -> HeapStudy? {
        guard record.command == "heap" else { return nil }
        do throws(StoreError) {
            if let study = try store.heapStudy(ofRun: record.id) { return study }
        } catch {
            throw CommandEnd(.internalError, error.description)
        }
        throw CommandEnd(.usage, "run \(record.id) of sluice heap broke off before it had a result")
    }
}
