import Glibc
import SluiceEngine

/// `errno` values of WASI that this host returns.
enum WASIErrno: UInt32, Sendable {
    case success = 0
    case badDescriptor = 8
    /// Envoy's answer where WASI has 54: its number means that a file exists already.
    case existsForNotDirectory = 20
    case fault = 21
    case invalid = 28
    case noEntry = 44
    case notImplemented = 52
    case notDirectory = 54
    case notSocket = 57
    case notSupported = 58
    case noSeek = 70
    case notCapable = 76
}

/// One WASI call of the guest: what Envoy's functions do, and what all hosts share.
struct WASICall {
    let call: HostCall

    @inline(__always) subscript(index: Int) -> UInt32 { call[index] }

    @inline(__always)
    static func perform(
        _ context: UnsafeMutableRawPointer, _ slots: UnsafeMutablePointer<ValueSlot>,
        upTo phase: VMState.Phase, _ body: (WASICall) -> WASIErrno
    ) -> Int32 {
        guard HostCall.isAllowed(context, upTo: phase) else { return HostCall.refuse() }
        let call = HostCall(vm: context.assumingMemoryBound(to: VMState.self), slots: slots)
        slots.pointee = ValueSlot(u32: body(WASICall(call: call)).rawValue)
        return 0
    }

    /// `proc_exit` leaves a line and returns to the guest, as in Envoy.
    static func exit(_ context: UnsafeMutableRawPointer, _ slots: UnsafeMutablePointer<ValueSlot>) -> Int32 {
        guard HostCall.isAllowed(context, upTo: .running) else { return HostCall.refuse() }
        context.assumingMemoryBound(to: VMState.self).pointee.log.append(line: "proc_exit(\(slots[0].i32))")
        return 0
    }

    func store(_ value: UInt32, at address: UInt32) -> Bool { call.store(value, at: address) == .ok }
    func store(_ value: UInt64, at address: UInt32) -> Bool { call.store(value, at: address) == .ok }

    // MARK: Arguments and environment

    /// (ret count, ret bytes)
    func argsSizesGet() -> WASIErrno {
        store(UInt32(0), at: self[0]) && store(UInt32(0), at: self[1]) ? .success : .fault
    }

    /// (ret count, ret bytes)
    func environSizesGet() -> WASIErrno {
        let plugin = call.vm.pointee.plugin
        return store(UInt32(plugin.environmentCount), at: self[0])
            && store(UInt32(plugin.environment.count), at: self[1]) ? .success : .fault
    }

    /// (ret addresses, ret bytes)
    func environGet() -> WASIErrno {
        let plugin = call.vm.pointee.plugin
        return give(plugin.environment, count: plugin.environmentCount)
    }

    /// Texts that end in a zero byte each, and their addresses, at the first two parameters.
    func give(_ texts: [UInt8], count: Int) -> WASIErrno {
        guard count > 0 else { return .success }
        guard call.isWritable(self[0], count: 4 * UInt32(count)),
            let target = call.memory?.bytes(at: self[1], count: UInt32(texts.count))
        else { return .fault }
        texts.withUnsafeBytes { target.copyMemory(from: $0) }
        var address = self[0]
        var isStart = true
        for (offset, byte) in texts.enumerated() {
            if isStart {
                _ = store(self[1] + UInt32(offset), at: address)
                // The last address may be the last word of a memory of 4 GiB.
                address &+= 4
            }
            isStart = byte == 0
        }
        return .success
    }

    // MARK: Clocks and chance

    /// (clock, precision, ret u64)
    func clockTimeGet() -> WASIErrno {
        let time: UInt64
        switch self[0] {
        case 0: time = SystemClock.wallNanoseconds()
        case 1: time = SystemClock.monotonicNanoseconds()
        default: return .notSupported
        }
        return store(time, at: self[2]) ? .success : .fault
    }

    /// (clock, ret u64)
    func clockResGet() -> WASIErrno {
        guard self[0] <= 1 else { return .notSupported }
        return store(UInt64(1), at: self[1]) ? .success : .fault
    }

