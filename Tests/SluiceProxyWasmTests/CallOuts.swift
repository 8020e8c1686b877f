/// Parts of guests that make call-outs.
extension GuestWriter {
    static let nothing = "(i32.const 0) (i32.const 0)"

    /// `proxy_http_call` as an expression; the token goes to 40.
    mutating func httpCall(
        _ cluster: String, headers: [(String, String)] = [(":method", "GET"), (":path", "/"), (":authority", "a")],
        body: String = "", trailers: [(String, String)] = [], timeout: Int = 0
    ) -> String {
        let name = text(cluster)
        let trailers = trailers.isEmpty ? Self.nothing : serialised(trailers)
        return "(call $proxy_http_call \(name) \(serialised(headers)) \(text(body)) \(trailers) "
            + "(i32.const \(timeout)) (i32.const 40))"
    }

    /// `proxy_grpc_call` as an expression; the token goes to 40.
    mutating func grpcCall(_ service: String, message: String = "", timeout: Int = 0) -> String {
        "(call $proxy_grpc_call \(text(service)) \(text("service")) \(text("method")) \(Self.nothing) "
            + "\(text(message)) (i32.const \(timeout)) (i32.const 40))"
    }

    /// `proxy_grpc_stream` as an expression; the token goes to 40.
    mutating func grpcStream(_ service: String, metadata: [(String, String)] = []) -> String {
        let pairs = metadata.isEmpty ? Self.nothing : serialised(metadata)
        return "(call $proxy_grpc_stream \(text(service)) \(text("service")) \(text("method")) \(pairs) "
            + "(i32.const 40))"
    }

    /// Logs the result code, then the content of a buffer.
    func logBuffer(_ number: Int) -> String {
        "(i32.store (i32.const 36) (i32.const 0))"
            + logLetter(
                "(call $proxy_get_buffer_bytes (i32.const \(number)) (i32.const 0) (i32.const 9999) (i32.const 32) "
                    + "(i32.const 36))")
            + logResult
    }

    /// Logs the code of `proxy_get_status` and its text.
    var logStatus: String {
        "(drop (call $proxy_get_status (i32.const 44) (i32.const 32) (i32.const 36)))"
            + logLetter("(i32.load (i32.const 44))") + logResult
    }
}
