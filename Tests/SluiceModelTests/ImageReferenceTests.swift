import SluiceModel
import Testing

@Suite("Addresses of images")
struct ImageReferenceTests {
    private static let digits = String(repeating: "a1", count: 32)

    @Test func `registry, repository, tag and digest are told apart`() throws {
        let both = try ImageReference(parsing: "Registry.example:5000/team/a_b/c-d.e:v1.2@sha256:\(Self.digits)")
        #expect(both.registry == "registry.example:5000")
        #expect(both.repository == "team/a_b/c-d.e")
        #expect(both.tag == "v1.2")
        #expect(both.digest?.hexadecimal == Self.digits)
        #expect(both.description == "oci://registry.example:5000/team/a_b/c-d.e:v1.2@sha256:\(Self.digits)")
        let local = try ImageReference(parsing: "localhost/p:1")
        #expect((local.registry, local.tag) == ("localhost", "1") && local.digest == nil)
        #expect(try ImageReference(parsing: "[::1]:5000/p:1").registry == "[::1]:5000")
    }

    @Test(
        "What is no address of an image is refused",
        arguments: [
            "", "plugin:1", "team/plugin:1", "registry.example/", "registry.example/p", "registry.example/P:1",
            "registry.example/p:", "registry.example/p:a b", "registry.example/../p:1", "registry.example/p//q:1",
            "registry.example/p@sha256:abc", "registry.example/p@md5:\(digits)", "user:word@registry.example/p:1",
            "registry.example:port/p:1", "registry.example/p?x=1:1", "-.example/p:1", "registry.example/p:1\r\nx",
            "registry.example/" + String(repeating: "a", count: 256) + ":1",
        ])
    func malformed(_ text: String) {
        #expect(throws: ImageReference.Malformed.self) { try ImageReference(parsing: text) }
    }
}
