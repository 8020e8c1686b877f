import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// How VMs die, what is said about it, and what comes after.
@Suite struct FailureTests {
    // MARK: Kinds

    private func failure(
        _ engine: EngineName, memoryCapBytes: Int = 1 << 20, deadlineNanoseconds: Int64 = 2_000_000_000, _ guest: Guest
    ) throws -> VMFailure {
        let host = try Host(
            engine, [Host.Plugin(guest)], memoryCapBytes: memoryCapBytes, deadlineNanoseconds: deadlineNanoseconds)
        try host.start()
        let exchange = host.exchange(headers: [("a", "value")])
        #expect(exchange.result == result(status: 503, origin: .host, vmState: .trapped))
        let failures = host.drain().failures
        #expect(failures.count == 1)
        return try #require(failures.first)
    }

    @Test("a refused growth followed by a trap is called so, whatever the guest wrote", arguments: executing)
    func growthRefused(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                "(drop (memory.grow (i32.const 1000)))" + guest.log("poll_oneoff failed") + "unreachable")
        }
        let failure = try failure(engine, guest)
        #expect(failure.kind == .growthRefused)
        #expect(failure.refusedToBytes == 1002 * 65536)
        #expect(failure.lastLogLines == ["poll_oneoff failed"])
        #expect(failure.callback == "proxy_on_request_headers")
        #expect(failure.requestIndex == 0 && failure.vmRequestNumber == 1 && failure.workerRequestNumber == 1)
        #expect(failure.linearBytes == 2 * 65536)
        #expect(failure.backtrace.count == 1)
    }

    @Test("an allocator that gives the host nothing", arguments: executing)
    func allocatorReturnedNull(engine: EngineName) throws {
        let guest = Guest(allocator: "(func (export \"malloc\") (param i32) (result i32) (i32.const 0))") { guest in
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                "(if (i32.eq \(guest.get(0, "a")) (i32.const 6)) (then unreachable))")
        }
        #expect(try failure(engine, guest).kind == .allocatorReturnedNull)
    }

    @Test(
        "a guest that survives the refusal of its own allocator goes on, and the refusal is counted",
        arguments: executing)
    func nullSurvived(engine: EngineName) throws {
        let guest = Guest(allocator: "(func (export \"malloc\") (param i32) (result i32) (i32.const 0))") { guest in
            guest.callback("proxy_on_request_headers", 3, returns: 0, guest.logLetter(guest.get(0, "a")))
        }
        let host = try Host(engine, guest).start()
        #expect(host.exchange(headers: [("a", "value")]).result.status == 200)
        #expect(host.letters == "G")
        let observations = host.drain()
        #expect(observations.hostAllocationsRefused == 1)
        #expect(observations.heap.hostAllocations == 1 && observations.heap.hostAllocatedBytes == 5)
    }

    @Test("a trap in the allocator that the host called", arguments: executing)
    func trapInHostAllocation(engine: EngineName) throws {
        let guest = Guest(allocator: "(func $pool (export \"malloc\") (param i32) (result i32) unreachable)") { guest in
            guest.raw(
                "(func $look (export \"proxy_on_request_headers\") (param i32 i32 i32) (result i32) "
                    + guest.get(0, "a") + ")"
            )
        }
        let failure = try failure(engine, guest)
        #expect(failure.kind == .trapInAllocator)
        #expect(failure.backtrace.compactMap(\.functionName) == ["pool", "look"])
        #expect(failure.message.contains("unreachable"))
    }

    @Test(
        "a trap with an allocator's frame on the stack",
        arguments: executing, ["malloc", "GC_expand_hp_inner", "runtime.alloc", "__rust_alloc", "runtime.mallocgc"])
    func trapInAllocator(engine: EngineName, frame: String) throws {
        let guest = Guest(allocator: "(func (export \"malloc\") (param i32) (result i32) (i32.const 8192))") { guest in
            guest.raw("(func $\(frame) (param i32) (drop (i32.div_u (i32.const 1) (local.get 0))))")
            guest.callback("proxy_on_request_headers", 3, returns: 0, "(call $\(frame) (i32.const 0))")
        }
        let failure = try failure(engine, guest)
        #expect(failure.kind == .trapInAllocator)
        #expect(failure.backtrace.first?.functionName == frame)
    }

    @Test("any other trap is just that", arguments: executing)
    func plainTrap(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.raw("(func $allocation_of_seats unreachable)")
            guest.callback("proxy_on_request_headers", 3, returns: 0, "(call $allocation_of_seats)")
        }
        #expect(try failure(engine, guest).kind == .trap)
    }

    @Test("an endless loop ends at its deadline", arguments: executing)
    func deadline(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback("proxy_on_request_headers", 3, returns: 0, "(loop (br 0))")
        }
        #expect(try failure(engine, deadlineNanoseconds: 100 * millisecond, guest).kind == .deadlineExceeded)
    }

    @Test(
        "a Wasm GC heap that is full",
        arguments: Engines.all.filter { $0.capabilities.executes && $0.capabilities.garbageCollection }.map(\.name))
    func gcHeap(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.raw("(type $list (struct (field (ref null $list)) (field i64) (field i64)))")
            guest.raw("(global $all (mut (ref null $list)) (ref.null $list))")
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                "(loop (global.set $all (struct.new $list (global.get $all) (i64.const 0) (i64.const 0))) (br 0))")
        }
        let failure = try failure(engine, guest)
        #expect(failure.kind == .gcHeapOutOfMemory)
        #expect(failure.gcHeapBytes > 0)
    }

    @Test("failures before the first request are told apart", arguments: executing)
    func startUp(engine: EngineName) throws {
        let growing = Guest { guest in
            guest.callback("_initialize", 0, guest.log("init") + "(drop (memory.grow (i32.const 1000))) unreachable")
        }
        let dividing = Guest(allocator: "(func (export \"malloc\") (param i32) (result i32) (i32.const 8192))") {
            guest in
            guest.raw("(func $GC_expand_hp_inner (param i32) (drop (i32.div_u (i32.const 1) (local.get 0))))")
            guest.callback("_start", 0, "(call $GC_expand_hp_inner (i32.const 0))")
        }
        let trapping = Guest { guest in guest.callback("proxy_on_configure", 2, returns: 1, "unreachable") }
        let refusing = Guest { guest in guest.callback("proxy_on_vm_start", 2, returns: 0, guest.log("no")) }
        let section = Guest { guest in
            guest.raw("(func $begin unreachable) (start $begin)")
        }
        let expected: [(Guest, VMFailureKind, String)] = [
            (growing, .startUpAllocator, "_initialize"), (dividing, .startUpAllocator, "_start"),
            (trapping, .startUp, "proxy_on_configure"), (refusing, .startUp, "proxy_on_vm_start"),
            (section, .startUp, "start section"),
        ]
        for (guest, kind, callback) in expected {
            let failure = try startFailure(try Host(engine, [Host.Plugin(guest)], memoryCapBytes: 1 << 20))
            #expect(failure.kind == kind)
            #expect(failure.callback == callback)
            #expect(failure.requestIndex == nil)
        }
    }

    @Test("a module that needs more memory than the cap is an allocator failure at start-up", arguments: executing)
    func overCap(engine: EngineName) throws {
        let guest = Guest(memory: "(memory (export \"memory\") 100)") { _ in }
        let failure = try startFailure(try Host(engine, [Host.Plugin(guest)], memoryCapBytes: 1 << 20))
        #expect(failure.kind == .startUpAllocator)
        #expect(failure.refusedToBytes == 100 * 65536)
    }

    // MARK: The log

    @Test("the last lines are kept, long ones are cut, pieces of standard error are joined", arguments: executing)
    func logLines(engine: EngineName) throws {
        let guest = Guest { guest in
            let long = guest.text(String(repeating: "x", count: 2000))
            // Two vectors at 100: the first and the second part of one line, whose end comes with the next write.
            let parts = ["pan", "ic: ", "out of memory\nrest"].map { guest.place($0) }
            let vectors = parts.enumerated().map { index, part in
                "(i32.store (i32.const \(100 + 8 * index)) (i32.const \(part.address)))"
                    + "(i32.store (i32.const \(104 + 8 * index)) (i32.const \(part.size)))"
            }
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                """
                (local $n i32)
                (loop $again
                  \(guest.logLetter("(local.get $n)"))
                  (local.set $n (i32.add (local.get $n) (i32.const 1)))
                  (br_if $again (i32.lt_u (local.get $n) (i32.const 26))))
                (drop (call $proxy_log (i32.const 0) \(long)))
                (drop (call $proxy_log (i32.const 5) \(long)))
                \(vectors.joined(separator: "\n"))
                (drop (call $fd_write (i32.const 2) (i32.const 100) (i32.const 2) (i32.const 40)))
                (drop (call $fd_write (i32.const 2) (i32.const 116) (i32.const 1) (i32.const 40)))
                unreachable
                """)
        }
        let lines = try failure(engine, guest).lastLogLines
        // 26 letters, the long line, and the two of standard error.
        #expect(lines.count == 20)
        #expect(lines.prefix(2) == ["J", "K"])
        // The trace line is not written at Envoy's default level.
        #expect(lines[17] == String(repeating: "x", count: 1024) + "…")
        #expect(lines.suffix(2) == ["panic: out of memory", "rest"])
    }

    /// Writes `count` numbered lines; `$n` must be a local of 0.
    private static func lines(_ count: Int, _ guest: GuestWriter) -> String {
        """
        (local.set $n (i32.const 0))
        (loop $again
          \(guest.logLetter("(i32.rem_u (local.get $n) (i32.const 26))"))
          (local.set $n (i32.add (local.get $n) (i32.const 1)))
          (br_if $again (i32.lt_u (local.get $n) (i32.const \(count)))))
        """
    }

    @Test("the line that announces the end is kept, with what follows it and the last lines", arguments: executing)
    func announcedEnd(engine: EngineName) throws {
        let guest = Guest { guest in
            let before = Self.lines(40, guest)
            let announcement = guest.log("panic: out of memory [recovered]") + guest.log("fatal error: no more")
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                "(local $n i32)" + before + announcement + Self.lines(60, guest) + "unreachable")
        }
        let lines = try failure(engine, guest).lastLogLines
        let letters = (0..<60).map { String(UnicodeScalar(UInt8(65 + $0 % 26))) }
        #expect(
            lines
                == ["panic: out of memory [recovered]", "fatal error: no more"] + letters[..<6]
                + ["… 34 lines left out …"] + letters[40...])
    }

    @Test(
        "the first lines of the last burst are kept, and nothing is said twice or left out without a word",
        arguments: [1, 7, 8, 9, 18, 19, 20, 21, 26, 27, 28, 29, 100])
    func burst(count: Int) throws {
        let guest = Guest { guest in
            let first = guest.log("first")
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                "(local $n i32)" + first + Self.lines(count, guest) + "unreachable")
        }
        let all = ["first"] + (0..<count).map { String(UnicodeScalar(UInt8(65 + $0 % 26))) }
        let left = all.count - 28
        let note = left > 0 ? ["… \(left) line\(left == 1 ? "" : "s") left out …"] : []
        let expected = left > 0 ? all.prefix(8) + note + all.suffix(20) : all[...]
        // A machine that pauses for some milliseconds makes two bursts of one.
        for attempt in 1...20 {
            let lines = try failure(.cranelift, guest).lastLogLines
            if attempt < 20, lines != Array(expected) { continue }
            #expect(lines == Array(expected))
            return
        }
    }

    // MARK: Policies

    /// Traps when the request says so.
    static let fragile = Guest { guest in
        guest.callback(
            "proxy_on_request_headers", 3, returns: 0,
            guest.log("request") + "(if (i32.eqz \(guest.get(0, "die"))) (then unreachable))"
                + guest.add(0, "seen", "1")
                + "(if (i32.eqz \(guest.get(0, "wait"))) (then (return (i32.const 1))))")
        guest.callback("proxy_on_response_headers", 3, returns: 0, guest.log("response") + guest.add(2, "seen", "1"))
    }

    @Test("closed: 503 for the stream that trapped and for every later one", arguments: executing)
    func closed(engine: EngineName) throws {
        let host = try Host(engine, Self.fragile).start()
        #expect(host.exchange(headers: [("die", "")]).result == result(status: 503, origin: .host, vmState: .trapped))
        host.advance(60 * second)
        #expect(host.exchange().result == result(status: 503, origin: .host, vmState: .refused))
        let events = host.drain().vmEvents
        #expect(events.created == 1 && events.failed == 1 && events.reloadBackoff == 0)
    }

    @Test("open: the stream that trapped and every later one pass without the plugin", arguments: executing)
    func open(engine: EngineName) throws {
        let host = try Host(engine, Self.fragile, policy: .open).start()
        let trapped = host.exchange(headers: [("die", "")], body: "body")
        #expect(trapped.result == result(status: 200, origin: .upstream, vmState: .trapped))
        #expect(text(trapped.requestBody) == "body")
        let later = host.exchange()
        #expect(later.result == result(status: 200, origin: .upstream, vmState: .bypassed))
        #expect(later.requestHeaders.value(ofName: "seen") == nil)
    }

    @Test("reload: a new VM for a new stream, at most one in 1 to 1.5 s, 503 until then", arguments: executing)
    func reload(engine: EngineName) throws {
        let host = try Host(engine, Self.fragile, policy: .reload).start()
        host.advance(500 * millisecond)
        #expect(host.exchange(headers: [("die", "")]).result.vmState == .trapped)
        #expect(host.exchange().result == result(status: 503, origin: .host, vmState: .refused))
        // The interval counts from the first load.
        host.advance(1001 * millisecond)
        #expect(host.exchange().result == result(status: 200, origin: .upstream))
        #expect(host.exchange(headers: [("die", "")]).result.vmState == .trapped)
        host.advance(999 * millisecond)
        #expect(host.exchange().result.vmState == .refused)
        host.advance(502 * millisecond)
        #expect(host.exchange().result.vmState == .ok)
        let observations = host.drain()
        #expect(observations.vmEvents.created == 3 && observations.vmEvents.failed == 2)
        #expect(observations.vmEvents.reloadSucceeded == 2 && observations.vmEvents.reloadBackoff == 2)
        #expect(observations.failures.map(\.vmOrdinal) == [0, 1])
        #expect(observations.failures.map(\.workerRequestNumber) == [1, 4])
        #expect(observations.failures.map(\.vmRequestNumber) == [1, 2])
    }

    @Test("a reload that fails is counted and tried again", arguments: executing)
    func failedReload(engine: EngineName) throws {
        // The first VM of a namespace starts, the second does not, the third does.
        let guest = Guest { guest in
            guest.raw(
                """
                (func (export "proxy_on_vm_start") (param i32 i32) (result i32)
                  \(defineAndCount("starts", &guest))
                  (drop (call $proxy_get_metric (i32.load (i32.const 24)) (i32.const 40)))
                  (i32.ne (i32.load (i32.const 40)) (i32.const 2)))
                """)
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0, "(if (i32.eqz \(guest.get(0, "die"))) (then unreachable))")
        }
        let host = try Host(engine, guest, policy: .reload).start()
        host.exchange(headers: [("die", "")])
        host.advance(2 * second)
        #expect(host.exchange().result.vmState == .refused)
        host.advance(2 * second)
        #expect(host.exchange().result.vmState == .ok)
        let events = host.drain().vmEvents
        #expect(events.reloadFailed == 1 && events.reloadSucceeded == 1 && events.created == 3)
    }

    @Test("every failure of an interval is there, the first ones with everything that is known", arguments: executing)
    func manyFailures(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.raw(
                """
                (func $a (param i32) (result i32)
                  (if (result i32) (local.get 0)
                    (then (call $a (i32.sub (local.get 0) (i32.const 1)))) (else unreachable)))
                """)
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                guest.log("last words") + "(drop (call $a (i32.const 9)))")
        }
        let host = try Host(engine, guest, policy: .reload).start()
        let (all, detailed) = (80, 64)
        for _ in 0..<all {
            host.exchange()
            host.advance(2 * second)
        }
        let observations = host.drain()
        let failures = observations.failures
        #expect(failures.count == all && observations.vmEvents.failed == all)
        #expect(failures.allSatisfy { $0.kind == .trap && $0.callback == "proxy_on_request_headers" })
        #expect(failures[..<detailed].allSatisfy { $0.lastLogLines == ["last words"] && $0.backtrace.count == 11 })
        #expect(failures[detailed...].allSatisfy { $0.lastLogLines == [] && $0.backtrace.count == 3 })
        #expect(failures[detailed].backtrace == Array(failures[0].backtrace.prefix(3)))
        // The next interval begins anew.
        host.exchange()
        #expect(host.drain().failures.map(\.lastLogLines) == [["last words"]])
    }

    @Test("growth events beyond the limit of an interval are counted", arguments: executing)
    func manyGrowthEvents(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_request_headers", 3, returns: 0,
                """
                (local $count i32)
                (loop $again
                  (drop (memory.grow (i32.const 10000)))
                  (local.set $count (i32.add (local.get $count) (i32.const 1)))
                  (br_if $again (i32.lt_u (local.get $count) (i32.const 1000))))
                """)
        }
        let host = try Host(engine, [Host.Plugin(guest)], life: .requests(1)).start()
        for _ in 0..<70 { host.exchange() }
        let observations = host.drain()
        #expect(observations.growth.count == 65_536)
        // 1,000 refusals and the creation of the memory in each VM.
        #expect(observations.heap.growthEventsWithoutDetail == 70 * 1001 - 65_536)
        host.exchange()
        let next = host.drain()
        #expect(next.growth.count == 1001 && next.heap.growthEventsWithoutDetail == 0)
    }

    @Test("streams that were open in a VM that died are not called any more", arguments: executing)
    func openStreams(engine: EngineName) throws {
        let host = try Host(engine, Self.fragile, policy: .reload).start()
        let waiting = host.send()
        let held = host.send(headers: [("wait", "")])
        #expect(held.state == .paused)
        host.exchange(headers: [("die", "")])
        host.respond(waiting)
        #expect(waiting.result == result(status: 503, origin: .host, vmState: .trapped))
        #expect(waiting.responseHeaders.value(ofName: "seen") == nil)
        #expect(held.state == .paused)
        held.reset(nowNanoseconds: host.now)
        #expect(held.result.streamReset)
        host.advance(2 * second)
        #expect(host.exchange().result.status == 200)
    }

    @Test("the other filters of a chain live on when one VM dies", arguments: executing)
    func neighbours(engine: EngineName) throws {
        let watching = Guest { guest in
            guest.callback("proxy_on_response_headers", 3, returns: 0, guest.logHeader(2, ":status"))
        }
        let host = try Host(engine, [Host.Plugin(watching), Host.Plugin(Self.fragile)]).start()
        host.exchange(headers: [("die", "")])
        host.exchange()
        #expect(host.log(0) == ["A", "503", "A", "503"])
        #expect(host.drain().vmEvents.failed == 1)
    }

    @Test("a tick that traps kills the VM", arguments: executing)
    func tick(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback(
                "proxy_on_context_create", 2, "(drop (call $proxy_set_tick_period_milliseconds (i32.const 1)))")
            guest.callback("proxy_on_tick", 1, "unreachable")
        }
        let host = try Host(engine, guest).start()
        host.advance(millisecond)
        host.runTimers()
        #expect(host.chain.nextTimerNanoseconds == nil)
        let failure = try #require(host.drain().failures.first)
        #expect(failure.callback == "proxy_on_tick" && failure.requestIndex == nil && failure.kind == .trap)
        #expect(host.exchange().result.vmState == .refused)
    }

    @Test("a VM that dies in the last callbacks of a stream leaves its response as it was", arguments: executing)
    func lastCallbacks(engine: EngineName) throws {
        for name in ["proxy_on_log", "proxy_on_done", "proxy_on_delete"] {
            let guest = Guest { guest in
                // The root's own context is never done here.
                guest.callback(name, 1, returns: name == "proxy_on_done" ? 1 : nil, "unreachable")
            }
            let host = try Host(engine, guest).start()
            #expect(host.exchange().result == result(status: 200, origin: .upstream, vmState: .trapped))
            #expect(host.drain().failures.map(\.callback) == [name])
        }
    }

    // MARK: VM life

    @Test("a VM is recycled after its requests, when no stream is open in it", arguments: executing)
    func recycle(engine: EngineName) throws {
        let host = try Host(engine, [Host.Plugin(Self.fragile)], life: .requests(2)).start()
        let open = host.send()
        host.exchange()
        host.exchange()
        #expect(host.drain().vmEvents.recycled == 0)
        host.respond(open)
        host.exchange()
        let observations = host.drain()
        #expect(observations.vmEvents.recycled == 1 && observations.vmEvents.created == 1)
        #expect(observations.heap.vmRequests == 1)
        #expect(observations.growth.map(\.vmOrdinal) == [1])
    }

    @Test("a VM is recycled when its memory is too large, and no stream is open in it", arguments: executing)
    func recycleByMemory(engine: EngineName) throws {
        let guest = Guest { guest in
            guest.callback("proxy_on_request_headers", 3, returns: 0, "(drop (memory.grow (i32.const 1)))")
        }
        let pages = try #require(try Host(engine, guest).start().drain().heap.linearBytes) >> 16
        let host = try Host(engine, [Host.Plugin(guest)], life: .heap(bytes: (pages + 1) << 16)).start()
        let open = host.send()
        host.exchange()
        // Two pages more than at the start, but a stream is open.
        host.exchange()
        #expect(host.drain().vmEvents.recycled == 0)
        host.respond(open)
        host.exchange()
        let observations = host.drain()
        #expect(observations.vmEvents.recycled == 1)
        #expect(observations.heap.linearBytes == (pages + 1) << 16)
        host.exchange()
        #expect(host.drain().vmEvents.recycled == 0)
    }

    @Test("the memories of all plugins of a chain together are what the worker takes", arguments: executing)
    func severalVMs(engine: EngineName) throws {
        let single = try Host(engine, [Host.Plugin(Self.fragile)]).start().drain().heap
        let host = try Host(engine, [Host.Plugin(Self.fragile), Host.Plugin(Self.fragile) { $0.vmID = "b" }]).start()
        let both = host.drain().heap
        let one = try #require(single.linearBytes)
        #expect(one > 0 && both.linearBytes == 2 * one)
        #expect(both.gcHeapBytes == single.gcHeapBytes.map { 2 * $0 })
        // A cap is of one VM, and so is a high-water mark.
        #expect(both.linearHighWaterBytes == single.linearHighWaterBytes)
    }
}
