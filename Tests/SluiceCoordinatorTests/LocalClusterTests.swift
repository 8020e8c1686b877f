import Glibc
import SluiceCoordinator
import SluiceModel
import SluiceProcess
import SluiceWire
import Synchronization
import Testing

/// Coordinator and agents as real processes, with a made-up load.
@Suite(.serialized) struct LocalClusterTests {
    @Test func `two trials in a row are complete, each in fresh processes that start together`() async throws {
        let fixture = try ClusterFixture()
        // The other suites begin at the same time, and can hold up a process for more than a second.
        let cluster = fixture.cluster { $0.adjust = { $0.leadTimeNanoseconds = 5_000_000_000 } }
        let (first, second) = try await cluster.running { cluster in
            let first = try await fixture.trial(cluster, fixture.plan(seconds: 0.3, block: 0))
            return (first, try await fixture.trial(cluster, fixture.plan(seconds: 0.3, block: 1)))
        }
        for outcome in [first, second] {
            #expect(outcome.status == .complete, "\(outcome) \(fixture.lines.withLock { $0 })")
            #expect(outcome.reports.map(\.agent) == [0, 1])
            #expect(outcome.anomalies == [])
        }
        #expect(fixture.batches.count == 2 * 2 * 2 * 3)
        #expect(fixture.metric("process").count == 4, "two agents, two trials: four processes")
        let compiled = try PrivateFile.read(fixture.compileLog)
        #expect(compiled.count(where: { $0 == 0x0a }) == 1, "one module, one host: compiled once")
        // A busy machine can hold up one process; it does not hold up most of them.
        let skews = fixture.metric("skew").sorted()
        #expect(skews[0] >= 0 && skews[skews.count / 2] < 50_000_000, "\(skews)")
        #expect(fixture.leftovers == [])
    }

    @Test func `a trial whose agents hear too late of its start begins again, and that start counts`() async throws {
        let fixture = try ClusterFixture()
        let starts = Mutex(0)
        let cluster = fixture.cluster {
            $0.adjust = { settings in
                let isFirst = starts.withLock { starts in
                    starts += 1
                    return starts == 1
                }
                settings.leadTimeNanoseconds = isFirst ? 1 : 5_000_000_000
            }
        }
        let outcome = try await cluster.running { try await fixture.trial($0, fixture.plan(seconds: 0.3)) }
        #expect(outcome.status == .complete, "\(outcome) \(fixture.lines.withLock { $0 })")
        #expect(starts.withLock { $0 } == 2)
        let events = fixture.events.withLock { $0 }
        let missed = events.firstIndex { if case .missedStart = $0 { true } else { false } }
        let counted = events[(missed ?? 0)...].filter { if case .batch = $0 { true } else { false } }
        #expect(missed != nil && counted.count == 2 * 2 * 3, "\(events)")
        #expect(fixture.leftovers == [])
    }

    @Test func `a start that is always missed ends the trial, saying by how much`() async throws {
        let fixture = try ClusterFixture()
        let cluster = fixture.cluster { $0.adjust = { $0.leadTimeNanoseconds = 1 } }
        let outcome = try await cluster.running { try await fixture.trial($0, fixture.plan(seconds: 0.3)) }
        #expect(outcome.status == .failed && outcome.failureKind == .missedStart, "\(outcome)")
        #expect(outcome.reason.contains("the start instant was over by"), "\(outcome.reason)")
        #expect(fixture.batches.isEmpty && fixture.leftovers == [])
    }

    @Test func `a rehearsal starts VMs and no load, and the trial after it is complete`() async throws {
        let fixture = try ClusterFixture()
        let modules = [ContentHash(of: ClusterFixture.module): ClusterFixture.module]
        let plan = fixture.plan(seconds: 0.3, block: 7)
        let failing = fixture.plan(seconds: 0.3, behaviour: "fail to prepare", block: 8)
        let outcomes = try await fixture.cluster().running { cluster in
            [
                try await cluster.rehearse(plan: plan, modules: modules),
                try await cluster.rehearse(plan: failing, modules: modules),
                try await fixture.trial(cluster, fixture.plan(seconds: 0.3)),
            ]
        }
        #expect(outcomes.map(\.status) == [.complete, .failed, .complete], "\(outcomes)")
        #expect(outcomes[1].reason == "the plugin said no")
        #expect(outcomes[0].reports == [] && outcomes[0].startInstantNanoseconds == nil)
        #expect(fixture.batches.count == 2 * 2 * 3)
        #expect(fixture.leftovers == [])
    }

