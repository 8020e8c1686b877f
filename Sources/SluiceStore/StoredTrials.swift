internal import GRDB
package import SluiceModel

extension RunStore {
    /// Stores a trial that begins. Its run is stored already.
    package func beginTrial(_ trial: TrialRecord) throws(StoreError) {
        let identity = trial.identity
        try write { database in
            guard try Self.rowID(of: identity, in: database) == nil else {
                throw StoreError.duplicate("trial of \(identity.strategy), block \(identity.block)")
            }
            let runs = try Int.fetchOne(
                database, sql: "SELECT count(*) FROM run WHERE id = ?", arguments: [identity.runID])
            guard runs == 1 else { throw StoreError.noSuchRun(identity.runID) }
            try database.execute(
                sql: """
                    INSERT INTO trial (
                        run_id, strategy, block, position, seed, status, status_reason, started_at_unix_seconds,
                        machine_json
                    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    identity.runID, identity.strategy, identity.block, trial.position, String(trial.seed),
                    trial.status.rawValue, trial.statusReason, trial.startedAtSeconds, trial.machine.map(Self.json),
                ])
            try Self.insertReports(trial.agents, trialID: database.lastInsertedRowID, in: database)
        }
    }

    /// Stores how a trial ended, and what its agents reported.
    package func finishTrial(_ trial: TrialRecord) throws(StoreError) {
        try write { database in
            let trialID = try Self.requireRowID(of: trial.identity, in: database)
            try database.execute(
                sql: """
                    UPDATE trial SET status = ?, status_reason = ?, started_at_unix_seconds = ?, machine_json = ?
                    WHERE id = ?
                    """,
                arguments: [
                    trial.status.rawValue, trial.statusReason, trial.startedAtSeconds, trial.machine.map(Self.json),
                    trialID,
                ])
            try database.execute(sql: "DELETE FROM agent_report WHERE trial_id = ?", arguments: [trialID])
            try Self.insertReports(trial.agents, trialID: trialID, in: database)
        }
        checkpoint()
    }

    /// Removes a trial with everything that was stored of it, as if it had not begun. Without effect when it has not.
    package func removeTrial(_ identity: TrialIdentity) throws(StoreError) {
        try write { database in
            guard let trialID = try Self.rowID(of: identity, in: database) else { return }
            try database.execute(sql: "DELETE FROM trial WHERE id = ?", arguments: [trialID])
        }
    }

    /// The trials of a run in the order in which they ran.
    package func trials(ofRun runID: String) throws(StoreError) -> [TrialRecord] {
        try read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM trial WHERE run_id = ? ORDER BY position, id", arguments: [runID]
            )
            .map { try self.trialRecord($0, in: database) }
        }
    }

    static func rowID(of trial: TrialIdentity, in database: Database) throws -> Int64? {
        let statement = try database.cachedStatement(
            sql: "SELECT id FROM trial WHERE run_id = ? AND strategy = ? AND block = ?")
        return try Int64.fetchOne(statement, arguments: [trial.runID, trial.strategy, trial.block])
    }

    static func requireRowID(of trial: TrialIdentity, in database: Database) throws -> Int64 {
        guard let id = try rowID(of: trial, in: database) else {
            throw StoreError.noSuchTrial(runID: trial.runID, strategy: trial.strategy, block: trial.block)
        }
        return id
    }

    private static func insertReports(
        _ reports: [AgentTrialReport], trialID: Int64, in database: Database
    ) throws {
        for (ordinal, report) in reports.enumerated() {
            try database.execute(
                sql: "INSERT INTO agent_report VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    trialID, ordinal, report.agent, json(report.plannedRequests), report.cpuNanoseconds,
                    report.maximumResidentBytes, report.residentBeyondGuestsBytes, report.engine.name.rawValue,
                    report.engine.version, report.vms.map(Self.json),
                ])
        }
    }

    private func trialRecord(_ row: Row, in database: Database) throws -> TrialRecord {
        let reports = try Row.fetchAll(
            database, sql: "SELECT * FROM agent_report WHERE trial_id = ? ORDER BY ordinal",
            arguments: [row["id"] as Int64])
        let seedText: String = row["seed"]
        guard let seed = UInt64(seedText) else {
            throw StoreError.damaged(path: path, detail: "column seed: \(seedText)")
        }
        return TrialRecord(
            identity: TrialIdentity(runID: row["run_id"], strategy: row["strategy"], block: row["block"]),
            position: row["position"], seed: seed, status: try named("status", of: row),
            statusReason: row["status_reason"], startedAtSeconds: row["started_at_unix_seconds"],
            agents: try reports.map(agentReport), machine: try machine(row))
    }

    /// A store of version 1 that was opened for reading has no such column.
    private func machine(_ row: Row) throws -> MachineLoad? {
        guard row.hasColumn("machine_json"), (row["machine_json"] as String?) != nil else { return nil }
        return try decoded("machine_json", of: row)
    }

    private func agentReport(_ row: Row) throws -> AgentTrialReport {
        AgentTrialReport(
            agent: row["agent"], plannedRequests: try decoded("planned_requests_json", of: row),
            cpuNanoseconds: row["cpu_nanoseconds"], maximumResidentBytes: row["maximum_resident_bytes"],
            residentBeyondGuestsBytes: row["resident_beyond_guests_bytes"],
            engine: EngineIdentity(name: try named("engine", of: row), version: row["engine_version"]),
            vms: try preparation(row))
    }

    /// A store before version 4 that was opened for reading has no such column.
    private func preparation(_ row: Row) throws -> VMPreparation? {
        guard row.hasColumn("vms_json"), (row["vms_json"] as String?) != nil else { return nil }
        return try decoded("vms_json", of: row)
    }
}
