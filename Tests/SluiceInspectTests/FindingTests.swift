import Foundation
import SluiceInspect
import Testing

@Suite struct FindingTests {
    @Test("a finding survives its way through JSON")
    func coding() throws {
        let finding = Finding(
            .warning, "some-code", "title", cause: "cause", advice: "advice", hostTexts: ["first", "second"])
        let data = try JSONEncoder().encode(finding)
        #expect(try JSONDecoder().decode(Finding.self, from: data) == finding)
    }
}
