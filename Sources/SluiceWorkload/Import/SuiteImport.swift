import SluiceModel

/// Requests and expectations of a suite of Google's plugin tester (`TestSuite` of its `runner.proto`).
struct SuiteImport {
    private let importing: Importing
    /// The module that the user names; the suite's own is then not looked at.
    private let module: String?
    private(set) var plugin: ImportedPlugin?
    private(set) var requests: [ImportedRequest] = []
    private(set) var upstream: ImportedUpstream?

    private static let largestFileBytes = 1 << 20

    init(_ importing: Importing, module: String?) {
        self.importing = importing
        self.module = module
    }

    /// Whether a document is such a suite.
    static func recognises(_ document: YAMLValue) -> Bool {
        guard case .mapping(let entries) = document.content else { return false }
        return !entries.isEmpty && entries.allSatisfy { ["test", "env", "runtime"].contains($0.key) }
    }

    mutating func read(_ document: YAMLValue) {
        guard var suite = ProtoFields(document) else { return }
        var environment = suite.takeFields("env") ?? suite.takeFields("runtime")
        readPlugin(&environment, document.position)
        if let environment { importing.leaveOutRest(of: environment, in: "`env`") }
        let tests = suite.takeAll("test")
        if tests.isEmpty { importing.report(document.position, "a suite without a `test`", "") }
        // One upstream answers all requests of a workload: the first that a test describes.
        for test in tests where upstream == nil { upstream = describedUpstream(test) }
        for test in tests { read(test: test) }
    }

    private mutating func readPlugin(_ environment: inout ProtoFields?, _ position: Position) {
        // The user's path is relative to where the command runs.
        let own = environment?.takeText("wasm_path").map { importing.place($0, in: importing.directory) }
        let users = module.map { importing.place($0, in: FileAccess.directory(of: "")) }
        guard let path = users ?? own, !path.isEmpty else {
            importing.report(position, "the suite names no module", "say `--module`, or `wasm_path` in its `env`")
            return
        }
        let name = path.split(separator: "/").last.map { $0.hasSuffix(".wasm") ? $0.dropLast(5) : $0[...] } ?? "plugin"
        var plugin = ImportedPlugin(position: position, name: String(name), module: .file(path))
        if let value = environment?.take("config_path"), let file = value.scalarText, !file.isEmpty {
            plugin.configuration = text(ofFile: file, value.position).map { .text($0) }
        }
        self.plugin = plugin
    }

    private func text(ofFile file: String, _ position: Position) -> String? {
        let path = FileAccess.resolve(file, in: importing.directory)
        switch FileAccess.read(path, limitBytes: Self.largestFileBytes) {
        case .success(let bytes):
            if let text = String(validating: bytes, as: UTF8.self), !text.unicodeScalars.contains("\0") { return text }
            importing.leaveOut(position, "`\(file)` is binary, and a workload is text")
        case .failure(let problem):
            importing.leaveOut(position, "`\(file)` cannot be read: \(problem.reason)")
        }
        return nil
    }

    // MARK: - One test

    private mutating func read(test value: YAMLValue) {
        guard var test = ProtoFields(value) else {
            importing.report(value.position, "\(value.kind) where a test is expected", "")
            return
        }
        var request = ImportedRequest()
        request.name = test.takeText("name") ?? ""
        _ = test.take("benchmark")
        if let invocation = test.take("request_headers") { readRequest(invocation, into: &request) }
        let bodies = test.takeAll("request_body")
        request.body = content(of: bodies)
        for invocation in bodies { leaveOutResult(of: invocation, "what the upstream gets is not checked") }
        let answers = test.takeAll("response_headers") + test.takeAll("response_body")
        let described = describedUpstream(value)
        if described == nil || described == upstream {
            for invocation in answers { readResult(of: invocation, into: &request) }
        } else {
            importing.leaveOut(
                value.position,
                "the test `\(request.name)` has another upstream than the first; "
                    + "its expectations of the response are not carried over")
        }
        importing.leaveOutRest(of: test, in: "the test `\(request.name)`")
        requests.append(request)
    }

    private func readRequest(_ value: YAMLValue, into request: inout ImportedRequest) {
        guard var invocation = ProtoFields(value) else { return }
        let headers = invocation.take("input").map { self.headers(of: $0) } ?? []
        for header in headers {
            switch header.name.lowercased() {
            case ":method": request.method = header.value
            case ":path": request.path = header.value
            case ":authority", "host": request.authority = header.value
            case let name where name.hasPrefix(":"):
                importing.leaveOut(value.position, "the pseudo header `\(name)` is made by the host")
            default: request.headers.append((header.name.lowercased(), header.value))
            }
        }
        guard let result = invocation.take("result"), var fields = ProtoFields(result) else { return }
        guard var immediate = fields.takeFields("immediate") else {
            leaveOutResult(of: value, "what the upstream gets is not checked")
            return
        }
        request.expectedStatus = immediate.takeText("http_status").flatMap { Int($0) }
        importing.leaveOutRest(of: immediate, in: "`immediate`")
        readExpectation(result, into: &request)
    }

