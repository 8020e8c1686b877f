/// The tables of a store. Names carry units, so that a person with `sqlite3` needs no manual; times without a word
/// are nanoseconds since a trial's common start.
enum StoreSchema {
    /// "Slce" in ASCII, in the header of the file: what makes it ours.
    static let applicationID: Int32 = 0x536c_6365
    /// Counted up with every change of the tables.
    static let version: Int32 = 4
    /// What can be read as it is, and is brought to `version` before anything is written.
    static let oldestVersion: Int32 = 1
    /// What batches have since version 2; a store of version 1 that is only read has none of these columns.
    static let batchCountsOfVersion2 = [
        "call_outs", "call_outs_answered", "call_outs_failed", "call_outs_cancelled", "ticks", "ticks_late_by_plugin",
        "call_outs_late_by_plugin", "ticks_late_by_harness", "call_outs_late_by_harness",
    ]
    /// What they have since version 3.
    static let batchCountsOfVersion3 = ["log_lines_suppressed", "queue_messages_refused"]
    /// Unknown in batches that were stored before version 3.
    static let batchSharesOfVersion3 = ["memory_allocate_bytes", "memory_allocate_calls"]
    /// What batches have since version 4.
    static let batchCountsOfVersion4 = [
        "queues_refused", "call_outs_refused", "metrics_refused", "shared_data_refused", "stream_changes_refused",
    ]
    private static let countColumns = columns(batchCountsOfVersion2 + batchCountsOfVersion3)
    private static let laterCountColumns = columns(batchCountsOfVersion4)

    private static func columns(_ names: [String]) -> String {
        names.map { "\($0) INTEGER NOT NULL DEFAULT 0," }.joined(separator: " ")
    }

    private static func added(_ counts: [String]) -> [String] {
        counts.map { "ALTER TABLE batch ADD COLUMN \($0) INTEGER NOT NULL DEFAULT 0" }
    }

    private static let shareColumns = batchSharesOfVersion3.map { "\($0) INTEGER," }.joined(separator: " ")

    /// From a version to the next one.
    static let migrations: [Int32: String] = [
        1:
            (["ALTER TABLE run ADD COLUMN workload_path TEXT", "ALTER TABLE trial ADD COLUMN machine_json TEXT"]
            + added(batchCountsOfVersion2))
            .joined(separator: "; "),
        2:
            (added(batchCountsOfVersion3)
            + batchSharesOfVersion3.map { "ALTER TABLE batch ADD COLUMN \($0) INTEGER" }).joined(separator: "; "),
        3:
            (["ALTER TABLE agent_report ADD COLUMN vms_json TEXT"] + added(batchCountsOfVersion4))
            .joined(separator: "; "),
    ]

