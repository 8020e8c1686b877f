import SluiceModel

/// One filter's callbacks for one stream, and what follows from each: its verdict, what it asked for, or its failure.
extension HTTPExchange {
    enum CallbackOutcome<Action> {
        case action(Action)
        /// The message goes nowhere any more: local response, reset, failure.
        case ended
    }

    // MARK: Whether to call

    /// Whether the filter takes part in this direction. The first time that a dead VM stands in the way, the stream
    /// fails, so that `false` can also mean that the message has ended.
    @inline(__always)
    func isCalled(_ index: Int, _ direction: Direction) -> Bool {
        let filter = stream.pointee.filters + index
        switch filter.pointee.mode {
        case .running:
            guard let vm = filter.pointee.vm, vm.pointee.hasFailed else {
                // A response to a request that never came to this filter passes it by.
                return direction == .request || filter.pointee.contextID != 0
            }
            if !filter.pointee.hasFailedStream { vmIsGone(index, .trapped) }
        case .bypassed:
            if result.vmState == .ok { result.vmState = .bypassed }
        case .refused:
            if direction == .request, !filter.pointee.hasFailedStream { vmIsGone(index, .refused) }
        }
        return false
    }

    @inline(never) private func vmIsGone(_ index: Int, _ vmState: ExchangeResult.VMState) {
        let filter = stream.pointee.filters + index
        guard chain.filters[index].policy != .open else {
            filter.pointee.mode = .bypassed
            if result.vmState == .ok { result.vmState = .bypassed }
            return
        }
        result.vmState = vmState
        filter.pointee.hasFailedStream = true
        failStream()
    }

    // MARK: Callbacks

    @inline(__always)
    func callHeaders(_ direction: Direction, _ index: Int, endsStream: Bool) -> CallbackOutcome<HeadersAction> {
        let filter = stream.pointee.filters + index
        if filter.pointee.contextID == 0, !createContext(index) {
            return survivesFailure(index) ? .action(.proceed) : .ended
        }
        let map = direction.headersMap
        filter.pointee.makeAvailable(map)
        let result = call(
            direction == .request ? .requestHeaders : .responseHeaders, direction, index,
            UInt32(stream.pointee.map(map).pointee.count), endsStream ? 1 : 0)
        return settle(result, index) {
            HeadersAction(returned: $0, allowsStop: $0 == 1 && chain.filters[index].allowsHeadersStop)
        }
    }

    func callData(_ direction: Direction, _ index: Int, endsStream: Bool) -> CallbackOutcome<DataAction> {
        let filter = stream.pointee.filters + index
        let work = stream.pointee.body(direction, .work)
        let held = stream.pointee.held(direction, at: index)
        let size: Int
        if filter.pointee[direction].stop == .data, !held.pointee.isEmpty {
            held.pointee.append(contentsOf: work.pointee)
            filter.pointee[direction].view = .held
            size = held.pointee.count
        } else {
            filter.pointee[direction].view = .work
            size = work.pointee.count
        }
        filter.pointee[direction].mayCreateTrailers = endsStream
        let result = call(
            direction == .request ? .requestBody : .responseBody, direction, index,
            UInt32(truncatingIfNeeded: size), endsStream ? 1 : 0)
        return settle(result, index) { DataAction(returned: $0) }
    }

    func callTrailers(_ direction: Direction, _ index: Int) -> CallbackOutcome<TrailersAction> {
        let map = direction.trailersMap
        stream.pointee.filters[index].makeAvailable(map)
        let result = call(
            direction == .request ? .requestTrailers : .responseTrailers, direction, index,
            UInt32(stream.pointee.map(map).pointee.count))
        return settle(result, index) { TrailersAction(returned: $0) }
    }

    /// `proxy_on_context_create`; `false` when the VM died in it.
    private func createContext(_ index: Int) -> Bool {
        let filter = stream.pointee.filters + index
        guard let vm = filter.pointee.vm else { return false }
        let id = vm.pointee.makeContextID()
        filter.pointee.contextID = id
        let context = ContextReference(id: id, stream: stream, filter: index)
        vm.pointee.contexts.insert(context)
        let result = vm.call(
            .contextCreate, context, attribution(filter), id, filter.pointee.root?.pointee.id ?? 0)
        if case .failed = result { return false }
        return true
    }

    @inline(__always)
    private func call(
        _ callback: Callback, _ direction: Direction?, _ index: Int, _ first: UInt32 = 0, _ second: UInt32 = 0
    ) -> GuestCallResult {
        let filter = stream.pointee.filters + index
        guard let vm = filter.pointee.vm else { return .absent }
        if let direction { filter.pointee[direction].continueRequested = false }
        return vm.call(
            callback, ContextReference(id: filter.pointee.contextID, stream: stream, filter: index),
            attribution(filter), filter.pointee.contextID, first, second)
    }

