import SluiceEngine
import Synchronization

/// Random calls of random arguments into every host function, from within a guest, while streams, timers and call-outs
/// come and go; decided by the bytes of an input.
package enum HostFuzzing {
    private static let turn = Mutex(())

    /// Runs one input. `fault`: something that each host call does wrong, for tests of the fuzzer itself.
    ///
    /// - Returns: what the host has done wrong, one sentence each. What a sanitiser or the system notices ends the
    ///   process.
    package static func findings(in input: [UInt8], planting fault: PlantedFault? = nil) -> [String] {
        turn.withLock { _ in
            let session = FuzzSession(input, fault: fault)
            FuzzSession.running = session
            defer { FuzzSession.running = nil }
            session.run()
            return session.findings
        }
    }
}

/// Something that a host function must not do.
package enum PlantedFault: Sendable, CaseIterable {
    /// A byte near the end of the guest's first memory changes.
    case touchesMemory
    /// A code that neither the ABI nor WASI has.
    case returnsUnknownCode
    /// More slots are written than the function has parameters.
    case writesBehindSlots

    func commit(_ memory: GuestMemory, _ slots: UnsafeMutablePointer<ValueSlot>) {
        switch self {
        case .touchesMemory:
            let address: UInt32 = 0x1fff0
            _ = memory.store((memory.loadUInt32(at: address) ?? 0) ^ 1, at: address)
        case .returnsUnknownCode: slots[0].u32 = 77
        case .writesBehindSlots: slots[FuzzSession.slotCount - 1].u64 = 0
        }
    }
}

/// What libFuzzer calls for each input; see `scripts/fuzz`.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let findings = HostFuzzing.findings(in: Array(UnsafeBufferPointer(start: bytes, count: count)))
    precondition(findings.isEmpty, findings.joined(separator: "\n"))
    return 0
}
