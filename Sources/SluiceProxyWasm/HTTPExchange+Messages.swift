import SluiceModel

/// The way of one message through the filters: requests in the order of the chain, responses against it. Positions
/// count along that way. Follows Envoy's filter manager.
extension HTTPExchange {
    /// A message that has just come: its headers, its body piece by piece, its trailers. In line, as what follows, for
    /// each direction once: a request passes both.
    @inline(__always)
    func run(_ direction: Direction) {
        let body = stream.pointee.body(direction, .message)
        let source = stream.pointee.body(direction, .source)
        let hasBody = direction == .request ? requestHasBody || !body.pointee.isEmpty : !body.pointee.isEmpty
        if hasBody {
            swap(&body.pointee, &source.pointee)
            body.pointee.emptyForReuse()
        }
        // Trailers that a plugin makes while the body passes are passed on where they are made.
        let hasTrailers = stream.pointee.hasTrailers(direction)

        passHeaders(direction, from: 0, endsStream: !hasBody && !hasTrailers)
        if hasBody { passBody(direction, hasTrailers: hasTrailers) }
        if hasTrailers, isIn(direction) { passTrailers(direction, from: 0) }
    }

    /// The message is still on its way, and not cut short by a local response, a reset or a failure.
    func isIn(_ direction: Direction) -> Bool { phase == (direction == .request ? .request : .response) }

    @inline(__always)
    private func filterIndex(_ direction: Direction, at position: Int) -> Int {
        direction == .request ? position : stream.pointee.filterCount - 1 - position
    }

    // MARK: Headers

    @inline(__always)
    private func passHeaders(_ direction: Direction, from start: Int, endsStream: Bool) {
        for position in start..<stream.pointee.filterCount {
            let index = filterIndex(direction, at: position)
            let filter = stream.pointee.filters + index
            guard isCalled(index, direction) else {
                if isIn(direction) { continue } else { return }
            }
            switch callHeaders(direction, index, endsStream: endsStream) {
            case .ended: return
            case .action(.proceed): break
            case .action(let action):
                if !takeContinueRequest(filter, direction) {
                    filter.pointee[direction].stop = action == .stopAll ? .all : .headers
                    filter.pointee[direction].receivedEnd = endsStream
                    return
                }
            }
            filter.pointee[direction].headersPassed = true
            filter.pointee.makeUnavailable(direction.headersMap)
        }
        if direction == .response { responseHeadersSent = true }
        if endsStream { finishMessage(direction) }
    }

    // MARK: Body

    private func passBody(_ direction: Direction, hasTrailers: Bool) {
        let source = stream.pointee.body(direction, .source)
        let work = stream.pointee.body(direction, .work)
        var offset = 0
        repeat {
            guard isIn(direction) else { return }
            let count = min(chain.bodyPieceBytes, source.pointee.count - offset)
            work.pointee.removeAll(keepingCapacity: true)
            if count == source.pointee.count {
                swap(&source.pointee, &work.pointee)
                passData(direction, from: 0, endsStream: !hasTrailers)
                return
            }
            work.pointee.append(contentsOf: source.pointee[offset..<offset + count])
            offset += count
            let isLast = offset == source.pointee.count
            if isLast { source.pointee.emptyForReuse() }
            passData(direction, from: 0, endsStream: isLast && !hasTrailers)
            if isLast { return }
        } while true
    }

    /// Passes the piece in the work buffer on, as far as it goes.
    private func passData(_ direction: Direction, from start: Int, endsStream: Bool) {
        let work = stream.pointee.body(direction, .work)
        var endsStream = endsStream
        var firstWithTrailers = -1
        var position = start
        var isHeld = false
        while position < stream.pointee.filterCount, !isHeld {
            let index = filterIndex(direction, at: position)
            let filter = stream.pointee.filters + index
            position += 1
            guard isCalled(index, direction) else {
                if isIn(direction) { continue } else { return }
            }
            filter.pointee[direction].receivedData = true
            filter.pointee[direction].receivedEnd = endsStream
            let held = stream.pointee.held(direction, at: index)
            if filter.pointee[direction].stop == .all {
                held.pointee.take(&work.pointee)
                isHeld = true
                break
            }
            let hadTrailers = stream.pointee.hasTrailers(direction)
            switch callData(direction, index, endsStream: endsStream) {
            case .ended: return
            case .action(let action):
                if !hadTrailers, stream.pointee.hasTrailers(direction) {
                    // The plugin made trailers: they follow this piece, and the plugin itself gets no callback for
                    // them.
                    endsStream = false
                    filter.pointee[direction].receivedEnd = false
                    filter.pointee[direction].receivedTrailers = true
                    firstWithTrailers = position
                }
                isHeld = !settleData(direction, index, action)
                if isHeld, firstWithTrailers == position { firstWithTrailers = -1 }
                if !isHeld, !releaseHeaders(direction, index, from: position) { return }
            }
        }
        if !isHeld { deliver(direction, endsStream: endsStream) }
        if firstWithTrailers >= 0, isIn(direction) { passTrailers(direction, from: firstWithTrailers) }
    }

    /// Headers that a filter held until it saw the body go on before it. `false`: the message ends with them.
    private func releaseHeaders(_ direction: Direction, _ index: Int, from position: Int) -> Bool {
        let filter = stream.pointee.filters + index
        guard !filter.pointee[direction].headersPassed else { return true }
        filter.pointee[direction].headersPassed = true
        filter.pointee.makeUnavailable(direction.headersMap)
        passHeaders(direction, from: position, endsStream: false)
        return isIn(direction)
    }

