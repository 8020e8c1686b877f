import FoundationEssentials
import SluiceModel

/// Requests to one repository of one registry, with the credentials that it asks for.
///
/// Credentials are only sent once the registry has asked, only to the registry or to the token service that it names,
/// and only encrypted, unless the registry is on this machine.
struct RegistrySession {
    private let client: HTTPClient
    private let image: ImageReference
    private let credentialsPath: String?
    private var base: WebAddress
    private var authorization: String?

    /// - Parameter credentialsPath: of Docker's configuration file.
    init(client: HTTPClient, image: ImageReference, credentialsPath: String?) throws(FetchError) {
        guard let base = WebAddress("https://\(image.registry)/v2/\(image.repository)/") else {
            throw .unusable(what: image.description, reason: "it names no registry that can be asked")
        }
        self.client = client
        self.image = image
        self.credentialsPath = credentialsPath
        self.base = base
    }

    /// - Parameters:
    ///   - path: below the repository's own.
    ///   - what: for messages.
    mutating func get(
        _ path: String, accept: [String] = [], limitBytes: Int, what: String
    ) throws(FetchError) -> HTTPResponse {
        var response = try request(path, accept, limitBytes, what)
        if response.status == 401 {
            authorization = try authorize(Challenge.all(in: response.values(of: "www-authenticate")))
            response = try request(path, accept, limitBytes, what)
        }
        switch response.status {
        case 200: return response
        case 404: throw .notFound(what: what, host: base.authority)
        case 401, 403: throw refusal
        default: throw .status(response.status, from: base.authority, detail: Self.detail(of: response))
        }
    }

    private mutating func request(
        _ path: String, _ accept: [String], _ limitBytes: Int, _ what: String
    ) throws(FetchError) -> HTTPResponse {
        do {
            return try client.get(try makeRequest(path, accept, limitBytes, what))
        } catch .withoutTLS where base.isEncrypted && base.isLoopback {
            guard let plain = WebAddress("http" + base.text.dropFirst("https".count)) else { throw refusal }
            base = plain
            return try client.get(try makeRequest(path, accept, limitBytes, what))
        }
    }

    private func makeRequest(
        _ path: String, _ accept: [String], _ limitBytes: Int, _ what: String
    ) throws(FetchError) -> HTTPRequest {
        guard let address = WebAddress(base.text + path) else {
            throw .unusable(what: what, reason: "it cannot be asked for")
        }
        return HTTPRequest(
            address: address, accept: accept, authorization: authorization, limitBytes: limitBytes, what: what)
    }

    // MARK: - Credentials

    private var refusal: FetchError {
        let hint =
            switch RegistryCredentials.find(registry: image.registry, path: credentialsPath) {
            case .basic: "the credentials of Docker's configuration file are not accepted for \(image.repository)"
            case .unavailable(let hint): hint
            }
        return .unauthorised(host: base.authority, hint: hint)
    }

    /// The value of the `authorization` field that answers a challenge.
    private func authorize(_ challenges: [Challenge]) throws(FetchError) -> String {
        if let bearer = challenges.first(where: { $0.scheme == "bearer" }) { return try token(bearer) }
        guard challenges.contains(where: { $0.scheme == "basic" }) else {
            throw .unusable(
                what: base.authority, reason: "it asks for a kind of authentication that is neither bearer nor basic")
        }
        guard let basic else { throw refusal }
        return basic
    }

    private var basic: String? {
        guard
            case .basic(let user, let password) = RegistryCredentials.find(
                registry: image.registry, path: credentialsPath)
        else { return nil }
        return "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
    }

    /// A token to pull this repository, and never for more, whatever the challenge says.
    private func token(_ challenge: Challenge) throws(FetchError) -> String {
        let host = base.authority
        guard let realm = challenge.parameters["realm"], let service = WebAddress(realm) else {
            throw .unusable(what: host, reason: "its token service has no address")
        }
        guard service.isEncrypted || (service.isLoopback && base.isLoopback) else {
            throw .unusable(what: host, reason: "its token service \(service.authority) is not encrypted")
        }
        var query = "scope=" + Self.escaped("repository:\(image.repository):pull")
        if let name = challenge.parameters["service"] { query = "service=\(Self.escaped(name))&\(query)" }
        guard let address = WebAddress(service.text + (service.text.contains("?") ? "&" : "?") + query) else {
            throw .unusable(what: host, reason: "its token service has no address that can be asked")
        }
        let response = try client.get(
            HTTPRequest(
                address: address, authorization: basic, limitBytes: client.limits.messageBytes,
                what: "the token of \(service.authority)"))
        switch response.status {
        case 200: break
        case 400, 401, 403: throw refusal
        default: throw .status(response.status, from: service.authority, detail: Self.detail(of: response))
        }
        guard let answer = try? JSONDecoder().decode(Token.self, from: Data(response.body)),
            let token = answer.token ?? answer.access_token, Self.isToken(token)
        else { throw .unusable(what: service.authority, reason: "its answer holds no token") }
        return "Bearer \(token)"
    }

    private struct Token: Decodable {
        var token: String?
        var access_token: String?
    }

    /// RFC 6750: nothing that could end a header field.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }

    /// RFC 3986: everything but unreserved characters.
    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let character = Character(Unicode.Scalar(byte))
            if byte < 0x80, character.isLetter || character.isNumber || "-._~".contains(character) {
                return String(character)
            }
            return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }

    // MARK: - Errors

    private struct Errors: Decodable {
        struct Entry: Decodable {
            var code: String?
            var message: String?
        }
        var errors: [Entry]
    }

    /// The registry's own first words, shortened.
    private static func detail(of response: HTTPResponse) -> String {
        guard let errors = try? JSONDecoder().decode(Errors.self, from: Data(response.body)),
            let first = errors.errors.first
        else { return "" }
        return String([first.code, first.message].compactMap { $0 }.joined(separator: ": ").prefix(200))
    }
}
