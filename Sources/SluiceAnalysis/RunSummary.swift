package import SluiceModel

/// Everything that any report prints about a run. Made by `RunAnalyser`; reports compute nothing of their own.
///
/// Unknown figures are `nil` or carry a reason; they are never 0.
package struct RunSummary: Sendable, Codable, Equatable {
    /// Of this structure, and so of the JSON report. Raised when a reader of the old one would misread the new one.
    package static let currentVersion = 1

    /// `currentVersion` when it was made.
    package var version: Int
    /// Which run it is.
    package var run: RunDescription
    /// Whether the figures may be used.
    package var validity: Validity
    /// In the order of the workload file.
    package var strategies: [StrategySummary]
    /// What differs between strategies, and what that means.
    package var findings: [Finding]
    /// The workload's own.
    package var budgets: Budgets
    /// The strategy that the budgets are about.
    package var candidate: String?
    /// The strategy to compare the candidate with; `nil` when the workload names none.
    package var baseline: String?
    /// The strategy that is the baseline once more; `nil` when there is none.
    package var baselineAgain: String?
    /// The gate may take so many blocks and stops when it can decide; `nil` when the number is fixed.
    package var atMostBlocks: Int?

    /// `nil` when the run has none of that name.
    package func strategy(named name: String) -> StrategySummary? { strategies.first { $0.name == name } }

    /// Not one request of any strategy was answered, though some were sent.
    package var hasNoAnswer: Bool { !strategies.isEmpty && strategies.allSatisfy(\.hasNoAnswer) }

    /// How `run` and `compare` end: they show budgets, and only `gate` decides about them.
    package var measurementExitCode: ExitCode {
        ExitCode.worst(of: [run.exitCode, validity.isValid ? .pass : .invalid])
    }
}

/// Which run this is, of what, where.
package struct RunDescription: Sendable, Codable, Equatable {
    /// As the store knows it.
    package var id: String
    /// `run`, `compare` or `gate`.
    package var command: String
    /// Name of the workload.
    package var workload: String
    /// What the workload is there to show.
    package var about: String
    /// Unix time.
    package var startedAtSeconds: Int64
    /// How the run ended.
    package var status: RunStatus
    /// Why, when it is not complete; empty otherwise.
    package var statusReason: String
    /// It is still going on: what is here is what had come in when it was looked at.
    package var isInProgress: Bool
    /// Trials of each strategy.
    package var blocks: Int
    /// Agent processes of each trial.
    package var agents: Int
    /// Load workers, with a VM each.
    package var workersPerAgent: Int
    /// One sentence for each phase: `hold 15.0 s at 50/s, constant arrivals`.
    package var phases: [String]
    /// Of each trial, before the measured phases.
    package var warmupSeconds: Double
    /// Of each trial, the warm-up included.
    package var durationSeconds: Double
    /// From the intended start of a request.
    package var timeoutNanoseconds: Int64
    /// Of each memory of a VM.
    package var memoryCapBytes: Int
    /// The Envoy release whose behaviour was followed.
    package var envoyProfile: String
    /// Where the host does not do as Envoy does: `link lenient`, `allocator proxy_on_memory_allocate`.
    package var departures: [String]
    /// Name and version of every engine that took part.
    package var engines: [String]
    /// The machine.
    package var host: HostIdentity
    /// Of the blocks, in order.
    package var seeds: [UInt64]
    /// SHA-256 of every module by strategy stands with the strategies; this is the way to run all of it again.
    package var repeatCommand: String
}

/// A comparison between strategies that explains something.
package struct Finding: Sendable, Codable, Equatable {
    /// What was found.
    package enum Kind: String, Sendable, Codable, Equatable {
        /// The same module under another payload keeps memory.
        case falseRetention = "false-retention"
        /// A fresh store of the same module stays flat.
        case retainedByInstance = "retained-by-instance"
        /// Growth equals what the host asked the guest to allocate.
        case hostAllocationsKept = "host-allocations-kept"
    }
    /// What was found.
    package var kind: Kind
    /// A few words.
    package var title: String
    /// What was compared, what came out, and what to do.
    package var text: String
    /// The ones that were compared.
    package var strategies: [String]
}

extension RunDescription {
    /// What the state of the run alone says about how a command ends: nothing is decided while it is going on.
    package var exitCode: ExitCode { isInProgress ? .inconclusive : status.exitCode }
}

extension RunStatus {
    /// What the state of a run alone says about how the command ends.
    package var exitCode: ExitCode {
        switch self {
        case .complete: .pass
        case .degraded: .degraded
        case .interrupted: .interrupted
        case .failed: .internalError
        // The run that is being looked at never ended: nobody knows what is missing.
        case .running: .invalid
        }
    }
}
