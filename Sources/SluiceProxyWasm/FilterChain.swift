import SluiceEngine
package import SluiceModel

/// A plugin and its module, for one place of a chain.
package struct ChainPlugin: Sendable {
    /// What the plan says about it: name, configurations and failure policy.
    package var planned: PlannedPlugin
    /// The module that its VMs are made of.
    package var module: LinkedPlugin
    /// Compiles and links the module anew, for lives of VMs that want it for each; `nil` where none does.
    package var recompile: (@Sendable () throws(PluginLoadError) -> LinkedPlugin)?

    package init(
        planned: PlannedPlugin, module: LinkedPlugin,
        recompile: (@Sendable () throws(PluginLoadError) -> LinkedPlugin)? = nil
    ) {
        self.planned = planned
        self.module = module
        self.recompile = recompile
    }

    /// Plugins of equal keys are in one VM.
    var vmKey: VMKey {
        VMKey(planned.specification, moduleHash: planned.moduleHash, memoryLimit: planned.memoryLimit)
    }
}

/// A VM could not be started. `failure` says why; its times are absolute (CLOCK_MONOTONIC).
package struct PluginStartError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What the first VM of the plugin failed with.
    package var failure: VMFailure
    package var description: String {
        "plugin \"\(failure.plugin)\" did not start: \(failure.callback): \(failure.message)"
    }
}

