import SluiceEngine
import SluiceModel

/// The VM that new streams of a filter go to, as long as it is well and its life is not over.
struct Admission {
    var vm: UnsafeMutablePointer<VMState>?
    var root: UnsafeMutablePointer<RootState>?
    /// 0: the filter decides about every stream, as of a VM that several plugins are in.
    var requestLimit = Int.max
    var memoryLimitBytes = Int.max
    /// There are VMs of the filter that go on without new streams.
    var hasLeaving = false

    /// No VM of the filter has anything to do by itself, now or later.
    @inline(__always)
    var isQuiet: Bool {
        guard !hasLeaving else { return false }
        guard let vm, !vm.pointee.hasFailed else { return true }
        return !vm.pointee.hasTicks && vm.pointee.mailbox.isEmpty
    }

    /// `false`: the filter has to decide.
    @inline(__always)
    func admit(_ slot: UnsafeMutablePointer<FilterSlot>) -> Bool {
        guard let vm, !vm.pointee.hasFailed, vm.pointee.requestsBegun < requestLimit,
            memoryLimitBytes == .max || vm.pointee.memoryBytes <= memoryLimitBytes
        else { return false }
        slot.pointee.mode = .running
        slot.pointee.vm = vm
        slot.pointee.root = root
        slot.pointee.vmRequestNumber = vm.pointee.beginRequest()
        return true
    }
}

/// One plugin's place in the chain: the VM that it is in, and what is done when there is none.
///
/// The failure policy is the plugin's own, and the death is the VM's: of the plugins in a VM that died, those that may
/// reload do so one by one, the first of them with a VM that the others join.
final class ChainFilter {
    let plugin: PluginIdentity
    let policy: FailurePolicy
    let allowsHeadersStop: Bool
    private let linked: LinkedPlugin
    /// Of a life that compiles the module for each VM.
    private let recompile: (@Sendable () throws(PluginLoadError) -> LinkedPlugin)?
    /// Whose environment the VM has.
    private let founder: PluginIdentity
    private let resources: ChainResources
    private var tallies: ChainTallies { resources.tallies }
    private let vmLife: VMLife
    private var backoff: ReloadBackoff
    /// The VM for new streams; it may have failed.
    private(set) var vm: PluginVM? {
        didSet { admission.pointee.vm = vm?.state }
    }
    private var root: UnsafeMutablePointer<RootState>? {
        didSet { admission.pointee.root = root }
    }
    private let admission: UnsafeMutablePointer<Admission>
    /// `nil`: the VM is the plugin's own.
    private let shared: SharedVM?
    /// Dead VMs that streams still refer to.
    private var former: [PluginVM] = []
    /// VMs whose root contexts are not done yet.
    private var leaving: [PluginVM] = [] {
        didSet { admission.pointee.hasLeaving = !leaving.isEmpty }
    }

    init(
        _ plugin: ChainPlugin, sharing shared: SharedVM?, resources: ChainResources,
        admission: UnsafeMutablePointer<Admission>, vmLife: VMLife, seed: UInt64, nowNanoseconds: Int64
    ) {
        self.shared = shared
        self.plugin = PluginIdentity(plugin.planned)
        founder = shared.map { PluginIdentity($0.founder.planned) } ?? self.plugin
        policy = plugin.planned.specification.failurePolicy
        allowsHeadersStop = plugin.planned.specification.headersStop == .headersOnly
        linked = shared?.founder.module ?? plugin.module
        let recompile = vmLife.compilesEachVM ? (shared?.founder ?? plugin).recompile : nil
        precondition(!vmLife.compilesEachVM || recompile != nil, "nothing to compile the module with")
        self.recompile = recompile
        self.resources = resources
        self.vmLife = vmLife
        self.admission = admission
        switch vmLife {
        case .unlimited: break
        case .requests(let limit), .recompiled(let limit): admission.pointee.requestLimit = limit
        case .heap(let bytes): admission.pointee.memoryLimitBytes = bytes
        }
        if shared != nil { admission.pointee.requestLimit = 0 }
        backoff = ReloadBackoff(
            baseNanoseconds: plugin.planned.specification.reloadBaseIntervalNanoseconds, seed: seed,
            nowNanoseconds: nowNanoseconds)
        shared?.add(self)
    }

    /// A VM, started, with a root context for the plugin: the one that the other plugins of its key are in, or a fresh
    /// one. `false` when it failed to.
    func load() -> Bool {
        let now = tallies.clock.pointee.nowNanoseconds
        backoff.noteLoad(atNanoseconds: now)
        former.removeAll { $0.state.pointee.openStreams == 0 }
        if let vm, vm.state.pointee.openStreams > 0 { former.append(vm) }
        root = nil
        if let joinable = shared?.joinable { return join(joinable) }
        let fresh = PluginVM(linked: linked, recompile: recompile, plugin: founder, resources: resources)
        tallies.events.created += 1
        shared?.enter(fresh)
        vm = fresh
        return fresh.start() && join(fresh)
    }

    /// A root context for the plugin in a VM that has been started; `false` when the VM failed.
    private func join(_ vm: PluginVM) -> Bool {
        self.vm = vm
        root = vm.startRoot(plugin)
        return root != nil
    }

