import Foundation
import SluiceWorkload
import Testing

/// Values at the edges of what is allowed: the JSON Schema, which people have in their editors, and the reader must
/// give the same answer.
@Suite("The schema and the reader agree")
struct AgreementTests {
    /// A top-level key, its value as YAML, and whether it is allowed.
    private static let cases: [(key: String, yaml: String, isAllowed: Bool)] =
        [
            ("name", "_x", true), ("name", "-x", false), ("name", ".x", false), ("name", "a.b-c_1", true),
            ("name", "5", true), ("name", "-5", false), ("name", "ü", false), ("name", "a b", false),
            ("name", "\"\"", false), ("name", String(repeating: "x", count: 100), true),
            ("name", String(repeating: "x", count: 101), false),
            ("sluice", "\"1\"", false), ("sluice", "1.0", true), ("sluice", "0", false),
            ("variables", "{ _x: uuid }", true), ("variables", "{ 1x: uuid }", false),
            ("variables", "{ a-b: uuid }", false), ("variables", "{ strategy: uuid }", false),
            ("variables", "{ x: uuids }", false),
            ("variables", "{ x: { sequence: {} } }", true),
        ] + zipf + bounds + loads + requests

    private static let zipf = [
        ("1", true), ("20", true), ("20.0", true), ("0.001", true), ("1.5e+0", true), ("0", false), ("0.0", false),
        ("-1", false), ("20.001", false), ("21", false), ("\"1.1\"", false), ("x", false), ("[1]", false),
    ].map { ("variables", "{ x: { zipf: { count: 10, exponent: \($0) } } }", $1) }

    private static let bounds = [
        ("sequence: { start: 4611686018427387904 }", true), ("sequence: { start: 4611686018427387905 }", false),
        ("sequence: { start: -4611686018427387904 }", true), ("sequence: { start: -4611686018427387905 }", false),
        ("sequence: { start: 1.5 }", false), ("sequence: { start: \"1\" }", false), ("sequence: { start: 3.0 }", true),
        ("uniform: [-9223372036854775808, 9223372036854775807]", true),
        ("uniform: [0, 9223372036854775808]", false), ("uniform: [0]", false), ("uniform: [0, 1, 2]", false),
        ("choice: []", false), ("choice: [1, a, true]", true),
        ("zipf: { count: 0, exponent: 1 }", false), ("zipf: { count: 1000000000000, exponent: 1 }", true),
        ("zipf: { count: 1000000000001, exponent: 1 }", false), ("zipf: { count: 1 }", false),
    ].map { ("variables", "{ x: { \($0) } }", $1) }

    private static let loads = [
        ("agents: 0", false), ("agents: 1", true), ("agents: 4097", false), ("workers: \"2\"", false),
        ("seed: -1", false), ("seed: 9223372036854775807", true), ("seed: 9223372036854775808", false),
        ("timeout: 5", false), ("timeout: 5s", true), ("timeout: .5s", false), ("timeout: 1 s", false),
    ].map { ("load", "{ phases: [{ kind: hold, duration: 1s, rate: 1/s }], \($0) }", $1) }

    private static let requests = [
        ("weight: 0", false), ("weight: 0.5", true), ("weight: 1000000000", true), ("weight: 1000000001", false),
        ("weight: \"2\"", false), ("method: _x", true), ("method: \"a b\"", false), ("path: a", false),
        ("path: \"*\"", true), ("headers: { _x: 1 }", true), ("headers: { \"a b\": 1 }", false),
        ("headers: { \":path\": 1 }", false), ("expect: { status: 199 }", false), ("expect: { status: 599 }", true),
        ("expect: { headers: { \"a:b\": x } }", false), ("expect: { headers: { _x: { absent: true } } }", true),
        ("expect: { headers: { x: { absent: \"true\" } } }", false), ("expect: { body: { contains: \"\" } }", false),
    ].map { ("requests", "[{ \($0) }]", $1) }

    @Test("The reader")
    func reader() {
        for (key, yaml, isAllowed) in Self.cases {
            let error = Result { () throws(WorkloadErrors) in try Reading.workload([key: yaml]) }
            switch error {
            case .success: #expect(isAllowed, "\(key): \(yaml) was read")
            case .failure(let errors): #expect(!isAllowed, "\(key): \(yaml): \(errors)")
            }
        }
    }

    @Test(
        "The schema",
        .enabled(if: Oracle.python != nil, "SKIPPED: no Python with jsonschema and yaml, the schema was not validated"))
    func schema() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let paths = try Self.cases.enumerated().map { number, one in
            let path = folder.appending(path: "\(number).yaml").path
            try Data(Reading.text([one.key: one.yaml]).utf8).write(to: URL(filePath: path))
            return path
        }
        let verdicts = try Oracle.validate(paths, with: try #require(Oracle.python))
        for (path, (key, yaml, isAllowed)) in zip(paths, Self.cases) {
            let verdict = try #require(verdicts[path])
            #expect((verdict == "valid") == isAllowed, "\(key): \(yaml): \(verdict)")
        }
    }
}
