internal import Foundation
internal import GRDB
internal import SluiceModel

/// Reads the batches of one trial: a cursor for each table, all of them in the same order.
final class BatchReader {
    private let path: String
    private let batches: QueryRows
    private let segments: PartCursor
    private let growth: PartCursor
    private let failures: PartCursor
    private let metrics: PartCursor
    private let checkFailures: PartCursor

    /// - Parameter path: of the store, for errors.
    init(database: Database, trialID: Int64, path: String) throws {
        self.path = path
        // A store of an earlier version that was opened for reading has no such columns.
        let present = Set(try database.columns(in: "batch").map(\.name))
        func counts(_ names: [String]) -> [String] { names.map { present.contains($0) ? $0 : "0" } }
        let early = counts(StoreSchema.batchCountsOfVersion2 + StoreSchema.batchCountsOfVersion3)
        let shares = StoreSchema.batchSharesOfVersion3.map { present.contains($0) ? $0 : "NULL" }
        let columns = (Self.batchColumns + early + shares + counts(StoreSchema.batchCountsOfVersion4)).joined(
            separator: ", ")
        batches = try QueryRows(
            database, sql: "SELECT \(columns) FROM batch WHERE trial_id = ? ORDER BY agent, worker, sequence",
            trialID: trialID, path: path)
        func parts(_ table: String, _ columns: [String], isRare: Bool = false) throws -> PartCursor {
            try PartCursor(
                database: database, trialID: trialID, table: table, columns: columns, isRare: isRare, path: path)
        }
        segments = try parts("segment", Self.segmentColumns)
        growth = try parts("growth_event", Self.growthColumns, isRare: true)
        failures = try parts("vm_failure", Self.failureColumns, isRare: true)
        metrics = try parts("metric_sample", ["time_nanoseconds", "name", "value"])
        checkFailures = try parts("check_failure", ["request_index", "message"], isRare: true)
    }

    /// `nil` after the last one.
    func next() throws -> IntervalBatch? {
        guard try batches.next() else { return nil }
        let row = batches
        let id: Int64 = try row[0]
        return try IntervalBatch(
            agent: row[1], worker: row[2], sequence: row[3], startNanoseconds: row[4], endNanoseconds: row[5],
            segments: segments.rows(of: id, segment),
            heap: HeapSample(
                linearBytes: row[6], gcHeapBytes: row[7], linearHighWaterBytes: row[8], gcHeapHighWaterBytes: row[9],
                hostAllocatedBytes: row[10], hostAllocations: row[11], growthEventsWithoutDetail: row[12],
                vmRequests: row[13], memoryAllocateBytes: row[32], memoryAllocateCalls: row[33]),
            growth: growth.rows(of: id, growthEvent), failures: failures.rows(of: id, failure),
            vmEvents: Self.vmEvents(row),
            metrics: metrics.rows(of: id) {
                try MetricSample(timeNanoseconds: $0[1], name: $0[2], value: $0[3])
            },
            checkFailures: checkFailures.rows(of: id) { try CheckFailure(requestIndex: $0[1], message: $0[2]) },
            isLast: row[20])
    }

    private static let batchColumns = [
        "id", "agent", "worker", "sequence", "start_nanoseconds", "end_nanoseconds", "linear_bytes", "gc_heap_bytes",
        "linear_high_water_bytes", "gc_heap_high_water_bytes", "host_allocated_bytes", "host_allocations",
        "growth_events_without_detail", "vm_requests", "vms_created", "vms_recycled", "vms_failed",
        "reloads_succeeded", "reloads_failed", "reloads_backed_off", "is_last",
    ]

    /// The counts of later versions come after these columns.
    private static func vmEvents(_ row: QueryRows) throws -> VMEventCounts {
        var events = VMEventCounts()
        events.created = try row[14]
        events.recycled = try row[15]
        events.failed = try row[16]
        events.reloadSucceeded = try row[17]
        events.reloadFailed = try row[18]
        events.reloadBackoff = try row[19]
        events.callOuts = try row[21]
        events.callOutsAnswered = try row[22]
        events.callOutsFailed = try row[23]
        events.callOutsCancelled = try row[24]
        events.ticks = try row[25]
        events.ticksLateByPlugin = try row[26]
        events.callOutsLateByPlugin = try row[27]
        events.ticksLateByHarness = try row[28]
        events.callOutsLateByHarness = try row[29]
        events.logLinesSuppressed = try row[30]
        events.queueMessagesRefused = try row[31]
        events.queuesRefused = try row[34]
        events.callOutsRefused = try row[35]
        events.metricsRefused = try row[36]
        events.sharedDataRefused = try row[37]
        events.streamChangesRefused = try row[38]
        return events
    }

    private static let segmentColumns = [
        "role", "succeeded", "check_failed", "refused", "trapped", "timed_out", "reset", "unfinished",
        "never_started", "out_of_range", "start_lag_histogram", "harness_lag_histogram", "service_time_histogram",
        "response_time_histogram",
    ]

