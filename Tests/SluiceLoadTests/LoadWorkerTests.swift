import SluiceHistogram
import SluiceLoad
import SluiceModel
import SluiceProcess
import SluiceProxyWasm
import Testing

/// The loop against targets whose behaviour is known. Bounds are wide enough for a busy machine; what they would miss
/// is named where it matters.
@Suite(.serialized) struct LoadWorkerTests {
    @Test func `every planned request has one outcome, and warm-up is kept apart`() throws {
        let target = ScriptedTarget { _ in .answer(status: 200) }
        let run = try WorkerRun.run(
            .constant(ratePerSecond: 500, milliseconds: 300, warmupMilliseconds: 100), target: target)
        #expect(run.counts(.warmup).total == 50)
        #expect(run.counts().succeeded == 150)
        #expect(target.begun == Array(0..<200))
        for part in [\LoadSegment.startLag, \.harnessLag, \.serviceTime, \.responseTime] {
            #expect(try run.histogram(part).count == 150)
        }
        #expect(run.batches.map(\.sequence) == Array(run.batches.indices))
        #expect(run.batches.filter(\.isLast).count == 1)
    }

    @Test func `what is due in the VMs before the common start waits for it`() throws {
        let target = ScriptedTarget { _ in .answer(status: 200) }
        let before = MonotonicClock.nowNanoseconds()
        target.timers = [before - 1_000_000_000, before + 1_000_000]
        let run = try WorkerRun.run(.constant(ratePerSecond: 500, milliseconds: 100), target: target)
        #expect(run.counts().succeeded == 50)
        #expect(target.timerRuns.count == 2)
        // The start is 20 ms ahead when the worker is made.
        for time in target.timerRuns { #expect(time >= before + 20_000_000) }
    }

    /// A stall of 400 ms at 1,000 requests a second: the 400 requests due in it wait 400, 399, … ms. A generator that
    /// measured from the actual start would see one slow request.
    @Test func `a stall delays every request that was due in it`() throws {
        let target = ScriptedTarget { $0 == 300 ? .block(nanoseconds: 400_000_000) : .answer(status: 200) }
        let run = try WorkerRun.run(.constant(ratePerSecond: 1000, milliseconds: 1000), target: target)
        let response = try run.histogram(\.responseTime)
        #expect(run.counts().succeeded == 1000)
        // Of 1,000 requests, 400 waited for x ms or longer with x from 400 down to 0: p70 is 100 ms, p90 is 300 ms.
        for (quantile, expected) in [(0.7, 100e6), (0.9, 300e6)] {
            let value = try #require(response.quantile(quantile).nanoseconds)
            #expect(abs(Double(value) - expected) < 0.15 * 400e6, "p\(quantile * 100) is \(value) ns")
        }
        // The delay was the plugin's, not the harness's: nearly all of the start lag is outside the harness lag.
        let lag = try #require(try run.histogram(\.startLag).quantile(0.9).nanoseconds)
        let harness = try #require(try run.histogram(\.harnessLag).quantile(0.9).nanoseconds)
        #expect(lag > 200_000_000)
        #expect(harness < lag / 4)
        let service = try #require(try run.histogram(\.serviceTime).quantile(0.9).nanoseconds)
        #expect(service < 50_000_000)
    }

    /// The counterpart of the test above: 300 ms of the harness's own work at one second delay the 300 requests that
    /// were due in it, and none of that may look like the plugin's.
    @Test func `a stall of the harness is the harness's for every request behind it`() throws {
        let target = ScriptedTarget { _ in .answer(status: 200) }
        target.harnessStallNanoseconds = 300_000_000
        let run = try WorkerRun.run(.constant(ratePerSecond: 1000, milliseconds: 1500), target: target)
        let lag = try run.histogram(\.startLag)
        let harness = try run.histogram(\.harnessLag)
        #expect(try #require(lag.quantile(0.9).nanoseconds) > 100_000_000)
        for quantile in [0.85, 0.9, 0.95] {
            let difference =
                try #require(lag.quantile(quantile).nanoseconds)
                - (try #require(harness.quantile(quantile).nanoseconds))
            #expect(abs(difference) < 20_000_000, "p\(quantile * 100) differ by \(difference) ns")
        }
    }

    /// A request that begins at 0.7 s and takes 1.5 s is over long after the end of the interval that it began in.
    @Test func `no sample is in an interval that ended before it`() throws {
        let target = ScriptedTarget { $0 == 70 ? .block(nanoseconds: 1_500_000_000) : .answer(status: 200) }
        let run = try WorkerRun.run(.constant(ratePerSecond: 100, milliseconds: 2500), target: target)
        let stalled = try #require(
            try run.batches.first { batch in
                try batch.segments.contains { segment in
                    let service = try LatencyHistogram(encoded: segment.serviceTime.bytes)
                    return service.maximumNanoseconds ?? 0 >= 1_500_000_000
                }
            })
        #expect(stalled.endNanoseconds >= 2_200_000_000)
        #expect(run.batches.first?.startNanoseconds == 0)
        for (batch, next) in zip(run.batches, run.batches.dropFirst()) {
            #expect(next.startNanoseconds == batch.endNanoseconds)
        }
        #expect(run.counts().succeeded == 250)
    }

    /// Without a place for messages in the order of time the worker would do nothing else, until it is stopped.
    @Test func `a plugin that sends itself queue messages without end leaves everything else its turn`() throws {
        let plugin = try PluginTarget(SelfSendingPlugin.text, isReal: true)
        let run = try WorkerRun.run(
            .constant(ratePerSecond: 500, milliseconds: 2500), target: plugin.target, stopAfter: 8_000_000_000)
        #expect(run.counts().succeeded == 1250)
        #expect(run.batches.count >= 3)
        #expect(try #require(plugin.shared.metricValue("messages")) > 10_000)
        #expect(try #require(try run.histogram(\.startLag).quantile(0.5).nanoseconds) < 1_000_000)
    }

    @Test func `requests wait for their upstream side by side`() throws {
        let target = ScriptedTarget { .answerAfter(nanoseconds: $0 % 2 == 0 ? 100_000_000 : 10_000_000) }
        let run = try WorkerRun.run(.constant(ratePerSecond: 1000, milliseconds: 200), target: target)
        #expect(run.counts().succeeded == 200)
        let response = try run.histogram(\.responseTime)
        let fast = try #require(response.quantile(0.25).nanoseconds)
        let slow = try #require(response.quantile(0.75).nanoseconds)
        #expect(fast >= 10_000_000 && fast < 60_000_000)
        #expect(slow >= 100_000_000 && slow < 200_000_000)
    }

    @Test(arguments: [1, 4])
    func `no more are in flight than the concurrency allows, and all have their turn in order`(most: Int) throws {
        let target = ScriptedTarget { _ in .answerAfter(nanoseconds: 2_000_000) }
        var load = Load.constant(ratePerSecond: 1_000_000, milliseconds: 1)
        load.phases[0].durationNanoseconds = 40_000
        load.concurrency = most
        let run = try WorkerRun.run(load, target: target)
        #expect(run.counts().succeeded == 40)
        #expect(target.mostOpen == most)
        #expect(target.begun == Array(0..<40))
        let service = try run.histogram(\.serviceTime)
        #expect(try #require(service.quantile(0.5).nanoseconds) < 20_000_000)
    }

    @Test func `the requests of an epoch come again, and arrivals go on`() throws {
        let target = ScriptedTarget { _ in .answer(status: 200) }
        var load = Load.constant(ratePerSecond: 1_000_000, milliseconds: 1)
        load.phases[0].durationNanoseconds = 12_000
        load.epochRequests = 4
        let run = try WorkerRun.run(load, target: target, requests: [.withRandomBody])
        #expect(run.counts().succeeded == 12)
        #expect(target.begun == Array(0..<12))
        #expect(Set(target.bodies[0..<4]).count == 4)
        #expect(target.bodies == Array(repeatElement(target.bodies[0..<4], count: 3).joined()))
    }

    @Test func `a request without an answer fails at its timeout and is given up`() throws {
        let target = ScriptedTarget { $0 % 10 == 0 ? .never : .answer(status: 200) }
        let run = try WorkerRun.run(
            .constant(ratePerSecond: 1000, milliseconds: 100, timeoutMilliseconds: 150), target: target)
        #expect(run.counts().timedOut == 10)
        #expect(run.counts().succeeded == 90)
        #expect(target.cancelled == 10)
        #expect(try run.histogram(\.responseTime).count == 90)
    }

    @Test func `requests whose turn comes after their timeout are counted and never started`() throws {
        let target = ScriptedTarget { $0 == 0 ? .block(nanoseconds: 300_000_000) : .answer(status: 200) }
        let run = try WorkerRun.run(
            .constant(ratePerSecond: 1000, milliseconds: 200, timeoutMilliseconds: 100), target: target)
        let counts = run.counts()
        #expect(counts.total == 200)
        #expect(counts.timedOut >= 190)
        #expect(counts.neverStarted == 200 - target.begun.count)
        #expect(counts.neverStarted >= 100)
    }

    /// As latencies they would be the fastest of all: they are over as soon as their turn comes.
    @Test func `requests that find no slot are counted, never started and without a latency`() throws {
        let target = ScriptedTarget { _ in .never }
        let run = try WorkerRun.run(
            .constant(ratePerSecond: 1000, milliseconds: 100, timeoutMilliseconds: 400), target: target,
            openRequestLimit: 10)
        let counts = run.counts()
        #expect(target.begun == Array(0..<10))
        #expect((counts.total, counts.timedOut, counts.neverStarted) == (100, 100, 90))
        #expect(try run.histogram(\.responseTime).count == 0)
        #expect(try run.histogram(\.serviceTime).count == 0)
        #expect(try run.histogram(\.startLag).count == 100)
    }

    @Test func `a stop counts what is in flight with its age`() throws {
        let target = ScriptedTarget { _ in .never }
        let run = try WorkerRun.run(
            .constant(ratePerSecond: 1000, milliseconds: 60_000, timeoutMilliseconds: 60_000), target: target,
            stopAfter: 300_000_000)
        let counts = run.counts()
        #expect(counts.unfinished == target.begun.count)
        #expect(counts.total == counts.unfinished)
        let oldest = try #require(try run.histogram(\.responseTime).maximumNanoseconds)
        #expect(oldest >= 250_000_000)
    }

    @Test func `failures are counted by kind and leave no latency`() throws {
        let ends: [TargetResult.End] = [.trapped, .refused, .reset, .answered]
        let target = ScriptedTarget { .end(ends[Int($0) % 4]) }
        let run = try WorkerRun.run(.constant(ratePerSecond: 1000, milliseconds: 100), target: target)
        let counts = run.counts()
        #expect((counts.trapped, counts.refused, counts.reset, counts.succeeded) == (25, 25, 25, 25))
        #expect(try run.histogram(\.responseTime).count == 25)
        #expect(try run.histogram(\.startLag).count == 100)
    }

    @Test func `a failed check counts with its latency and explains itself`() throws {
        let expectation = SluiceModel.Expectation(status: 200, headers: [], body: .matches("^goodbye"))
        let run = try WorkerRun.run(
            .constant(ratePerSecond: 500, milliseconds: 100),
            target: ScriptedTarget { .answer(status: $0 % 2 == 0 ? 200 : 404) }, requests: [.expecting(expectation)])
        #expect(run.counts().checkFailed == 50)
        #expect(try run.histogram(\.responseTime).count == 50)
        let messages = run.batches.flatMap(\.checkFailures).map(\.message)
        #expect(messages.count == 5)
        #expect(messages.contains("expected a body matching /^goodbye/, got \"hello world\""))
        #expect(messages.contains("expected status 200, got 404"))
    }

    /// PCRE2 cannot tell in the number of steps that it may take: nothing says that the body is wrong.
    @Test func `a pattern that PCRE2 gives up on is a failed check that says so`() throws {
        let body = String(repeating: "a", count: 5000) + "b"
        let run = try WorkerRun.run(
            .constant(ratePerSecond: 100, milliseconds: 10),
            target: ScriptedTarget(body: body) { _ in .answer(status: 200) },
            requests: [.expecting(ResponseCheckerTests.body(.matches("(a+)+$")))])
        #expect(run.counts().checkFailed == 1)
        let message = try #require(run.batches.flatMap(\.checkFailures).first?.message)
        #expect(
            message.hasPrefix("PCRE2 gave up (match limit exceeded) looking for a body matching /(a+)+$/, got \"aaa"))
    }

    /// Spinning is subtracted from the CPU time of a trial, so that it may not hold time in which the thread did not
    /// run: with several threads to a CPU that is most of the time.
    @Test func `spinning on a starved machine costs no more than the CPU time that there was`() throws {
        let end = MonotonicClock.nowNanoseconds() + 700_000_000
        let hogs = try (0..<8).map { number in
            try OperatingSystemThread(name: "hog-\(number)") { while MonotonicClock.nowNanoseconds() < end {} }
        }
        let target = ScriptedTarget { _ in .answer(status: 200) }
        let run = try WorkerRun.run(.constant(ratePerSecond: 500, milliseconds: 500), target: target)
        hogs.forEach { $0.join() }
        #expect(run.spunNanoseconds <= run.cpuNanoseconds)
        #expect(run.spunNanoseconds > 0)
    }
}
