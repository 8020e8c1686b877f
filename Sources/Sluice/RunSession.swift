import Glibc
import SluiceAnalysis
import SluiceCoordinator
import SluiceModel
import SluiceProcess
import SluiceStore
import SluiceTrials

/// What `run`, `compare` and `gate` have in common: run the trials with progress, and analyse what was stored.
struct RunSession {
    var command: String
    var workload: Workload
    var workloadText: String
    var workloadPath: String
    var strategies: [Strategy]
    var blocks: Int
    var looks: Looks?
    /// What to say before it begins; `nil`: how long it takes.
    var announcement: String?
    var storePath: String

    func run() async throws -> RunSummary {
        let display = ProgressDisplay(blocks: blocks)
        let request = RunRequest(
            command: command, workload: workload, workloadText: workloadText, workloadPath: workloadPath,
            strategies: strategies, blocks: blocks, looks: looks, storePath: storePath)
        let configuration = LocalClusterConfiguration(
            agentCount: workload.load.agents, buildVersion: BuildVersion.current
        ) { agent, line in display.note(.log("agent \(agent): \(line)")) }
        let conductor = RunConductor(request: request, configuration: configuration) { display.note($0) }
        try Signals.watch([SIGINT, SIGTERM, SIGHUP]) { _ in conductor.interrupt() }
        Output.writeError((announcement ?? duration) + "\n")
        let record: RunRecord
        do throws(RunFailure) { record = try await conductor.run() } catch {
            display.finish()
            throw CommandEnd(error.exitCode, error.description)
        }
        display.finish()
        return try StoredRun.summary(of: record, storePath: storePath)
    }

    private var duration: String {
        let names = strategies.map(\.name).joined(separator: ", ")
        let trial = Units.duration(nanoseconds: workload.load.durationNanoseconds)
        let trials = strategies.count * blocks
        let total = Units.duration(nanoseconds: workload.load.durationNanoseconds * Int64(trials))
        return "\(workload.name): \(names); \(blocks) block\(blocks == 1 ? "" : "s") of \(trial) a strategy, "
            + "\(workload.load.agents) agent\(workload.load.agents == 1 ? "" : "s"); about \(total)"
    }
}

extension RunFailure {
    var exitCode: SluiceAnalysis.ExitCode {
        switch self {
        case .couldNotStart: .usage
        case .interruptedBeforeStart: .interrupted
        case .storage, .internalError: .internalError
        }
    }
}

/// Stored runs as commands look at them.
enum StoredRun {
    static func open(_ path: String) throws -> RunStore {
        do throws(StoreError) { return try RunStore.open(path: path, mode: .readOnly) } catch {
            throw end(error)
        }
    }

    /// A store that is not there, or another file, is the user's mistake.
    static func end(_ error: StoreError) -> CommandEnd {
        switch error {
        case .missing, .notAStore, .newer: CommandEnd(.usage, error.description)
        case .noSuchRun, .ambiguousRun, .noSuchTrial, .runActive, .runMayBeActive: CommandEnd(.usage, error.description)
        case .damaged, .diskFull, .notPermitted, .busy, .failed, .duplicate:
            CommandEnd(.internalError, error.description)
        }
    }

    /// - Parameter identifier: of the run, or how it begins; `nil` for the latest.
    static func find(_ identifier: String?, in store: RunStore) throws -> RunRecord {
        let found: RunRecord?
        do throws(StoreError) {
            found = if let identifier { try store.run(matching: identifier) } else { try store.latestRun() }
        } catch {
            throw end(error)
        }
        guard let found else { throw CommandEnd(.usage, "\(store.path) holds no runs") }
        return found
    }

    static func summary(of record: RunRecord, storePath: String) throws -> RunSummary {
        try summary(of: record, in: open(storePath))
    }

    /// For callers that have opened the store: it is looked through for damage each time.
    static func summary(of record: RunRecord, in store: RunStore) throws -> RunSummary {
        do {
            return try RunAnalyser.analyse(
                run: record, trials: try store.trials(ofRun: record.id),
                coordinator: try coordinator(of: record, in: store)
            ) { trial, body in
                var problem: (any Error)?
                try store.forEachBatch(ofTrial: trial) { batch in
                    guard problem == nil else { return }
                    do { try body(batch) } catch { problem = error }
                }
                if let problem { throw problem }
            }
        } catch {
            throw CommandEnd(.internalError, "cannot analyse run \(record.id): \(error)")
        }
    }

    /// `nil` when the run has ended.
    private static func coordinator(of record: RunRecord, in store: RunStore) throws -> CoordinatorState? {
        switch try store.activity(ofRun: record.id) {
        case .ended: nil
        case .active: .alive
        case .coordinatorDied: .dead
        case .unknown: .unknown
        }
    }
}
