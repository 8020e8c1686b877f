import SluiceModel

/// The call-outs of one chain: those under way, and objects for the next ones.
final class CallOutDesk {
    private let tallies: ChainTallies
    /// By VM and token.
    private var underWay: [UInt64: CallOut] = [:]
    private var idle: [CallOut] = []
    private var count = 0
    private var nextNumber: Int64 = 0
    /// What the target has not taken yet.
    private var requests: [CallOutRequest] = []
    @exclusivity(unchecked) private(set) var hasRequests = false
    /// Answers that the target has for call-outs, due or not.
    @exclusivity(unchecked) var waitingAnswers = 0
    private let limits: GuestLimits
    /// Of those under way, and of those that wait for their next use.
    private var heldBytes = 0
    private var idleBytes = 0

    init(tallies: ChainTallies, limits: GuestLimits) {
        self.tallies = tallies
        self.limits = limits
    }

    private static func key(_ vm: UnsafeMutablePointer<VMState>, _ token: UInt32) -> UInt64 {
        UInt64(UInt32(truncatingIfNeeded: vm.pointee.ordinal)) << 32 | UInt64(token)
    }

    /// Whether so many bytes more fit, and one more that the target has to see to; counts what does not.
    private func admits(_ byteCount: Int) -> Bool {
        if heldBytes + byteCount <= limits.callOutBytes, requests.count + waitingAnswers < limits.callOutMessages {
            return true
        }
        tallies.events.callOutsRefused += 1
        return false
    }

    /// A new one, announced to the target by `note`; `nil` when there are too many. `byteCount`: of what it holds.
    func open(
        _ kind: CallOut.Kind, cluster: Int, vm: UnsafeMutablePointer<VMState>, root: UnsafeMutablePointer<RootState>,
        byteCount: Int
    ) -> CallOut? {
        let counted = byteCount + GuestLimits.callOutEntryBytes
        guard admits(counted) else { return nil }
        guard underWay.count < limits.callOuts else {
            tallies.events.callOutsRefused += 1
            return nil
        }
        heldBytes += counted
        let callOut: CallOut
        if let reused = idle.popLast() {
            callOut = reused
            idleBytes -= callOut.countedBytes
        } else {
            callOut = CallOut(slot: count)
            count += 1
        }
        callOut.prepare(number: nextNumber)
        callOut.countedBytes = counted
        nextNumber += 1
        callOut.kind = kind
        callOut.cluster = cluster
        callOut.vm = vm
        callOut.root = root
        repeat {
            callOut.token = vm.pointee.makeToken(kind)
        } while underWay[Self.key(vm, callOut.token)] != nil
        underWay[Self.key(vm, callOut.token)] = callOut
        tallies.events.callOuts += 1
        return callOut
    }

    func find(_ vm: UnsafeMutablePointer<VMState>, token: UInt32) -> CallOut? { underWay[Self.key(vm, token)] }

    /// Another message in the place of the one before; `false` when there is no room for it.
    func makeRoom(forMessageOf byteCount: Int, in callOut: CallOut) -> Bool {
        let change = byteCount - callOut.requestBody.count
        guard admits(change) else { return false }
        heldBytes += change
        callOut.countedBytes += change
        return true
    }

    /// Tells the target.
    func note(_ kind: CallOutRequest.Kind, _ callOut: CallOut) {
        requests.append(CallOutRequest(callOut: callOut, generation: callOut.generation, kind: kind))
        hasRequests = true
    }

    func takeRequests(into taken: inout [CallOutRequest]) {
        taken.append(contentsOf: requests)
        requests.removeAll(keepingCapacity: true)
        hasRequests = false
    }

    /// Ends a call-out, whatever it still waits for.
    func close(_ callOut: CallOut) {
        guard let vm = callOut.vm else { return }
        underWay[Self.key(vm, callOut.token)] = nil
        callOut.vm = nil
        callOut.root = nil
        callOut.generation &+= 1
        heldBytes -= callOut.countedBytes
        if !callOut.isDelivering { keep(callOut) }
    }

    /// For the next use, with its buffers unless too much is kept already.
    private func keep(_ callOut: CallOut) {
        callOut.countedBytes = callOut.keptBytes
        if idleBytes + callOut.countedBytes > HostLimits.idleCallOutBytes {
            callOut.dropBuffers()
            callOut.countedBytes = 0
        }
        idleBytes += callOut.countedBytes
        idle.append(callOut)
    }

    /// The same for a call-out that has not had its answer.
    func cancel(_ callOut: CallOut) {
        guard callOut.vm != nil else { return }
        if !callOut.isRemoteClosed { tallies.events.callOutsCancelled += 1 }
        close(callOut)
    }

    /// Nobody is left to hear of them.
    func cancelAll(of vm: UnsafeMutablePointer<VMState>) {
        guard !underWay.isEmpty else { return }
        for callOut in underWay.values.filter({ $0.vm == vm }) { cancel(callOut) }
    }

    /// The callback that delivered something has returned.
    func finishDelivery(_ callOut: CallOut) {
        callOut.isDelivering = false
        callOut.view = .nothing
        if callOut.vm == nil { keep(callOut) } else { callOut.emptyResponse() }
    }
}
