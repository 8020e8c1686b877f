import SluiceEngine

/// Arguments of host calls, drawn from an input: good ones, such as sit at the edges of something, and any.
struct FuzzArguments {
    /// Numbers that host calls have stored: tokens, identifiers, addresses, sizes.
    private var remembered: [UInt32] = Array(repeating: 1, count: 8)
    private var nextRemembered = 0

    mutating func remember(_ number: UInt32) {
        remembered[nextRemembered % remembered.count] = number
        nextRemembered += 1
    }

    /// `memoryBytes`: where the guest's memory ends now.
    mutating func draw(_ types: [ValueType], _ input: inout FuzzInput, memoryBytes: Int) -> [UInt64] {
        var arguments: [UInt64] = []
        // A text is followed by its length.
        var length: UInt64?
        for type in types {
            if let known = length {
                arguments.append(known)
                length = nil
                continue
            }
            let kind = input.byte()
            if (0x40..<0x60).contains(kind) {
                let text = FuzzTexts.placed[Int(kind & 0x1f) % FuzzTexts.placed.count]
                arguments.append(UInt64(text.address))
                length = UInt64(text.bytes.count)
            } else {
                arguments.append(number(kind, type, &input, memoryBytes: memoryBytes))
            }
        }
        return arguments
    }

    private func number(
        _ kind: UInt8, _ type: ValueType, _ input: inout FuzzInput, memoryBytes: Int
    ) -> UInt64 {
        let choice = Int(kind & 0x1f)
        switch kind {
        case 0..<0x40: return UInt64(kind)
        case 0x60..<0x80: return UInt64(FuzzGuest.results + 16 * choice)
        case 0x80..<0xa0: return UInt64(remembered[choice % remembered.count])
        case 0xa0..<0xc0: return Self.edges(memoryBytes)[choice % Self.edgeCount]
        case 0xc0..<0xe0: return 1 << UInt64(choice)
        default: return type == .i64 ? input.long() : UInt64(input.word())
        }
    }

    /// An address, for memory that the host asked for, and for what is written over.
    func address(_ input: inout FuzzInput, memoryBytes: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: number(input.byte(), .i32, &input, memoryBytes: memoryBytes))
    }

    private static let edgeCount = 16

    private static func edges(_ end: Int) -> [UInt64] {
        let end = UInt64(end)
        return [
            end - 8, end - 4, end - 3, end - 1, end, end + 1, end + 65_536, end / 2, 0x7fff_ffff, 0x8000_0000,
            0xffff_0000, 0xffff_fff8, 0xffff_fffc, 0xffff_ffff, 0x1_0000_0000 - end, 3,
        ]
    }
}
