import SluiceModel
import SluiceStore
import Synchronization

/// The store of a run that has not begun: checked before anything starts, opened or made when there is something to
/// keep, so that a run that could not start leaves no empty file behind.
final class PendingStore: Sendable {
    private let path: String
    private let store = Mutex<RunStore?>(nil)

    /// Throws what is wrong with the file, or with the folder that it is to be made in.
    init(path: String) throws(StoreError) {
        self.path = path
        try RunStore.check(path: path)
    }

    /// As `init`, with the failure that a run ends with.
    static func checked(path: String) throws(RunFailure) -> PendingStore {
        do throws(StoreError) {
            return try PendingStore(path: path)
        } catch {
            switch error {
            case .missing, .notAStore, .newer, .notPermitted: throw .couldNotStart(error.description)
            default: throw .storage(error.description)
            }
        }
    }

    /// The store; made by the first call if there is none.
    func opened() throws(StoreError) -> RunStore {
        if let store = ifOpened { return store }
        let opened = try RunStore.open(path: path, mode: .create)
        store.withLock { $0 = opened }
        return opened
    }

    /// Notes how a run that had begun has ended, as far as the store still takes it. `id`: `nil` for a run of which
    /// nothing has been kept.
    func failure(_ failure: RunFailure, endsRun id: String?) -> RunFailure {
        guard let id else { return failure }
        try? ifOpened?.finishRun(id: id, status: .failed, reason: failure.description)
        return failure.keeping(runID: id)
    }

    /// `nil` as long as nothing had to be kept.
    var ifOpened: RunStore? { store.withLock { $0 } }
}