    /// The VM that the plugin was in has been replaced, for another plugin in it.
    func moveOn(to vm: PluginVM) {
        backoff.noteLoad(atNanoseconds: tallies.clock.pointee.nowNanoseconds)
        _ = join(vm)
    }

    /// Decides for a new stream, and counts it in its VM.
    func admit(_ slot: UnsafeMutablePointer<FilterSlot>) {
        recycleIfDue()
        if vm?.hasFailed != false { reloadIfAllowed() }
        guard let vm, !vm.hasFailed else {
            slot.pointee.mode = policy == .open ? .bypassed : .refused
            return
        }
        // A VM that is due for a change stays until its last stream is gone.
        slot.pointee.mode = .running
        slot.pointee.vm = vm.state
        slot.pointee.root = root
        slot.pointee.vmRequestNumber =
            shared == nil ? vm.state.pointee.beginRequest() : vm.state.pointee.beginRequestOnce()
    }

    /// A VM whose life is over is replaced once no stream is open in it.
    private func recycleIfDue() {
        guard let old = vm, !old.hasFailed, old.state.pointee.openStreams == 0, isOver(old.state) else { return }
        leave(old)
        tallies.events.recycled += 1
        vm = nil
        _ = load()
        if let vm { shared?.replace(old, by: vm) }
    }

    private func isOver(_ vm: UnsafeMutablePointer<VMState>) -> Bool {
        switch vmLife {
        case .unlimited: false
        case .requests(let limit), .recompiled(let limit): vm.pointee.requestsBegun >= limit
        case .heap(let bytes): vm.pointee.memoryBytes > bytes
        }
    }

    private func reloadIfAllowed() {
        guard policy == .reload else { return }
        guard backoff.mayLoad(atNanoseconds: tallies.clock.pointee.nowNanoseconds) else {
            tallies.events.reloadBackoff += 1
            return
        }
        if load() {
            tallies.events.reloadSucceeded += 1
        } else {
            tallies.events.reloadFailed += 1
        }
    }

    private func leave(_ old: PluginVM) {
        // Another plugin in the VM may have left it already.
        guard !old.isShutDown else { return }
        old.shutDown()
        if old.isShutDownPending { leaving.append(old) } else if !old.hasFailed { tallies.retire(old.state) }
    }

    func shutDown() {
        if let vm, !vm.hasFailed { leave(vm) }
        for old in leaving where !old.hasFailed { tallies.retire(old.state) }
        leaving.removeAll()
        former.removeAll()
        vm = nil
    }

    // MARK: Timers

    /// CLOCK_MONOTONIC; queued messages are due since they were sent, which makes them wait for their turn behind what
    /// was due before. `nil`: nothing is waiting.
    var nextTimerNanoseconds: Int64? {
        var next: Int64?
        for index in -1..<leaving.count {
            guard let vm = index < 0 ? vm : leaving[index], !vm.hasFailed else { continue }
            if let posted = vm.state.pointee.mailbox.oldestNanoseconds { next = min(next ?? .max, posted) }
            for root in vm.state.pointee.roots where root.pointee.tickPeriodNanoseconds > 0 {
                next = min(next ?? .max, root.pointee.nextTickNanoseconds)
            }
        }
        return next
    }

    /// Queue messages first, then ticks. `clock` reads CLOCK_MONOTONIC.
    func runTimers(clock: () -> Int64) {
        if let vm { runTimers(of: vm, clock) }
        guard !leaving.isEmpty else { return }
        for old in leaving { runTimers(of: old, clock) }
        leaving.removeAll { old in
            guard !old.isShutDownPending else { return false }
            if !old.hasFailed { tallies.retire(old.state) }
            return true
        }
    }

    private func runTimers(of vm: PluginVM, _ clock: () -> Int64) {
        if !vm.hasFailed, !vm.state.pointee.mailbox.isEmpty {
            for message in vm.state.pointee.mailbox.takeAll() {
                guard let root = vm.state.pointee.root(message.root) else { continue }
                vm.state.callRoot(root, .queueReady, message.token)
            }
        }
        if !vm.hasFailed, vm.state.pointee.hasTicks { runTicks(of: vm, clock) }
        vm.finishShutDown()
    }

    private func runTicks(of vm: PluginVM, _ clock: () -> Int64) {
        let now = tallies.clock.pointee.nowNanoseconds
        for root in vm.state.pointee.roots
        where !vm.hasFailed && root.pointee.tickPeriodNanoseconds > 0 && root.pointee.nextTickNanoseconds <= now {
            tallies.events.ticks += 1
            tallies.firstTickNanoseconds = min(tallies.firstTickNanoseconds ?? .max, root.pointee.nextTickNanoseconds)
            vm.state.callRoot(root, .tick)
            // Armed again after the callback, as in Envoy: a slow tick is not followed by a burst, and one that is
            // slower than its period leaves the worker that period for everything else.
            root.pointee.nextTickNanoseconds = max(now, clock()) + root.pointee.tickPeriodNanoseconds
        }
    }

    /// VMs whose memories count.
    var liveVMs: [UnsafeMutablePointer<VMState>] {
        ((vm.map { [$0] } ?? []) + leaving).filter { !$0.hasFailed }.map(\.state)
    }
}
