import SluiceEngine
import SluiceModel
import SluiceProxyWasm

/// Writes guests that make hostile calls, look at what comes of them, and watch over their own memory.
///
/// Memory: results below 3 KiB, texts below 8 KiB; the heap at 32 KiB; bytes that nobody may touch from 48 to 124 KiB;
/// the arguments of the calls from 128 KiB on, and behind them again bytes that nobody may touch.
struct HostileGuest {
    static let memoryBytes = 4 << 16
    private static let heap = 0x8000..<0xc000
    private static let guarded = [0xc100..<0x1f000, 0x3f000..<0x3ff00]
    private static let table = 0x20000
    private static let pattern = 0x5a

    /// Where the guest makes its calls from. The order is that of the requests that the guest needs.
    enum Place: Int, CaseIterable {
        case contextCreate, requestHeaders, requestBody, requestTrailers, responseHeaders, responseBody
        case responseTrailers, httpCallResponse, grpcInitialMetadata, grpcTrailingMetadata, grpcMessage, grpcClose
        case tick, queueReady, log, done, delete
        /// While the plugin starts.
        case vmStart, configure
        /// Before it starts, and in the host's request for memory.
        case startSection, initialize, allocator

        var callback: Callback? {
            switch self {
            case .contextCreate: .contextCreate
            case .requestHeaders: .requestHeaders
            case .requestBody: .requestBody
            case .requestTrailers: .requestTrailers
            case .responseHeaders: .responseHeaders
            case .responseBody: .responseBody
            case .responseTrailers: .responseTrailers
            case .httpCallResponse: .httpCallResponse
            case .grpcInitialMetadata: .grpcReceiveInitialMetadata
            case .grpcTrailingMetadata: .grpcReceiveTrailingMetadata
            case .grpcMessage: .grpcReceive
            case .grpcClose: .grpcClose
            case .tick: .tick
            case .queueReady: .queueReady
            case .log: .log
            case .done: .done
            case .delete: .delete
            case .vmStart: .vmStart
            case .configure: .configure
            case .initialize: .initialize
            case .startSection, .allocator: nil
            }
        }

        /// Not everything may be called from here.
        var isRestricted: Bool { callback == nil || self == .initialize }

        /// One request for each of them.
        static let ofRequests = allCases.filter { $0.rawValue < Place.vmStart.rawValue }
        /// Those before the first request, and in the host's request for memory: one VM for each of them.
        static let others = allCases.filter { $0.rawValue >= Place.vmStart.rawValue }
    }

    let version: ABIVersion
    /// What stands for `$attacked`: an import, or a function of the guest itself.
    let attacked: Attacked
    let type: FunctionType
    let calls: [HostileCall]
    let isWASI: Bool
    let places: Set<Place>

    /// As many environment variables as a VM needs that attacks from one of `Place.others`, so that one module does for
    /// all of them: compiling it takes longer than running it.
    static func environment(for place: Place) -> [EnvironmentVariable] {
        (0...place.rawValue).map { EnvironmentVariable(name: "A\($0)", value: "b") }
    }

    enum Attacked {
        case imported(module: String, name: String)
        case function(String)
    }

    init(_ function: HostileFunction, places: [Place]) {
        version = function.version
        attacked = .imported(module: function.module, name: function.name)
        type = function.type
        calls = HostileCall.calls(of: function)
        isWASI = function.isWASI
        self.places = Set(places)
    }

    /// Of a function of the guest itself, for what the guest would say of a host that does wrong.
    init(attacked body: String, calls: [HostileCall], places: [Place]) {
        version = .v0_2_1
        attacked = .function(body)
        type = FunctionType(Array(repeating: .i32, count: calls.first?.arguments.count ?? 0), [.i32])
        self.calls = calls
        isWASI = false
        self.places = Set(places)
    }

    var guest: Guest {
        let allocator = Self.malloc.replacing("(;first;)", with: ifChosen(.allocator, Self.attack(from: .allocator)))
        return Guest(
            version: version.rawValue.replacing(".", with: "_"), memory: "(memory (export \"memory\") 4)",
            allocator: allocator
        ) { guest in
            writeMachinery(&guest)
            // The good calls write to low addresses as well.
            _ = guest.place(String(repeating: " ", count: 2048))
            for place in Place.allCases where place.callback != nil { writeCallback(place, &guest) }
            if !places.isDisjoint(with: Place.others) {
                guest.raw(
                    """
                    (func $begin
                      (drop (call $environ_sizes_get (i32.const 32) (i32.const 36)))
                      (global.set $place (i32.sub (i32.load (i32.const 32)) (i32.const 1)))
                      \(ifChosen(.startSection, Self.attack(from: .startSection))))
                    (start $begin)
                    """)
            }
        }
    }

    private static func attack(from place: Place) -> String { "(call $attack (i32.const \(place.rawValue)))" }

