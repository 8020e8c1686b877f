import Foundation
import SluiceModel
import Testing

struct FileContentTests {
    @Test(arguments: Array(0...67) + [3_000])
    func `the text is the one that others write, and is read again`(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 89 &+ 250) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        let text = try encoder.encode([FileContent(bytes)])
        #expect(String(decoding: text, as: UTF8.self) == "[\"\(Data(bytes).base64EncodedString())\"]")
        #expect(try JSONDecoder().decode([FileContent].self, from: text) == [FileContent(bytes)])
    }

    @Test func `a list of numbers is read as well`() throws {
        #expect(
            try JSONDecoder().decode([FileContent].self, from: Data("[[0, 255, 7]]".utf8)) == [
                FileContent([0, 255, 7])
            ])
    }

    @Test(arguments: [
        "[\"QQ\"]", "[\"QQ=Q\"]", "[\"Q===\"]", "[\"QQ=\\n\"]", "[\"Q*==\"]", "[\"Äaaa\"]", "[7]", "[[256]]",
    ])
    func `anything else is refused`(text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([FileContent].self, from: Data(text.utf8)) }
    }
}
