import Glibc
import SluiceEngine

/// `errno` values of WASI that this host returns.
enum WASIErrno: UInt32, Sendable {
    case success = 0
    case badDescriptor = 8
    case fault = 21
    case invalid = 28
    case noEntry = 44
    case notImplemented = 52
    case notSupported = 58
    /// What Envoy takes for "not a directory".
    case notDirectory = 20
}

/// One WASI call of the guest.
struct WASICall {
    let call: HostCall

    @inline(__always) subscript(index: Int) -> UInt32 { call[index] }

    @inline(__always)
    static func perform(
        _ context: UnsafeMutableRawPointer, _ slots: UnsafeMutablePointer<ValueSlot>,
        upTo phase: VMState.Phase = .starting, _ body: (WASICall) -> WASIErrno
    ) -> Int32 {
        let call = HostCall(vm: context.assumingMemoryBound(to: VMState.self), slots: slots)
        guard call.vm.pointee.phase.rawValue <= phase.rawValue else { return HostTrap.raise("restricted_callback") }
        slots.pointee = ValueSlot(u32: body(WASICall(call: call)).rawValue)
        return 0
    }

    /// `proc_exit` leaves a line and returns to the guest, as in Envoy.
    static func exit(_ context: UnsafeMutableRawPointer, _ slots: UnsafeMutablePointer<ValueSlot>) -> Int32 {
        let vm = context.assumingMemoryBound(to: VMState.self)
        guard vm.pointee.phase != .allocating else { return HostTrap.raise("restricted_callback") }
        var text = Array("proc_exit(\(slots[0].i32))".utf8)
        text.withUnsafeMutableBytes { vm.pointee.log.append(record: UnsafeRawBufferPointer($0)) }
        return 0
    }

    private func store(_ value: UInt32, at address: UInt32) -> Bool { call.store(value, at: address) == .ok }

    // MARK: Arguments and environment

    /// (ret count, ret bytes)
    func argsSizesGet() -> WASIErrno { store(0, at: self[0]) && store(0, at: self[1]) ? .success : .fault }

    /// (ret count, ret bytes)
    func environSizesGet() -> WASIErrno {
        let plugin = call.vm.pointee.plugin
        return store(UInt32(plugin.environmentCount), at: self[0])
            && store(UInt32(plugin.environment.count), at: self[1]) ? .success : .fault
    }

    /// (ret addresses, ret bytes)
    func environGet() -> WASIErrno {
        let plugin = call.vm.pointee.plugin
        let count = UInt32(plugin.environment.count)
        guard call.isWritable(self[0], count: 4 * UInt32(plugin.environmentCount)),
            let target = call.memory?.bytes(at: self[1], count: count)
        else { return .fault }
        guard count > 0 else { return .success }
        plugin.environment.withUnsafeBytes { target.copyMemory(from: $0) }
        var address = self[0]
        var isStart = true
        for (offset, byte) in plugin.environment.enumerated() {
            if isStart {
                _ = store(self[1] + UInt32(offset), at: address)
                address += 4
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
        return call.store(time, at: self[2]) == .ok ? .success : .fault
    }

    /// (clock, ret u64)
    func clockResGet() -> WASIErrno {
        guard self[0] <= 1 else { return .notSupported }
        return call.store(UInt64(1), at: self[1]) == .ok ? .success : .fault
    }

    /// (address, size)
    func randomGet() -> WASIErrno {
        guard self[1] <= HostLimits.randomBytes else { return .invalid }
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
    func pollOneoff() -> WASIErrno { store(0, at: self[3]) ? .success : .fault }

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
                let count = call.memory?.loadUInt32(at: UInt32(vector) + 4),
                let piece = call.bytes(at: address, count: count)
            else { return .fault }
            // Many vectors may name the same large piece: what is looked at is bounded over all of them.
            if logged < LogRing.recordBytes {
                call.vm.pointee.log.append(piece: piece, toStandardError: self[0] == 2)
                logged += piece.count
            }
            total &+= count
        }
        return store(total, at: countAt) ? .success : .fault
    }

    /// (descriptor, ret u64)
    func fdTell() -> WASIErrno {
        guard isStandardStream else { return .badDescriptor }
        return call.store(UInt64(0), at: self[1]) == .ok ? .success : .fault
    }

    /// (descriptor, ret 24 bytes): nothing but the right to write.
    func fdFdstatGet() -> WASIErrno {
        guard isStandardStream else { return .badDescriptor }
        guard let target = call.memory?.bytes(at: self[1], count: 24) else { return .fault }
        target.initializeMemory(as: UInt8.self, repeating: 0)
        target.storeBytes(of: UInt64(64).littleEndian, toByteOffset: 8, as: UInt64.self)
        return .success
    }

    /// (descriptor, buffer, size, cookie, ret size)
    func fdReaddir() -> WASIErrno { store(0, at: self[4]) ? .notDirectory : .fault }

    /// Results are 0 although the call is refused.
    func unsupported(zeroing results: Int...) -> WASIErrno {
        for result in results where !store(0, at: self[result]) { return .fault }
        return .notSupported
    }
}