    /// `STRICT`, so that a value of another type than the reader expects cannot get in.
    static let tables = """
        CREATE TABLE run (
            id TEXT PRIMARY KEY NOT NULL,
            command TEXT NOT NULL,
            workload_name TEXT NOT NULL,
            workload_json TEXT NOT NULL,
            workload_text TEXT NOT NULL,
            module_hashes_json TEXT NOT NULL,
            strategies_json TEXT NOT NULL,
            blocks INTEGER NOT NULL,
            started_at_unix_seconds INTEGER NOT NULL,
            status TEXT NOT NULL,
            status_reason TEXT NOT NULL,
            host_json TEXT NOT NULL,
            coordinator_json TEXT NOT NULL,
            workload_path TEXT
        ) STRICT;

        CREATE TABLE trial (
            id INTEGER PRIMARY KEY,
            run_id TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
            strategy TEXT NOT NULL,
            block INTEGER NOT NULL,
            position INTEGER NOT NULL,
            seed TEXT NOT NULL,
            status TEXT NOT NULL,
            status_reason TEXT NOT NULL,
            started_at_unix_seconds REAL,
            machine_json TEXT,
            UNIQUE (run_id, strategy, block)
        ) STRICT;

        CREATE TABLE agent_report (
            trial_id INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
            ordinal INTEGER NOT NULL,
            agent INTEGER NOT NULL,
            planned_requests_json TEXT NOT NULL,
            cpu_nanoseconds INTEGER NOT NULL,
            maximum_resident_bytes INTEGER NOT NULL,
            resident_beyond_guests_bytes INTEGER NOT NULL,
            engine TEXT NOT NULL,
            engine_version TEXT NOT NULL,
            vms_json TEXT,
            PRIMARY KEY (trial_id, ordinal)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE batch (
            id INTEGER PRIMARY KEY,
            trial_id INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
            agent INTEGER NOT NULL,
            worker INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            start_nanoseconds INTEGER NOT NULL,
            end_nanoseconds INTEGER NOT NULL,
            linear_bytes INTEGER,
            gc_heap_bytes INTEGER,
            linear_high_water_bytes INTEGER NOT NULL,
            gc_heap_high_water_bytes INTEGER NOT NULL,
            host_allocated_bytes INTEGER NOT NULL,
            host_allocations INTEGER NOT NULL,
            growth_events_without_detail INTEGER NOT NULL,
            vm_requests INTEGER NOT NULL,
            vms_created INTEGER NOT NULL,
            vms_recycled INTEGER NOT NULL,
            vms_failed INTEGER NOT NULL,
            reloads_succeeded INTEGER NOT NULL,
            reloads_failed INTEGER NOT NULL,
            reloads_backed_off INTEGER NOT NULL,
            is_last INTEGER NOT NULL,
            \(countColumns)
            \(shareColumns)
            \(laterCountColumns)
            UNIQUE (trial_id, agent, worker, sequence)
        ) STRICT;

        CREATE TABLE segment (
            batch_id INTEGER NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
            ordinal INTEGER NOT NULL,
            role TEXT NOT NULL,
            succeeded INTEGER NOT NULL,
            check_failed INTEGER NOT NULL,
            refused INTEGER NOT NULL,
            trapped INTEGER NOT NULL,
            timed_out INTEGER NOT NULL,
            reset INTEGER NOT NULL,
            unfinished INTEGER NOT NULL,
            never_started INTEGER NOT NULL,
            out_of_range INTEGER NOT NULL,
            start_lag_histogram BLOB NOT NULL,
            harness_lag_histogram BLOB NOT NULL,
            service_time_histogram BLOB NOT NULL,
            response_time_histogram BLOB NOT NULL,
            PRIMARY KEY (batch_id, ordinal)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE growth_event (
            batch_id INTEGER NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
            ordinal INTEGER NOT NULL,
            time_nanoseconds INTEGER NOT NULL,
            request_index INTEGER,
            vm_request_number INTEGER NOT NULL,
            vm_ordinal INTEGER NOT NULL,
            memory TEXT NOT NULL,
            from_bytes INTEGER NOT NULL,
            to_bytes INTEGER NOT NULL,
            granted INTEGER NOT NULL,
            PRIMARY KEY (batch_id, ordinal)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE vm_failure (
            batch_id INTEGER NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
            ordinal INTEGER NOT NULL,
            kind TEXT NOT NULL,
            time_nanoseconds INTEGER NOT NULL,
            plugin TEXT NOT NULL,
            request_index INTEGER,
            vm_request_number INTEGER NOT NULL,
            worker_request_number INTEGER NOT NULL,
            vm_ordinal INTEGER NOT NULL,
            callback TEXT NOT NULL,
            message TEXT NOT NULL,
            backtrace_json TEXT NOT NULL,
            last_log_lines_json TEXT NOT NULL,
            linear_bytes INTEGER NOT NULL,
            gc_heap_bytes INTEGER NOT NULL,
            refused_to_bytes INTEGER,
            PRIMARY KEY (batch_id, ordinal)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE metric_sample (
            batch_id INTEGER NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
            ordinal INTEGER NOT NULL,
            time_nanoseconds INTEGER NOT NULL,
            name TEXT NOT NULL,
            value INTEGER NOT NULL,
            PRIMARY KEY (batch_id, ordinal)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE check_failure (
            batch_id INTEGER NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
            ordinal INTEGER NOT NULL,
            request_index INTEGER NOT NULL,
            message TEXT NOT NULL,
            PRIMARY KEY (batch_id, ordinal)
        ) STRICT, WITHOUT ROWID;
        """
}