    /// Puts the bytes where the plugin's answer wants them; `true` when they go on.
    private func settleData(_ direction: Direction, _ index: Int, _ action: DataAction) -> Bool {
        let filter = stream.pointee.filters + index
        let work = stream.pointee.body(direction, .work)
        let held = stream.pointee.held(direction, at: index)
        let continues = action == .proceed || takeContinueRequest(filter, direction)
        if continues {
            if filter.pointee[direction].view == .held {
                swap(&work.pointee, &held.pointee)
                held.pointee.emptyForReuse()
            }
            filter.pointee[direction].stop = .none
            filter.pointee[direction].view = .none
            filter.pointee[direction].mayCreateTrailers = false
            filter.pointee.makeUnavailable(direction.trailersMap)
            return true
        }
        if action == .buffer {
            if filter.pointee[direction].view == .work { held.pointee.take(&work.pointee) }
            filter.pointee[direction].view = .held
        } else {
            work.pointee.removeAll(keepingCapacity: true)
            filter.pointee[direction].view = .none
        }
        filter.pointee[direction].stop = .data
        return false
    }

    /// The piece has passed all filters.
    private func deliver(_ direction: Direction, endsStream: Bool) {
        let work = stream.pointee.body(direction, .work)
        stream.pointee.body(direction, .message).pointee.take(&work.pointee)
        if endsStream { finishMessage(direction) }
    }

    // MARK: Trailers

    private func passTrailers(_ direction: Direction, from start: Int) {
        var position = start
        while position < stream.pointee.filterCount {
            let index = filterIndex(direction, at: position)
            let filter = stream.pointee.filters + index
            position += 1
            guard isCalled(index, direction) else {
                if isIn(direction) { continue } else { return }
            }
            filter.pointee[direction].receivedTrailers = true
            if filter.pointee[direction].stop == .all { return }
            switch callTrailers(direction, index) {
            case .ended: return
            case .action(.stop):
                if !takeContinueRequest(filter, direction) {
                    if filter.pointee[direction].stop == .none { filter.pointee[direction].stop = .trailers }
                    return
                }
            case .action(.proceed): break
            }
            filter.pointee.makeUnavailable(direction.trailersMap)
            guard releaseHeaders(direction, index, from: position), passHeldData(direction, index, from: position)
            else { return }
        }
        finishMessage(direction)
    }

    /// Bytes that a filter held until its trailers came go on before them.
    private func passHeldData(_ direction: Direction, _ index: Int, from position: Int) -> Bool {
        let filter = stream.pointee.filters + index
        filter.pointee[direction].view = .none
        guard filter.pointee[direction].stop == .data else { return true }
        filter.pointee[direction].stop = .none
        let held = stream.pointee.held(direction, at: index)
        guard !held.pointee.isEmpty else { return true }
        moveToWork(held, direction)
        passData(direction, from: position, endsStream: false)
        return isIn(direction)
    }

    private func moveToWork(_ held: UnsafeMutablePointer<[UInt8]>, _ direction: Direction) {
        let work = stream.pointee.body(direction, .work)
        work.pointee.removeAll(keepingCapacity: true)
        swap(&work.pointee, &held.pointee)
    }

    // MARK: Continuing

    /// `proxy_continue_stream` of one filter, after its callback has returned. Without effect on a direction that runs.
    func resume(_ direction: Direction, filter index: Int) {
        let filter = stream.pointee.filters + index
        let stop = filter.pointee[direction].stop
        guard isIn(direction), stop != .none else { return }
        let position = filterIndex(direction, at: index)
        filter.pointee[direction].stop = .none
        filter.pointee[direction].view = .none
        filter.pointee[direction].mayCreateTrailers = false
        filter.pointee.makeUnavailable(direction.headersMap)
        filter.pointee.makeUnavailable(direction.trailersMap)

        if !filter.pointee[direction].headersPassed {
            filter.pointee[direction].headersPassed = true
            let flow = filter.pointee[direction]
            let endsStream = flow.receivedEnd && !flow.receivedData && !flow.receivedTrailers
            passHeaders(direction, from: position + 1, endsStream: endsStream)
        }
        // A plugin that was stopped before it saw the body sees it now.
        let next = stop == .all ? position : position + 1
        if isIn(direction), filter.pointee[direction].receivedData {
            let held = stream.pointee.held(direction, at: index)
            let endsStream = filter.pointee[direction].receivedEnd
            if endsStream || !held.pointee.isEmpty {
                moveToWork(held, direction)
                passData(direction, from: next, endsStream: endsStream)
            }
        }
        if isIn(direction), filter.pointee[direction].receivedTrailers { passTrailers(direction, from: next) }
    }

    @inline(__always)
    private func takeContinueRequest(_ filter: UnsafeMutablePointer<FilterSlot>, _ direction: Direction) -> Bool {
        let isRequested = filter.pointee[direction].continueRequested
        filter.pointee[direction].continueRequested = false
        return isRequested
    }

    // MARK: The end of a message

    @inline(__always)
    private func finishMessage(_ direction: Direction) {
        guard direction == .request else { return finish() }
        stream.pointee.upstreamNanoseconds = clock.pointee.nowNanoseconds
        phase = .upstream
    }
}
