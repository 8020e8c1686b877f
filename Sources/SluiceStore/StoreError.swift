internal import GRDB

/// Why a store cannot be opened, read or written. Nothing that it says is damaged or not ours has been changed.
package enum StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is no file to read.
    case missing(path: String)
    /// Something else than a store of this program; `found` says what.
    case notAStore(path: String, found: String)
    /// A store, but its content cannot be trusted or read.
    case damaged(path: String, detail: String)
    /// Written by a newer version of this program.
    case newer(path: String, version: Int, supported: Int)
    /// No space is left, or a limit on the file's size is reached. What was stored before can still be read.
    case diskFull(path: String, detail: String)
    /// The file or its folder may not be read or written.
    case notPermitted(path: String, detail: String)
    /// Another process kept the store locked for longer than the timeout.
    case busy(path: String, seconds: Double)
    /// The device failed, or SQLite did for a reason that has no case of its own.
    case failed(path: String, detail: String)
    /// No stored run has this identifier, or one that begins like it.
    case noSuchRun(String)
    /// Several runs begin like this.
    case ambiguousRun(String, matches: [String])
    /// Nothing has been stored for this trial.
    case noSuchTrial(runID: String, strategy: String, block: Int)
    /// The same run, trial or batch is stored already.
    case duplicate(String)
    /// A run that is still being written cannot be deleted.
    case runActive(String)
    /// Nor one that another container may be writing.
    case runMayBeActive(String)

    package var description: String {
        switch self {
        case .missing(let path): "no store at \(path)"
        case .notAStore(let path, let found): "\(path) is not a store of Sluice: it is \(found); it was left as it is"
        case .damaged(let path, let detail): "the store \(path) is damaged (\(detail)); it was left as it is"
        case .newer(let path, let version, let supported):
            "the store \(path) has format \(version), written by a newer Sluice; this one reads up to \(supported)"
        case .diskFull(let path, let detail):
            "no space left for the store \(path) (\(detail)); what was stored before can still be read"
        case .notPermitted(let path, let detail): "the store \(path) cannot be opened: \(detail)"
        case .busy(let path, let seconds):
            "another process kept the store \(path) locked for more than \(seconds) s"
        case .failed(let path, let detail): "the store \(path) failed: \(detail)"
        case .noSuchRun(""): "the identifier of the run is empty; `sluice runs` lists those that are stored"
        case .noSuchRun(let id): "no stored run is called \(id) or begins with it"
        case .ambiguousRun(let prefix, let matches):
            "several runs begin with \(prefix): \(matches.joined(separator: ", "))"
        case .noSuchTrial(let runID, let strategy, let block):
            "run \(runID) has no trial of strategy \(strategy) in block \(block)"
        case .duplicate(let what): "stored already: \(what)"
        case .runActive(let id): "run \(id) is still being written"
        case .runMayBeActive(let id):
            "run \(id) has not ended, and its coordinator cannot be seen from here: --force deletes it all the same"
        }
    }
}

extension StoreError {
    /// What a person has to know of an error of SQLite's.
    init(_ error: any Error, path: String, busyTimeoutSeconds: Double) {
        if let error = error as? StoreError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self = .failed(path: path, detail: "\(error)")
            return
        }
        let detail = error.message ?? "\(error.extendedResultCode)"
        let fullCodes: [ResultCode] = [
            .SQLITE_FULL, .SQLITE_IOERR_WRITE, .SQLITE_IOERR_SHMSIZE, .SQLITE_IOERR_SHMOPEN,
        ]
        switch (error.resultCode, error.extendedResultCode) {
        case (_, let code) where fullCodes.contains(code): self = .diskFull(path: path, detail: detail)
        case (.SQLITE_CORRUPT, _), (.SQLITE_NOTADB, _): self = .damaged(path: path, detail: detail)
        case (.SQLITE_BUSY, _), (.SQLITE_LOCKED, _): self = .busy(path: path, seconds: busyTimeoutSeconds)
        case (.SQLITE_CANTOPEN, _), (.SQLITE_READONLY, _), (.SQLITE_PERM, _):
            self = .notPermitted(path: path, detail: detail)
        default: self = .failed(path: path, detail: detail)
        }
    }
}
