package import SluiceModel

/// Reads workload files: the only place that knows YAML.
package enum WorkloadReader {
    private static let formatVersion: Int64 = 1
    private enum TargetKind: String, CaseIterable { case inProcess = "in-process" }

    /// The workload of a file and the file's text.
    ///
    /// `patternError` says what is wrong with a regular expression, so that it is found here with its place; without
    /// it patterns are only checked not to be empty. Throws everything that is wrong at once. Files that the workload
    /// names are found relative to it; modules are not read, only checked to be there.
    package static func read(
        path: String, patternError: @escaping (String) -> String? = { _ in nil }
    ) throws(WorkloadErrors) -> (workload: Workload, text: String) {
        func failure(_ reason: String, _ help: String) -> WorkloadErrors {
            WorkloadErrors(path: path, errors: [WorkloadError(position: nil, message: reason, help: help)])
        }
        let bytes: [UInt8]
        switch FileAccess.read(path, limitBytes: YAMLFile.largestFileBytes) {
        case .success(let content): bytes = content
        case .failure(let problem): throw failure("cannot read the workload: \(problem.reason)", "")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let isUTF16 = bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff])
            throw failure("the workload is not UTF-8 text\(isUTF16 ? " but UTF-16" : "")", "save it as UTF-8")
        }
        return (try read(text: text, path: path, patternError: patternError), text)
    }

    /// The same for a text that is taken to stand in a file of this path.
    package static func read(
        text: String, path: String, patternError: @escaping (String) -> String? = { _ in nil }
    ) throws(WorkloadErrors) -> Workload {
        let document = YAMLFile.parse(SourceText.normalised(text))
        let decoding = Decoding(directory: FileAccess.directory(of: path), patternError: patternError)
        decoding.append(document.errors)
        let workload = document.value.flatMap { Self.workload($0, decoding) }
        guard decoding.errors.isEmpty, let workload else {
            throw WorkloadErrors(path: path, errors: decoding.errors, text: text)
        }
        return workload
    }

    private static func workload(_ value: YAMLValue, _ decoding: Decoding) -> Workload? {
        guard checkVersion(value, decoding),
            let fields = decoding.fields(value, .workload, what: "a workload")
        else { return nil }
        // Templates need the variables' names, the gate those of the strategies.
        let variables = fields["variables"].map(decoding.variables) ?? []
        let name = fields["name"].flatMap { decoding.name($0, what: "the name of a workload") }
        let about = fields["about"].flatMap { decoding.text($0, what: "`about`") }
        var plugins = fields["plugins"].map(decoding.plugins) ?? []
        let load = fields["load"].flatMap(decoding.load)
        let strategies = decoding.strategies(fields["strategies"], &plugins)
        let target = target(fields["target"], decoding)
        decoding.checkRequests(fields)
        let requests = fields["requests"].map(decoding.requests) ?? []
        decoding.checkBodies(of: fields["strategies"], requests: requests)
        let host = decoding.host(fields["host"])
        let observations = fields["observe"].map(decoding.observations) ?? []
        let gate = decoding.gate(fields["gate"], strategyNames: strategyNames(fields["strategies"]))
        let budgets = decoding.budgets(fields["budgets"])
        guard let name, let load else { return nil }
        return Workload(
            name: name, about: about ?? "", load: load, target: target,
            variables: variables, requests: requests,
            plugins: plugins.map(\.specification), host: host, strategies: strategies, observations: observations,
            gate: gate, budgets: budgets)
    }

    private static func target(_ value: YAMLValue?, _ decoding: Decoding) -> InProcessTarget {
        let fields = value.flatMap { decoding.fields($0, .target, what: "`target`") }
        if let kind = fields?["kind"] {
            let _: TargetKind? = decoding.choice(kind, what: "a kind of target", notYet: ["gateway", "http"])
        }
        return InProcessTarget(
            upstream: decoding.upstream(fields?["upstream"]),
            clusters: fields?["clusters"].map(decoding.clusters) ?? [],
            properties: fields?["properties"].map(decoding.properties) ?? [])
    }

    /// A file of a newer format may mean anything: nothing else is said about it.
    private static func checkVersion(_ value: YAMLValue, _ decoding: Decoding) -> Bool {
        guard case .mapping(let entries) = value.content,
            let version = entries.first(where: { $0.key == "sluice" })?.value
        else { return true }
        guard let number = decoding.whole(version, what: "the version of the format", in: 1 ... .max) else {
            return true
        }
        guard number > formatVersion else { return true }
        decoding.report(
            version.position, "the workload is written in version \(number) of the format",
            "this sluice reads version \(formatVersion); use a newer one")
        return false
    }

    private static func strategyNames(_ value: YAMLValue?) -> [String] {
        guard let value else { return ["default"] }
        guard case .mapping(let entries) = value.content else { return [] }
        return entries.map(\.key)
    }
}
