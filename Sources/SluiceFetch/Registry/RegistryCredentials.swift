import FoundationEssentials
import Glibc
import SluiceProcess

/// What Docker's configuration file knows about a registry, itself or through a credential helper that it names. Read
/// when a registry asks, and kept nowhere.
enum RegistryCredentials: Equatable {
    case basic(user: String, password: String)
    /// None that we can use; what to do about it.
    case unavailable(hint: String)

    private static let largestFileBytes = 1 << 20

    /// `$DOCKER_CONFIG/config.json`, or `~/.docker/config.json`.
    static var defaultPath: String? {
        if let folder = getenv("DOCKER_CONFIG"), folder.pointee != 0 { return String(cString: folder) + "/config.json" }
        return getenv("HOME").map { String(cString: $0) + "/.docker/config.json" }
    }

    /// - Parameter registry: host, or host and port.
    static func find(registry: String, path: String?) -> RegistryCredentials {
        guard let path, access(path, F_OK) == 0 else {
            return .unavailable(
                hint: "there is no \(path ?? "~/.docker/config.json") with credentials; use `docker login \(registry)`")
        }
        let file: File
        do {
            file = try JSONDecoder().decode(File.self, from: Data(PrivateFile.read(path, limit: largestFileBytes)))
        } catch {
            // The decoder's words may quote the file.
            return .unavailable(hint: "\(path) cannot be read as Docker's configuration")
        }
        let keys = Self.keys(of: registry)
        if let entry = file.auths?.first(where: { keys.contains(host(of: $0.key)) })?.value {
            if let (user, password) = entry.userAndPassword { return .basic(user: user, password: password) }
            if entry.identitytoken?.isEmpty == false {
                return .unavailable(hint: "identity tokens, which \(path) has for it, are not supported")
            }
        }
        let own = file.credHelpers?.first { keys.contains(host(of: $0.key)) }
        if let helper = own?.value ?? file.credsStore, !helper.isEmpty {
            return CredentialHelper(name: helper).credentials(of: own?.key ?? registry)
        }
        return .unavailable(hint: "\(path) has no credentials for it; use `docker login \(registry)`")
    }

    /// Docker keeps the credentials of its own hub, `registry-1`, under the name of the hub's index.
    private static func keys(of registry: String) -> Set<String> {
        guard registry.hasPrefix("registry-1.") else { return [registry] }
        return [registry, "index." + registry.dropFirst("registry-1.".count)]
    }

    /// Keys are hosts, or addresses with a path.
    private static func host(of key: String) -> String {
        let rest = key.firstRange(of: "://").map { key[$0.upperBound...] } ?? key[...]
        return rest.prefix { $0 != "/" }.lowercased()
    }

    private struct File: Decodable {
        var auths: [String: Entry]?
        var credHelpers: [String: String]?
        var credsStore: String?
    }

    private struct Entry: Decodable {
        /// Base64 of user, colon and password.
        var auth: String?
        var username: String?
        var password: String?
        var identitytoken: String?

        var userAndPassword: (String, String)? {
            if let username, let password, !username.isEmpty { return (username, password) }
            guard let auth, let data = Data(base64Encoded: auth) else { return nil }
            let text = String(decoding: data, as: UTF8.self)
            guard let colon = text.firstIndex(of: ":"), colon > text.startIndex else { return nil }
            return (String(text[..<colon]), String(text[text.index(after: colon)...]))
        }
    }
}
