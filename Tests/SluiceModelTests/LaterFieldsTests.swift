import Foundation
import SluiceModel
import Testing

@Suite struct LaterFieldsTests {
    @Test("a workload that the first version of the store holds can still be read")
    func firstVersion() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/workload-of-version-1.json")
        let workload = try JSONDecoder().decode(Workload.self, from: Data(contentsOf: file))
        #expect(workload.strategies.map(\.module.source) == [.file(path: "/srv/plugins/header-auth.manual.wasm")])
        #expect(workload.host.link == .strict)
        #expect(workload.budgets.againstBaseline.isEmpty)
        #expect(try JSONDecoder().decode(Workload.self, from: JSONEncoder().encode(workload)) == workload)
    }
}