    private func segment(_ row: QueryRows) throws -> LoadSegment {
        var counts = OutcomeCounts()
        counts.succeeded = try row[2]
        counts.checkFailed = try row[3]
        counts.refused = try row[4]
        counts.trapped = try row[5]
        counts.timedOut = try row[6]
        counts.reset = try row[7]
        counts.unfinished = try row[8]
        counts.neverStarted = try row[9]
        counts.outOfRange = try row[10]
        return try LoadSegment(
            role: value(1, "role", of: row, StoredName.of), counts: counts,
            startLag: EncodedHistogram(bytes: row[11]), harnessLag: EncodedHistogram(bytes: row[12]),
            serviceTime: EncodedHistogram(bytes: row[13]), responseTime: EncodedHistogram(bytes: row[14]))
    }

    private static let growthColumns = [
        "time_nanoseconds", "request_index", "vm_request_number", "vm_ordinal", "memory", "from_bytes", "to_bytes",
        "granted",
    ]

    private func growthEvent(_ row: QueryRows) throws -> GrowthEvent {
        try GrowthEvent(
            timeNanoseconds: row[1], requestIndex: row[2], vmRequestNumber: row[3], vmOrdinal: row[4],
            memory: value(5, "memory", of: row, StoredName.of), fromBytes: row[6], toBytes: row[7],
            granted: row[8])
    }

    private static let failureColumns = [
        "kind", "time_nanoseconds", "plugin", "request_index", "vm_request_number", "worker_request_number",
        "vm_ordinal", "callback", "message", "backtrace_json", "last_log_lines_json", "linear_bytes", "gc_heap_bytes",
        "refused_to_bytes",
    ]

    private func failure(_ row: QueryRows) throws -> VMFailure {
        try VMFailure(
            kind: value(1, "kind", of: row, \.rawValue), timeNanoseconds: row[2], plugin: row[3],
            requestIndex: row[4], vmRequestNumber: row[5], workerRequestNumber: row[6], vmOrdinal: row[7],
            callback: row[8], message: row[9], backtrace: decoded(10, "backtrace_json", of: row),
            lastLogLines: decoded(11, "last_log_lines_json", of: row), linearBytes: row[12],
            gcHeapBytes: row[13], refusedToBytes: row[14])
    }

    /// The value of a column that holds a word for it.
    private func value<Value: CaseIterable>(
        _ index: Int32, _ column: String, of row: QueryRows, _ name: (Value) -> String
    ) throws -> Value {
        let stored: String = try row[index]
        guard let value = Value.allCases.first(where: { name($0) == stored }) else {
            throw StoreError.damaged(path: path, detail: "column \(column): \(stored)")
        }
        return value
    }

    private func decoded<Value: Decodable>(_ index: Int32, _ column: String, of row: QueryRows) throws -> Value {
        let text: String = try row[index]
        do {
            return try JSONDecoder().decode(Value.self, from: Data(text.utf8))
        } catch {
            throw StoreError.damaged(path: path, detail: "column \(column): \(error)")
        }
    }
}

/// The rows of one table that belong to the batches of a trial, in the order of the batches.
private final class PartCursor {
    private let rows: QueryRows
    /// The batch of the row that comes next; `nil` after the last.
    private var pendingBatchID: Int64?

    /// - Parameter isRare: few batches have such rows: they are sorted, instead of looked for with every batch.
    init(
        database: Database, trialID: Int64, table: String, columns: [String], isRare: Bool, path: String
    ) throws {
        let list = columns.map { "part.\($0)" }.joined(separator: ", ")
        // Batches of a trial are written one after the other, so that only those between its first and its last can
        // have rows.
        let source =
            isRare
            ? """
            \(table) AS part CROSS JOIN batch ON batch.id = part.batch_id
            WHERE part.batch_id BETWEEN (SELECT min(id) FROM batch WHERE trial_id = ?1)
                AND (SELECT max(id) FROM batch WHERE trial_id = ?1) AND batch.trial_id = ?1
            """
            : "batch CROSS JOIN \(table) AS part ON part.batch_id = batch.id WHERE batch.trial_id = ?1"
        rows = try QueryRows(
            database,
            sql: """
                SELECT part.batch_id, \(list) FROM \(source)
                ORDER BY batch.agent, batch.worker, batch.sequence, part.ordinal
                """, trialID: trialID, path: path)
        try advance()
    }

    /// Those of the next batch. Every batch is asked for, in the order of the cursor.
    func rows<Part>(of batchID: Int64, _ part: (QueryRows) throws -> Part) throws -> [Part] {
        var parts: [Part] = []
        while pendingBatchID == batchID {
            parts.append(try part(rows))
            try advance()
        }
        return parts
    }

    private func advance() throws { pendingBatchID = try rows.next() ? try rows[0] : nil }
}