/// The filter chain of one load worker: a VM for each plugin, or for all plugins whose keys are equal, and the streams
/// that pass through them; beside them the services of the worker.
///
/// Used by one thread at a time. Times are CLOCK_MONOTONIC nanoseconds, given by the caller: the chain reads no clock
/// of its own to decide anything. Exchanges belong to their chain and must not be used after it is gone.
package final class FilterChain {
    let resources: ChainResources
    var tallies: ChainTallies { resources.tallies }
    /// What streams pass.
    let filters: [ChainFilter]
    /// The filters, and behind them the services.
    private let plugins: [ChainFilter]
    private let pluginCount: Int
    /// Largest piece of a body that a callback sees at once.
    let bodyPieceBytes: Int
    private var exchanges: [HTTPExchange] = []
    /// Streams that a plugin asked something of from outside their own callbacks, oldest request first.
    private var listed: [HTTPExchange] = []
    @exclusivity(unchecked) private(set) var hasListed = false
    /// What decides about new streams as long as nothing has happened to a VM; by filter.
    let admissions: UnsafeMutablePointer<Admission>
    private var progressed: [HTTPExchange] = []
    private let connections = ConnectionList()

    /// Envoy's default buffer limit of a connection: as much of a body arrives at the filters at once.
    package static let defaultBodyPieceBytes = 1 << 20

    /// Services get VMs and time as the filters do, and no streams; a VM without a filter in it lives until it fails.
    /// `workerIndex` and `seed` decide the jitter of reloads. `nowNanoseconds` is when the first VMs are made.
    package init(
        plugins: [ChainPlugin], vmLife: VMLife, shared: SharedHostState, services: HostServices = HostServices(),
        workerIndex: Int, seed: UInt64 = 0, bodyPieceBytes: Int = FilterChain.defaultBodyPieceBytes,
        nowNanoseconds: Int64
    ) {
        precondition(bodyPieceBytes > 0)
        self.bodyPieceBytes = bodyPieceBytes
        let resources = ChainResources(shared: shared, services: services)
        resources.tallies.clock.pointee.nowNanoseconds = nowNanoseconds
        self.resources = resources
        let admissions = UnsafeMutablePointer<Admission>.allocate(capacity: plugins.count)
        admissions.initialize(repeating: Admission(), count: plugins.count)
        self.admissions = admissions
        pluginCount = plugins.count
        let streamed = plugins.filter { $0.planned.specification.type != .service }
        let ordered = streamed + plugins.filter { $0.planned.specification.type == .service }
        let sharedVMs = SharedVM.all(of: ordered)
        self.plugins = ordered.enumerated().map { index, plugin in
            ChainFilter(
                plugin, sharing: sharedVMs[plugin.vmKey], resources: resources, admission: admissions + index,
                vmLife: vmLife, seed: seed &+ UInt64(workerIndex) << 32 &+ UInt64(index), nowNanoseconds: nowNanoseconds
            )
        }
        filters = Array(self.plugins.prefix(streamed.count))
    }

    deinit { admissions.deallocate() }

    /// Makes and starts every plugin's first VM. After an error the chain must not be used, other than to drain it.
    package func start(nowNanoseconds: Int64) throws(PluginStartError) {
        tallies.clock.pointee.nowNanoseconds = nowNanoseconds
        for filter in plugins where !filter.load() {
            if let failure = filter.vm?.state.pointee.failure { throw PluginStartError(failure: failure) }
        }
        settle()
    }

    /// A stream object that can be used again and again. It lives as long as the chain.
    package func makeExchange(tag: Int = 0) -> HTTPExchange {
        let exchange = HTTPExchange(chain: self, tag: tag)
        exchanges.append(exchange)
        return exchange
    }

    /// A connection object that can be used again and again. It lives as long as the chain.
    package func makeConnection(tag: Int = 0) -> TCPConnection {
        let connection = TCPConnection(chain: self, tag: tag)
        connections.add(connection)
        return connection
    }

    // MARK: Time

    /// When `runTimers` has something to do; in the past when it has so already. `nil`: nothing is waiting.
    package var nextTimerNanoseconds: Int64? {
        // Somebody has to be told of the streams that went on.
        if !progressed.isEmpty || connections.hasProgressed { return 0 }
        var index = 0
        while index < pluginCount, (admissions + index).pointee.isQuiet { index &+= 1 }
        return index == pluginCount ? nil : nextTimer(from: index)
    }

    @inline(never)
    private func nextTimer(from first: Int) -> Int64? {
        var next: Int64?
        for index in first..<pluginCount where !admissions[index].isQuiet {
            guard let candidate = plugins[index].nextTimerNanoseconds else { continue }
            next = min(next ?? .max, candidate)
        }
        return next
    }

    /// `proxy_on_tick` where it is due, and `proxy_on_queue_ready` for messages that were queued. `clock` reads
    /// CLOCK_MONOTONIC: the next period counts from the end of a tick.
    ///
    /// - Returns: when the first tick that was run was due.
    @discardableResult
    package func runTimers(nowNanoseconds: Int64, clock: () -> Int64) -> Int64? {
        tallies.clock.pointee.nowNanoseconds = nowNanoseconds
        tallies.firstTickNanoseconds = nil
        for plugin in plugins { plugin.runTimers(clock: clock) }
        settle()
        return tallies.firstTickNanoseconds
    }

    // MARK: Work that waits

    func list(_ exchange: HTTPExchange) {
        listed.append(exchange)
        hasListed = true
    }

    func list(_ connection: TCPConnection) {
        connections.list(connection)
        hasListed = true
    }

    /// Carries out what plugins asked of streams other than the one whose callback it was, in the order of their
    /// requests.
    func settle(for own: HTTPExchange? = nil) {
        var index = 0
        while index < listed.count {
            let exchange = listed[index]
            index += 1
            if exchange.carryOutRequests(), exchange !== own { progressed.append(exchange) }
        }
        listed.removeAll(keepingCapacity: true)
        connections.settle(for: nil)
        hasListed = false
    }

    /// The same on the way of a connection.
    func settle(for own: TCPConnection) {
        connections.settle(for: own)
        hasListed = !listed.isEmpty
    }

    /// Appends the exchanges that went on because of something outside their own calls, since the last time.
    package func takeProgressed(into exchanges: inout [HTTPExchange]) {
        guard !progressed.isEmpty else { return }
        exchanges.append(contentsOf: progressed)
        progressed.removeAll(keepingCapacity: true)
    }

    /// The same for connections.
    package func takeProgressed(into connections: inout [TCPConnection]) {
        self.connections.takeProgressed(into: &connections)
    }

    // MARK: What was seen

    /// Replaces `observations` by everything since the last drain.
    package func drain(into observations: inout ChainObservations, startNanoseconds: Int64) {
        // Of several plugins in one VM, whose memory counts once.
        var vms: [UnsafeMutablePointer<VMState>] = []
        for vm in plugins.flatMap(\.liveVMs) where !vms.contains(vm) { vms.append(vm) }
        tallies.drain(vms, into: &observations, startNanoseconds: startNanoseconds)
    }

    /// The last lines that a plugin's current VM wrote, oldest first; services come after the filters.
    package func lastLogLines(plugin index: Int) -> [String] { plugins[index].vm?.state.pointee.log.text() ?? [] }

    /// Ends the root contexts, and every stream that is still open, and gives all memories back.
    package func shutDown(nowNanoseconds: Int64) {
        tallies.clock.pointee.nowNanoseconds = nowNanoseconds
        for exchange in exchanges { exchange.reset(nowNanoseconds: nowNanoseconds) }
        connections.resetAll(nowNanoseconds: nowNanoseconds)
        settle()
        for plugin in plugins { plugin.shutDown() }
    }
}
