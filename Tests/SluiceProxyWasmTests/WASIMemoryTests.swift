import SluiceEngine
import SluiceModel
import SluiceProxyWasm
import Testing

/// What WASI functions write into the guest's memory, and what they do about addresses outside of it.
@Suite struct WASIMemoryTests {
    /// A call, and the bytes from address 512 on after it. Before it they are all 0xaa.
    struct Effect {
        let name: String
        let parameters: String
        let envoy: Int
        let full: Int
        /// `nil` for a byte that may be anything.
        let bytes: [UInt8?]
        /// The same in a WASI host outside Envoy, where it differs.
        let fullBytes: [UInt8?]

        init(
            _ name: String, _ parameters: String, _ envoy: Int, _ full: Int, _ bytes: [UInt8?],
            full fullBytes: [UInt8?]? = nil
        ) {
            self.name = name
            self.parameters = parameters
            self.envoy = envoy
            self.full = full
            self.bytes = bytes
            self.fullBytes = fullBytes ?? bytes
        }
    }

    private static let untouched: [UInt8?] = []
    private static func zeros(_ count: Int) -> [UInt8?] { Array(repeating: 0, count: count) }
    private static func any(_ count: Int) -> [UInt8?] { Array(repeating: nil, count: count) }
    private static func word(_ value: UInt32) -> [UInt8?] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    private static func i(_ values: Int...) -> String { values.map { "(i32.const \($0))" }.joined(separator: " ") }

    /// The plugin is called `test` and has the environment `A=b`; two pieces of text, lines of 3 and 4 bytes,
    /// are at 320.
    static let effects: [Effect] = [
        Effect("args_sizes_get", i(512, 516), 0, 0, zeros(8), full: word(1) + word(5)),
        Effect(
            "args_get", i(512, 520), 0, 0, untouched,
            full: word(520) + [0xaa, 0xaa, 0xaa, 0xaa] + "test\0".utf8.map { $0 }),
        Effect("environ_sizes_get", i(512, 516), 0, 0, word(1) + word(4)),
        Effect("environ_get", i(512, 520), 0, 0, word(520) + [0xaa, 0xaa, 0xaa, 0xaa] + "A=b\0".utf8.map { $0 }),
        Effect("clock_time_get", "(i32.const 1) (i64.const 0) (i32.const 512)", 0, 0, any(8)),
        Effect("clock_time_get", "(i32.const 9) (i64.const 0) (i32.const 512)", 58, 28, untouched),
        Effect("clock_res_get", i(1, 512), 0, 0, [1] + zeros(7)),
        Effect("clock_res_get", i(4, 512), 58, 28, untouched),
        Effect("random_get", i(512, 16), 0, 0, any(16)), Effect("random_get", i(512, 0), 0, 0, untouched),
        Effect("random_get", i(512, 65537), 28, 28, untouched),
        Effect("poll_oneoff", i(64, 576, 0, 512), 0, 28, zeros(4), full: untouched),
        Effect("fd_write", i(1, 320, 2, 512), 0, 0, word(7)), Effect("fd_write", i(2, 320, 1, 512), 0, 0, word(3)),
        Effect("fd_write", i(0, 320, 2, 512), 8, 8, untouched),
        Effect(
            "fd_pwrite", "(i32.const 1) (i32.const 320) (i32.const 2) (i64.const 9) (i32.const 512)", 0, 70, word(7),
            full: untouched),
        Effect("fd_read", i(0, 320, 1, 512), 52, 0, untouched, full: zeros(4)),
        Effect(
            "fd_pread", "(i32.const 0) (i32.const 320) (i32.const 1) (i64.const 0) (i32.const 512)", 52, 70, untouched),
        Effect("fd_seek", "(i32.const 1) (i64.const 0) (i32.const 0) (i32.const 512)", 0, 70, untouched),
        Effect("fd_tell", i(1, 512), 0, 70, zeros(8), full: untouched),
        Effect(
            "fd_fdstat_get", i(1, 512), 0, 0, zeros(8) + [64] + zeros(15),
            full: [2] + zeros(7) + [64] + zeros(15)),
        Effect("fd_fdstat_get", i(0, 512), 8, 0, untouched, full: [2] + zeros(7) + [2] + zeros(15)),
        Effect(
            "fd_filestat_get", i(1, 512), 8, 0, untouched, full: zeros(16) + [2] + zeros(7) + [1] + zeros(39)),
        Effect("fd_prestat_get", i(3, 512), 8, 8, untouched),
        Effect("fd_prestat_dir_name", i(3, 512, 8), 52, 8, untouched),
        Effect(
            "fd_readdir", "(i32.const 5) (i32.const 520) (i32.const 8) (i64.const 0) (i32.const 512)", 20, 8, zeros(4),
            full: untouched),
        Effect("fd_renumber", i(1, 2), 58, 58, untouched), Effect("fd_renumber", i(1, 5), 8, 58, untouched),
        Effect("path_readlink", i(5, 320, 4, 520, 4, 512), 58, 8, zeros(4), full: untouched),
        Effect("path_filestat_get", i(5, 0, 320, 4, 512), 58, 8, untouched),
        Effect(
            "path_open",
            "\(i(5, 0, 320, 4, 0)) (i64.const 0) (i64.const 0) \(i(0, 512))", 44, 8, untouched),
        // Eight bytes, where WASI says four.
        Effect("sock_accept", i(5, 0, 512), 58, 8, zeros(8), full: untouched),
        Effect("sock_recv", i(5, 320, 1, 0, 512, 516), 58, 8, zeros(6), full: untouched),
        Effect("sock_send", i(5, 320, 1, 0, 512), 58, 8, zeros(4), full: untouched),
    ]