    private func attribution(_ filter: UnsafeMutablePointer<FilterSlot>) -> Attribution {
        Attribution(
            requestIndex: stream.pointee.requestIndex, vmRequestNumber: filter.pointee.vmRequestNumber)
    }

    /// What follows from a callback. A callback that is not exported lets everything pass.
    @inline(__always)
    private func settle<Action>(
        _ result: GuestCallResult, _ index: Int, _ action: (UInt32) -> Action
    ) -> CallbackOutcome<Action> {
        switch result {
        case .absent: return .action(action(0))
        case .failed: return survivesFailure(index) ? .action(action(0)) : .ended
        case .returned(let value):
            return stream.pointee.hasRequests && carryOutOwnRequests() ? .ended : .action(action(value))
        }
    }

    // MARK: Failure

    /// The VM died in a callback of this stream. `true` when the policy lets the stream go on without it.
    @inline(never) private func survivesFailure(_ index: Int) -> Bool {
        let filter = stream.pointee.filters + index
        result.vmState = .trapped
        stream.pointee.hasRequests = false
        stream.pointee.localResponse.isRequested = false
        stream.pointee.resetRequested = false
        if chain.filters[index].policy == .open {
            filter.pointee.mode = .bypassed
            return true
        }
        filter.pointee.hasFailedStream = true
        failStream()
        return false
    }

    // MARK: Requests of plugins

    /// What the callback that has just returned asked for. `true` when the message ends with it; a wish to continue is
    /// left to the verdict.
    @inline(never) private func carryOutOwnRequests() -> Bool {
        stream.pointee.hasRequests = false
        if stream.pointee.resetRequested {
            resetStream(details: Self.closedByPlugin)
            return true
        }
        guard stream.pointee.localResponse.isRequested else { return false }
        sendLocalResponse()
        return true
    }

    /// What was asked for while the stream waited.
    func takeUpRequests() {
        guard !carryOutOwnRequests() else { return }
        for index in 0..<stream.pointee.filterCount {
            for direction in [Direction.request, .response] {
                let filter = stream.pointee.filters + index
                guard filter.pointee[direction].continueRequested else { continue }
                filter.pointee[direction].continueRequested = false
                resume(direction, filter: index)
            }
        }
    }

    private static let closedByPlugin: StaticString = "wasm_close_stream"

    // MARK: The end

    /// Ends the stream without a response.
    func resetStream(details: StaticString? = nil) {
        guard phase != .complete else { return }
        result.streamReset = true
        if let details {
            stream.pointee.responseDetails.removeAll(keepingCapacity: true)
            stream.pointee.responseDetails.append(contentsOf: details.bytes)
        }
        finish()
    }

    /// `proxy_on_log` of every filter, then `proxy_on_done` and `proxy_on_delete` of each, as in Envoy.
    func finish() {
        phase = .complete
        stream.pointee.isFinishing = true
        stream.pointee.endNanoseconds = clock.pointee.nowNanoseconds
        stream.pointee.responseBodyBytes = stream.pointee.body(.response, .message).pointee.count
        if result.streamReset {
            result.status = nil
            result.origin = .none
        } else {
            result.status = stream.responseStatus
        }
        stream.pointee.isLogging = true
        for index in 0..<stream.pointee.filterCount where isAlive(index) {
            stream.pointee.filters[index].availableMaps = 0
            stream.pointee.filters[index][.request].view = .none
            stream.pointee.filters[index][.response].view = .none
            if stream.pointee.filters[index].contextID == 0, !createContext(index) { continue }
            _ = call(.log, nil, index)
        }
        stream.pointee.isLogging = false
        for index in 0..<stream.pointee.filterCount { leave(index) }
        stream.pointee.dropLargeRequest()
    }

    private func isAlive(_ index: Int) -> Bool { stream.pointee.filters[index].vm?.pointee.hasFailed == false }

    private func leave(_ index: Int) {
        let filter = stream.pointee.filters + index
        guard let vm = filter.pointee.vm else { return }
        if !vm.pointee.hasFailed {
            _ = call(.done, nil, index)
            _ = call(.delete, nil, index)
        }
        // Died in this stream's own last callbacks, after its response was complete.
        if vm.pointee.hasFailed, result.vmState == .ok { result.vmState = .trapped }
        vm.pointee.contexts.remove(filter.pointee.contextID)
        vm.pointee.openStreams -= 1
        filter.pointee.vm = nil
    }
}
