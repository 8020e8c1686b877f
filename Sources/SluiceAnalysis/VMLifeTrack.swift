internal import SluiceModel

/// One memory of one VM from its creation on, as a staircase over the VM's requests.
struct VMLifeTrack {
    /// Granted growth in one request; several in the same request are one step.
    struct Step: Equatable {
        var request: Int
        var fromBytes: Int
        var toBytes: Int
    }

    /// Counts a worker's VMs from 0.
    var vm: Int
    /// Size before the first request; `nil` when its creation is not in the ledger.
    var startBytes: Int?
    var bytes: Int
    /// Requests begun in this VM, as far as is known.
    var requests = 0
    /// Of these, the ones of the warm-up.
    var warmupRequests = 0
    var steps: [Step] = []
    /// Granted growths in the measured phases.
    var measuredGrowths = 0
    /// Granted growths under load that belong to no request.
    var growthsBesideRequests = 0
    var isDead = false

    init(vm: Int) {
        self.vm = vm
        bytes = 0
    }

    mutating func record(_ event: GrowthEvent, isMeasured: Bool, isBesideRequests: Bool) {
        requests = max(requests, event.vmRequestNumber)
        guard event.granted else { return }
        if isBesideRequests {
            growthsBesideRequests += 1
            if isMeasured { measuredGrowths += 1 }
        } else if event.vmRequestNumber == 0 {
            startBytes = event.toBytes
        } else {
            if event.memory == .gcHeap, startBytes == nil { startBytes = 0 }
            if isMeasured, event.fromBytes > 0 { measuredGrowths += 1 }
            if let last = steps.last, last.request == event.vmRequestNumber {
                steps[steps.count - 1].toBytes = event.toBytes
            } else {
                steps.append(
                    Step(request: event.vmRequestNumber, fromBytes: event.fromBytes, toBytes: event.toBytes))
            }
        }
        bytes = max(bytes, event.toBytes)
    }

    /// Size once this many requests had been begun; `nil` when that is not known.
    func bytes(afterRequests request: Int) -> Int? {
        steps.last { $0.request <= request }?.toBytes ?? startBytes ?? steps.first?.fromBytes
    }
}