    @Test("functions write what they should and nothing else", arguments: ExpectedWASI.profiles)
    func effects(profile: String) throws {
        let offered = Self.effects.filter { isOffered($0.name, profile) }
        let guest = guest(profile, names: offered.map(\.name)) { guest in
            offered.map { effect in
                let isFull = profile == "full"
                let result =
                    effect.name == "poll_oneoff" && profile == "1.33" ? 52 : isFull ? effect.full : effect.envoy
                let written =
                    effect.name == "poll_oneoff" && profile == "1.33"
                    ? [] : isFull ? effect.fullBytes : effect.bytes
                let bytes = written + Array(repeating: 0xaa, count: 72 - written.count)
                let compares = bytes.enumerated().compactMap { offset, byte in
                    byte.map { "(i32.ne (i32.load8_u (i32.const \(512 + offset))) (i32.const \($0)))" }
                }
                let wrong = compares.dropFirst().reduce(compares[0]) { "(i32.or \($0) \($1))" }
                return """
                    (memory.fill (i32.const 512) (i32.const 0xaa) (i32.const 72))
                    (if (i32.ne (call $\(effect.name) \(effect.parameters)) (i32.const \(result)))
                      (then \(guest.log("result of \(effect.name) \(effect.parameters)"))))
                    (if \(wrong) (then \(guest.log("memory after \(effect.name) \(effect.parameters)"))))
                    """
            }
        }
        try expectNothingWrong(guest, profile, written: ["on", "two"])
    }

    /// A call with an address outside the memory in place of `bad`.
    struct BadAddress {
        let name: String
        let parameters: String
        let envoy: Int
        let full: Int

        init(_ name: String, _ parameters: String, _ envoy: Int = 21, _ full: Int = 21) {
            self.name = name
            self.parameters = parameters
            self.envoy = envoy
            self.full = full
        }
    }

    static let badAddresses: [BadAddress] = [
        BadAddress("args_sizes_get", "bad \(i(516))"), BadAddress("args_sizes_get", "\(i(512)) bad"),
        BadAddress("args_get", "bad \(i(516))", 0), BadAddress("args_get", "\(i(512)) bad", 0),
        BadAddress("environ_sizes_get", "bad \(i(516))"), BadAddress("environ_sizes_get", "\(i(512)) bad"),
        BadAddress("environ_get", "bad \(i(516))"), BadAddress("environ_get", "\(i(512)) bad"),
        BadAddress("clock_time_get", "(i32.const 1) (i64.const 0) bad"),
        BadAddress("clock_res_get", "(i32.const 1) bad"),
        BadAddress("random_get", "bad (i32.const 4)"), BadAddress("random_get", "bad (i32.const 0)", 0, 0),
        BadAddress("random_get", "(i32.const 512) bad", 28, 28),
        BadAddress("poll_oneoff", "bad \(i(576, 1, 512))", 0),
        BadAddress("poll_oneoff", "\(i(64)) bad \(i(1, 512))", 0),
        BadAddress("poll_oneoff", "\(i(64, 576)) bad \(i(512))", 0, 28),
        BadAddress("poll_oneoff", "\(i(64, 576, 1)) bad"),
        BadAddress("fd_write", "(i32.const 1) bad \(i(1, 512))"),
        BadAddress("fd_write", "\(i(1, 64)) bad (i32.const 512)"),
        BadAddress("fd_write", "\(i(1, 64, 0)) bad"),
        BadAddress("fd_pwrite", "(i32.const 1) bad (i32.const 1) (i64.const 0) (i32.const 512)", 21, 70),
        BadAddress("fd_read", "\(i(0, 320, 1)) bad", 52), BadAddress("fd_tell", "(i32.const 1) bad", 21, 70),
        // Envoy does not look whether it could write.
        BadAddress("fd_fdstat_get", "(i32.const 1) bad", 0), BadAddress("fd_filestat_get", "(i32.const 1) bad", 8),
        BadAddress("fd_readdir", "\(i(5, 520, 8)) (i64.const 0) bad", 21, 8),
        BadAddress("path_readlink", "\(i(5, 320, 4, 520, 4)) bad", 21, 8),
        BadAddress("sock_accept", "\(i(5, 0)) bad", 21, 8), BadAddress("sock_send", "\(i(5, 320, 1, 0)) bad", 21, 8),
        BadAddress("sock_recv", "\(i(5, 320, 1, 0)) bad (i32.const 516)", 21, 8),
        BadAddress("sock_recv", "\(i(5, 320, 1, 0, 512)) bad", 21, 8),
    ]

