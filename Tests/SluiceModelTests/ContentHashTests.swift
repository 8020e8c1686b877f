import SluiceModel
import Testing

struct ContentHashTests {
    private static let digits = String(repeating: "0123456789abcdef", count: 4)

    @Test func `64 lower-case digits are a hash`() throws {
        let hash = try #require(ContentHash(hexadecimal: Self.digits))
        #expect(hash.short == "0123456789ab")
        #expect(hash.description == Self.digits)
    }

    @Test(arguments: ["", "abc", digits.uppercased(), digits + "0", String(digits.dropLast()) + "g"])
    func `nothing else is`(text: String) { #expect(ContentHash(hexadecimal: text) == nil) }
}
