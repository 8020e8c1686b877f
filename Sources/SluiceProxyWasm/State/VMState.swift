import SluiceEngine
import SluiceModel

/// What host functions know of their VM: plain memory behind the pointer that the engine hands to every host function.
/// Calls into the guest are functions of the pointer (`VMState+Calls`), as host functions reach the same memory
/// meanwhile.
struct VMState: ~Copyable {
    /// What the guest may call in the host.
    enum Phase: UInt8 {
        case running = 0
        /// `_initialize`, `_start` and `main`: logs, clocks and WASI only, as in the V8 engine.
        case starting
        /// Inside the allocator: logs, the clock and `poll_oneoff` only, as in the V8 engine.
        case allocating
    }

    // Fixed for the life of the VM
    /// Its VM id, configuration and environment are those of all plugins in the VM.
    let plugin: PluginIdentity
    let shared: SharedHostState
    let tallies: ChainTallies
    let services: ServiceTable
    let desk: CallOutDesk
    /// The module declares ABI 0.1.0, which knows no result "not found" for header fields.
    let isABI0_1_0: Bool
    let clock: UnsafeMutablePointer<ChainClock>
    let mailbox = QueueMailbox()
    let ordinal: Int
    /// By `Callback.rawValue`; `nil` where the module exports none.
    let functions: UnsafeMutablePointer<UnsafePointer<GuestFunction>?>
    /// What `functions` points to, and behind it what `allocator` does.
    private let resolved: UnsafeMutablePointer<GuestFunction>
    let slots: UnsafeMutablePointer<ValueSlot>
    let allocationSlots: UnsafeMutablePointer<ValueSlot>

    /// `nil` before instantiation and after the end.
    var instance: WasmInstance? {
        didSet {
            memory = instance?.memory
            unmanagedInstance = instance.map { Unmanaged.passUnretained($0) }
        }
    }
    /// The same, without a count of references to keep.
    private(set) var unmanagedInstance: Unmanaged<WasmInstance>?
    private(set) var memory: GuestMemory?
    private(set) var allocator: UnsafePointer<GuestFunction>?
    /// Which export `allocator` is.
    let allocatorExport: AllocatorExport
    var phase = Phase.running
    /// Start-up may call few host functions. What the allocator may call is restricted in any case: a host call that
    /// gives the guest memory holds on to host memory that another one could change.
    var restrictsStartUp = true
    /// The context that host calls are attributed to.
    var active = ContextReference.vm
    var contexts = ContextTable()
    /// In the order in which they were created; they live as long as the VM.
    private(set) var roots: [UnsafeMutablePointer<RootState>] = []
    private var lastContextID: UInt32 = 0
    /// A root context has a timer.
    var hasTicks = false
    /// The call-out whose answer a callback is about.
    var delivery: Unmanaged<CallOut>?
    private var lastTokens = InlineArray<3, UInt32>(repeating: 0)
    var log: LogRing
    var metrics = MetricTable()
    /// For results that have to be put together; empty between host calls.
    var scratch: [UInt8] = []

    /// No callback of this VM is ever called again.
    var hasFailed = false
    /// Set with `hasFailed`.
    var failure: VMFailure?
    /// Filters of streams that refer to this VM.
    var openStreams = 0
    var requestsBegun = 0
    /// Which request of the worker was counted last, where several filters of a stream are in this VM.
    private var countedRequest = 0

    // One outermost call
    /// A trap in the allocator, which ends the outermost call as well.
    var allocatorTrap: Trap? {
        didSet { hasAllocatorTrap = allocatorTrap != nil }
    }
    /// Every host call asks; comparing the trap itself copies it.
    private(set) var hasAllocatorTrap = false
    var allocatorReturnedNull = false

    // Since the last drain
    var hostAllocatedBytes = 0
    var hostAllocations = 0
    var hostAllocationsRefused = 0
    /// Growth events without detail that were drained already, of the whole life.
    var reportedGrowthWithoutDetail = 0

    init(
        plugin: PluginIdentity, resources: ChainResources, isABI0_1_0: Bool, allocatorExport: AllocatorExport,
        ordinal: Int
    ) {
        self.allocatorExport = allocatorExport
        self.plugin = plugin
        self.ordinal = ordinal
        self.isABI0_1_0 = isABI0_1_0
        shared = resources.shared
        tallies = resources.tallies
        services = resources.services
        desk = resources.desk
        clock = resources.tallies.clock
        log = LogRing(linesPerSecond: resources.limits.logLinesPerSecond)
        functions = .allocate(capacity: Callback.allCases.count)
        functions.initialize(repeating: nil, count: Callback.allCases.count)
        resolved = .allocate(capacity: Callback.allCases.count + 1)
        slots = .allocate(capacity: Callback.mostParameters)
        slots.initialize(repeating: ValueSlot(u32: 0), count: Callback.mostParameters)
        allocationSlots = .allocate(capacity: 1)
        allocationSlots.initialize(to: ValueSlot(u32: 0))
    }

    deinit {
        for root in roots {
            root.deinitialize(count: 1)
            root.deallocate()
        }
        functions.deallocate()
        resolved.deallocate()
        slots.deallocate()
        allocationSlots.deallocate()
    }

    /// Of all memories of the VM.
    var memoryBytes: Int { instance.map { $0.memorySizes.linearBytes + $0.memorySizes.gcHeapBytes } ?? 0 }

    func setFunction(_ callback: Callback, _ function: GuestFunction) {
        let place = resolved + callback.rawValue
        place.initialize(to: function)
        functions[callback.rawValue] = UnsafePointer(place)
    }

    mutating func setAllocator(_ function: GuestFunction?) {
        guard let function else {
            allocator = nil
            return
        }
        let place = resolved + Callback.allCases.count
        place.initialize(to: function)
        allocator = UnsafePointer(place)
    }

    /// A new context id: counts from 1 and skips the ids in use.
    mutating func makeContextID() -> UInt32 {
        repeat {
            lastContextID &+= 1
        } while lastContextID == 0 || root(lastContextID) != nil || contexts[lastContextID] != nil
        return lastContextID
    }

    /// The root context of this id.
    @inline(__always)
    func root(_ id: UInt32) -> UnsafeMutablePointer<RootState>? {
        for root in roots where root.pointee.id == id { return root }
        return nil
    }

    /// A root context, with an id and not yet known to the guest.
    mutating func makeRoot(_ plugin: PluginIdentity) -> UnsafeMutablePointer<RootState> {
        let root = UnsafeMutablePointer<RootState>.allocate(capacity: 1)
        root.initialize(to: RootState(plugin: plugin, id: makeContextID()))
        roots.append(root)
        return root
    }

    /// The next token of a call-out: the low two bits say the kind, as in the C++ host.
    mutating func makeToken(_ kind: CallOut.Kind) -> UInt32 {
        let index = Int(kind.rawValue)
        repeat { lastTokens[index] &+= 4 } while lastTokens[index] == 0
        return lastTokens[index] | kind.rawValue
    }

    /// A new stream; returns its number in the life of this VM.
    mutating func beginRequest() -> Int {
        openStreams += 1
        requestsBegun += 1
        return requestsBegun
    }

    /// The same for one of several filters that are in this VM: they count the stream that has just begun once.
    mutating func beginRequestOnce() -> Int {
        openStreams += 1
        if countedRequest != clock.pointee.requestsBegun {
            countedRequest = clock.pointee.requestsBegun
            requestsBegun += 1
        }
        return requestsBegun
    }
}
