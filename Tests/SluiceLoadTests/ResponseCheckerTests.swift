import SluiceLoad
import SluiceModel
import Testing

struct ResponseCheckerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var expectation: SluiceModel.Expectation
        var status = 200
        var headers: [(String, String)] = []
        var body = ""
        var accepted: Bool
        var testDescription: String { "\(expectation) of \(status) \(headers) \(body): \(accepted)" }
    }

    static let cases: [Case] = [
        Case(expectation: .nothing, accepted: true),
        Case(expectation: SluiceModel.Expectation(status: 200, headers: [], body: nil), accepted: true),
        Case(expectation: SluiceModel.Expectation(status: 403, headers: [], body: nil), accepted: false),
        Case(expectation: body(.equals("abc")), body: "abc", accepted: true),
        Case(expectation: body(.equals("abc")), body: "abcd", accepted: false),
        Case(expectation: body(.contains("bc")), body: "abcd", accepted: true),
        Case(expectation: body(.contains("x")), body: "", accepted: false),
        Case(expectation: body(.contains("")), body: "", accepted: true),
        Case(expectation: body(.matches("^a.*d$")), body: "abcd", accepted: true),
        Case(expectation: body(.matches("^b")), body: "abcd", accepted: false),
        Case(expectation: body(.matches("^$")), body: "", accepted: true),
        // Needs more than the 32 KiB of stack that PCRE2's machine code has of itself.
        Case(
            expectation: body(.matches("^(?:[a-z]|[0-9])*$")), body: String(repeating: "a", count: 10_000),
            accepted: true),
        Case(
            expectation: body(.matches("^(?:[a-z]|[0-9])*$")), body: String(repeating: "a", count: 10_000) + "-",
            accepted: false),
        // Backtracks without end: the match limit makes it a failed check, not a hang.
        Case(expectation: body(.matches("(a+)+$")), body: String(repeating: "a", count: 5000) + "b", accepted: false),
        Case(expectation: header("x-a", .equals("1")), headers: [("x-a", "1")], accepted: true),
        Case(expectation: header("x-a", .equals("1")), headers: [("x-a", "2")], accepted: false),
        Case(expectation: header("x-a", .equals("1")), accepted: false),
        Case(expectation: header("x-a", nil), accepted: true),
        Case(expectation: header("x-a", nil), headers: [("x-a", "1")], accepted: false),
    ]

    static func body(_ matcher: TextMatcher) -> SluiceModel.Expectation {
        SluiceModel.Expectation(status: nil, headers: [], body: matcher)
    }
    static func header(_ name: String, _ matcher: TextMatcher?) -> SluiceModel.Expectation {
        SluiceModel.Expectation(status: nil, headers: [HeaderExpectation(name: name, value: matcher)], body: nil)
    }

    @Test(arguments: cases) func accepts(_ example: Case) throws {
        let checker = try ResponseChecker(templates: [.expecting(example.expectation)])
        var headers = HeaderBlock()
        for (name, value) in example.headers { headers.append(name: name, value: value) }
        let body = Array(example.body.utf8)
        #expect(
            checker.accepts(template: 0, status: example.status, headers: headers, body: body) == example.accepted)
    }

    @Test func `a bad pattern is named with its place`() {
        #expect(PatternSyntax.problem(in: "a(b") == "missing closing parenthesis at offset 3")
        #expect(PatternSyntax.problem(in: "^ok$") == nil)
    }
}
