import CCurl

/// An `http` or `https` address without user name and password, taken apart by the library that will use it, so that
/// the host that is checked is the host that is asked.
struct WebAddress: Equatable {
    /// The whole address, without a fragment.
    let text: String
    let isEncrypted: Bool
    /// Lower case; an IPv6 address in brackets.
    let host: String
    let port: Int

    /// `nil` when it is not such an address.
    init?(_ text: String) {
        guard let url = curl_url() else { return nil }
        defer { curl_url_cleanup(url) }
        guard curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK,
            curl_url_set(url, CURLUPART_FRAGMENT, nil, 0) == CURLUE_OK,
            Self.part(CURLUPART_USER, of: url) == nil, Self.part(CURLUPART_PASSWORD, of: url) == nil,
            let scheme = Self.part(CURLUPART_SCHEME, of: url), scheme == "http" || scheme == "https",
            let host = Self.part(CURLUPART_HOST, of: url), !host.isEmpty,
            let port = Self.part(CURLUPART_PORT, of: url).flatMap({ Int($0) }),
            let whole = Self.part(CURLUPART_URL, of: url)
        else { return nil }
        self.text = whole
        isEncrypted = scheme == "https"
        self.host = host.lowercased()
        self.port = port
    }

    /// Host, and port where it is not the usual one.
    var authority: String { port == (isEncrypted ? 443 : 80) ? host : "\(host):\(port)" }

    /// Whether both are the same server in the eyes of whoever keeps a secret for one of them.
    func hasSameOrigin(as other: WebAddress) -> Bool {
        isEncrypted == other.isEncrypted && host == other.host && port == other.port
    }

    /// Whether it can only be this machine.
    var isLoopback: Bool {
        host == "localhost" || host == "[::1]"
            || host.wholeMatch(of: /127\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}/) != nil
    }

    private static func part(_ part: CURLUPart, of url: OpaquePointer) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(url, part, &text, UInt32(CURLU_DEFAULT_PORT)) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
