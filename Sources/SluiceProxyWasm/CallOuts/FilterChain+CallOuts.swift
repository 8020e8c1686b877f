import SluiceModel

/// Call-outs: what plugins ask for, and the answers to it.
extension FilterChain {
    /// There is something for `takeCallOuts`.
    @inline(__always) package var hasCallOuts: Bool { resources.desk.hasRequests }

    /// Appends what plugins have asked for since the last time, oldest first.
    package func takeCallOuts(into requests: inout [CallOutRequest]) { resources.desk.takeRequests(into: &requests) }

    /// Answers that the target has for call-outs, due or not; it says so whenever that changes. Beyond a limit plugins
    /// can start nothing that would bring more of them.
    package var waitingAnswers: Int {
        get { resources.desk.waitingAnswers }
        set { resources.desk.waitingAnswers = newValue }
    }

    /// Calls the plugin back. Without effect on a call-out that is over, or whose other side has closed it.
    package func deliver(_ event: CallOutEvent, to callOut: CallOut, nowNanoseconds: Int64) {
        resources.tallies.clock.pointee.nowNanoseconds = nowNanoseconds
        guard let vm = callOut.vm, let root = callOut.root, !vm.pointee.hasFailed, !callOut.isRemoteClosed
        else { return }
        callOut.isDelivering = true
        vm.pointee.delivery = Unmanaged.passUnretained(callOut)
        switch callOut.kind {
        case .http: deliverHTTP(event, callOut, vm, root)
        case .grpcCall, .grpcStream: deliverGRPC(event, callOut, vm, root)
        }
        vm.pointee.delivery = nil
        resources.desk.finishDelivery(callOut)
        settle()
    }

    private func deliverHTTP(
        _ event: CallOutEvent, _ callOut: CallOut, _ vm: UnsafeMutablePointer<VMState>,
        _ root: UnsafeMutablePointer<RootState>
    ) {
        let token = callOut.token
        callOut.isRemoteClosed = true
        if event == .response {
            resources.tallies.events.callOutsAnswered += 1
            callOut.view = .httpResponse
            vm.callRoot(
                root, .httpCallResponse, token, UInt32(truncatingIfNeeded: callOut.maps[0].count),
                UInt32(truncatingIfNeeded: callOut.body.pointee.count),
                UInt32(truncatingIfNeeded: callOut.maps[1].count))
        } else {
            resources.tallies.events.callOutsFailed += 1
            // The code stays after the callback, the text does not, as in Envoy.
            root.pointee.statusCode = UInt32(ResultCode.brokenConnection.rawValue)
            root.pointee.statusMessage.append(contentsOf: Self.reset.bytes)
            vm.callRoot(root, .httpCallResponse, token)
            root.pointee.statusMessage.removeAll(keepingCapacity: true)
        }
        resources.desk.close(callOut)
    }

    private static let reset: StaticString = "reset"

    private func deliverGRPC(
        _ event: CallOutEvent, _ callOut: CallOut, _ vm: UnsafeMutablePointer<VMState>,
        _ root: UnsafeMutablePointer<RootState>
    ) {
        let token = callOut.token
        switch event {
        case .initialMetadata:
            callOut.view = .initialMetadata
            vm.callRoot(
                root, .grpcReceiveInitialMetadata, token, UInt32(truncatingIfNeeded: callOut.maps[0].count))
        case .trailingMetadata:
            callOut.view = .trailingMetadata
            vm.callRoot(
                root, .grpcReceiveTrailingMetadata, token, UInt32(truncatingIfNeeded: callOut.maps[1].count))
        case .message:
            callOut.view = .message
            let isCall = callOut.kind == .grpcCall
            if isCall {
                callOut.isRemoteClosed = true
                resources.tallies.events.callOutsAnswered += 1
            }
            vm.callRoot(root, .grpcReceive, token, UInt32(truncatingIfNeeded: callOut.body.pointee.count))
            if isCall { resources.desk.close(callOut) }
        case .close(let status): closeGRPC(status, callOut, vm, root)
        case .response, .reset: preconditionFailure("an HTTP answer to a gRPC call-out")
        }
    }

    /// A stream whose own side is still open is known until the plugin closes it.
    private func closeGRPC(
        _ status: UInt32, _ callOut: CallOut, _ vm: UnsafeMutablePointer<VMState>,
        _ root: UnsafeMutablePointer<RootState>
    ) {
        if status == 0 {
            resources.tallies.events.callOutsAnswered += 1
        } else {
            resources.tallies.events.callOutsFailed += 1
        }
        callOut.isRemoteClosed = true
        root.pointee.statusCode = status
        root.pointee.statusMessage.append(contentsOf: callOut.statusMessage)
        vm.callRoot(root, .grpcClose, callOut.token, status)
        root.pointee.statusMessage.removeAll(keepingCapacity: true)
        if callOut.kind == .grpcCall || callOut.isLocalClosed { resources.desk.close(callOut) }
    }
}
