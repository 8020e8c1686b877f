import SluiceModel
import SwiftProtobuf

/// Messages as bytes, for the pipes inside an agent.
package enum MessageCodec {
    package static func encode(_ message: AgentMessage) throws(WireError) -> [UInt8] { try bytes(message.wire) }
    package static func encode(_ message: CoordinatorMessage) throws(WireError) -> [UInt8] { try bytes(message.wire) }

    package static func encode(_ setup: TrialSetup) throws(WireError) -> [UInt8] {
        try bytes(
            WireTrialSetup.with {
                $0.trial = setup.trial.wire
                $0.agent = Int64(setup.agent)
                $0.planPath = setup.planPath
                $0.modules = setup.modules.sorted { $0.key.hexadecimal < $1.key.hexadecimal }.map { hash, module in
                    .with {
                        $0.hash = hash.hexadecimal
                        $0.modulePath = module.modulePath
                        if let path = module.artifactPath { $0.artifactPath = path }
                    }
                }
            })
    }

    package static func encode(_ request: CompileRequest) throws(WireError) -> [UInt8] {
        try bytes(
            WireCompileRequest.with {
                $0.planPath = request.planPath
                $0.moduleHash = request.moduleHash.hexadecimal
                $0.modulePath = request.modulePath
                $0.cacheDirectory = request.cacheDirectory
            })
    }

    package static func encode(_ reply: CompileReply) throws(WireError) -> [UInt8] {
        try bytes(
            WireCompileReply.with {
                switch reply {
                case .success(let path?): $0.artifactPath = path
                case .success(nil): break
                case .failure(let failure): $0.failure = failure.wire
                }
            })
    }

    /// Reads what an agent says; throws `malformed` for anything else.
    package static func agentMessage(_ bytes: [UInt8]) throws(WireError) -> AgentMessage {
        try AgentMessage(wire: try message(bytes))
    }

    /// Reads what a coordinator says; throws `malformed` for anything else.
    package static func coordinatorMessage(_ bytes: [UInt8]) throws(WireError) -> CoordinatorMessage {
        try CoordinatorMessage(wire: try message(bytes))
    }

    /// Reads a trial's set-up; throws `malformed` for anything else.
    package static func trialSetup(_ bytes: [UInt8]) throws(WireError) -> TrialSetup {
        let wire: WireTrialSetup = try message(bytes)
        var modules: [ContentHash: PreparedModule] = [:]
        for module in wire.modules {
            modules[try hash(module.hash)] = PreparedModule(
                modulePath: module.modulePath, artifactPath: module.hasArtifactPath ? module.artifactPath : nil)
        }
        return TrialSetup(
            trial: try TrialIdentity(wire: wire.trial), agent: try natural(wire.agent, "agent"),
            planPath: wire.planPath, modules: modules)
    }

    /// Reads a request to compile; throws `malformed` for anything else.
    package static func compileRequest(_ bytes: [UInt8]) throws(WireError) -> CompileRequest {
        let wire: WireCompileRequest = try message(bytes)
        return CompileRequest(
            planPath: wire.planPath, moduleHash: try hash(wire.moduleHash), modulePath: wire.modulePath,
            cacheDirectory: wire.cacheDirectory)
    }

    /// Reads the answer to it; throws `malformed` for anything else.
    package static func compileReply(_ bytes: [UInt8]) throws(WireError) -> CompileReply {
        let wire: WireCompileReply = try message(bytes)
        if wire.hasFailure { return .failure(try TrialFailure(wire: wire.failure)) }
        return .success(wire.hasArtifactPath ? wire.artifactPath : nil)
    }

    private static func bytes(_ message: some Message) throws(WireError) -> [UInt8] {
        do { return try message.serializedBytes() } catch { throw .malformed("\(error)") }
    }

    private static func message<Content: Message>(_ bytes: [UInt8]) throws(WireError) -> Content {
        do { return try Content(serializedBytes: bytes) } catch { throw .malformed("\(error)") }
    }
}

/// A number that counts something: an index, an amount.
func natural(_ value: Int64, _ field: String) throws(WireError) -> Int {
    guard value >= 0 else { throw .malformed("\(field) is \(value)") }
    return Int(value)
}

func hash(_ text: String) throws(WireError) -> ContentHash {
    guard let hash = ContentHash(hexadecimal: text) else { throw .malformed("\"\(text.prefix(80))\" is not a hash") }
    return hash
}