    /// Where the environment says that the VM attacks from here.
    private func ifChosen(_ place: Place, _ code: String) -> String {
        guard places.contains(place) else { return "" }
        return "(if (i32.eq (global.get $place) (i32.const \(place.rawValue))) (then \(code)))"
    }

    /// Within its own bounds; nothing when there is no room.
    private static let malloc = """
        (func $malloc (export "malloc") (param $size i32) (result i32)
          (local $address i32)
          (;first;)
          (if (i32.gt_u (local.get $size) (i32.const \(heap.count))) (then (return (i32.const 0))))
          (if (i32.gt_u (i32.add (global.get $next) (local.get $size)) (i32.const \(heap.upperBound)))
            (then (global.set $next (i32.const \(heap.lowerBound)))))
          (local.set $address (global.get $next))
          (global.set $next (i32.add (global.get $next) (local.get $size)))
          (local.get $address))
        """

    // MARK: Callbacks

    private func writeCallback(_ place: Place, _ guest: inout GuestWriter) {
        guard let callback = place.callback, let type = callback.type(in: version),
            place != .initialize || places.contains(.initialize)
        else { return }
        let attack = Self.attack(from: place)
        var body = ""
        switch place {
        case .contextCreate:
            // Contexts of streams count; the first turn is 1.
            let counting = "(global.set $turn (i32.add (global.get $turn) (i32.const 1)))"
            body = "(if (local.get 1) (then \(counting)))" + inTurn(place, attack)
        case .requestHeaders: body = inTurn(place, attack) + prepare(&guest)
        case .vmStart, .configure, .initialize: body = ifChosen(place, attack)
        case .tick:
            body = inTurn(place, attack + "(drop (call $proxy_set_tick_period_milliseconds (i32.const 0)))")
        default: body = inTurn(place, attack)
        }
        let isTrue = [.vmStart, .configure, .done].contains(place)
        guest.callback(
            callback.exportName, type.parameters.count, returns: type.results.isEmpty ? nil : (isTrue ? 1 : 0), body)
    }

    private func inTurn(_ place: Place, _ code: String) -> String {
        guard places.contains(place), let turn = Place.ofRequests.firstIndex(of: place) else { return "" }
        return "(if (i32.and (i32.eqz (global.get $place)) (i32.eq (global.get $turn) (i32.const \(turn + 1))))"
            + "(then \(code)))"
    }

    /// What has to happen in a request so that the callback of its turn comes.
    private func prepare(_ guest: inout GuestWriter) -> String {
        var code = inTurn(.httpCallResponse, "(drop \(guest.httpCall("cluster")))")
        let grpc: [Place] = [.grpcInitialMetadata, .grpcTrailingMetadata, .grpcMessage, .grpcClose]
        let stream = guest.grpcStream("cluster")
        for place in grpc { code += inTurn(place, "(drop \(stream))") }
        code += inTurn(.tick, "(drop (call $proxy_set_tick_period_milliseconds (i32.const 1)))")
        let queue = guest.text("queue")
        code += inTurn(
            .queueReady,
            "(drop (call $proxy_register_shared_queue \(queue) (i32.const 40)))"
                + "(drop (call $proxy_enqueue_shared_queue (i32.load (i32.const 40)) \(queue)))")
        // The host asks for memory.
        return code + ifChosen(.allocator, "(drop \(guest.property("plugin_name")))")
    }

    // MARK: The attack

    private func writeMachinery(_ guest: inout GuestWriter) {
        let head = "(func $attacked \(type.parameters.map { "(param \($0))" }.joined(separator: " ")) (result i32)"
        switch attacked {
        case .imported(let module, let name):
            let parameters = type.parameters.map(\.description).joined(separator: " ")
            let given = type.parameters.indices.map { "(local.get \($0))" }.joined(separator: " ")
            let call = "(call $\(name) \(given))"
            guest.raw("\(head) \(type.results.isEmpty ? call + "(i32.const 0)" : call))")
            guest.imports.append(
                HostImport(
                    module: module, name: name, parameters: parameters,
                    results: type.results.map(\.description).joined(separator: " ")))
        case .function(let body):
            guest.raw("\(head) \(body))")
        }
        guest.raw(globals)
        guest.raw(attack)
        guest.raw(checks)
        guest.raw(Self.report)
        guest.data("name", at: 64)
        guest.data(tableText, at: Self.table)
    }

    private var globals: String {
        """
        (global $turn (mut i32) (i32.const 0))
        (global $place (mut i32) (i32.const 0))
        (global $next (mut i32) (i32.const \(Self.heap.lowerBound)))
        (global $wrong (mut i32) (i32.const 0))
        (global $wrongCall (mut i32) (i32.const 0))
        (global $wrongResult (mut i32) (i32.const 0))
        """
    }

    private var stride: Int { 8 * type.parameters.count + 8 }