    @Test func `the phases are told in order`() async throws {
        let fixture = try ClusterFixture()
        _ = try await fixture.cluster().running { try await fixture.trial($0, fixture.plan(seconds: 0.2)) }
        let phases = fixture.events.withLock { $0 }.compactMap { event -> String? in
            guard case .phase(let phase) = event else { return nil }
            return "\(phase)".prefix { $0 != "(" }.description
        }
        #expect(phases == ["preparing", "starting", "running", "draining", "finished"])
    }

    @Test func `an agent that is killed in mid-run ends the trial as degraded within a second`() async throws {
        let fixture = try ClusterFixture()
        let killed = Mutex<Int64?>(nil)
        let cluster = fixture.cluster()
        let (outcome, later) = try await cluster.running { cluster in
            let processes = await cluster.processIDs
            let outcome = try await fixture.trial(cluster, fixture.plan(seconds: 20)) { batch in
                guard batch.sequence == 3, killed.withLock({ $0 }) == nil else { return }
                killed.withLock { $0 = MonotonicClock.nowNanoseconds() }
                kill(processes[1], SIGKILL)
            }
            let took = MonotonicClock.nowNanoseconds() - (killed.withLock { $0 } ?? 0)
            print("degraded \(Units.duration(nanoseconds: took)) after the kill")
            #expect(took < 1_000_000_000)
            let later = try await fixture.trial(cluster, fixture.plan(seconds: 0.2, block: 1))
            return (outcome, later)
        }
        #expect(outcome.status == .degraded)
        #expect(outcome.reason == "agent 1 was killed by SIGKILL (Killed)")
        #expect(outcome.lostAgents == [1])
        #expect(outcome.reports.map(\.agent) == [0])
        #expect(fixture.batches.contains { $0.agent == 1 && $0.sequence == 2 }, "what it had sent is kept")
        #expect(fixture.batches.contains { $0.agent == 0 && $0.isLast }, "the other was stopped in order")
        #expect(later.status == .degraded && later.startInstantNanoseconds == nil)
        try await expectGone(fixture.metric("process").map { Int32($0) })
        #expect(fixture.leftovers == [])
    }

    @Test func `a trial's process that crashes ends the trial as degraded with the signal's name`() async throws {
        let fixture = try ClusterFixture()
        let outcome = try await fixture.cluster().running {
            try await fixture.trial($0, fixture.plan(seconds: 20, behaviour: "crash"))
        }
        #expect(outcome.status == .degraded)
        #expect(outcome.reason == "agent 0: the trial's process was killed by SIGSEGV (Segmentation fault)")
        #expect(fixture.batches.contains { $0.agent == 0 && $0.sequence == 2 })
    }

    @Test func `a trial's process that is killed ends the trial as degraded`() async throws {
        let fixture = try ClusterFixture()
        let outcome = try await fixture.cluster().running {
            try await fixture.trial($0, fixture.plan(seconds: 20)) { batch in
                if batch.agent == 1, batch.sequence == 2 { kill(Int32(batch.metrics[0].value), SIGKILL) }
            }
        }
        #expect(outcome.status == .degraded)
        #expect(outcome.reason == "agent 1: the trial's process was killed by SIGKILL (Killed)")
        #expect(outcome.lostAgents == [], "its agent is well")
    }

    @Test(
        arguments: [
            ("fail to prepare", RunStatus.failed, TrialFailure.Kind.couldNotStart, "the plugin said no"),
            ("fail at the end", .failed, .internalError, "the numbers do not add up"),
            ("no last batch", .degraded, nil, "agent 0, worker 0: the last batch is missing"),
        ] as [(String, RunStatus, TrialFailure.Kind?, String)])
    func `what goes wrong on an agent is told`(
        behaviour: String, status: RunStatus, kind: TrialFailure.Kind?, reason: String
    ) async throws {
        let fixture = try ClusterFixture()
        let outcome = try await fixture.cluster().running {
            try await fixture.trial($0, fixture.plan(seconds: 0.2, behaviour: behaviour))
        }
        #expect(outcome.status == status)
        #expect(outcome.failureKind == kind)
        #expect(outcome.reason == reason)
    }

