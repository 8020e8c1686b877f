import Glibc

/// Names for runs that sort by time: `20261121-101530-4f2a`, in UTC.
enum RunIdentifier {
    static func make(atSeconds seconds: Int64) -> String {
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        func digits(_ value: Int32, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let date = digits(parts.tm_year + 1900, 4) + digits(parts.tm_mon + 1, 2) + digits(parts.tm_mday, 2)
        let clock = digits(parts.tm_hour, 2) + digits(parts.tm_min, 2) + digits(parts.tm_sec, 2)
        let random = String(UInt16.random(in: 0...UInt16.max), radix: 16)
        return "\(date)-\(clock)-\(String(repeating: "0", count: 4 - random.count))\(random)"
    }
}
