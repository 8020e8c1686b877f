internal import Foundation
internal import GRDB
package import SluiceModel

extension RunStore {
    /// Calls with every batch of a trial, by agent, worker and sequence, one at a time in memory. All of them are
    /// from the same instant, whatever is written meanwhile. The body must not use the store.
    package func forEachBatch(
        ofTrial trial: TrialIdentity, _ body: (IntervalBatch) -> Void
    ) throws(StoreError) {
        try read { database in
            let trialID = try Self.requireRowID(of: trial, in: database)
            let rows = try Row.fetchCursor(
                database, sql: "SELECT * FROM batch WHERE trial_id = ? ORDER BY agent, worker, sequence",
                arguments: [trialID])
            while let row = try rows.next() { body(try self.batch(row, in: database)) }
        }
    }

    private func batch(_ row: Row, in database: Database) throws -> IntervalBatch {
        let id: Int64 = row["id"]
        var vmEvents = VMEventCounts()
        vmEvents.created = row["vms_created"]
        vmEvents.recycled = row["vms_recycled"]
        vmEvents.failed = row["vms_failed"]
        vmEvents.reloadSucceeded = row["reloads_succeeded"]
        vmEvents.reloadFailed = row["reloads_failed"]
        vmEvents.reloadBackoff = row["reloads_backed_off"]
        vmEvents.callOuts = count("call_outs", of: row)
        vmEvents.callOutsAnswered = count("call_outs_answered", of: row)
        vmEvents.callOutsFailed = count("call_outs_failed", of: row)
        vmEvents.callOutsCancelled = count("call_outs_cancelled", of: row)
        vmEvents.ticks = count("ticks", of: row)
        vmEvents.ticksLateByPlugin = count("ticks_late_by_plugin", of: row)
        vmEvents.callOutsLateByPlugin = count("call_outs_late_by_plugin", of: row)
        vmEvents.ticksLateByHarness = count("ticks_late_by_harness", of: row)
        vmEvents.callOutsLateByHarness = count("call_outs_late_by_harness", of: row)
        return IntervalBatch(
            agent: row["agent"], worker: row["worker"], sequence: row["sequence"],
            startNanoseconds: row["start_nanoseconds"], endNanoseconds: row["end_nanoseconds"],
            segments: try parts("segment", of: id, in: database).map(segment),
            heap: HeapSample(
                linearBytes: row["linear_bytes"], gcHeapBytes: row["gc_heap_bytes"],
                linearHighWaterBytes: row["linear_high_water_bytes"],
                gcHeapHighWaterBytes: row["gc_heap_high_water_bytes"],
                hostAllocatedBytes: row["host_allocated_bytes"], hostAllocations: row["host_allocations"],
                growthEventsWithoutDetail: row["growth_events_without_detail"], vmRequests: row["vm_requests"]),
            growth: try parts("growth_event", of: id, in: database).map(growthEvent),
            failures: try parts("vm_failure", of: id, in: database).map(failure), vmEvents: vmEvents,
            metrics: try parts("metric_sample", of: id, in: database).map {
                MetricSample(timeNanoseconds: $0["time_nanoseconds"], name: $0["name"], value: $0["value"])
            },
            checkFailures: try parts("check_failure", of: id, in: database).map {
                CheckFailure(requestIndex: $0["request_index"], message: $0["message"])
            }, isLast: row["is_last"])
    }

    private func parts(_ table: String, of batchID: Int64, in database: Database) throws -> [Row] {
        let statement = try database.cachedStatement(
            sql: "SELECT * FROM \(table) WHERE batch_id = ? ORDER BY ordinal")
        return try Row.fetchAll(statement, arguments: [batchID])
    }

    private func count(_ column: String, of row: Row) -> Int { row.hasColumn(column) ? row[column] : 0 }

    private func segment(_ row: Row) throws -> LoadSegment {
        var counts = OutcomeCounts()
        counts.succeeded = row["succeeded"]
        counts.checkFailed = row["check_failed"]
        counts.refused = row["refused"]
        counts.trapped = row["trapped"]
        counts.timedOut = row["timed_out"]
        counts.reset = row["reset"]
        counts.unfinished = row["unfinished"]
        counts.neverStarted = row["never_started"]
        counts.outOfRange = row["out_of_range"]
        return LoadSegment(
            role: try numbered("role", of: row, StoredName.of), counts: counts,
            startLag: histogram("start_lag_histogram", of: row),
            harnessLag: histogram("harness_lag_histogram", of: row),
            serviceTime: histogram("service_time_histogram", of: row),
            responseTime: histogram("response_time_histogram", of: row))
    }

    private func growthEvent(_ row: Row) throws -> GrowthEvent {
        GrowthEvent(
            timeNanoseconds: row["time_nanoseconds"], requestIndex: row["request_index"],
            vmRequestNumber: row["vm_request_number"], vmOrdinal: row["vm_ordinal"],
            memory: try numbered("memory", of: row, StoredName.of), fromBytes: row["from_bytes"],
            toBytes: row["to_bytes"], granted: row["granted"])
    }

    private func failure(_ row: Row) throws -> VMFailure {
        VMFailure(
            kind: try named("kind", of: row), timeNanoseconds: row["time_nanoseconds"], plugin: row["plugin"],
            requestIndex: row["request_index"], vmRequestNumber: row["vm_request_number"],
            workerRequestNumber: row["worker_request_number"], vmOrdinal: row["vm_ordinal"],
            callback: row["callback"], message: row["message"], backtrace: try decoded("backtrace_json", of: row),
            lastLogLines: try decoded("last_log_lines_json", of: row), linearBytes: row["linear_bytes"],
            gcHeapBytes: row["gc_heap_bytes"], refusedToBytes: row["refused_to_bytes"])
    }

    private func histogram(_ column: String, of row: Row) -> EncodedHistogram {
        EncodedHistogram(bytes: Array(row[column] as Data))
    }

    /// The value of a column that holds one of `StoredName`'s words.
    private func numbered<Value: CaseIterable>(
        _ column: String, of row: Row, _ name: (Value) -> String
    ) throws -> Value {
        let stored: String = row[column]
        guard let value = Value.allCases.first(where: { name($0) == stored }) else {
            throw StoreError.damaged(path: path, detail: "column \(column): \(stored)")
        }
        return value
    }
}
