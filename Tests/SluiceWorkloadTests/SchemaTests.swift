import Foundation
import SluiceWorkload
import Testing

@Suite("JSON Schema")
struct SchemaTests {
    private static let schema = Reading.repository.appending(path: "workloads/workload.schema.json")

    private static func definitions() throws -> [String: [String: Any]] {
        let document = try JSONSerialization.jsonObject(with: Data(contentsOf: schema)) as? [String: Any]
        return try #require(document?["$defs"] as? [String: [String: Any]])
    }

    @Test("Every mapping of the format has the same keys in the schema and in the decoder")
    func keys() throws {
        let definitions = try Self.definitions()
        for shape in FormatShape.all {
            let definition = try #require(definitions[shape.name], "\(shape.name) is not in the schema")
            let properties = try #require(definition["properties"] as? [String: Any])
            #expect(properties.keys.sorted() == shape.keys.sorted(), "\(shape.name)")
            #expect(Set(definition["required"] as? [String] ?? []) == shape.required, "\(shape.name)")
            #expect(definition["additionalProperties"] as? Bool == false, "\(shape.name)")
        }
        let withKeys = definitions.filter { $0.value["properties"] != nil }.map(\.key)
        #expect(Set(withKeys) == Set(FormatShape.all.map(\.name)))
    }

    @Test("Every definition says what it is")
    func descriptions() throws {
        for (name, definition) in try Self.definitions() {
            #expect((definition["description"] as? String)?.isEmpty == false, "\(name)")
        }
    }

    @Test(
        "An independent validator accepts every workload and refuses every fixture of a wrong shape",
        .enabled(if: Oracle.python != nil, "SKIPPED: no Python with jsonschema and yaml, the schema was not validated"))
    func validator() throws {
        let python = try #require(Oracle.python)
        let workloads = Reading.files(in: Reading.repository.appending(path: "workloads")).map { "workloads/\($0)" }
        #expect(workloads.count >= 5)
        let fixtures = "Tests/SluiceWorkloadTests/Fixtures"
        let meanings = ExpectedErrors.meaning.keys.map { "\(fixtures)/meaning/\($0)" }
        let right =
            workloads + ["\(fixtures)/everything", "\(fixtures)/minimal"]
            + meanings.filter { !$0.hasSuffix("/overflow") }
        let wrong = ExpectedErrors.shape.keys.map { "\(fixtures)/shape/\($0)" }
        let verdicts = try Oracle.validate((right + wrong).map { $0 + ".yaml" }, with: python)
        for name in right { #expect(verdicts[name + ".yaml"] == "valid", "\(name)") }
        for name in wrong {
            let verdict = try #require(verdicts[name + ".yaml"])
            #expect(verdict != "valid", "\(name)")
        }
    }
}

/// Python's `jsonschema`, an implementation that is not ours.
enum Oracle {
    /// The project's own Python, or the first on PATH, when it has what is needed.
    static let python: String? = candidates.first { path in
        FileManager.default.isExecutableFile(atPath: path)
            && (try? run(path, ["-c", "import jsonschema, yaml; jsonschema.Draft202012Validator"]).status) == 0
    }

    private static var candidates: [String] {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return [Reading.repository.appending(path: ".toolchains/python/bin/python3").path]
            + path.split(separator: ":").map { "\($0)/python3" }
    }

    private static let script = """
        import json, sys, yaml, jsonschema
        schema = json.load(open("workloads/workload.schema.json"))
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        for path in sys.argv[1:]:
            error = next(validator.iter_errors(yaml.safe_load(open(path))), None)
            print(path + "\\t" + ("valid" if error is None else error.message.splitlines()[0]))
        """

    static func validate(_ paths: [String], with python: String) throws -> [String: String] {
        let (status, output) = try run(python, ["-c", script] + paths)
        try #require(status == 0)
        let lines = output.split(separator: "\n").map { $0.split(separator: "\t", maxSplits: 1).map(String.init) }
        return Dictionary(lines.map { ($0[0], $0[1]) }) { $1 }
    }

    private static func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.currentDirectoryURL = Reading.repository
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}
