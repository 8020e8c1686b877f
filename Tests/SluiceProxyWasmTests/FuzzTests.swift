import HostFuzzing
import SluiceModel
import Testing

/// What `scripts/fuzz` drives, without a sanitiser: inputs that once found something, and drawn ones.
@Suite struct FuzzTests {
    private func inputs(_ count: Int, seed: Int) -> [[UInt8]] {
        var random = SeededRandom(key: UInt64(seed))
        return (0..<count).map { _ in
            (0..<Int(random.next(below: 1500))).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        }
    }

    @Test("the host does nothing wrong, whatever a guest calls", arguments: 0..<8)
    func drawn(seed: Int) {
        for (number, input) in inputs(50, seed: seed).enumerated() {
            #expect(HostFuzzing.findings(in: input) == [], "input \(number) of seed \(seed)")
        }
    }

    @Test("a host that does wrong is found out", arguments: PlantedFault.allCases)
    func teeth(fault: PlantedFault) {
        let findings = inputs(20, seed: 1).flatMap { HostFuzzing.findings(in: $0, planting: fault) }
        let words =
            switch fault {
            case .touchesMemory: "has changed the byte at 1310"
            case .returnsUnknownCode: "has returned 77"
            case .writesBehindSlots: "has written to slot 23"
            }
        #expect(findings.contains { $0.contains(words) }, "\(findings)")
    }
}
