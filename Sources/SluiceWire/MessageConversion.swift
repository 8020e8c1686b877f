import SluiceModel
import SwiftProtobuf

extension AgentMessage {
    var wire: WireAgentMessage {
        .with {
            switch self {
            case .hello(let hello): $0.hello = hello.wire
            case .prepared(let trial): $0.prepared.trial = trial.wire
            case .batch(let trial, let batch): $0.batch = batch.wire(trial: trial)
            case .report(let trial, let report): $0.report = report.wire(trial: trial)
            case .failed(let trial, let failure):
                var wire = failure.wire
                wire.trial = trial.wire
                $0.failed = wire
            case .log(let text): $0.log.text = text
            }
        }
    }

    init(wire: WireAgentMessage) throws(WireError) {
        switch wire.body {
        case .hello(let hello): self = .hello(AgentHello(wire: hello))
        case .prepared(let prepared): self = .prepared(try TrialIdentity(wire: prepared.trial))
        case .batch(let batch): self = .batch(try TrialIdentity(wire: batch.trial), try IntervalBatch(wire: batch))
        case .report(let report):
            self = .report(try TrialIdentity(wire: report.trial), try AgentTrialReport(wire: report))
        case .failed(let failed):
            self = .failed(try TrialIdentity(wire: failed.trial), try TrialFailure(wire: failed))
        case .log(let log): self = .log(log.text)
        case nil: throw .malformed("an agent's message of an unknown kind")
        }
    }
}

extension CoordinatorMessage {
    var wire: WireCoordinatorMessage {
        .with {
            switch self {
            case .welcome(let agent): $0.welcome.agent = Int64(agent)
            case .prepare(let trial, let agent, let plan):
                $0.prepare = .with {
                    $0.trial = trial.wire
                    $0.agent = Int64(agent)
                    $0.planHash = plan.hexadecimal
                }
            case .start(let trial, let instant):
                $0.start = .with {
                    $0.trial = trial.wire
                    $0.instantNanoseconds = instant
                }
            case .stop(let trial, let reason):
                $0.stop = .with {
                    $0.trial = trial.wire
                    $0.reason = reason
                }
            case .goodbye: $0.goodbye = WireGoodbye()
            }
        }
    }

    init(wire: WireCoordinatorMessage) throws(WireError) {
        switch wire.body {
        case .welcome(let welcome): self = .welcome(agent: try natural(welcome.agent, "agent"))
        case .prepare(let prepare):
            self = .prepare(
                try TrialIdentity(wire: prepare.trial), agent: try natural(prepare.agent, "agent"),
                plan: try hash(prepare.planHash))
        case .start(let start):
            self = .start(try TrialIdentity(wire: start.trial), instantNanoseconds: start.instantNanoseconds)
        case .stop(let stop): self = .stop(try TrialIdentity(wire: stop.trial), reason: stop.reason)
        case .goodbye: self = .goodbye
        case nil: throw .malformed("a coordinator's message of an unknown kind")
        }
    }
}

extension AgentHello {
    var wire: WireHello {
        .with {
            $0.protocolVersion = UInt32(protocolVersion)
            $0.buildVersion = buildVersion
            $0.token = token
            $0.processID = Int64(processID)
            $0.hostName = hostName
        }
    }

    init(wire: WireHello) {
        self.init(
            protocolVersion: Int(wire.protocolVersion), buildVersion: wire.buildVersion, token: wire.token,
            processID: Int32(truncatingIfNeeded: wire.processID), hostName: wire.hostName)
    }
}

extension TrialIdentity {
    var wire: WireTrial {
        .with {
            $0.runID = runID
            $0.strategy = strategy
            $0.block = Int64(block)
        }
    }

    init(wire: WireTrial) throws(WireError) {
        self.init(runID: wire.runID, strategy: wire.strategy, block: try natural(wire.block, "block"))
    }
}

extension TrialFailure {
    /// Without the trial.
    var wire: WireFailed {
        .with {
            $0.kind = kind.wire
            $0.reason = reason
        }
    }

    init(wire: WireFailed) throws(WireError) {
        self.init(kind: try Kind(wire: wire.kind), reason: wire.reason)
    }
}

extension TrialFailure.Kind {
    var wire: WireFailureKind {
        switch self {
        case .couldNotStart: .couldNotStart
        case .processLost: .processLost
        case .stopped: .stopped
        case .missedStart: .missedStart
        case .internalError: .internalError
        }
    }

    init(wire: WireFailureKind) throws(WireError) {
        switch wire {
        case .couldNotStart: self = .couldNotStart
        case .processLost: self = .processLost
        case .stopped: self = .stopped
        case .missedStart: self = .missedStart
        case .internalError: self = .internalError
        case .unspecified, .UNRECOGNIZED: throw .malformed("a failure of unknown kind")
        }
    }
}

extension AgentTrialReport {
    func wire(trial: TrialIdentity) -> WireReport {
        .with {
            $0.trial = trial.wire
            $0.agent = Int64(agent)
            $0.plannedRequests = plannedRequests.map(Int64.init)
            $0.cpuNanoseconds = cpuNanoseconds
            $0.maximumResidentBytes = Int64(maximumResidentBytes)
            $0.residentBeyondGuestsBytes = Int64(residentBeyondGuestsBytes)
            $0.engineName = engine.name.rawValue
            $0.engineVersion = engine.version
            if let vms {
                $0.canaries = Int64(vms.canaries)
                $0.guestMemory = vms.memory.rawValue
            }
        }
    }

    init(wire: WireReport) throws(WireError) {
        guard let engine = EngineName(rawValue: wire.engineName) else {
            throw .malformed("an engine named \"\(wire.engineName.prefix(80))\"")
        }
        var vms: VMPreparation?
        if wire.hasCanaries || wire.hasGuestMemory {
            guard let memory = GuestMemoryKind(rawValue: wire.guestMemory) else {
                throw .malformed("a memory called \"\(wire.guestMemory.prefix(80))\"")
            }
            vms = VMPreparation(canaries: try natural(wire.canaries, "canaries"), memory: memory)
        }
        var planned: [Int] = []
        for count in wire.plannedRequests { planned.append(try natural(count, "planned requests")) }
        self.init(
            agent: try natural(wire.agent, "agent"), plannedRequests: planned, cpuNanoseconds: wire.cpuNanoseconds,
            maximumResidentBytes: try natural(wire.maximumResidentBytes, "maximum resident bytes"),
            residentBeyondGuestsBytes: Int(wire.residentBeyondGuestsBytes),
            engine: EngineIdentity(name: engine, version: wire.engineVersion), vms: vms)
    }
}
