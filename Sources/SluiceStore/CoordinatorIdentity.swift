internal import Foundation

/// Whether anybody still writes a run.
package enum RunActivity: Sendable, Equatable {
    /// The run has ended, and how it ended is stored.
    case ended
    /// Its coordinator is alive.
    case active
    /// Its coordinator died before it could store how the run ended.
    case coordinatorDied
    /// Nothing can be said about its coordinator from here, because it ran in another container.
    case unknown
}

/// The process that writes a run, so that a later one can find out whether it is still alive. A process identifier
/// alone would be mistaken once the kernel gives it to another process.
struct CoordinatorIdentity: Codable, Equatable {
    var processID: Int32
    /// Clock ticks between the machine's start and the process's start; `nil` where there is no `/proc`.
    var startTicks: UInt64?
    /// Changes with every start of the machine.
    var bootID: String?
    /// Where `processID` means something.
    var processNamespace: String?

    static func ofThisProcess() -> CoordinatorIdentity {
        let processID = getpid()
        return CoordinatorIdentity(
            processID: processID, startTicks: startTicks(of: processID), bootID: bootID(),
            processNamespace: processNamespace())
    }

    /// What has become of the process, as far as it can be seen from this one.
    var activity: RunActivity {
        guard let startTicks, let bootID, let processNamespace else { return .unknown }
        guard let currentBootID = Self.bootID(), currentBootID == bootID else { return .coordinatorDied }
        guard Self.processNamespace() == processNamespace else { return .unknown }
        return Self.startTicks(of: processID) == startTicks ? .active : .coordinatorDied
    }

    private static func bootID() -> String? {
        text(ofFile: "/proc/sys/kernel/random/boot_id")?.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func processNamespace() -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
    }

    /// Field 22 of `/proc/PID/stat`; the command's name in field 2 may hold blanks and parentheses. A process that
    /// has ended and only waits for its parent to notice counts as gone.
    private static func startTicks(of processID: Int32) -> UInt64? {
        guard let stat = text(ofFile: "/proc/\(processID)/stat"), let nameEnd = stat.lastIndex(of: ")") else {
            return nil
        }
        let fields = stat[stat.index(after: nameEnd)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return UInt64(fields[19])
    }

    private static func text(ofFile path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }
}
