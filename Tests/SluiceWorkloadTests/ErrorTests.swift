import Foundation
import SluiceWorkload
import Testing

@Suite("Errors of workload files")
struct ErrorTests {
    private static let expected: [(folder: String, errors: [String: [String]])] = [
        ("shape", ExpectedErrors.shape), ("meaning", ExpectedErrors.meaning), ("syntax", ExpectedErrors.syntax),
    ]

    @Test("Every fixture has exactly the errors that are expected, at their places")
    func fixtures() {
        for (folder, errors) in Self.expected {
            #expect(Reading.files(in: Reading.fixtures.appending(path: folder)) == errors.keys.sorted())
            for (name, lines) in errors {
                #expect(Reading.lines(fixture: "\(folder)/\(name)") == lines, "\(folder)/\(name)")
            }
        }
    }

    @Test("An error is printed with its line and a caret below the place")
    func excerpt() {
        #expect(
            Reading.errors(fixture: "shape/unknown-key-inside") == """
                F.yaml:4:23: unknown key `bodi` in a request; did you mean `body`?
                  4 | requests: [{ path: /, bodi: text }]
                    |                       ^
                """)
    }

    @Test("Columns count characters, also behind those of several bytes, and tabs do not move the caret")
    func wideCharacters() {
        let error = #expect(throws: WorkloadErrors.self) {
            try Reading.workload(["about": "\"ü→é\"\t\nbudgets: { errors: \"ü→é\", erors: 1% }"])
        }
        #expect(error?.errors.map(\.position) == [Position(line: 2, column: 20), Position(line: 2, column: 27)])
        #expect(
            error?.description.contains(
                "  2 | budgets: { errors: \"ü→é\", erors: 1% }\n    |                           ^") == true)
    }

    @Test("All errors of a file come at once, in the order of the file")
    func allAtOnce() {
        let error = #expect(throws: WorkloadErrors.self) {
            try Reading.workload([
                "about": "[1]", "budgets": "{ errors: 1 }", "gate": "{ candidate: x }", "host": "{ memory: 1 }",
                "load": "{ phases: [{ kind: hold, duration: 1, rate: 1 }], agents: 0 }", "name": "a/b",
                "requests": "[{ path: x, weight: 0 }]",
            ])
        }
        let positions = error?.errors.compactMap(\.position) ?? []
        #expect(positions.count == 10)
        #expect(positions == positions.sorted())
    }

    @Test("A file that cannot be read says why")
    func unreadable() {
        for (path, reason) in [
            (Reading.fixtures.path + "/none.yaml", "there is no such file"),
            (Reading.fixtures.path, "it is a folder"),
            ("/dev/null", "it is no regular file"),
        ] {
            let error = #expect(throws: WorkloadErrors.self) { try WorkloadReader.read(path: path) }
            #expect(error?.description == "\(path): cannot read the workload: \(reason)")
        }
    }

    @Test("A file above the limit is not read")
    func tooLarge() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID().uuidString).yaml").path
        try Data(repeating: 0x20, count: (1 << 20) + 1).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let error = #expect(throws: WorkloadErrors.self) { try WorkloadReader.read(path: path) }
        #expect(error?.description == "\(path): cannot read the workload: it is larger than 1048576 bytes")
    }

    @Test("Text that was cut or changed anywhere is read or refused, and never ends the program")
    func mutations() throws {
        let text = Array(try String(contentsOfFile: Reading.fixtures.path + "/everything.yaml", encoding: .utf8).utf8)
        let replacements = Array("{}[]:,\"'&*#-| \n$x0".utf8)
        for position in stride(from: 0, to: text.count, by: 4) {
            var changed = text
            changed[position] = replacements[position / 4 % replacements.count]
            for bytes in [changed, Array(text[..<position])] {
                let text = String(decoding: bytes, as: UTF8.self)
                do {
                    _ = try WorkloadReader.read(text: text, path: Reading.fixtures.path + "/mutation.yaml")
                } catch {
                    #expect(!error.errors.isEmpty)
                    #expect(!error.description.isEmpty)
                }
            }
        }
    }
}
