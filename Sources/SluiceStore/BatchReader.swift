internal import Foundation
internal import GRDB
internal import SluiceModel

/// Reads the batches of one trial: a cursor for each table, all of them in the same order.
///
/// Columns are read by their position in these queries; a name would be looked up anew in every row.
final class BatchReader {
    private let path: String
    private let batches: RowCursor
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
        let counts = (StoreSchema.batchCountsOfVersion2 + StoreSchema.batchCountsOfVersion3)
            .map { present.contains($0) ? $0 : "0" }
        let shares = StoreSchema.batchSharesOfVersion3.map { present.contains($0) ? $0 : "NULL" }
        let columns = (Self.batchColumns + counts + shares).joined(separator: ", ")
        batches = try Row.fetchCursor(
            database,
            sql: "SELECT \(columns) FROM batch WHERE trial_id = ? ORDER BY agent, worker, sequence",
            arguments: [trialID])
        func parts(_ table: String, _ columns: [String], isRare: Bool = false) throws -> PartCursor {
            try PartCursor(database: database, trialID: trialID, table: table, columns: columns, isRare: isRare)
        }
        segments = try parts("segment", Self.segmentColumns)
        growth = try parts("growth_event", Self.growthColumns, isRare: true)
        failures = try parts("vm_failure", Self.failureColumns, isRare: true)
        metrics = try parts("metric_sample", ["time_nanoseconds", "name", "value"])
        checkFailures = try parts("check_failure", ["request_index", "message"], isRare: true)
    }

    /// `nil` after the last one.
    func next() throws -> IntervalBatch? {
        guard let row = try batches.next() else { return nil }
        let id: Int64 = row[0]
        return IntervalBatch(
            agent: row[1], worker: row[2], sequence: row[3], startNanoseconds: row[4], endNanoseconds: row[5],
            segments: try segments.rows(of: id, segment),
            heap: HeapSample(
                linearBytes: row[6], gcHeapBytes: row[7], linearHighWaterBytes: row[8], gcHeapHighWaterBytes: row[9],
                hostAllocatedBytes: row[10], hostAllocations: row[11], growthEventsWithoutDetail: row[12],
                vmRequests: row[13], memoryAllocateBytes: row[32], memoryAllocateCalls: row[33]),
            growth: try growth.rows(of: id, growthEvent), failures: try failures.rows(of: id, failure),
            vmEvents: Self.vmEvents(row),
            metrics: try metrics.rows(of: id) {
                MetricSample(timeNanoseconds: $0[1], name: $0[2], value: $0[3])
            },
            checkFailures: try checkFailures.rows(of: id) { CheckFailure(requestIndex: $0[1], message: $0[2]) },
            isLast: row[20])
    }

    private static let batchColumns = [
        "id", "agent", "worker", "sequence", "start_nanoseconds", "end_nanoseconds", "linear_bytes", "gc_heap_bytes",
        "linear_high_water_bytes", "gc_heap_high_water_bytes", "host_allocated_bytes", "host_allocations",
        "growth_events_without_detail", "vm_requests", "vms_created", "vms_recycled", "vms_failed",
        "reloads_succeeded", "reloads_failed", "reloads_backed_off", "is_last",
    ]

    /// The counts of later versions come after these columns.
    private static func vmEvents(_ row: Row) -> VMEventCounts {
        var events = VMEventCounts()
        events.created = row[14]
        events.recycled = row[15]
        events.failed = row[16]
        events.reloadSucceeded = row[17]
        events.reloadFailed = row[18]
        events.reloadBackoff = row[19]
        events.callOuts = row[21]
        events.callOutsAnswered = row[22]
        events.callOutsFailed = row[23]
        events.callOutsCancelled = row[24]
        events.ticks = row[25]
        events.ticksLateByPlugin = row[26]
        events.callOutsLateByPlugin = row[27]
        events.ticksLateByHarness = row[28]
        events.callOutsLateByHarness = row[29]
        events.logLinesSuppressed = row[30]
        events.queueMessagesRefused = row[31]
        return events
    }

    private static let segmentColumns = [
        "role", "succeeded", "check_failed", "refused", "trapped", "timed_out", "reset", "unfinished",
        "never_started", "out_of_range", "start_lag_histogram", "harness_lag_histogram", "service_time_histogram",
        "response_time_histogram",
    ]

    private func segment(_ row: Row) throws -> LoadSegment {
        var counts = OutcomeCounts()
        counts.succeeded = row[2]
        counts.checkFailed = row[3]
        counts.refused = row[4]
        counts.trapped = row[5]
        counts.timedOut = row[6]
        counts.reset = row[7]
        counts.unfinished = row[8]
        counts.neverStarted = row[9]
        counts.outOfRange = row[10]
        return LoadSegment(
            role: try value(1, "role", of: row, StoredName.of), counts: counts,
            startLag: try histogram(11, of: row), harnessLag: try histogram(12, of: row),
            serviceTime: try histogram(13, of: row), responseTime: try histogram(14, of: row))
    }

    private static let growthColumns = [
        "time_nanoseconds", "request_index", "vm_request_number", "vm_ordinal", "memory", "from_bytes", "to_bytes",
        "granted",
    ]

    private func growthEvent(_ row: Row) throws -> GrowthEvent {
        GrowthEvent(
            timeNanoseconds: row[1], requestIndex: row[2], vmRequestNumber: row[3], vmOrdinal: row[4],
            memory: try value(5, "memory", of: row, StoredName.of), fromBytes: row[6], toBytes: row[7],
            granted: row[8])
    }

    private static let failureColumns = [
        "kind", "time_nanoseconds", "plugin", "request_index", "vm_request_number", "worker_request_number",
        "vm_ordinal", "callback", "message", "backtrace_json", "last_log_lines_json", "linear_bytes", "gc_heap_bytes",
        "refused_to_bytes",
    ]

    private func failure(_ row: Row) throws -> VMFailure {
        VMFailure(
            kind: try value(1, "kind", of: row, \.rawValue), timeNanoseconds: row[2], plugin: row[3],
            requestIndex: row[4], vmRequestNumber: row[5], workerRequestNumber: row[6], vmOrdinal: row[7],
            callback: row[8], message: row[9], backtrace: try decoded(10, "backtrace_json", of: row),
            lastLogLines: try decoded(11, "last_log_lines_json", of: row), linearBytes: row[12],
            gcHeapBytes: row[13], refusedToBytes: row[14])
    }

    private func histogram(_ index: Int, of row: Row) throws -> EncodedHistogram {
        try row.withUnsafeData(atIndex: index) { EncodedHistogram(bytes: $0.map(Array.init) ?? []) }
    }

    /// The value of a column that holds a word for it.
    private func value<Value: CaseIterable>(
        _ index: Int, _ column: String, of row: Row, _ name: (Value) -> String
    ) throws -> Value {
        let stored: String = row[index]
        guard let value = Value.allCases.first(where: { name($0) == stored }) else {
            throw StoreError.damaged(path: path, detail: "column \(column): \(stored)")
        }
        return value
    }

    private func decoded<Value: Decodable>(_ index: Int, _ column: String, of row: Row) throws -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data((row[index] as String).utf8))
        } catch {
            throw StoreError.damaged(path: path, detail: "column \(column): \(error)")
        }
    }
}

/// The rows of one table that belong to the batches of a trial, in the order of the batches.
private final class PartCursor {
    private let rows: RowCursor
    /// The first row that has not been handed out; its first column is the batch.
    private var pending: Row?

    /// - Parameter isRare: few batches have such rows: they are sorted, instead of looked for with every batch.
    init(database: Database, trialID: Int64, table: String, columns: [String], isRare: Bool) throws {
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
        rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT part.batch_id, \(list) FROM \(source)
                ORDER BY batch.agent, batch.worker, batch.sequence, part.ordinal
                """, arguments: [trialID])
        pending = try rows.next()
    }

    /// Those of the next batch. Every batch is asked for, in the order of the cursor.
    func rows<Part>(of batchID: Int64, _ part: (Row) throws -> Part) throws -> [Part] {
        var parts: [Part] = []
        while let row = pending, row[0] as Int64 == batchID {
            parts.append(try part(row))
            pending = try rows.next()
        }
        return parts
    }
}
