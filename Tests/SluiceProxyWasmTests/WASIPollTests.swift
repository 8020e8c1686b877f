import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// `poll_oneoff` of the profile `full`: time passes.
@Suite struct WASIPollTests {
    enum Subscription {
        case clock(id: Int, nanoseconds: Int64, isAbsolute: Bool = false)
        case read(Int)
        case write(Int)

        /// Stores the fields at `base`, where everything is 0.
        func stores(at base: Int, number: Int) -> String {
            func store(_ type: String, _ offset: Int, _ value: Int64) -> String {
                "(\(type) (i32.const \(base + offset)) (\(type.prefix(3)).const \(value)))\n"
            }
            var text = store("i32.store8", 0, Int64(number))
            switch self {
            case .clock(let id, let nanoseconds, let isAbsolute):
                text += store("i32.store", 16, Int64(id)) + store("i64.store", 24, nanoseconds)
                text += store("i32.store8", 40, isAbsolute ? 1 : 0)
            case .read(let descriptor): text += store("i32.store8", 8, 1) + store("i32.store", 16, Int64(descriptor))
            case .write(let descriptor): text += store("i32.store8", 8, 2) + store("i32.store", 16, Int64(descriptor))
            }
            return text
        }
    }

    private static let events = 4096

    /// What the call returns, and `number error type` of each event, in the letters of the log: `A` is 0.
    private func poll(
        _ subscriptions: [Subscription], count: Int? = nil
    ) throws -> (letters: String, nanoseconds: Int64) {
        let guest = Guest { guest in
            var body = ""
            for (index, subscription) in subscriptions.enumerated() {
                body += subscription.stores(at: 2048 + 48 * index, number: index + 1)
            }
            let count = count ?? subscriptions.count
            body += guest.logLetter(
                "(call $poll_oneoff (i32.const 2048) (i32.const \(Self.events)) (i32.const \(count)) (i32.const 32))")
            for event in subscriptions.indices {
                let fields = [0, 8, 10].map { offset in
                    guest.logLetter("(i32.load8_u (i32.const \(Self.events + 32 * event + offset)))")
                }
                body += """
                    (if (i32.lt_u (i32.const \(event)) (i32.load (i32.const 32))) (then \(fields.joined())))

                    """
            }
            guest.callback("proxy_on_vm_start", 2, returns: 1, body)
        }
        let host = try Host(.cranelift, [Host.Plugin(guest)], profile: "full")
        let duration = try ContinuousClock().measure { try host.start() }
        let (seconds, attoseconds) = duration.components
        return (host.letters, seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    @Test("a clock is waited for and reported", arguments: [0, 1])
    func clock(id: Int) throws {
        let result = try poll([.clock(id: id, nanoseconds: 30_000_000)])
        #expect(result.letters == "ABAA")
        #expect(result.nanoseconds >= 30_000_000)
    }

    @Test("of two clocks the one that is due is reported")
    func twoClocks() throws {
        let result = try poll([.clock(id: 1, nanoseconds: 60_000_000_000), .clock(id: 1, nanoseconds: 1_000_000)])
        #expect(result.letters == "ACAA")
        #expect(result.nanoseconds < 30_000_000_000)
    }

    @Test("a long wait is cut short, and reported as over")
    func bounded() throws {
        let result = try poll([.clock(id: 1, nanoseconds: 3_600_000_000_000)])
        #expect(result.letters == "ABAA")
        #expect(result.nanoseconds >= 100_000_000)
        #expect(result.nanoseconds < 60_000_000_000)
    }

    @Test("an instant in the past is due at once, one in the far future is waited for")
    func absolute() throws {
        #expect(try poll([.clock(id: 0, nanoseconds: 1, isAbsolute: true)]).letters == "ABAA")
        let future = try poll([.clock(id: 0, nanoseconds: .max, isAbsolute: true)])
        #expect(future.letters == "ABAA")
        #expect(future.nanoseconds >= 100_000_000)
    }

    @Test("standard streams are ready at once, and nothing else is reported with them")
    func descriptors() throws {
        let result = try poll([.clock(id: 1, nanoseconds: 60_000_000_000), .write(1), .read(0), .read(5)])
        // Event types 2 and 1; the last has error 8, a bad descriptor.
        #expect(result.letters == "A" + "CAC" + "DAB" + "EIB")
    }

    @Test("a clock that there is not is an event with an error")
    func unknownClock() throws {
        // 58, counted from `A`, is `{`.
        #expect(try poll([.clock(id: 7, nanoseconds: 1)]).letters == "AB{A")
    }

    @Test("no subscription and too many are invalid")
    func counts() throws {
        // 28, counted from `A`, is `]`.
        #expect(try poll([], count: 0).letters == "]")
        #expect(try poll([], count: 4097).letters == "]")
        #expect(try poll([], count: -1).letters == "]")
    }
}
