import SluiceEngine
import SluiceModel
import SluiceProxyWasm

/// The guest: all that it does is decided outside, by two functions that it imports.
///
/// Every callback asks `step` what to return; the calls into the host are made in there, from within the guest's call
/// and over its memory. Where something has to be done by guest code itself, `step` and `allocate` return one of
/// `Order`, and are asked again afterwards.
enum FuzzGuest {
    /// Where results go, texts lie, and memory for the host begins and ends.
    static let results = 64
    static let texts = 1024
    static let heap = 0x8000..<0x10000
    static let pages = 2
    static let mostPages = 16

    /// What the guest does itself.
    enum Order: UInt32, CaseIterable {
        case growByOnePage = 0x7fff_fff0
        case growBeyondCap
        case trap
        case readOutside

        var code: String {
            switch self {
            case .growByOnePage: "(drop (memory.grow (i32.const 1)))"
            case .growBeyondCap: "(drop (memory.grow (i32.const 65000)))"
            case .trap: "unreachable"
            case .readOutside: "(drop (i32.load (i32.const -1)))"
            }
        }
    }

    static func text(_ version: ABIVersion) -> String {
        let callbacks = Callback.allCases.compactMap { callback -> String? in
            // A module has one kind of entry point.
            guard let type = callback.type(in: version), ![.start, .main, .mainVoid].contains(callback)
            else { return nil }
            let parameters = type.parameters.map { "(param \($0))" }.joined(separator: " ")
            let call = "(call $obey (i32.const \(callback.rawValue)))"
            return "(func (export \"\(callback.exportName)\") \(parameters) "
                + (type.results.isEmpty ? "(drop \(call)))" : "(result i32) \(call))")
        }
        let data = FuzzTexts.placed.map { "(data (i32.const \($0.address)) \"\(escaped($0.bytes))\")" }
        return """
            (module
              (import "fuzz" "step" (func $step (param i32) (result i32)))
              (import "fuzz" "allocate" (func $allocate (param i32) (result i32)))
              (memory (export "memory") \(pages) \(mostPages))
              (func (export "\(version.markerExport)"))
              \(data.joined(separator: "\n"))
              \(obeying("obey", "step"))
              \(obeying("provide", "allocate"))
              (func (export "malloc") (param i32) (result i32) (call $provide (local.get 0)))
              \(callbacks.joined(separator: "\n")))
            """
    }

    /// Asks until the answer is no order.
    private static func obeying(_ name: String, _ asked: String) -> String {
        let orders = Order.allCases.map { order in
            "(if (i32.eq (local.get $answer) (i32.const \(order.rawValue))) (then \(order.code) (br $again)))"
        }
        return """
            (func $\(name) (param $about i32) (result i32) (local $answer i32)
              (loop $again
                (local.set $answer (call $\(asked) (local.get $about)))
                \(orders.joined(separator: "\n")))
              (local.get $answer))
            """
    }

    private static func escaped(_ bytes: [UInt8]) -> String {
        bytes.map { "\\" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