    private func leaveOutResult(of value: YAMLValue, _ reason: String) {
        guard var invocation = ProtoFields(value), let result = invocation.take("result"),
            let fields = ProtoFields(result)
        else { return }
        for entry in fields.all {
            importing.leaveOut(entry.keyPosition, "the expectation `\(entry.key)` is not carried over: \(reason)")
        }
    }

    private func readResult(of value: YAMLValue, into request: inout ImportedRequest) {
        guard var invocation = ProtoFields(value), let result = invocation.take("result") else { return }
        readExpectation(result, into: &request)
    }

    private func readExpectation(_ value: YAMLValue, into request: inout ImportedRequest) {
        guard var fields = ProtoFields(value) else { return }
        _ = fields.take("immediate")
        for header in fields.takeAll("has_header") {
            guard var pair = ProtoFields(header), let name = pair.takeText("key")?.lowercased() else { continue }
            let text = pair.takeText("value") ?? ""
            if name == ":status" {
                request.expectedStatus = Int(text)
            } else if request.expectedHeaders.contains(where: { $0.name == name }) {
                importing.leaveOut(header.position, "a second expectation of the header `\(name)` is not carried over")
            } else {
                request.expectedHeaders.append((name, text))
            }
        }
        for header in fields.takeAll("no_header") {
            guard var pair = ProtoFields(header), let name = pair.takeText("key")?.lowercased(),
                !request.expectedHeaders.contains(where: { $0.name == name })
            else { continue }
            request.expectedHeaders.append((name, nil))
        }
        for body in fields.takeAll("body") {
            guard request.expectedBody == nil, let matcher = matcher(body) else {
                importing.leaveOut(body.position, "this expectation of the body is not carried over")
                continue
            }
            request.expectedBody = matcher
        }
        importing.leaveOutRest(of: fields, in: "`result`")
    }

    /// The tester's patterns match the whole text.
    private func matcher(_ value: YAMLValue) -> TextMatcher? {
        guard var fields = ProtoFields(value), !fields.takeFlag("invert") else { return nil }
        if let text = fields.takeText("exact") { return .equals(text) }
        if let pattern = fields.takeText("regex") { return .matches("\\A(?:\(pattern))\\z") }
        if let value = fields.take("file"), let file = value.scalarText {
            return text(ofFile: file, value.position).map { .equals($0) }
        }
        return nil
    }

    // MARK: - Input

    /// What the test says of the upstream's response; `nil` when it says nothing.
    private func describedUpstream(_ value: YAMLValue) -> ImportedUpstream? {
        guard var test = ProtoFields(value) else { return nil }
        let headers = test.take("response_headers").flatMap { invocation -> YAMLValue? in
            var fields = ProtoFields(invocation)
            return fields?.take("input")
        }.map { self.headers(of: $0) }
        let bodies = test.takeAll("response_body")
        guard headers != nil || !bodies.isEmpty else { return nil }
        var upstream = ImportedUpstream(body: content(of: bodies))
        for header in headers ?? [] {
            if header.name == ":status" {
                upstream.status = Int(header.value) ?? 200
            } else if !header.name.hasPrefix(":") {
                upstream.headers.append((header.name.lowercased(), header.value))
            }
        }
        return upstream
    }

    private func headers(of input: YAMLValue) -> [(name: String, value: String)] {
        guard var fields = ProtoFields(input) else { return [] }
        if let text = rawContent(&fields) { return Self.serialised(text) }
        return fields.takeAll("header").compactMap { header in
            guard var pair = ProtoFields(header), let name = pair.takeText("key") else { return nil }
            return (name, pair.takeText("value") ?? "")
        }
    }

    /// Chunks of a body are one body.
    private func content(of invocations: [YAMLValue]) -> String? {
        let chunks = invocations.compactMap { invocation -> String? in
            guard var fields = ProtoFields(invocation), var input = fields.takeFields("input") else { return nil }
            return rawContent(&input)
        }
        return chunks.isEmpty ? nil : chunks.joined()
    }

    private func rawContent(_ input: inout ProtoFields) -> String? {
        if let value = input.take("file"), let file = value.scalarText { return text(ofFile: file, value.position) }
        return input.takeText("content")
    }

    /// Headers as HTTP/1.1 has them, with the first line as pseudo headers.
    private static func serialised(_ text: String) -> [(name: String, value: String)] {
        let lines = text.split { $0 == "\n" || $0 == "\r" || $0 == "\r\n" }
        guard let first = lines.first?.split(separator: " ") else { return [] }
        var headers: [(name: String, value: String)] = []
        if lines[0].hasPrefix("HTTP/"), first.count > 1 {
            headers.append((":status", String(first[1])))
        } else if first.count > 1 {
            headers += [(":method", String(first[0])), (":path", String(first[1]))]
        }
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers.append((String(line[..<colon]), String(line[line.index(after: colon)...].drop { $0 == " " })))
        }
        return headers
    }
}

extension ImportedUpstream: Equatable {
    static func == (left: ImportedUpstream, right: ImportedUpstream) -> Bool {
        left.status == right.status && left.body == right.body
            && left.headers.elementsEqual(right.headers) { $0 == $1 }
    }
}
