import SluiceModel
import SluiceWorkload
import Testing

/// What is wrong with a file as text, and where.
@Suite("Syntax of workload files")
struct SyntaxTests {
    private static let head = "sluice: 1\nname: x\n"

    private func lines(_ text: String) -> [String] {
        do {
            _ = try Reading.read(text: text)
            return []
        } catch {
            return error.errors.map {
                "\($0.position.map { "\($0.line):\($0.column): " } ?? "")\($0.message); \($0.help)"
            }
        }
    }

    @Test("A byte order mark and every kind of line end are taken", arguments: ["\n", "\r\n", "\r", "\u{85}"])
    func lineEnds(end: String) throws {
        let text = Reading.text(["about": "|\n  one\n  two"])
        let plain = try Reading.read(text: text)
        #expect(try Reading.read(text: text.replacing("\n", with: end)) == plain)
        #expect(try Reading.read(text: "\u{FEFF}" + text.replacing("\n", with: end)) == plain)
        #expect(plain.about == "one\ntwo\n")
    }

    @Test(
        "Errors show the right line whatever ends the lines before it",
        arguments: ["\n", "\r\n", "\r", "\u{85}", "\u{2028}"])
    func excerpts(end: String) {
        let text = Reading.text(["about": "\"ü\"", "budgetz": "1"]).replacing("\n", with: end)
        for mark in ["", "\u{FEFF}"] {
            let error = #expect(throws: WorkloadErrors.self) { try Reading.read(text: mark + text) }
            #expect(error?.errors.first?.position == Position(line: 2, column: 1))
            #expect(error?.description.hasSuffix("\n  2 | budgetz: 1\n    | ^") == true, "\(error?.description ?? "")")
        }
    }

    @Test("Repeated keys are found behind every kind of line end", arguments: ["\n", "\r\n", "\r"])
    func repeatedKeys(end: String) {
        let text = "sluice: 1\nname: x\nload: { agents: 1, agents: 2 }\nname: y\n".replacing("\n", with: end)
        let found = lines(text).filter { $0.contains("twice") }
        #expect(
            found == [
                "3:20: the key `agents` is given twice; the first is in line 3, column 9; remove one of the two",
                "4:1: the key `name` is given twice; the first is in line 2, column 1; remove one of the two",
            ])
    }

    @Test("UTF-16 is called by its name")
    func utf16() throws {
        let folder = try TemporaryFile(bytes: [0xff, 0xfe, 0x73, 0, 0x6c, 0])
        let error = #expect(throws: WorkloadErrors.self) { try WorkloadReader.read(path: folder.path) }
        #expect(error?.description == "\(folder.path): the workload is not UTF-8 text but UTF-16; save it as UTF-8")
    }

    @Test("A place far to the right is shown with what stands around it")
    func longLine() {
        let names = (0..<60).map { "\"x-\($0)\": a" }.joined(separator: ", ")
        let text = Reading.text([
            "requests": "[{ headers: { \(names), \"b ad\": c, \(names.replacing("x", with: "y")) } }]"
        ])
        let error = #expect(throws: WorkloadErrors.self) { try Reading.read(text: text) }
        let printed = (error?.description ?? "").split(separator: "\n").map { Array($0.unicodeScalars) }
        #expect(printed.count == 3)
        guard printed.count == 3, let caret = printed[2].firstIndex(of: "^") else { return }
        #expect(printed[1].count < 160)
        #expect(printed[1][caret...].starts(with: "\"b ad\"".unicodeScalars))
    }

    @Test(
        "Errors about names of headers are at the name",
        arguments: [
            ("  - headers:\n      ok: 1\n      b ad: 2\n", "5:7: `b ad` cannot be"),
            ("  - headers:\n      \"b ad\": 2\n", "4:7: `b ad` cannot be"),
            ("  - headers: { ok: [1, 2], \":path\": 3 }\n", "3:28: `:path` is a pseudo header"),
            ("  - headers: { ok: 1, OK: 2 }\n", "3:23: the header `ok` is given twice"),
            ("  - headers: { ü: 1, x: 2 }\n", "3:16: `ü` cannot be"),
            ("  - trailers:\n      x: |\n        text\n      y/z: 1\n", "6:7: `y/z` cannot be"),
            ("  - headers:\n      ? a b\n      : 1\n", "4:9: `a b` cannot be"),
            ("  - expect:\n      headers:\n        a b: 1\n", "5:9: `a b` cannot be"),
        ])
    func headerNames(yaml: String, start: String) {
        let found = lines("sluice: 1\nrequests:\n\(yaml)").filter { $0.contains("header") && !$0.contains("control") }
        #expect(found.count == 1 && found[0].hasPrefix(start), "\(found)")
    }

    @Test(
        "The parser's own words do not reach the user",
        arguments: [
            ("load\nx: 1\n", "3:1: ", "a line that is no `key: value`"),
            ("about: a: b\n", "3:9: ", "a `:` that cannot stand here"),
            ("about: - a\n", "3:8: ", "a list cannot begin here"),
            ("load:\n  a: 1\n b: 2\n", "5:2: ", "a line that does not fit the mapping that begins in line 1, column 1"),
            ("load:\n  - 1\n  x: 2\n", "5:3: ", "a line that does not fit the list that begins in line 4, column 3"),
            ("load: [1, 2\nx: 1\n", "4:2: ", "the list that begins in line 3, column 7 does not go on like this"),
            ("load: { a: 1 b: 2 }\n", "3:15: ", ""),
            ("about: \"abc\n", "3:8: ", "this quote is not closed"),
            ("about: 'abc\n", "3:8: ", "this quote is not closed"),
            ("about: \"a\\qb\"\n", "3:10: ", "an escape that there is not"),
            ("about: @x\n", "3:8: ", "a text cannot begin with `@`"),
            ("about: `x`\n", "3:8: ", "a text cannot begin with ```"),
            ("about: %x\n", "3:8: ", "a text cannot begin with `%`"),
            ("about: *x\n", "3:8: ", "a reference to nothing"),
            ("about: !<x\n", "3:8: ", "a tag that cannot be read"),
            ("load:\n\tphases: 1\n", "4:1: ", "a tab where indentation is expected"),
            ("about: |x\n", "3:8: ", "text behind `|`, `>` or a directive"),
            ("load: { a: [1, 2 }\n", "3:18: ", "does not go on like this"),
        ])
    func syntax(yaml: String, place: String, words: String) {
        let found = lines(Self.head + yaml)
        #expect(found.count == 1 && found[0].contains("not valid YAML: ") && found[0].contains(words), "\(found)")
        #expect(found.first?.hasPrefix(place) == true, "\(found)")
        for word in ["token", "scalar", "scanning", "parsing", "expected ','", "node", "alias"] {
            #expect(found.first?.contains(word) == false, "\(found)")
        }
    }
}
