import CCurl

/// What a server said.
struct HTTPResponse {
    var status: Int
    /// In order; names in lower case.
    var headers: [(name: String, value: String)]
    /// Of an error only the beginning.
    var body: [UInt8]
    /// Where a redirect leads, resolved.
    var redirect: String?

    /// The values of all fields of a name, in order.
    func values(of name: String) -> [String] { headers.filter { $0.name == name }.map(\.value) }
}

/// One request and its response. No redirect is followed here.
final class HTTPTransfer {
    private let handle: UnsafeMutableRawPointer
    private let limits: FetchLimits
    private let certificatesPath: String?
    private let isCancelled: @Sendable () -> Bool
    private let bodyLimitBytes: Int
    private var response = HTTPResponse(status: 0, headers: [], body: [], redirect: nil)
    private var headerBytes = 0
    private var excess: Excess?

    /// What there was too much of.
    private enum Excess { case headers, body, errorText }

    /// The library must be set up once before any other thread uses it.
    private static let libraryStatus: CURLcode = curl_global_init(Int(CURL_GLOBAL_SSL | CURL_GLOBAL_WIN32))

    /// - Parameter certificatesPath: of the certificate authorities that are trusted; `nil` for the system's.
    init(
        limits: FetchLimits, bodyLimitBytes: Int, certificatesPath: String?,
        isCancelled: @escaping @Sendable () -> Bool
    ) {
        guard Self.libraryStatus == CURLE_OK, let handle = curl_easy_init() else {
            preconditionFailure("libcurl cannot start")
        }
        self.handle = handle
        self.limits = limits
        self.bodyLimitBytes = bodyLimitBytes
        self.certificatesPath = certificatesPath
        self.isCancelled = isCancelled
    }

    deinit { curl_easy_cleanup(handle) }

    /// - Parameters:
    ///   - headers: whole lines without line ends.
    ///   - what: is asked for, for messages.
    func get(_ address: WebAddress, headers: [String], what: String) throws(FetchError) -> HTTPResponse {
        var list: UnsafeMutablePointer<curl_slist>?
        for header in headers { list = curl_slist_append(list, header) }
        defer { curl_slist_free_all(list) }
        let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        defer {
            ccurl_set_pointer(handle, CURLOPT_ERRORBUFFER, nil)
            errorText.deallocate()
        }
        ccurl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText)
        ccurl_set_list(handle, CURLOPT_HTTPHEADER, list)
        configure(address)
        let code = curl_easy_perform(handle)
        if code != CURLE_OK, excess != .errorText {
            throw failure(code, text: String(cString: errorText), address, what)
        }
        var redirect: UnsafeMutablePointer<CChar>?
        ccurl_get_text(handle, CURLINFO_REDIRECT_URL, &redirect)
        response.redirect = redirect.map { String(cString: $0) }
        return response
    }

    private func configure(_ address: WebAddress) {
        ccurl_set_text(handle, CURLOPT_URL, address.text)
        ccurl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https")
        ccurl_set_text(handle, CURLOPT_USERAGENT, "sluice")
        ccurl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        ccurl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0)
        ccurl_set_long(handle, CURLOPT_CONNECTTIMEOUT, limits.connectSeconds)
        ccurl_set_long(handle, CURLOPT_TIMEOUT, limits.responseSeconds)
        ccurl_set_long(handle, CURLOPT_LOW_SPEED_LIMIT, 1024)
        ccurl_set_long(handle, CURLOPT_LOW_SPEED_TIME, limits.stallSeconds)
        // No proxy stands between this machine and itself.
        if address.isLoopback { ccurl_set_text(handle, CURLOPT_NOPROXY, "*") }
        if let certificatesPath { ccurl_set_text(handle, CURLOPT_CAINFO, certificatesPath) }
        // Unretained: the transfer outlives the call that uses the callbacks.
        let context = Unmanaged.passUnretained(self).toOpaque()
        ccurl_set_data_callback(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            HTTPTransfer.from(context).takeHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        ccurl_set_pointer(handle, CURLOPT_HEADERDATA, context)
        ccurl_set_data_callback(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            HTTPTransfer.from(context).takeBody(UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        ccurl_set_pointer(handle, CURLOPT_WRITEDATA, context)
        ccurl_set_long(handle, CURLOPT_NOPROGRESS, 0)
        ccurl_set_progress_callback(handle) { context, _, _, _, _ in
            HTTPTransfer.from(context).isCancelled() ? 1 : 0
        }
        ccurl_set_pointer(handle, CURLOPT_XFERINFODATA, context)
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> HTTPTransfer {
        guard let context else { preconditionFailure("libcurl lost a callback's context") }
        return Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue()
    }

    /// - Returns: how many bytes were taken; anything but all of them ends the transfer.
    private func takeHeader(_ bytes: UnsafeRawBufferPointer) -> Int {
        headerBytes += bytes.count
        guard headerBytes <= limits.headerBytes else {
            excess = .headers
            return 0
        }
        let line = String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            response.headers = []
            response.status = line.split(separator: " ").dropFirst().first.flatMap { Int($0.prefix(3)) } ?? 0
        } else if let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...].drop(while: \.isWhitespace)
            let end = value.lastIndex { !$0.isWhitespace }.map { value.index(after: $0) } ?? value.startIndex
            response.headers.append((line[..<colon].lowercased(), String(value[..<end])))
        }
        return bytes.count
    }

    private func takeBody(_ bytes: UnsafeRawBufferPointer) -> Int {
        let isSuccess = (200..<300).contains(response.status)
        guard response.body.count + bytes.count <= (isSuccess ? bodyLimitBytes : limits.messageBytes) else {
            excess = isSuccess ? .body : .errorText
            return 0
        }
        response.body.append(contentsOf: bytes)
        return bytes.count
    }

    private func failure(_ code: CURLcode, text: String, _ address: WebAddress, _ what: String) -> FetchError {
        switch (code, excess) {
        case (CURLE_ABORTED_BY_CALLBACK, _): return .interrupted
        case (_, .body): return .tooLarge(what: what, limitBytes: bodyLimitBytes)
        case (_, .headers):
            return .tooLarge(what: "the header of the response for \(what)", limitBytes: limits.headerBytes)
        case (CURLE_SSL_CONNECT_ERROR, _) where address.isLoopback: return .withoutTLS(host: address.authority)
        default:
            let reason = text.isEmpty ? String(cString: curl_easy_strerror(code)) : text
            return .unreachable(host: address.authority, reason: reason)
        }
    }
}
