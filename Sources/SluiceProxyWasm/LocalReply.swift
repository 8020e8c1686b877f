import SluiceModel

/// Responses that Envoy makes itself, on behalf of a plugin or because a VM has failed.
enum LocalReply {
    static let failureDetails: StaticString = "wasm_fail_stream"
    private static let status: StaticString = ":status"
    private static let contentLength: StaticString = "content-length"
    private static let contentType: StaticString = "content-type"
    private static let plainText: StaticString = "text/plain"
    private static let grpcContentType: StaticString = "application/grpc"
    private static let grpcStatus: StaticString = "grpc-status"
    private static let grpcMessage: StaticString = "grpc-message"

    /// What Envoy's router answers for an upstream that gave no response.
    static func texts(
        of failure: ExchangeResult.UpstreamFailure
    ) -> (status: UInt32, body: StaticString, details: StaticString) {
        switch failure {
        case .reset:
            (
                503,
                "upstream connect error or disconnect/reset before headers. reset reason: connection termination",
                "upstream_reset_before_response_started{connection_termination}"
            )
        case .unavailable: (503, "no healthy upstream", "no_healthy_upstream")
        case .timeout: (504, "upstream request timeout", "response_timeout")
        }
    }

    /// Puts status and headers into `target`, which is emptied before; `body` is emptied where none may follow.
    static func write(
        _ status: UInt32, grpcStatus: Int32?, extraHeaders: HeaderBlock, body: inout [UInt8],
        into target: UnsafeMutablePointer<HeaderBlock>, isGRPC: Bool, isHead: Bool
    ) {
        target.pointee.removeAll()
        if isGRPC {
            append(200, name: Self.status, to: target)
            target.pointee.append(contentsOf: extraHeaders)
            HeaderFields.removeAll(contentType.bytes, from: target)
            HeaderFields.removeAll(contentLength.bytes, from: target)
            target.pointee.append(name: contentType, value: grpcContentType.bytes)
            let code = grpcStatus.map { UInt32($0) } ?? HTTPStatus.grpcStatus(of: status)
            append(code, name: Self.grpcStatus, to: target)
            if !body.isEmpty {
                percentEncoded(body).withUnsafeBytes { target.pointee.append(name: grpcMessage, value: $0) }
            }
            body.removeAll(keepingCapacity: true)
            return
        }
        append(status, name: Self.status, to: target)
        target.pointee.append(contentsOf: extraHeaders)
        HeaderFields.removeAll(contentLength.bytes, from: target)
        if body.isEmpty {
            HeaderFields.removeAll(contentType.bytes, from: target)
            return
        }
        append(UInt32(truncatingIfNeeded: body.count), name: contentLength, to: target)
        if HeaderFields.firstIndex(of: contentType.bytes, in: target) == nil {
            target.pointee.append(name: contentType, value: plainText.bytes)
        }
        if isHead { body.removeAll(keepingCapacity: true) }
    }

    /// A decimal number without an allocation.
    static func append(_ number: UInt32, name: StaticString, to target: UnsafeMutablePointer<HeaderBlock>) {
        DecimalDigits(UInt64(number)).withBytes { target.pointee.append(name: name, value: $0) }
    }

    private static func percentEncoded(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return bytes.flatMap { byte in
            (0x20...0x7e).contains(byte) && byte != UInt8(ascii: "%")
                ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }
}

extension HTTPExchange {
    /// 503 without a body for a VM that has failed.
    func failStream() {
        stream.pointee.localResponse.reset()
        stream.pointee.localResponse.details.append(contentsOf: LocalReply.failureDetails.bytes)
        stream.pointee.localResponse.status = 503
        stream.pointee.localResponse.grpcStatus = 14
        reply(origin: .host)
    }

    /// Status, text and details of Envoy's router.
    func replyForUpstream(_ failure: ExchangeResult.UpstreamFailure) {
        stream.pointee.localResponse.reset()
        let texts = LocalReply.texts(of: failure)
        stream.pointee.localResponse.status = texts.status
        stream.pointee.localResponse.grpcStatus = nil
        stream.pointee.localResponse.body.append(contentsOf: texts.body.bytes)
        stream.pointee.localResponse.details.append(contentsOf: texts.details.bytes)
        reply(origin: .host)
    }

    /// What the plugin asked for with `proxy_send_local_response`.
    func sendLocalResponse() {
        stream.pointee.localResponse.isRequested = false
        reply(origin: .plugin)
    }

    /// Replaces the response by the local one. As long as no response has begun it passes all filters that saw the
    /// request; a response on its way is replaced without another callback; one that the client has seen is cut off.
    private func reply(origin: ExchangeResult.Origin) {
        guard !responseHeadersSent else { return resetStream() }
        let isResponding = phase == .response
        let body = stream.pointee.body(.response, .message)
        swap(&body.pointee, &stream.pointee.localResponse.body)
        LocalReply.write(
            stream.pointee.localResponse.status, grpcStatus: stream.pointee.localResponse.grpcStatus,
            extraHeaders: stream.pointee.localResponse.headers, body: &body.pointee,
            into: stream.pointee.map(.responseHeaders), isGRPC: requestKind.isGRPC, isHead: requestKind.isHead)
        responseTrailers.removeAll()
        swap(&stream.pointee.responseDetails, &stream.pointee.localResponse.details)
        stream.pointee.localResponse.reset()
        stream.pointee.hasResponseHeaders = true
        stream.pointee.hasResponseTrailers = false
        result.origin = origin
        if isResponding {
            finish()
        } else {
            phase = .response
            run(.response)
        }
    }
}