    @Test func `a module that cannot be compiled fails the trial with the compiler's words`() async throws {
        let fixture = try ClusterFixture()
        var plan = fixture.plan(seconds: 0.2)
        let module = Array("not a module".utf8)
        plan.plugins[0].moduleHash = ContentHash(of: module)
        let outcome = try await fixture.cluster().running { [plan] in
            try await $0.runTrial(plan: plan, modules: [ContentHash(of: module): module]) { _ in }
        }
        #expect(outcome.status == .failed && outcome.failureKind == .couldNotStart)
        #expect(outcome.reason == "the module is not WebAssembly")
    }

    @Test func `an engine that compiles nothing needs no cache`() async throws {
        let fixture = try ClusterFixture()
        let outcome = try await fixture.cluster().running {
            try await fixture.trial($0, fixture.plan(seconds: 0.1, engine: .null))
        }
        #expect(outcome.status == .complete)
        #expect(PrivateDirectory.names(in: fixture.base) == [])
    }

    @Test func `a cache that others can get at fails the trial, and is named`() async throws {
        let fixture = try ClusterFixture()
        mkdir("\(fixture.base)/cache", 0o755)
        let outcome = try await fixture.cluster().running {
            try await fixture.trial($0, fixture.plan(seconds: 0.1))
        }
        #expect(outcome.status == .failed && outcome.failureKind == .couldNotStart)
        #expect(outcome.reason.contains("\(fixture.base)/cache must be a directory of this user alone"))
    }

    @Test func `a plan that does not fit the cluster is refused`() async throws {
        let fixture = try ClusterFixture()
        try await fixture.cluster(agents: 1).running { cluster in
            _ = await #expect(throws: ClusterError.planMismatch("it is for 2 agents, and there are 1")) {
                _ = try await fixture.trial(cluster, fixture.plan(seconds: 0.1))
            }
        }
    }

    @Test(arguments: ["", "prepare for ever"])
    func `an interruption ends the trial in order`(behaviour: String) async throws {
        let fixture = try ClusterFixture()
        let cluster = fixture.cluster()
        Task {
            try await Task.sleep(for: .seconds(1))
            cluster.interrupt()
        }
        let started = ContinuousClock.now
        let outcome = try await cluster.running {
            try await fixture.trial($0, fixture.plan(seconds: 20, behaviour: behaviour))
        }
        #expect(outcome.status == .interrupted)
        #expect(outcome.lostAgents == [])
        #expect(outcome.reports.count == (behaviour.isEmpty ? 2 : 0))
        #expect(ContinuousClock.now - started < .seconds(15))
        #expect(fixture.leftovers == [])
    }

    @Test func `agents that ignore a stop are ended`() async throws {
        let fixture = try ClusterFixture()
        let cluster = fixture.cluster { configuration in
            configuration.adjust = { $0.stopTimeoutNanoseconds = 500_000_000 }
        }
        Task {
            try await Task.sleep(for: .seconds(1))
            cluster.interrupt()
        }
        let outcome = try await cluster.running {
            try await fixture.trial($0, fixture.plan(seconds: 20, behaviour: "ignore stop"))
        }
        #expect(outcome.status == .interrupted)
        #expect(outcome.lostAgents == [0, 1])
    }

    @Test func `an error while storing stops the trial and is thrown`() async throws {
        struct DiskFull: Error {}
        let fixture = try ClusterFixture()
        let seen = Mutex(0)
        await #expect(throws: DiskFull.self) {
            try await fixture.cluster().running {
                _ = try await fixture.trial($0, fixture.plan(seconds: 20)) { _ in
                    seen.withLock { $0 += 1 }
                    throw DiskFull()
                }
            }
        }
        #expect(seen.withLock { $0 } == 1, "what failed once is not tried again")
        #expect(fixture.leftovers == [])
    }
}
