import SluiceEngine
import SluiceModel
import SluiceProxyWasm

/// What the guest does, in its callbacks and in its allocator.
extension FuzzSession {
    /// What one turn of a callback came to.
    private enum Turn {
        case done
        /// The host call ended the guest's.
        case trapped
        case order(FuzzGuest.Order)
    }

    private func orders(_ choice: UInt8) -> FuzzGuest.Order {
        FuzzGuest.Order.allCases[Int(choice) % FuzzGuest.Order.allCases.count]
    }

    /// (callback): the result of the callback, or an order.
    func step(_ context: UnsafeMutableRawPointer, _ slots: UnsafeMutablePointer<ValueSlot>) -> Int32 {
        let callback = Callback(rawValue: Int(slots[0].i32))
        // What starts a module may call little; an input that begins with a trap says nothing else.
        if callback == .initialize, input.byte() < 0xe0 {
            slots[0].u32 = 0
            return 0
        }
        for _ in 0..<input.byte() & 7 {
            switch turn(context) {
            case .done: continue
            case .trapped: return 1
            case .order(let order):
                slots[0].u32 = order.rawValue
                return 0
            }
        }
        let isTrue = [.vmStart, .configure, .done].contains(callback)
        let result = input.byte()
        slots[0].u32 = isTrue ? (result < 0xf0 ? 1 : 0) : UInt32(result & 0x0f)
        return 0
    }

    private func turn(_ context: UnsafeMutableRawPointer) -> Turn {
        let choice = input.byte()
        switch choice {
        case 0xff: return .order(orders(input.byte()))
        case 0xfe: return .order(.growByOnePage)
        case 0xfc...0xfd:
            fill(context)
            return .done
        default: return call(module.functions[Int(choice) % module.functions.count], context) ? .done : .trapped
        }
    }

    /// Bytes of the input go anywhere into the guest's memory.
    private func fill(_ context: UnsafeMutableRawPointer) {
        guard let memory = AddedFunction.memory(ofContext: context) else { return }
        let address = arguments.address(&input, memoryBytes: memory.byteCount)
        let bytes = Array(input.take(Int(input.byte() & 0x3f)))
        oracle.allow(Int(address)..<Int(address) + bytes.count)
        bytes.withUnsafeBytes { _ = memory.store($0, at: address) }
    }

    /// (size): an address, or an order. The host may write to what it is given.
    func allocate(_ context: UnsafeMutableRawPointer, _ slots: UnsafeMutablePointer<ValueSlot>) -> Int32 {
        let size = Int(slots[0].u32)
        let choice = input.byte()
        var address = 0
        switch choice {
        case 0x80..<0x90: address = 0
        case 0x90..<0xb0:
            let memory = AddedFunction.memory(ofContext: context)
            address = Int(arguments.address(&input, memoryBytes: memory?.byteCount ?? 0))
        case 0xb0..<0xb8:
            slots[0].u32 = FuzzGuest.Order.growByOnePage.rawValue
            return 0
        case 0xb8..<0xbc:
            slots[0].u32 = orders(choice).rawValue
            return 0
        case 0xf0...0xff:
            let function = module.functions[Int(input.byte()) % module.functions.count]
            guard call(function, context) else { return 1 }
            address = bump(size)
        default: address = bump(size)
        }
        if address != 0 { oracle.allow(address..<address + size) }
        slots[0].u32 = UInt32(truncatingIfNeeded: address)
        return 0
    }

    private func bump(_ size: Int) -> Int {
        guard size <= FuzzGuest.heap.count else { return 0 }
        if heap + size > FuzzGuest.heap.upperBound { heap = FuzzGuest.heap.lowerBound }
        defer { heap += size }
        return heap
    }

    // MARK: Calls of the host

    private static let canary = ValueSlot(u64: 0x5a5a_5a5a_5a5a_5a5a)

    /// Calls as the engine would, and looks at what came of it. `false` when the guest's own call has to end.
    private func call(_ function: HostFunction, _ context: UnsafeMutableRawPointer) -> Bool {
        guard let memory = AddedFunction.memory(ofContext: context), mayCall(function) else { return true }
        let values = arguments.draw(function.type.parameters, &input, memoryBytes: memory.byteCount)
        let writable = WriteRanges.of(function, values, profile: module.profile)
        oracle.begin(memory, writable: writable)
        // Not the session's own: an allocator calls the host while a call is running.
        let own = UnsafeMutablePointer<ValueSlot>.allocate(capacity: Self.slotCount)
        defer { own.deallocate() }
        own.initialize(repeating: Self.canary, count: Self.slotCount)
        for (index, value) in values.enumerated() { own[index] = ValueSlot(u64: value) }
        let status = function.callback(context, own)
        fault?.commit(memory, own)
        if let address = oracle.end(memory) {
            report("\(function.name)\(values) has changed the byte at \(address)")
        }
        for index in max(values.count, 1)..<Self.slotCount where own[index].u64 != Self.canary.u64 {
            report("\(function.name)\(values) has written to slot \(index)")
        }
        guard status == 0 else { return false }
        if !function.type.results.isEmpty { check(own[0].u32, of: function, values) }
        for range in writable where WriteRanges.isWord(range) {
            if let word = memory.loadUInt32(at: UInt32(truncatingIfNeeded: range.lowerBound)) {
                arguments.remember(word)
            }
        }
        return true
    }

    /// One wait for each input: the full host really waits.
    private func mayCall(_ function: HostFunction) -> Bool {
        guard function.name == "poll_oneoff" else { return true }
        defer { hasPolled = true }
        return !hasPolled
    }

    /// The codes that there are.
    private func check(_ result: UInt32, of function: HostFunction, _ values: [UInt64]) {
        let highest: UInt32 = function.module == "env" ? 12 : 76
        if result > highest { report("\(function.name)\(values) has returned \(result)") }
    }
}
