internal import SluiceModel

/// Runs that tests and golden files share.
package enum Fixtures {
    /// The main job: a tuned collector stays flat, no collector and the naive one die at the cap.
    package static var largeBody: FixtureRun {
        var run = FixtureRun(guests: [
            (
                "conservative",
                FixtureGuest(course: .level(bytes: 20 << 20), module: "plugins/large-body.conservative.wasm")
            ),
            (
                "no-gc",
                FixtureGuest(
                    course: .linear(bytesPerRequest: 10 * 1_048_576 + 640), serviceNanoseconds: 1_200_000,
                    module: "plugins/large-body.no-gc.wasm",
                    backtrace: ["abort", "bump_allocate", "on_headers", "proxy_on_request_headers"],
                    lastLogLines: ["[gc-test] request <9> & counting"])
            ),
            (
                "leak-prone",
                FixtureGuest(
                    course: .linear(bytesPerRequest: 1.4 * 1_048_576), serviceNanoseconds: 4_100_000,
                    module: "plugins/large-body.leak-prone.wasm",
                    backtrace: [
                        "abort", "GC_out_of_memory", "GC_alloc_large", "GC_generic_malloc", "GC_malloc", "on_headers",
                        "proxy_on_request_headers",
                    ],
                    lastLogLines: [
                        "GC Warning: Repeated allocation of very large block (appr. size 10240 KiB)",
                        "GC Warning: Out of Memory! Heap size: 95 MiB. Returning NULL!",
                    ])
            ),
        ])
        run.candidate = "conservative"
        run.budgets = Budgets(
            responseTime: [
                QuantileBudget(quantile: 0.99, limitNanoseconds: 15_000_000),
                QuantileBudget(quantile: 0.999, limitNanoseconds: 40_000_000),
            ],
            heapHighWaterBytes: 64 << 20, allocatorFailures: 0, errorFraction: 0.001)
        return run
    }

    /// The same with enough requests for every quantile, and budgets that the candidate meets.
    package static var passing: FixtureRun {
        var run = largeBody
        run.guests = [run.guests[0]]
        run.guests[0].guest.serviceNanoseconds = 400_000
        run.ratePerSecond = 400
        run.command = "gate"
        run.budgets.responseTime[1].quantile = 0.99
        return run
    }

    /// Small enough for a file that people compare.
    package static var small: FixtureRun {
        var run = largeBody
        run.guests.remove(at: 1)
        run.guests[1].guest.course = .linear(bytesPerRequest: 8 * 1_048_576)
        run.ratePerSecond = 20
        run.warmupSeconds = 1
        run.holdSeconds = 2
        run.agents = 1
        run.blocks = 1
        return run
    }

    /// Names and log lines that try to leave their place in every format.
    package static var hostile: FixtureRun {
        var run = small
        let text = "</title></style><script>alert('1')</script>|`]]>&\"\u{1B}[31m\u{202E}"
        run.about = text
        run.name = "hostile \(text)"
        run.guests[0].name = "x \(text)"
        run.candidate = run.guests[0].name
        run.guests[1].guest.lastLogLines = [text, "second\nline"]
        run.guests[1].guest.backtrace = [text]
        run.guests[1].guest.message = text
        run.guests[1].guest.module = text
        run.tamper = { batch, _ in
            var changed = batch
            changed.checkFailures = [CheckFailure(requestIndex: 1, message: text)]
            return changed
        }
        return run
    }

    /// One module under two payloads.
    package static var randomAgainstASCII: FixtureRun {
        let size = Distribution.constant(65_536)
        var run = FixtureRun(guests: [
            (
                "random",
                FixtureGuest(
                    course: .linear(bytesPerRequest: 140_000), policy: .steps(bytes: 262_144),
                    body: .randomBytes(sizeBytes: size), module: "plugins/body-copy.leak-prone.wasm")
            ),
            (
                "ascii",
                FixtureGuest(
                    course: .level(bytes: 8 << 20), body: .ascii(sizeBytes: size),
                    module: "plugins/body-copy.leak-prone.wasm")
            ),
        ])
        run.name = "random-against-ascii"
        run.about = "Bodies of random bytes look like pointers to a conservative collector; ASCII does not."
        run.capBytes = 1 << 30
        return run
    }
}
