import Glibc
import SluiceEngine

/// What a well-behaved host outside Envoy does: time passes while the guest waits, `proc_exit` ends the VM, the
/// standard streams are character devices, and there are no files and no sockets.
extension WASICall {
    /// `proc_exit` never returns: the VM is over.
    static func leave(_ context: UnsafeMutableRawPointer, _ slots: UnsafeMutablePointer<ValueSlot>) -> Int32 {
        HostTrap.raise("the module ended itself: proc_exit(\(slots[0].i32))")
    }

    /// (signal) A signal ends the VM as well; nobody can handle one.
    static func raise(_ context: UnsafeMutableRawPointer, _ slots: UnsafeMutablePointer<ValueSlot>) -> Int32 {
        HostTrap.raise("the module ended itself: proc_raise(\(slots[0].i32))")
    }

    // MARK: Arguments

    private var arguments: [UInt8] { call.vm.pointee.plugin.nameBytes + [0] }

    /// (ret count, ret bytes): one argument, the name of the plugin.
    func fullArgsSizesGet() -> WASIErrno {
        store(UInt32(1), at: self[0]) && store(UInt32(arguments.count), at: self[1]) ? .success : .fault
    }

    /// (ret addresses, ret bytes)
    func fullArgsGet() -> WASIErrno { give(arguments, count: 1) }

    // MARK: Clocks

    /// Wall, monotonic, and processor time of the process and of the thread.
    private var clock: clockid_t? {
        switch self[0] {
        case 0: CLOCK_REALTIME
        case 1: CLOCK_MONOTONIC
        case 2: CLOCK_PROCESS_CPUTIME_ID
        case 3: CLOCK_THREAD_CPUTIME_ID
        default: nil
        }
    }

    /// (clock, precision, ret u64)
    func fullClockTimeGet() -> WASIErrno {
        guard let clock else { return .invalid }
        var time = timespec()
        guard clock_gettime(clock, &time) == 0 else { return .notSupported }
        return store(time.nanoseconds, at: self[2]) ? .success : .fault
    }

    /// (clock, ret u64)
    func fullClockResGet() -> WASIErrno {
        guard let clock else { return .invalid }
        var time = timespec()
        guard clock_getres(clock, &time) == 0 else { return .notSupported }
        return store(time.nanoseconds, at: self[1]) ? .success : .fault
    }

    // MARK: Descriptors

    var isOpen: Bool { self[0] <= 2 }

    /// Closing, syncing and setting of flags: possible for the standard streams, without effect.
    func openOnly() -> WASIErrno { isOpen ? .success : .badDescriptor }

    /// What is refused for the standard streams with `errno`.
    func refused(_ errno: WASIErrno) -> WASIErrno { isOpen ? errno : .badDescriptor }

    /// (descriptor, vectors, count, ret size): standard input is at its end; nothing else can be read.
    func fullFdRead() -> WASIErrno {
        guard self[0] == 0 else { return .badDescriptor }
        return store(UInt32(0), at: self[3]) ? .success : .fault
    }

    private static let characterDevice: UInt8 = 2

    /// (descriptor, ret 24 bytes)
    func fullFdFdstatGet() -> WASIErrno {
        guard isOpen else { return .badDescriptor }
        guard let target = call.memory?.bytes(at: self[1], count: 24) else { return .fault }
        target.initializeMemory(as: UInt8.self, repeating: 0)
        target[0] = Self.characterDevice
        let rights: UInt64 = self[0] == 0 ? 2 : 64
        target.storeBytes(of: rights.littleEndian, toByteOffset: 8, as: UInt64.self)
        return .success
    }

    /// (descriptor, ret 64 bytes): the type of the file, and one link to it.
    func fullFdFilestatGet() -> WASIErrno {
        guard isOpen else { return .badDescriptor }
        guard let target = call.memory?.bytes(at: self[1], count: 64) else { return .fault }
        target.initializeMemory(as: UInt8.self, repeating: 0)
        target[16] = Self.characterDevice
        target.storeBytes(of: UInt64(1).littleEndian, toByteOffset: 24, as: UInt64.self)
        return .success
    }
}

extension timespec {
    var nanoseconds: UInt64 { UInt64(tv_sec) * 1_000_000_000 + UInt64(tv_nsec) }
}
