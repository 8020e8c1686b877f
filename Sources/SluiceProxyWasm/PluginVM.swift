import SluiceEngine
import SluiceModel

/// One VM: an instance and the root contexts of the plugins in it, from start-up to shut-down. Used by its worker's
/// thread only.
final class PluginVM {
    let state: UnsafeMutablePointer<VMState>
    /// Its root contexts are done, or asked to be.
    private(set) var isShutDown = false
    /// What its memory came to while it started.
    private(set) var baseline = StartBaseline()

    /// An instance with its callbacks resolved; `start` makes a plugin of it. If it cannot be made, the VM has failed.
    /// `recompile` gives the module that it is made of in place of `linked`.
    init(
        linked: LinkedPlugin, recompile: (() throws(PluginLoadError) -> LinkedPlugin)? = nil, plugin: PluginIdentity,
        resources: ChainResources
    ) {
        state = .allocate(capacity: 1)
        state.initialize(
            to: VMState(
                plugin: plugin, resources: resources, isABI0_1_0: linked.abiVersion == .v0_1_0,
                allocatorExport: linked.allocator, ordinal: resources.tallies.takeOrdinal()))
        do throws(PluginLoadError) { instantiate(try recompile?() ?? linked) } catch {
            state.fail(
                Trap(code: .other, message: error.description, backtrace: []), callback: "compilation", .startUp(),
                refusalsBefore: 0)
        }
    }

    deinit {
        state.pointee.mailbox.close()
        // The instance may call the host while it goes, so that it goes first.
        state.pointee.instance = nil
        state.deinitialize(count: 1)
        state.deallocate()
    }

    var hasFailed: Bool { state.pointee.hasFailed }

    private func instantiate(_ linked: LinkedPlugin) {
        let state = state
        state.pointee.restrictsStartUp = linked.restrictsStartUp
        state.pointee.phase = .starting
        for lenience in linked.leniences { state.pointee.log.append(line: lenience) }
        do {
            let instance = try linked.module.instantiate(
                context: UnsafeMutableRawPointer(state), vmOrdinal: state.pointee.ordinal
            ) { state.pointee.instance = $0 }
            state.pointee.instance = instance
            for known in linked.callbacks {
                guard let function = instance.function(named: known.exportName, type: known.type) else { continue }
                state.pointee.setFunction(known.callback, function)
            }
            state.pointee.setAllocator(
                instance.function(named: linked.allocator.rawValue, type: AllocatorExport.type))
            baseline.instantiatedBytes = instance.memorySizes.linearBytes
        } catch .instantiationTrap(let trap) {
            state.fail(trap, callback: "start section", .startUp(), refusalsBefore: 0)
        } catch {
            let trap = Trap(code: .other, message: "\(error)", backtrace: [])
            var refused: Int?
            if case .memoryOverCap(_, let requestedBytes, _) = error { refused = requestedBytes }
            state.fail(
                trap, callback: "instantiation", .startUp(), refusalsBefore: 0, refusedAtCreation: refused)
        }
        state.pointee.phase = .running
    }

    // MARK: Start-up

    /// The entry points. `false`: the VM has failed.
    func start() -> Bool {
        guard !hasFailed else { return false }
        state.pointee.phase = state.pointee.restrictsStartUp ? .starting : .running
        let entered = callEntryPoints()
        state.pointee.phase = .running
        guard entered else { return false }
        baseline.startedBytes = state.pointee.instance?.memorySizes.linearBytes
        return true
    }

    /// A plugin's root context: create, `proxy_on_vm_start` and `proxy_on_configure`, in Envoy's order. `nil`: the VM
    /// has failed.
    func startRoot(_ plugin: PluginIdentity) -> UnsafeMutablePointer<RootState>? {
        guard !hasFailed else { return nil }
        let root = state.pointee.makeRoot(plugin)
        let context = ContextReference(id: root.pointee.id, stream: nil, filter: 0)
        root.pointee.isConfiguring = true
        defer { root.pointee.isConfiguring = false }
        if case .failed = state.call(.contextCreate, context, .startUp(), context.id, 0) { return nil }
        guard callStart(.vmStart, context, plugin.vmConfiguration.count),
            callStart(.configure, context, plugin.pluginConfiguration.count)
        else { return nil }
        baseline.configuredBytes = state.pointee.instance?.memorySizes.linearBytes
        return root
    }

    /// `_initialize` and then `main` in one of its forms, else `_start`.
    private func callEntryPoints() -> Bool {
        let functions = state.pointee.functions
        let entries: [Callback]
        if functions[Callback.initialize.rawValue] == nil {
            entries = [.start]
        } else {
            entries = [.initialize, functions[Callback.main.rawValue] == nil ? .mainVoid : .main]
        }
        for entry in entries {
            if case .failed = state.call(entry, .vm, .startUp(), 0) { return false }
        }
        return true
    }

    /// A callback whose result 0 says that the plugin does not want to start.
    private func callStart(_ callback: Callback, _ context: ContextReference, _ configurationBytes: Int) -> Bool {
        switch state.call(callback, context, .startUp(), context.id, UInt32(configurationBytes)) {
        case .failed: return false
        case .returned(0):
            let trap = Trap(code: .other, message: "\(callback.exportName) returned false", backtrace: [])
            let refusals = state.pointee.instance?.lastRefusal.count ?? 0
            // The call is over, and it is this plugin's failure, not that of the VM's first one.
            state.pointee.active = context
            state.fail(trap, callback: callback.exportName, .startUp(), refusalsBefore: refusals)
            return false
        case .absent, .returned: return true
        }
    }

    // MARK: Shut-down

    /// `proxy_on_done` and `proxy_on_delete` of every root context; the second waits for `proxy_done` when the first
    /// returned false.
    func shutDown() {
        guard !hasFailed, !isShutDown else { return }
        isShutDown = true
        for root in state.pointee.roots {
            switch state.callRoot(root, .done) {
            case .failed: return
            case .returned(0): root.pointee.isDonePending = true
            case .absent, .returned: state.callRoot(root, .delete)
            }
        }
    }

    /// Deletes the root contexts whose plugins have said that they are done.
    func finishShutDown() {
        guard isShutDownPending else { return }
        for root in state.pointee.roots where root.pointee.isDonePending && root.pointee.isDone {
            root.pointee.isDonePending = false
            state.callRoot(root, .delete)
        }
    }

    /// A root context waits for something and has to be kept.
    var isShutDownPending: Bool { !hasFailed && state.pointee.roots.contains { $0.pointee.isDonePending } }

    /// The instance and its memories are given back; the VM is not called any more.
    func releaseInstance() { state.releaseInstance() }
}

extension UnsafeMutablePointer<VMState> {
    func releaseInstance() {
        pointee.desk.cancelAll(of: self)
        pointee.mailbox.close()
        pointee.setAllocator(nil)
        pointee.instance = nil
    }
}