    /// (address, size)
    func randomGet() -> WASIErrno {
        guard self[1] <= HostLimits.randomBytes else { return .invalid }
        guard self[1] > 0 else { return .success }
        guard let target = call.memory?.bytes(at: self[0], count: self[1]) else { return .fault }
        var filled = 0
        while filled < target.count {
            // The system gives at most 256 bytes at a time.
            let count = min(256, target.count - filled)
            guard getentropy(target.baseAddress! + filled, count) == 0 else { return .invalid }
            filled += count
        }
        return .success
    }

    /// (subscriptions, ret events, count, ret count): nothing has happened, and nobody waits.
    func pollOneoff() -> WASIErrno { store(UInt32(0), at: self[3]) ? .success : .fault }

    // MARK: Descriptors

    var isStandardStream: Bool { self[0] == 1 || self[0] == 2 }

    func standardStreamOnly() -> WASIErrno { isStandardStream ? .success : .badDescriptor }

    /// (descriptor, vectors, count, …, ret size): the pieces become one record of the log.
    func fdWrite(countAt: UInt32) -> WASIErrno {
        guard isStandardStream else { return .badDescriptor }
        var total: UInt32 = 0
        var logged = 0
        for index in 0..<UInt64(self[2]) {
            let vector = UInt64(self[1]) + 8 * index
            guard vector <= UInt64(UInt32.max) - 8,
                let address = call.memory?.loadUInt32(at: UInt32(vector)),
                let count = call.memory?.loadUInt32(at: UInt32(vector) + 4)
            else { return .fault }
            // Nobody looks where an empty piece lies.
            guard count > 0 else { continue }
            guard let piece = call.bytes(at: address, count: count) else { return .fault }
            // Many vectors may name the same large piece: what is looked at is bounded over all of them.
            if logged < LogRing.recordBytes {
                call.vm.pointee.log.append(piece: piece, toStandardError: self[0] == 2)
                call.vm.pointee.services.logObserver?.observe(piece)
                logged += piece.count
            }
            total &+= count
        }
        return store(total, at: countAt) ? .success : .fault
    }

    /// (descriptor, ret u64)
    func fdTell() -> WASIErrno {
        guard isStandardStream else { return .badDescriptor }
        return store(UInt64(0), at: self[1]) ? .success : .fault
    }

    /// (descriptor, ret 24 bytes): nothing but the right to write. Envoy does not notice an address outside the memory.
    func fdFdstatGet() -> WASIErrno {
        guard isStandardStream else { return .badDescriptor }
        guard let target = call.memory?.bytes(at: self[1], count: 24) else { return .success }
        target.initializeMemory(as: UInt8.self, repeating: 0)
        target.storeBytes(of: UInt64(64).littleEndian, toByteOffset: 8, as: UInt64.self)
        return .success
    }

    /// (descriptor, buffer, size, cookie, ret size)
    func fdReaddir() -> WASIErrno { store(UInt32(0), at: self[4]) ? .existsForNotDirectory : .fault }

    /// (descriptor, other descriptor)
    func fdRenumber() -> WASIErrno {
        isStandardStream && (self[1] == 1 || self[1] == 2) ? .notSupported : .badDescriptor
    }

    /// Results of four bytes are 0 although the call is refused.
    func unsupported(zeroing result: Int) -> WASIErrno {
        store(UInt32(0), at: self[result]) ? .notSupported : .fault
    }

    /// (descriptor, flags, ret 8 bytes): Envoy writes twice as much as WASI says.
    func sockAccept() -> WASIErrno { store(UInt64(0), at: self[2]) ? .notSupported : .fault }

    /// (descriptor, vectors, count, flags, ret size, ret flags of 2 bytes)
    func sockReceive() -> WASIErrno {
        guard store(UInt32(0), at: self[4]), let flags = call.memory?.bytes(at: self[5], count: 2) else {
            return .fault
        }
        flags.storeBytes(of: 0, as: UInt16.self)
        return .notSupported
    }
}
