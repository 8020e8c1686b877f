import SluiceModel
import SluiceProcess
import SluiceWire

/// The process of one trial. It lives as long as the trial, so that no trial inherits the memory of another.
package enum TrialProcess {
    /// The whole of `sluice agent-trial`. Returns the exit code.
    package static func run(_ runner: any TrialRunner) -> Int32 {
        let pipes = InheritedPipes()
        do {
            guard let frame = try pipes.incoming.next() else { return 1 }
            let setup = try MessageCodec.trialSetup(frame)
            let last: AgentMessage
            do {
                last = .report(setup.trial, try run(setup, runner, pipes))
            } catch {
                last = .failed(setup.trial, TrialFailure(error))
            }
            try pipes.outgoing.write(try MessageCodec.encode(last))
            return 0
        } catch {
            // Nobody is left to tell.
            return 1
        }
    }

    private static func run(
        _ setup: TrialSetup, _ runner: any TrialRunner, _ pipes: InheritedPipes
    ) throws -> AgentTrialReport {
        let plan = try PlanCodec.decode(try PrivateFile.read(setup.planPath))
        let trial = try runner.prepare(plan: plan, agent: setup.agent, modules: setup.modules)
        try pipes.outgoing.write(try MessageCodec.encode(.prepared(setup.trial)))
        let instant = try startInstant(pipes.incoming)
        trial.start(atMonotonicNanoseconds: instant) { batch in
            do {
                try pipes.outgoing.write(try MessageCodec.encode(.batch(setup.trial, batch)))
            } catch {
                // A batch that cannot be sent is a gap that the coordinator sees; going on would make more of them.
                trial.stop()
                let text = "worker \(batch.worker): batch \(batch.sequence) cannot be sent: \(error)"
                if let frame = try? MessageCodec.encode(.log(text)) { try? pipes.outgoing.write(frame) }
            }
        }
        try OperatingSystemThread.start(name: "commands") {
            // Any message after the start, and the supervisor's end, mean the same.
            _ = try? pipes.incoming.next()
            trial.stop()
        }
        return try trial.wait()
    }

    private static func startInstant(_ incoming: FrameReader) throws -> Int64 {
        guard let frame = try incoming.next() else {
            throw TrialFailure(kind: .stopped, reason: "the agent has ended")
        }
        switch try MessageCodec.coordinatorMessage(frame) {
        case .start(_, let instant):
            let lateNanoseconds = MonotonicClock.nowNanoseconds() - instant
            guard lateNanoseconds < 0 else {
                throw TrialFailure(
                    kind: .missedStart,
                    reason:
                        "the start instant was over by \(Units.duration(nanoseconds: lateNanoseconds)) when it arrived")
            }
            return instant
        case .stop(_, let reason): throw TrialFailure(kind: .stopped, reason: reason)
        case .welcome, .prepare, .goodbye:
            throw TrialFailure(kind: .internalError, reason: "a message that does not belong to a trial's process")
        }
    }
}
