/// Numbers with their units as people read them. One place, so that every report prints them alike.
package enum Units {
    package static let kibibyte = 1024
    package static let mebibyte = 1024 * 1024
    package static let nanosecondsPerSecond: Int64 = 1_000_000_000

    /// `842 ns`, `18.3 µs`, `5.12 ms`, `1.80 s`, `12.0 min`, `2.50 h`, `7.00 d`; three significant digits.
    package static func duration(nanoseconds: Int64) -> String {
        let value = Double(nanoseconds)
        return switch abs(value) {
        case ..<1_000: "\(nanoseconds) ns"
        case ..<999_500: "\(significant(value / 1e3)) µs"
        case ..<999_500_000: "\(significant(value / 1e6)) ms"
        case ..<600_000_000_000: "\(significant(value / 1e9)) s"
        case ..<7_200_000_000_000: "\(significant(value / 60e9)) min"
        case ..<172_800_000_000_000: "\(significant(value / 3_600e9)) h"
        default: "\(significant(value / 86_400e9)) d"
        }
    }

    /// `1 ns`, `250 ms`, `90 s`, `1 h`, `7 d`: exactly, in the largest unit that divides it; for limits.
    package static func exactDuration(nanoseconds: Int64) -> String {
        let units: [(name: String, nanoseconds: Int64)] = [
            ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("min", 60_000_000_000), ("s", 1_000_000_000),
            ("ms", 1_000_000), ("µs", 1_000),
        ]
        guard nanoseconds != 0, let unit = units.first(where: { nanoseconds % $0.nanoseconds == 0 }) else {
            return "\(nanoseconds) ns"
        }
        return "\(nanoseconds / unit.nanoseconds) \(unit.name)"
    }

    /// `512 B`, `20.6 MiB`, `1.00 GiB`; three significant digits.
    package static func bytes(_ bytes: Int) -> String {
        let value = Double(bytes)
        return switch abs(value) {
        case ..<1024: "\(bytes) B"
        case ..<1_048_064: "\(significant(value / 1024)) KiB"
        case ..<1_073_217_536: "\(significant(value / 1_048_576)) MiB"
        default: "\(significant(value / 1_073_741_824)) GiB"
        }
    }

    /// `12.5 %`.
    package static func percentage(fraction: Double) -> String { "\(significant(fraction * 100)) %" }

    /// `50/s`, `12500/s`, `0.5/s`.
    package static func rate(perSecond: Double) -> String {
        perSecond == perSecond.rounded() && abs(perSecond) < 1e15
            ? "\(Int64(perSecond))/s" : "\(significant(perSecond))/s"
    }

    /// Three significant digits without an exponent, 1000 and more without decimals.
    package static func significant(_ value: Double) -> String {
        let magnitude = abs(value)
        let decimals =
            if magnitude >= 99.95 || magnitude == 0 { 0 } else if magnitude >= 9.995 { 1 } else { 2 }
        return fixed(value, decimals: decimals)
    }

    /// A fixed number of decimals, 0 to 9.
    package static func fixed(_ value: Double, decimals: Int) -> String {
        precondition((0...9).contains(decimals))
        guard value.isFinite, abs(value) < 1e9 else { return "\(value)" }
        var scale = 1
        for _ in 0..<decimals { scale *= 10 }
        let scaled = Int64((abs(value) * Double(scale)).rounded())
        let sign = value < 0 && scaled != 0 ? "-" : ""
        guard decimals > 0 else { return "\(sign)\(scaled)" }
        let fraction = String(scaled % Int64(scale))
        return "\(sign)\(scaled / Int64(scale)).\(String(repeating: "0", count: decimals - fraction.count))\(fraction)"
    }
}
