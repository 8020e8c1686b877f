import SluiceModel

/// Who closed a connection, as plugins are told.
enum PeerType: UInt32 {
    case unknown = 0
    case local = 1
    case remote = 2
}

/// The way of data through network filters: reads in the order of the chain, writes against it. Follows Envoy's filter
/// manager of connections.
extension TCPConnection {
    var isOpen: Bool { phase != .idle && phase != .complete }

    // MARK: Reading

    /// Shows what has been read to the filters from `start` on, each of which sees the connection first.
    func passRead(from start: Int) {
        let work = stream.pointee.body(.request, .work)
        for index in start..<stream.pointee.filterCount {
            guard isCalled(index) else {
                if isOpen { continue } else { return }
            }
            if stream.pointee.filters[index].contextID == 0 {
                guard open(index), isOpen else { return }
                // Its policy may have let the connection pass without it.
                guard stream.pointee.filters[index].mode == .running else { continue }
            }
            guard !work.pointee.isEmpty || hasReadEnd else { continue }
            guard showData(.downstreamData, .request, index, endsSending: hasReadEnd), isOpen else { return }
        }
        forward()
    }

    /// What all filters have let pass goes to the upstream, which is connected to at the first time.
    private func forward() {
        if !isConnected {
            isConnected = true
            guard isUpstreamAvailable else { return close(.upstream(.unavailable), by: .local) }
        }
        let work = stream.pointee.body(.request, .work)
        result.upstreamBytes += work.pointee.count
        work.pointee.removeAll(keepingCapacity: true)
        if hasReadEnd { hasForwardedEnd = true }
    }

    /// `proxy_on_context_create` and `proxy_on_new_connection`; `true` when the connection goes on to the next filter.
    private func open(_ index: Int) -> Bool {
        let filter = stream.pointee.filters + index
        guard let vm = filter.pointee.vm else { return true }
        let id = vm.pointee.makeContextID()
        filter.pointee.contextID = id
        vm.pointee.contexts.insert(ContextReference(id: id, stream: stream, filter: index))
        if case .failed = call(.contextCreate, index, filter.pointee.root?.pointee.id ?? 0) {
            return survivesFailure(index)
        }
        filter.pointee[.request].continueRequested = false
        return settle(call(.newConnection, index), .request, index)
    }

    // MARK: Writing

    /// Shows what the upstream has sent to the filters that know the connection.
    func passWrite() {
        let work = stream.pointee.body(.response, .work)
        for index in (0..<stream.pointee.filterCount).reversed() {
            guard isCalled(index) else {
                if isOpen { continue } else { return }
            }
            guard stream.pointee.filters[index].contextID != 0 else { continue }
            let passes = showData(.upstreamData, .response, index, endsSending: hasWriteEnd)
            guard isOpen else { return }
            if hasWriteEnd, stream.pointee.filters[index].mode == .running {
                // Envoy tells by the end of the data, and does not know who closed.
                _ = settle(call(.upstreamConnectionClose, index, PeerType.unknown.rawValue), .response, index)
            }
            guard passes, isOpen else { return }
        }
        stream.pointee.body(.response, .message).pointee.take(&work.pointee)
        stream.pointee.responseBodyBytes = stream.pointee.body(.response, .message).pointee.count
    }

    // MARK: Callbacks

    /// Whether the filter takes part. The first time that a dead VM stands in the way, the connection is closed.
    private func isCalled(_ index: Int) -> Bool {
        let filter = stream.pointee.filters + index
        switch filter.pointee.mode {
        case .running:
            guard let vm = filter.pointee.vm, vm.pointee.hasFailed else { return true }
            vmIsGone(index, .trapped)
        case .bypassed:
            if result.vmState == .ok { result.vmState = .bypassed }
        case .refused: vmIsGone(index, .refused)
        }
        return false
    }

