/// The address of an image in a registry: `registry/repository:tag`, `registry/repository@sha256:digest`, or both.
package struct ImageReference: Sendable, Codable, Equatable, Hashable, CustomStringConvertible {
    /// Host, or host and port: the registry is always named.
    package var registry: String
    /// Lower case, without the registry.
    package var repository: String
    /// Only looked at when there is no digest.
    package var tag: String?
    /// Of the manifest, or of an index of manifests.
    package var digest: ContentHash?

    /// What is wrong with an address, and what would be right.
    package struct Malformed: Error, Equatable {
        package var message: String
        package var help: String
    }

    /// How such addresses begin in a workload.
    package static let scheme = "oci://"
    private static let digestPrefix = "sha256:"
    private static let longestRepository = 255

    /// Reads what follows the scheme.
    package init(parsing text: String) throws(Malformed) {
        var rest = Substring(text)
        if let at = rest.firstIndex(of: "@") {
            let written = rest[rest.index(after: at)...]
            guard written.hasPrefix(Self.digestPrefix),
                let digest = ContentHash(hexadecimal: String(written.dropFirst(Self.digestPrefix.count)))
            else {
                throw Malformed(
                    message: "`\(written)` is not a digest",
                    help: "a digest is `sha256:` and 64 lower-case hexadecimal digits")
            }
            self.digest = digest
            rest = rest[..<at]
        }
        guard let slash = rest.firstIndex(of: "/"), Self.isRegistry(rest[..<slash]) else {
            throw Malformed(message: "`\(text)` names no registry", help: "say `registry.example/repository:tag`")
        }
        registry = rest[..<slash].lowercased()
        rest = rest[rest.index(after: slash)...]
        if let colon = rest.firstIndex(of: ":") {
            let written = String(rest[rest.index(after: colon)...])
            guard written.wholeMatch(of: /[A-Za-z0-9_][A-Za-z0-9._-]{0,127}/) != nil else {
                throw Malformed(
                    message: "`\(written)` is not a tag", help: "a tag is up to 128 letters, digits, `.`, `_` and `-`")
            }
            tag = written
            rest = rest[..<colon]
        }
        repository = String(rest)
        guard Self.isRepository(repository) else {
            throw Malformed(
                message: "`\(repository)` is not the name of a repository",
                help: "it is lower-case words, joined by `/`, `.`, `_` or `-`")
        }
        guard tag != nil || digest != nil else {
            throw Malformed(message: "the image has neither a tag nor a digest", help: "add `:tag` or `@sha256:…`")
        }
    }

    package var description: String {
        Self.scheme + registry + "/" + repository + (tag.map { ":\($0)" } ?? "")
            + (digest.map { "@\(Self.digestPrefix)\($0)" } ?? "")
    }

    /// A host that cannot be taken for the first part of a repository: with a dot or a port, or `localhost`.
    private static func isRegistry(_ text: Substring) -> Bool {
        let pattern = /([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?/
        guard let match = text.wholeMatch(of: pattern) else { return false }
        let host = match.output.1
        return match.output.3 != nil || host.contains(".") || host.hasPrefix("[") || host == "localhost"
    }

    private static func isRepository(_ text: String) -> Bool {
        let part = #/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*/#
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return text.utf8.count <= longestRepository && parts.allSatisfy { $0.wholeMatch(of: part) != nil }
    }
}
