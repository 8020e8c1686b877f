import GRPCCore
import GRPCNIOTransportCore
import GRPCNIOTransportHTTP2Posix
package import SluiceModel
import SwiftProtobuf

/// The agent's end: one connection to a coordinator's Unix socket.
package struct CoordinationClient: Sendable {
    private let client: GRPCClient<HTTP2ClientTransport.Posix>

    /// Connects for as long as `body` runs.
    package static func connected<Result: Sendable>(
        socketPath: String, _ body: @Sendable (CoordinationClient) async throws -> Result
    ) async throws -> Result {
        let transport = try HTTP2ClientTransport.Posix(
            target: .unixDomainSocket(path: socketPath), transportSecurity: .plaintext,
            config: .defaults { config in
                config.connection.keepalive = HTTP2ClientTransport.Config.Keepalive(
                    time: .seconds(WireLimit.keepaliveSeconds), timeout: .seconds(WireLimit.keepaliveSeconds),
                    allowWithoutCalls: true)
            })
        return try await withGRPCClient(transport: transport) { client in
            try await body(CoordinationClient(client: client))
        }
    }

    /// Stays with the coordinator until either side leaves.
    ///
    /// - Parameters:
    ///   - send: writes the agent's messages, the first of them `hello`; its return leaves.
    ///   - receive: called for each message of the coordinator; the next waits for the return.
    /// - Throws: `WireError.refused` or `.disconnected`, or what `receive` throws.
    package func join(
        send: @escaping @Sendable (AgentMessageWriter) async throws -> Void,
        receive: @escaping @Sendable (CoordinatorMessage) async throws -> Void
    ) async throws {
        let stub = WireCoordination.Client(wrapping: client)
        do {
            try await stub.join(
                request: StreamingClientRequest { writer in try await send(AgentMessageWriter(writer: writer)) },
                options: options
            ) { response in
                for try await message in response.messages { try await receive(try CoordinatorMessage(wire: message)) }
            }
        } catch let error as RPCError {
            throw WireError(error)
        }
    }

    /// A plan or a module, checked against its hash.
    package func content(_ hash: ContentHash, token: String) async throws -> [UInt8] {
        let stub = WireCoordination.Client(wrapping: client)
        let request = ClientRequest(
            message: WireContentRequest.with {
                $0.hash = hash.hexadecimal
                $0.token = token
            })
        do {
            return try await stub.fetchContent(request: request, options: options) { response in
                var bytes: [UInt8] = []
                var hasher = ContentHasher()
                for try await chunk in response.messages {
                    let more = [UInt8](chunk.bytes)
                    guard bytes.count + more.count <= WireLimit.contentBytes else {
                        throw WireError.contentTooLarge(hash: hash, limitBytes: WireLimit.contentBytes)
                    }
                    hasher.update(more)
                    bytes.append(contentsOf: more)
                }
                let received = hasher.finish()
                guard received == hash else {
                    throw WireError.contentMismatch(expected: hash, received: received, bytes: bytes.count)
                }
                return bytes
            }
        } catch let error as RPCError {
            throw WireError(error)
        }
    }

    private var options: CallOptions {
        var options = CallOptions.defaults
        // A coordinator that is not there is an error, not something to wait for.
        options.waitForReady = false
        options.maxRequestMessageBytes = WireLimit.messageBytes
        options.maxResponseMessageBytes = WireLimit.messageBytes
        return options
    }
}

/// Where an agent's messages go.
package struct AgentMessageWriter: Sendable {
    fileprivate let writer: RPCWriter<WireAgentMessage>

    /// Waits while the connection is full.
    package func write(_ message: AgentMessage) async throws { try await writer.write(message.wire) }
}

extension WireError {
    fileprivate init(_ error: RPCError) {
        if error.code == .permissionDenied || error.code == .invalidArgument {
            self = .refused(reason: error.message)
        } else {
            self = .disconnected(reason: error.message)
        }
    }
}
