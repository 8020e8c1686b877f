import FoundationEssentials
import GRPCCore
import GRPCNIOTransportCore
import GRPCNIOTransportHTTP2Posix
package import SluiceModel
import SwiftProtobuf

/// What stands behind a coordinator's socket.
package protocol CoordinationService: Sendable {
    /// Lets an agent in, or throws `WireError.refused` with a reason that it can print.
    func join(_ hello: AgentHello) async throws(WireError) -> AgentSession
    /// One message of an agent that was let in; they come one after the other, and the next waits for the return.
    func received(_ message: AgentMessage, from agent: Int) async
    /// The agent's stream has ended. The last call for an agent.
    func ended(agent: Int, reason: String) async
    /// A plan or a module; throws `WireError.refused`.
    func content(_ hash: ContentHash, token: String) async throws(WireError) -> [UInt8]
}

/// An agent that was let in.
package struct AgentSession: Sendable {
    /// The number that it was given, from 0.
    package var agent: Int
    /// What is to be said to it; its end ends the stream.
    package var outbound: AsyncStream<CoordinatorMessage>

    package init(agent: Int, outbound: AsyncStream<CoordinatorMessage>) {
        self.agent = agent
        self.outbound = outbound
    }
}

/// Limits of the protocol that both ends know.
package enum WireLimit {
    /// Of one message; a batch has some tens of KiB.
    package static let messageBytes = 16 * 1024 * 1024
    /// Of a piece of a plan or module.
    package static let chunkBytes = 1024 * 1024
    /// Of a plan or module.
    package static let contentBytes = 512 * 1024 * 1024
    /// Silence after which the other end is asked for a sign of life, and the time it has to give it.
    package static let keepaliveSeconds = 5
}

/// The coordinator's end: a gRPC server on a Unix socket.
package struct CoordinationServer: Sendable {
    private let server: GRPCServer<HTTP2ServerTransport.Posix>
    private let transport: HTTP2ServerTransport.Posix

    /// Listens at once; agents are answered as soon as `serve` runs, which it has to.
    ///
    /// - Throws: `WireError.cannotListen`, also when somebody else has the socket.
    package init(socketPath: String, service: any CoordinationService) throws(WireError) {
        transport = HTTP2ServerTransport.Posix(
            listeningSocketDescriptor: try ListeningSocket.open(socketPath), transportSecurity: .plaintext,
            config: .defaults { config in
                config.rpc.maxRequestPayloadSize = WireLimit.messageBytes
                config.connection.keepalive.time = .seconds(WireLimit.keepaliveSeconds)
                config.connection.keepalive.timeout = .seconds(WireLimit.keepaliveSeconds)
                config.connection.keepalive.clientBehavior.minPingIntervalWithoutCalls = .seconds(1)
                config.connection.keepalive.clientBehavior.allowWithoutCalls = true
            })
        server = GRPCServer(transport: transport, services: [ServiceAdapter(service: service)])
    }

    /// Answers until `shutDown`.
    package func serve() async throws { try await server.serve() }

    /// Takes no more agents; `serve` returns when the streams of those there are have ended.
    package func shutDown() { server.beginGracefulShutdown() }
}

/// From gRPC's calls to ours.
private struct ServiceAdapter: WireCoordination.SimpleServiceProtocol {
    let service: any CoordinationService

    func join(
        request: RPCAsyncSequence<WireAgentMessage, any Error>, response: RPCWriter<WireCoordinatorMessage>,
        context: ServerContext
    ) async throws {
        var messages = request.makeAsyncIterator()
        guard let first = try await messages.next(), case .hello(let hello) = try AgentMessage(wire: first) else {
            throw RPCError(code: .invalidArgument, message: "an agent has to say hello first")
        }
        let session: AgentSession
        do { session = try await service.join(hello) } catch { throw RPCError(refusal: error) }
        var reason = "it left"
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await message in session.outbound { try await response.write(message.wire) }
                }
                while let message = try await messages.next() {
                    await service.received(try AgentMessage(wire: message), from: session.agent)
                }
                group.cancelAll()
            }
        } catch let error as RPCError {
            reason = error.message
        } catch {
            reason = "\(error)"
        }
        await service.ended(agent: session.agent, reason: reason)
    }

    func fetchContent(
        request: WireContentRequest, response: RPCWriter<WireContentChunk>, context: ServerContext
    ) async throws {
        let bytes: [UInt8]
        do { bytes = try await service.content(try hash(request.hash), token: request.token) } catch {
            throw RPCError(refusal: error)
        }
        for start in stride(from: 0, to: bytes.count, by: WireLimit.chunkBytes) {
            let end = min(start + WireLimit.chunkBytes, bytes.count)
            try await response.write(.with { $0.bytes = Data(bytes[start..<end]) })
        }
    }
}

extension RPCError {
    fileprivate init(refusal: WireError) {
        if case .refused(let reason) = refusal {
            self.init(code: .permissionDenied, message: reason)
        } else {
            self.init(code: .invalidArgument, message: refusal.description)
        }
    }
}
