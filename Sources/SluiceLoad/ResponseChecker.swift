package import SluiceModel

/// The expectations of a workload, compiled; one for each worker, since it owns scratch space for matching.
package final class ResponseChecker {
    private enum Matcher {
        case equals([UInt8])
        case pattern(Pattern)

        /// A text of which PCRE2 cannot tell is not accepted; `explain` says why.
        func matches(_ text: UnsafeRawBufferPointer) -> Bool { find(in: text) == .present }

        func find(in text: UnsafeRawBufferPointer) -> Pattern.Finding {
            switch self {
            case .equals(let expected): text.elementsEqual(expected) ? .present : .absent
            case .pattern(let pattern): pattern.find(in: text)
            }
        }
    }

    private struct CompiledExpectation {
        var status: Int?
        var headers: [(name: [UInt8], matcher: Matcher?)]
        var body: Matcher?
    }

    private let expectations: [CompiledExpectation]
    /// By template.
    private let areExpected: [Bool]
    private let areOfConnections: [Bool]
    private let sources: [Expectation]

    /// - Throws: the first pattern that PCRE2 refuses. `PatternSyntax` finds all of them when the workload is read.
    package init(templates: [RequestTemplate]) throws(PatternError) {
        sources = templates.map(\.expectation)
        var compiled: [CompiledExpectation] = []
        for source in sources {
            var headers: [(name: [UInt8], matcher: Matcher?)] = []
            for header in source.headers {
                headers.append((Array(header.name.utf8), try Self.compile(header.value)))
            }
            compiled.append(
                CompiledExpectation(status: source.status, headers: headers, body: try Self.compile(source.body)))
        }
        expectations = compiled
        areOfConnections = sources.map {
            $0.clientBytes != nil || $0.upstreamBytes != nil || $0.closedByPlugin == true
        }
        areExpected = zip(sources, areOfConnections).map {
            $0.status != nil || !$0.headers.isEmpty || $0.body != nil || $1
        }
    }

    private static func compile(_ matcher: TextMatcher?) throws(PatternError) -> Matcher? {
        switch matcher {
        case nil: nil
        case .equals(let text): .equals(Array(text.utf8))
        case .contains(let text): .pattern(try Pattern(text, isLiteral: true))
        case .matches(let pattern): .pattern(try Pattern(pattern))
        }
    }

    /// `false`: every response will do.
    func hasExpectation(template: Int) -> Bool { areExpected[template] }

    /// Something is expected that only a connection has.
    func isOfConnection(template: Int) -> Bool { areOfConnections[template] }

    /// Whether a connection ended as its template expects, besides its data. No allocation.
    func accepts(template: Int, connection: ConnectionEnd?, clientBytes: Int) -> Bool {
        let expectation = sources[template]
        return expectation.clientBytes ?? clientBytes == clientBytes
            && expectation.upstreamBytes ?? connection?.upstreamBytes == connection?.upstreamBytes
            && expectation.closedByPlugin ?? connection?.isClosedByPlugin == connection?.isClosedByPlugin
    }

    /// What was expected of a connection and what came, for a person. Only for one that was not accepted.
    func explain(template: Int, connection: ConnectionEnd?, clientBytes: Int) -> String {
        let source = sources[template]
        if source.closedByPlugin == true, connection?.isClosedByPlugin != true {
            return "expected that a plugin closes the connection, it ended without that"
        }
        if let expected = source.clientBytes, expected != clientBytes {
            return "expected \(expected) bytes for the client, got \(clientBytes)"
        }
        return "expected \(source.upstreamBytes ?? 0) bytes for the upstream, got \(connection?.upstreamBytes ?? 0)"
    }

    /// Whether a response is what its template expects. No allocation.
    package func accepts(template: Int, status: Int?, headers: HeaderBlock, body: [UInt8]) -> Bool {
        let expectation = expectations[template]
        if let expected = expectation.status, expected != status { return false }
        for (name, matcher) in expectation.headers {
            let index = name.withUnsafeBytes { headers.firstIndex(ofName: $0) }
            switch (index, matcher) {
            case (nil, nil): continue
            case (let index?, let matcher?):
                guard headers.withField(at: index, { matcher.matches($1) }) else { return false }
            default: return false
            }
        }
        guard let matcher = expectation.body else { return true }
        return body.withUnsafeBytes { matcher.matches($0) }
    }

    /// What was expected and what came, for a person. Only for a response that was not accepted.
    func explain(template: Int, status: Int?, headers: HeaderBlock, body: [UInt8]) -> String {
        let source = sources[template]
        if let expected = source.status, expected != status {
            return "expected status \(expected), got \(status.map(String.init) ?? "none")"
        }
        for (index, expected) in source.headers.enumerated() {
            let value = headers.value(ofName: expected.name)
            switch (value, expected.value) {
            case (nil, nil): continue
            case (let value?, nil): return "expected no header \(expected.name), got \(Self.excerpt(Array(value.utf8)))"
            case (nil, .some): return "expected a header \(expected.name), got none"
            case (let value?, let matcher?):
                let compiled = expectations[template].headers[index].matcher
                let what = "header \(expected.name)"
                if let complaint = Self.complaint(about: what, Array(value.utf8), matcher, compiled) {
                    return complaint
                }
            }
        }
        guard let matcher = source.body,
            let complaint = Self.complaint(about: "a body", body, matcher, expectations[template].body)
        else { preconditionFailure("an accepted response needs no explanation") }
        return complaint
    }

    /// `nil`: it is as expected.
    private static func complaint(
        about what: String, _ bytes: [UInt8], _ expected: TextMatcher, _ compiled: Matcher?
    ) -> String? {
        switch compiled.map({ compiled in bytes.withUnsafeBytes { compiled.find(in: $0) } }) {
        case nil, .present: nil
        case .absent: "expected \(what) \(describe(expected)), got \(excerpt(bytes))"
        case .unknown(let code):
            "PCRE2 gave up (\(Pattern.message(of: code))) looking for \(what) \(describe(expected)), "
                + "got \(excerpt(bytes))"
        }
    }

    private static func describe(_ matcher: TextMatcher) -> String {
        switch matcher {
        case .equals(let text): "equal to \(excerpt(Array(text.utf8)))"
        case .contains(let text): "containing \(excerpt(Array(text.utf8)))"
        case .matches(let pattern): "matching /\(pattern)/"
        }
    }

    private static func excerpt(_ bytes: [UInt8]) -> String {
        let shown = String(decoding: bytes.prefix(60), as: UTF8.self).debugDescription
        return bytes.count > 60 ? "\(shown)… (\(bytes.count) bytes)" : shown
    }
}
