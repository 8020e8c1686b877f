import SluiceModel

/// `module` of plugins and strategies: a file, a download or an image. Nothing is fetched here.
extension Decoding {
    /// What runs in a plugin.
    enum PluginModule {
        case named(ModuleReference)
        /// `${strategy}`
        case ofStrategy

        var reference: ModuleReference? { if case .named(let reference) = self { reference } else { nil } }
    }

    private static let moduleHelp = "say the path of a `.wasm` or `.wat` file"

    /// `nil` when something is wrong, also when a file is not there.
    func module(_ value: YAMLValue, allowsStrategy: Bool) -> PluginModule? {
        if case .mapping = value.content { return download(value).map { .named($0) } }
        guard let written = word(value, what: "a module") else { return nil }
        if written == "${strategy}" {
            if allowsStrategy { return .ofStrategy }
            report(value.position, "a strategy's module is `${strategy}` itself", "say the path of a file")
            return nil
        }
        if written.hasPrefix(ImageReference.scheme) { return image(written, value.position).map { .named($0) } }
        if written.hasPrefix("http://") || written.hasPrefix("https://") {
            report(value.position, "a download without its hash", "say `{ url: \(written), sha256: … }`")
            return nil
        }
        if written.hasPrefix("file://") {
            report(value.position, "an address where a path is expected", Self.moduleHelp)
            return nil
        }
        let path = FileAccess.resolve(written, in: directory)
        if let problem = FileAccess.problem(with: path) {
            let isBuilt = written.split(separator: "/").dropLast().contains("build")
            let help =
                isBuilt
                ? "run scripts/build-plugins"
                : written.hasPrefix("~")
                    ? "`~` does not stand for a folder here" : "paths are relative to the workload file"
            report(value.position, "cannot read the module `\(written)`: \(problem.reason)", help)
            return nil
        }
        return .named(ModuleReference(written: written, path: path))
    }

    private func image(_ written: String, _ position: Position) -> ModuleReference? {
        do throws(ImageReference.Malformed) {
            let image = try ImageReference(parsing: String(written.dropFirst(ImageReference.scheme.count)))
            return ModuleReference(written: image.description, source: .image(image))
        } catch {
            report(position, error.message, error.help)
            return nil
        }
    }

    private func download(_ value: YAMLValue) -> ModuleReference? {
        guard let fields = fields(value, .remoteModule, what: "a module") else { return nil }
        let address = fields["url"].flatMap(address)
        let hash = fields["sha256"].flatMap(contentHash)
        guard let address, let hash else { return nil }
        // A query can be a signature that opens the door to whoever reads it in a report.
        let shown = address.firstIndex { $0 == "?" || $0 == "#" }.map { address[..<$0] + "?…" } ?? address[...]
        return ModuleReference(written: String(shown), source: .download(address: address, contentHash: hash))
    }

    private func address(_ value: YAMLValue) -> String? {
        guard let text = word(value, what: "the address of a module") else { return nil }
        if text.hasPrefix(ImageReference.scheme) {
            report(value.position, "an image has no `sha256` beside it", "say `module: \(text)@sha256:…`")
            return nil
        }
        guard let match = text.wholeMatch(of: #/https?://([^/?#]+)([/?#].*)?/#),
            text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value < 0x7f })
        else {
            report(value.position, "`\(text)` is not an address of a module", "it begins with `https://` or `http://`")
            return nil
        }
        guard !match.output.1.contains("@") else {
            report(
                value.position, "the address contains a user name or a password",
                "workloads are stored with each run: leave secrets out")
            return nil
        }
        return text
    }

    private func contentHash(_ value: YAMLValue) -> ContentHash? {
        guard let text = word(value, what: "`sha256`") else { return nil }
        guard let hash = ContentHash(hexadecimal: text) else {
            report(value.position, "`\(text)` is not a SHA-256", "it is 64 lower-case hexadecimal digits")
            return nil
        }
        return hash
    }
}