    @Test("addresses outside the memory are refused", arguments: ExpectedWASI.profiles)
    func badAddresses(profile: String) throws {
        let offered = Self.badAddresses.filter { isOffered($0.name, profile) }
        // The memory ends at 131072; the smallest result has two bytes.
        let values = ["131071", "131072", "0x80000000", "-1"]
        let guest = guest(profile, names: offered.map(\.name)) { guest in
            offered.flatMap { row in
                values.map { value in
                    let expected =
                        row.name == "poll_oneoff" && profile == "1.33"
                        ? 52 : profile == "full" ? row.full : row.envoy
                    let parameters = row.parameters.replacing("bad", with: "(i32.const \(value))")
                    return """
                        (if (i32.ne (call $\(row.name) \(parameters)) (i32.const \(expected)))
                          (then \(guest.log("\(row.name) \(value)"))))
                        """
                }
            }
        }
        try expectNothingWrong(guest, profile, written: ["on", "two"])
    }

    @Test(
        "pieces of text outside the memory are refused, empty ones anywhere are not", arguments: ExpectedWASI.profiles)
    func pieces(profile: String) throws {
        let guest = guest(profile, names: ["fd_write"]) { guest in
            [(131071, 2, 21), (-1, 1, 21), (-1, 0, 0), (64, -1, 21)].map { address, count, result in
                """
                (i32.store (i32.const 400) (i32.const \(address)))
                (i32.store (i32.const 404) (i32.const \(count)))
                (if (i32.ne (call $fd_write \(Self.i(1, 400, 1, 512))) (i32.const \(result)))
                  (then \(guest.log("\(address) \(count)"))))
                """
            }
        }
        try expectNothingWrong(guest, profile, written: [])
    }

    // MARK: Guests

    private func isOffered(_ name: String, _ profile: String) -> Bool {
        ExpectedWASI.rows.contains { $0.name == name && $0.isOffered(in: profile) }
    }

    /// `checks` run while a plugin starts; each is a function of its own.
    private func guest(
        _ profile: String, names: [String], _ checks: (inout GuestWriter) -> [String]
    ) -> Guest {
        Guest(wasi: Array(Set(names)).sorted(), profile: profile) { guest in
            guest.raw("(data (i32.const 336) \"on\\ntwo\\n\")")
            guest.raw("(data (i32.const 320) \"\\50\\01\\00\\00\\03\\00\\00\\00\\53\\01\\00\\00\\04\\00\\00\\00\")")
            let checks = checks(&guest)
            for (index, check) in checks.enumerated() { guest.raw("(func $check\(index) \(check))") }
            let calls = checks.indices.map { "(call $check\($0))" }.joined(separator: "\n")
            guest.callback("proxy_on_vm_start", 2, returns: 1, calls)
        }
    }

    /// Only what the calls themselves write is logged.
    private func expectNothingWrong(_ guest: Guest, _ profile: String, written: Set<String>) throws {
        let host = try Host(
            .cranelift, [Host.Plugin(guest) { $0.environment = [EnvironmentVariable(name: "A", value: "b")] }],
            profile: profile
        ).start()
        #expect(host.log().filter { !written.contains($0) } == [], "\(profile)")
    }
}
