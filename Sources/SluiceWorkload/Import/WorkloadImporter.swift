import SluiceModel

/// Something in an imported file that its workload does not have.
package struct ImportNote: Sendable, Equatable, CustomStringConvertible {
    /// In the imported file; `nil` when it is about the file as a whole.
    package var position: Position?
    /// What it is.
    package var text: String
    package var description: String { (position.map { "line \($0.line), column \($0.column): " } ?? "") + text }
}

/// A workload that was made from another system's configuration.
package struct ImportedWorkload: Sendable, Equatable {
    /// The workload file.
    package var text: String
    /// What could not be carried over, in the order of the file; the same is in the text as comments.
    package var notes: [ImportNote]
}

/// Makes workloads of configurations of Envoy and Istio, and of suites of Google's plugin tester.
package enum WorkloadImporter {
    private static let textFormatEndings = [".textpb", ".textproto", ".txtpb", ".pbtxt", ".textpbtxt"]

    /// Throws everything that is wrong with the file at once.
    ///
    /// - Parameters:
    ///   - output: where the workload will lie; `nil`: beside the file.
    ///   - module: replaces the module that a test suite names.
    package static func read(
        path: String, output: String? = nil, module: String? = nil
    ) throws(WorkloadErrors) -> ImportedWorkload {
        func failure(_ reason: String, _ help: String) -> WorkloadErrors {
            WorkloadErrors(path: path, errors: [WorkloadError(position: nil, message: reason, help: help)])
        }
        switch FileAccess.read(path, limitBytes: YAMLFile.largestFileBytes) {
        case .success(let bytes):
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw failure("the file is not UTF-8 text", "save it as UTF-8")
            }
            return try read(text: text, path: path, output: output, module: module)
        case .failure(let problem): throw failure("cannot read the file: \(problem.reason)", "")
        }
    }

    /// The same for a text that is taken to stand in a file of this path.
    package static func read(
        text: String, path: String, output: String? = nil, module: String? = nil
    ) throws(WorkloadErrors) -> ImportedWorkload {
        let importing = Importing(
            directory: FileAccess.directory(of: path), outputDirectory: FileAccess.directory(of: output ?? path))
        let parsed = documents(text, path: path)
        guard parsed.errors.isEmpty else { throw WorkloadErrors(path: path, errors: parsed.errors, text: text) }
        var envoy = EnvoyImport(importing)
        var istio = IstioImport(importing)
        var suite = SuiteImport(importing, module: module)
        for document in parsed.documents {
            if SuiteImport.recognises(document) {
                suite.read(document)
            } else {
                for item in items(of: document) where !istio.read(item) { envoy.search(item) }
            }
        }
        var plugins = chain(of: envoy, importing) + istio.plugins
        if let plugin = suite.plugin { plugins.append(plugin) }
        if plugins.isEmpty, importing.errors.isEmpty {
            importing.report(
                Position(line: 1, column: 1), "there is no Wasm plugin in the file",
                "a Wasm filter or service of Envoy, a `WasmPlugin` or `TrafficExtension` of Istio, or a test suite "
                    + "is expected")
        }
        plugins = inSharedVMs(supported(ofOneType(plugins, importing), importing), importing)
        guard importing.errors.isEmpty else {
            throw WorkloadErrors(path: path, errors: importing.errors, text: text)
        }
        let notes = importing.notes.sorted {
            ($0.position ?? Position(line: 0, column: 0)) < ($1.position ?? Position(line: 0, column: 0))
        }
        let file = path.split(separator: "/").last.map(String.init) ?? path
        return ImportedWorkload(
            text: WorkloadText.write(
                name: name(file.split(separator: ".").first.map(String.init) ?? "", otherwise: "imported"),
                source: file, notes: notes, plugins: plugins, requests: suite.requests, upstream: suite.upstream),
            notes: notes)
    }

    private static func documents(_ text: String, path: String) -> (documents: [YAMLValue], errors: [WorkloadError]) {
        guard textFormatEndings.contains(where: { path.hasSuffix($0) }) else { return YAMLFile.parseAll(text) }
        do throws(TextFormat.Malformed) {
            return ([try TextFormat.parse(text)], [])
        } catch {
            return ([], [error.error])
        }
    }

    /// The resources of a Kubernetes list, or the document itself.
    private static func items(of document: YAMLValue) -> [YAMLValue] {
        guard var fields = ProtoFields(document), fields.takeText("kind") == "List" else { return [document] }
        return fields.takeAll("items")
    }

    // MARK: - The chain

    /// The plugins of one filter chain of each type: of the first that has any, and those that stand alone.
    private static func chain(of envoy: EnvoyImport, _ importing: Importing) -> [ImportedPlugin] {
        var chosen: [PluginType: Position] = [:]
        var plugins: [ImportedPlugin] = []
        for (chain, plugin) in envoy.plugins {
            if let chain, chosen[plugin.kind, default: chain] != chain {
                importing.leaveOut(
                    plugin.position,
                    "the plugin `\(plugin.name)` is in another filter chain; import that one on its own")
                continue
            }
            if let chain { chosen[plugin.kind] = chain }
            plugins.append(plugin)
        }
        for filter in envoy.otherFilters where chosen.values.contains(filter.chain) {
            importing.leaveOut(filter.position, "the filter `\(filter.name)` is no Wasm filter")
        }
        return plugins
    }

    /// Requests pass HTTP filters or network filters; where a file has both, the HTTP filters are taken.
    private static func ofOneType(_ plugins: [ImportedPlugin], _ importing: Importing) -> [ImportedPlugin] {
        guard plugins.contains(where: { $0.kind == .http }) else { return plugins }
        return plugins.filter { plugin in
            guard plugin.kind == .tcp else { return true }
            importing.leaveOut(
                plugin.position,
                "the plugin `\(plugin.name)` is of type `tcp`, and a workload with plugins of type `http` has none")
            return false
        }
    }

    /// What a workload can say of the plugins, each with a name of its own.
    private static func supported(_ plugins: [ImportedPlugin], _ importing: Importing) -> [ImportedPlugin] {
        var names: Set<String> = []
        return plugins.map { plugin in
            var plugin = plugin
            let wanted = name(plugin.name, otherwise: "plugin")
            if wanted != plugin.name {
                importing.leaveOut(plugin.position, "the name `\(plugin.name)` is written `\(wanted)`")
            }
            plugin.name = wanted
            var count = 1
            while !names.insert(plugin.name).inserted {
                count += 1
                plugin.name = "\(wanted.prefix(95))-\(count)"
            }
            return plugin
        }
    }

    /// A VM has the environment and the capabilities of its first plugin; a workload accepts no others at the next.
    private static func inSharedVMs(_ plugins: [ImportedPlugin], _ importing: Importing) -> [ImportedPlugin] {
        var result: [ImportedPlugin] = []
        for var plugin in plugins {
            if let first = result.first(where: { $0.isInOneVM(with: plugin) }) {
                func note(_ what: String) {
                    importing.leaveOut(
                        plugin.position,
                        "the plugin `\(plugin.name)` is in the VM of `\(first.name)`, and has its \(what)")
                }
                if Set(plugin.environment.map { [$0.name, $0.value] })
                    != Set(first.environment.map { [$0.name, $0.value] })
                {
                    note("environment variables")
                    plugin.environment = first.environment
                }
                if plugin.capabilityRestriction.map(Set.init) != first.capabilityRestriction.map(Set.init) {
                    note("capabilities")
                    plugin.capabilityRestriction = first.capabilityRestriction
                }
            }
            result.append(plugin)
        }
        return result
    }

    /// A name as workloads have them: other characters become `-`.
    private static func name(_ text: String, otherwise: String) -> String {
        let characters = text.map { character in
            character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character))
                ? character : "-"
        }.drop { "-.".contains($0) }.prefix(100)
        return characters.isEmpty ? otherwise : String(characters)
    }
}

extension ImportedPlugin {
    /// As far as that shows without the modules: by their names.
    fileprivate func isInOneVM(with other: ImportedPlugin) -> Bool {
        vmID == other.vmID && vmConfiguration?.text == other.vmConfiguration?.text && module == other.module
            && isSingleton == other.isSingleton
    }
}
