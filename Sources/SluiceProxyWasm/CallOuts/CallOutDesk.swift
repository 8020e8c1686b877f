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

    init(tallies: ChainTallies) { self.tallies = tallies }

    private static func key(_ vm: UnsafeMutablePointer<VMState>, _ token: UInt32) -> UInt64 {
        UInt64(UInt32(truncatingIfNeeded: vm.pointee.ordinal)) << 32 | UInt64(token)
    }

    /// A new one, announced to the target by `note`; `nil` when there are too many.
    func open(
        _ kind: CallOut.Kind, cluster: Int, vm: UnsafeMutablePointer<VMState>, root: UnsafeMutablePointer<RootState>
    ) -> CallOut? {
        guard underWay.count < HostLimits.callOuts else { return nil }
        let callOut: CallOut
        if let reused = idle.popLast() {
            callOut = reused
        } else {
            callOut = CallOut(slot: count)
            count += 1
        }
        callOut.prepare(number: nextNumber)
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
        if !callOut.isDelivering { idle.append(callOut) }
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
        if callOut.vm == nil { idle.append(callOut) } else { callOut.emptyResponse() }
    }
}
