internal import Foundation
internal import GRDB
package import SluiceModel

extension RunStore {
    /// Calls with every batch of a trial, by agent, worker and sequence, one at a time in memory. All of them are
    /// from the same instant, whatever is written meanwhile. The body must not use the store.
    ///
    /// Each table is read once, in the order of the batches, side by side with the others: one query for the parts of
    /// each batch would cost several times what SQLite needs to read them.
    package func forEachBatch(
        ofTrial trial: TrialIdentity, _ body: (IntervalBatch) -> Void
    ) throws(StoreError) {
        try read { database in
            let reader = try BatchReader(
                database: database, trialID: Self.requireRowID(of: trial, in: database), path: path)
            while let batch = try reader.next() { body(batch) }
        }
    }
}
