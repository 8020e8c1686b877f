import SluiceLoad
import SluiceModel
import Testing

/// What a worker keeps while nobody takes its batches.
struct ObservationTests {
    @Test func `failures and growth of many drains stay within the limits of a batch, and none is lost`() {
        let event = GrowthEvent(
            timeNanoseconds: 1, requestIndex: nil, vmRequestNumber: 0, vmOrdinal: 0, memory: .linear, fromBytes: 0,
            toBytes: 65536, granted: true)
        let failure = VMFailure(
            kind: .growthRefused, timeNanoseconds: 1, plugin: "test", requestIndex: nil, vmRequestNumber: 1,
            workerRequestNumber: 1, vmOrdinal: 0, callback: "proxy_on_tick", message: "unreachable",
            backtrace: (0..<20).map { BacktraceFrame(functionIndex: $0, functionName: nil, moduleOffset: nil) },
            lastLogLines: ["a"], linearBytes: 1, gcHeapBytes: 0, refusedToBytes: 2)
        var observations = TargetObservations()
        for _ in 0..<3 {
            observations.add(
                heap: HeapSample(growthEventsWithoutDetail: 5), growth: Array(repeating: event, count: 30_000),
                failures: Array(repeating: failure, count: 50), vmEvents: VMEventCounts())
        }
        #expect(observations.growth.count == 65_536)
        #expect(observations.heap.growthEventsWithoutDetail == 15 + 90_000 - 65_536)
        #expect(observations.failures.count == 150)
        #expect(observations.failures.count { $0 == failure } == 64)
        #expect(observations.failures.allSatisfy { $0.kind == .growthRefused && $0.refusedToBytes == 2 })
        #expect(observations.failures.last?.backtrace.count == 3)
    }
}
