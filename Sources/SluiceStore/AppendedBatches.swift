internal import Foundation
internal import GRDB
package import SluiceModel

extension RunStore {
    /// Stores what a worker saw in an interval, in one transaction. Its trial is stored already.
    package func append(_ batch: IntervalBatch, trial: TrialIdentity) throws(StoreError) {
        try write { database in
            let trialID = try Self.requireRowID(of: trial, in: database)
            do {
                try Self.insert(batch, trialID: trialID, in: database)
            } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE {
                throw StoreError.duplicate(
                    "batch \(batch.sequence) of worker \(batch.worker) of agent \(batch.agent)")
            }
            let batchID = database.lastInsertedRowID
            for (ordinal, segment) in batch.segments.enumerated() {
                try Self.insert(segment, batchID: batchID, ordinal: ordinal, in: database)
            }
            for (ordinal, event) in batch.growth.enumerated() {
                try Self.insert(event, batchID: batchID, ordinal: ordinal, in: database)
            }
            for (ordinal, failure) in batch.failures.enumerated() {
                try Self.insert(failure, batchID: batchID, ordinal: ordinal, in: database)
            }
            for (ordinal, sample) in batch.metrics.enumerated() {
                try database.cachedStatement(sql: "INSERT INTO metric_sample VALUES (?, ?, ?, ?, ?)")
                    .execute(arguments: [batchID, ordinal, sample.timeNanoseconds, sample.name, sample.value])
            }
            for (ordinal, failure) in batch.checkFailures.enumerated() {
                try database.cachedStatement(sql: "INSERT INTO check_failure VALUES (?, ?, ?, ?)")
                    .execute(arguments: [batchID, ordinal, failure.requestIndex, failure.message])
            }
        }
    }

    private static func insert(_ batch: IntervalBatch, trialID: Int64, in database: Database) throws {
        let (heap, events) = (batch.heap, batch.vmEvents)
        try database.cachedStatement(
            sql: """
                INSERT INTO batch VALUES (
                    NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
                )
                """
        ).execute(arguments: [
            trialID, batch.agent, batch.worker, batch.sequence, batch.startNanoseconds, batch.endNanoseconds,
            heap.linearBytes, heap.gcHeapBytes, heap.linearHighWaterBytes, heap.gcHeapHighWaterBytes,
            heap.hostAllocatedBytes, heap.hostAllocations, heap.growthEventsWithoutDetail, heap.vmRequests,
            events.created, events.recycled, events.failed, events.reloadSucceeded, events.reloadFailed,
            events.reloadBackoff, batch.isLast, events.callOuts, events.callOutsAnswered, events.callOutsFailed,
            events.callOutsCancelled, events.ticks, events.ticksLateByPlugin, events.callOutsLateByPlugin,
            events.ticksLateByHarness, events.callOutsLateByHarness, events.logLinesSuppressed,
            events.queueMessagesRefused, heap.memoryAllocateBytes, heap.memoryAllocateCalls,
            events.queuesRefused, events.callOutsRefused, events.metricsRefused, events.sharedDataRefused,
            events.streamChangesRefused,
        ])
    }

    private static func insert(
        _ segment: LoadSegment, batchID: Int64, ordinal: Int, in database: Database
    ) throws {
        let counts = segment.counts
        try database.cachedStatement(
            sql: "INSERT INTO segment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        ).execute(arguments: [
            batchID, ordinal, StoredName.of(segment.role), counts.succeeded, counts.checkFailed, counts.refused,
            counts.trapped, counts.timedOut, counts.reset, counts.unfinished, counts.neverStarted, counts.outOfRange,
            Data(segment.startLag.bytes), Data(segment.harnessLag.bytes), Data(segment.serviceTime.bytes),
            Data(segment.responseTime.bytes),
        ])
    }

    private static func insert(
        _ event: GrowthEvent, batchID: Int64, ordinal: Int, in database: Database
    ) throws {
        try database.cachedStatement(sql: "INSERT INTO growth_event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
            .execute(arguments: [
                batchID, ordinal, event.timeNanoseconds, event.requestIndex, event.vmRequestNumber, event.vmOrdinal,
                StoredName.of(event.memory), event.fromBytes, event.toBytes, event.granted,
            ])
    }

    private static func insert(
        _ failure: VMFailure, batchID: Int64, ordinal: Int, in database: Database
    ) throws {
        try database.cachedStatement(
            sql: "INSERT INTO vm_failure VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        ).execute(arguments: [
            batchID, ordinal, failure.kind.rawValue, failure.timeNanoseconds, failure.plugin, failure.requestIndex,
            failure.vmRequestNumber, failure.workerRequestNumber, failure.vmOrdinal, failure.callback,
            failure.message, json(failure.backtrace), json(failure.lastLogLines), failure.linearBytes,
            failure.gcHeapBytes, failure.refusedToBytes,
        ])
    }
}

/// Words in the tables for cases that are numbers in the model.
enum StoredName {
    static func of(_ role: LoadRole) -> String {
        switch role {
        case .warmup: "warmup"
        case .measured: "measured"
        }
    }

    static func of(_ memory: MemoryKind) -> String {
        switch memory {
        case .linear: "linear"
        case .gcHeap: "gc_heap"
        }
    }
}