    private func vmIsGone(_ index: Int, _ vmState: ExchangeResult.VMState) {
        guard chain.filters[index].policy != .open else {
            stream.pointee.filters[index].mode = .bypassed
            if result.vmState == .ok { result.vmState = .bypassed }
            return
        }
        result.vmState = vmState
        close(.host, by: .local)
    }

    /// A data callback; `true` when the data go on to the next filter. Otherwise the plugin can still reach them.
    private func showData(_ callback: Callback, _ direction: Direction, _ index: Int, endsSending: Bool) -> Bool {
        let filter = stream.pointee.filters + index
        filter.pointee[direction].view = .connection
        if direction == .request { filter.pointee[.request].continueRequested = false }
        let count = stream.pointee.body(direction, .work).pointee.count
        let result = call(callback, index, UInt32(truncatingIfNeeded: count), endsSending ? 1 : 0)
        guard settle(result, direction, index) else { return false }
        filter.pointee[direction].view = .none
        return true
    }

    private func call(_ callback: Callback, _ index: Int, _ first: UInt32 = 0, _ second: UInt32 = 0)
        -> GuestCallResult
    {
        let filter = stream.pointee.filters + index
        guard let vm = filter.pointee.vm else { return .absent }
        return vm.call(
            callback, ContextReference(id: filter.pointee.contextID, stream: stream, filter: index),
            Attribution(requestIndex: stream.pointee.requestIndex, vmRequestNumber: filter.pointee.vmRequestNumber),
            filter.pointee.contextID, first, second)
    }

    /// What follows from a callback: `true` when the connection goes on. One that is not exported lets everything pass.
    private func settle(_ result: GuestCallResult, _ direction: Direction, _ index: Int) -> Bool {
        switch result {
        case .absent: return true
        case .failed: return survivesFailure(index)
        case .returned(let value):
            guard !carryOutClose() else { return false }
            guard direction == .request, value != 0 else { return value == 0 }
            let continues = stream.pointee.filters[index][.request].continueRequested
            stream.pointee.filters[index][.request].continueRequested = false
            return continues
        }
    }

    /// The VM died in a callback of this connection. `true` when the policy lets the connection go on without it.
    private func survivesFailure(_ index: Int) -> Bool {
        result.vmState = .trapped
        stream.pointee.resetRequested = false
        guard chain.filters[index].policy == .open else {
            close(.host, by: .local)
            return false
        }
        stream.pointee.filters[index].mode = .bypassed
        return true
    }

    /// `proxy_close_stream`, after the callback has returned. `true` when the connection is closed.
    func carryOutClose() -> Bool {
        guard stream.pointee.resetRequested else { return false }
        stream.pointee.resetRequested = false
        close(.plugin, by: .local)
        return true
    }

    // MARK: The end

    /// Tells every filter that knows the connection: closed, then `proxy_on_done`, `proxy_on_log` and
    /// `proxy_on_delete`, one filter after the other. Without effect on a connection that is not open.
    func close(_ end: ConnectionResult.End, by peer: PeerType) {
        guard isOpen else { return }
        phase = .complete
        result.end = end
        stream.pointee.isFinishing = true
        stream.pointee.endNanoseconds = clock.pointee.nowNanoseconds
        for index in 0..<stream.pointee.filterCount { leave(index, peer) }
    }

    private func leave(_ index: Int, _ peer: PeerType) {
        let filter = stream.pointee.filters + index
        guard let vm = filter.pointee.vm else { return }
        filter.pointee[.request].view = .none
        filter.pointee[.response].view = .none
        if filter.pointee.contextID != 0 {
            _ = call(.downstreamConnectionClose, index, peer.rawValue)
            _ = call(.done, index)
            _ = call(.log, index)
            _ = call(.delete, index)
            // Died in this connection's own last callbacks.
            if vm.pointee.hasFailed, result.vmState == .ok { result.vmState = .trapped }
            vm.pointee.contexts.remove(filter.pointee.contextID)
        }
        vm.pointee.openStreams -= 1
        filter.pointee.vm = nil
    }
}