    private var attack: String {
        let arguments = type.parameters.enumerated().map { index, type in
            "(\(type).load offset=\(8 * index) (local.get $at))"
        }.joined(separator: " ")
        let fills = Self.guarded.map {
            "(memory.fill (i32.const \($0.lowerBound)) (i32.const \(Self.pattern)) (i32.const \($0.count)))"
        }.joined()
        return """
            (func $attack (param $place i32) (local $call i32) (local $at i32) (local $result i32)
              \(fills)
              (local.set $at (i32.const \(Self.table)))
              (loop $again
                (local.set $result (call $attacked \(arguments)))
                (if (call $isWrong (local.get $result) (i32.load offset=\(stride - 8) (local.get $at)))
                  (then (call $note (local.get $call) (local.get $result))))
                (if (call $isTouched (i32.const \(Self.guarded[0].lowerBound)) (i32.const 64))
                  (then (call $note (local.get $call) (i32.const -1))))
                (local.set $at (i32.add (local.get $at) (i32.const \(stride))))
                (local.set $call (i32.add (local.get $call) (i32.const 1)))
                (br_if $again (i32.lt_u (local.get $call) (i32.const \(calls.count)))))
              \(Self.guarded.map { """
                (if (call $isTouched (i32.const \($0.lowerBound)) (i32.const \($0.count / 8)))
                  (then (call $note (local.get $call) (i32.const -1))))
                """ }.joined())
              (call $report (local.get $place)))
            """
    }

    /// The rule of a call is one of `HostileCall.Rule`.
    private var checks: String {
        """
        (func $isWrong (param $result i32) (param $rule i32) (result i32)
          (if (i32.gt_u (local.get $result) (i32.const \(isWASI ? 76 : 12))) (then (return (i32.const 1))))
          (if (i32.eq (local.get $rule) (i32.const \(HostileCall.Rule.any.rawValue)))
            (then (return (i32.const 0))))
          (if (i32.eq (local.get $rule) (i32.const \(HostileCall.Rule.failure.rawValue)))
            (then (return (i32.eqz (local.get $result)))))
          (i32.ne (local.get $result) (local.get $rule)))
        (func $isTouched (param $at i32) (param $words i32) (result i32)
          (loop $again
            (if (i64.ne (i64.load (local.get $at)) (i64.const 0x5a5a5a5a5a5a5a5a)) (then (return (i32.const 1))))
            (local.set $at (i32.add (local.get $at) (i32.const 8)))
            (br_if $again (local.tee $words (i32.sub (local.get $words) (i32.const 1)))))
          (i32.const 0))
        (func $note (param $call i32) (param $result i32)
          (if (i32.eqz (global.get $wrong)) (then
            (global.set $wrongCall (local.get $call)) (global.set $wrongResult (local.get $result))))
          (global.set $wrong (i32.add (global.get $wrong) (i32.const 1))))
        """
    }

    /// Logs place, number of wrong results, the first call with one and its result, eight digits each.
    private static let report = """
        (func $hexadecimal (param $at i32) (param $value i32) (local $digit i32) (local $count i32)
          (loop $again
            (local.set $digit (i32.and (i32.shr_u (local.get $value) (i32.const 28)) (i32.const 15)))
            (i32.store8 (local.get $at) (i32.add (local.get $digit)
              (select (i32.const 48) (i32.const 87) (i32.lt_u (local.get $digit) (i32.const 10)))))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (local.set $value (i32.shl (local.get $value) (i32.const 4)))
            (br_if $again (i32.lt_u (local.tee $count (i32.add (local.get $count) (i32.const 1))) (i32.const 8)))))
        (func $report (param $place i32)
          (call $hexadecimal (i32.const 28672) (local.get $place))
          (call $hexadecimal (i32.const 28680) (global.get $wrong))
          (call $hexadecimal (i32.const 28688) (global.get $wrongCall))
          (call $hexadecimal (i32.const 28696) (global.get $wrongResult))
          (drop (call $proxy_log (i32.const 2) (i32.const 28672) (i32.const 32))))
        """

    /// Eight bytes for each argument and for the rule.
    private var tableText: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for call in calls {
            for number in call.arguments + [UInt64(call.rule.rawValue)] {
                let word = Int(Int32(truncatingIfNeeded: number))
                for byte in 0..<8 {
                    let value = word >> (8 * byte) & 0xff
                    text += [UInt8(ascii: "\\"), digits[value >> 4], digits[value & 15]]
                }
            }
        }
        precondition(Self.table + calls.count * stride <= Self.guarded[1].lowerBound, "too many calls")
        return String(decoding: text, as: UTF8.self)
    }
}

/// What a hostile guest has reported.
struct HostileReport: Equatable {
    var place: Int
    var wrong: Int
    var call: Int
    /// All bits set: bytes were touched that nobody may touch.
    var result: Int

    init?(line: String?) {
        guard let line, line.utf8.count == 32 else { return nil }
        let text = Array(line)
        let numbers = stride(from: 0, to: 32, by: 8).compactMap { Int(String(text[$0..<$0 + 8]), radix: 16) }
        guard numbers.count == 4 else { return nil }
        (place, wrong, call, result) = (numbers[0], numbers[1], numbers[2], numbers[3])
    }
}
