/// Numbers with units, exactly: decimal arithmetic on whole numbers, no rounding.
enum UnitParser {
    struct Failure: Error {
        var message: String
        var help: String
    }

    static let durationUnits: [(name: String, scale: Int64)] = [
        ("ns", 1), ("us", 1_000), ("µs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ]
    static let sizeUnits: [(name: String, scale: Int64)] = [
        ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("kB", 1_000), ("MB", 1_000_000),
        ("GB", 1_000_000_000),
    ]

    /// How people also write units, in lower case.
    private static let usualUnits = [
        "sec": "s", "secs": "s", "second": "s", "seconds": "s", "min": "m", "mins": "m", "minute": "m", "minutes": "m",
        "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "msec": "ms", "millisecond": "ms", "milliseconds": "ms",
        "usec": "us", "microsecond": "us", "microseconds": "us", "nanosecond": "ns", "nanoseconds": "ns",
        "byte": "B", "bytes": "B", "k": "KiB", "ki": "KiB", "m": "MiB", "mi": "MiB", "g": "GiB", "gi": "GiB",
        "percent": "%",
    ]
    private static let usualRates = [
        "rps": "/s", "qps": "/s", "hz": "/s", "req/s": "/s", "r/s": "/s", "/sec": "/s", "/second": "/s",
        "per second": "/s", "rpm": "/m", "req/m": "/m", "/min": "/m", "/minute": "/m", "per minute": "/m",
    ]

    /// Nanoseconds, 0 or more.
    static func duration(_ text: String) throws(Failure) -> Int64 {
        // The Greek letter and the micro sign look alike.
        try scaled(
            text.replacing("\u{3bc}", with: "\u{b5}"), units: durationUnits, what: "a duration", example: "s",
            finest: "a nanosecond")
    }

    /// Bytes, 0 or more.
    static func size(_ text: String) throws(Failure) -> Int64 {
        try scaled(text, units: sizeUnits, what: "a size", example: "KiB", finest: "a byte")
    }

    /// Requests per second, 0 or more.
    static func rate(_ text: String) throws(Failure) -> Double {
        let (number, unit) = try split(text, what: "a rate", example: "/s")
        let divisor: Double
        switch unit {
        case "/s": divisor = 1
        case "/m": divisor = 60
        case "":
            throw Failure(message: "`\(text)` is a bare number where a rate is expected", help: "say `\(number)/s`")
        default:
            let usual = usualRates[unit.lowercased()].map { "say `\(number)\($0)`" }
            throw Failure(
                message: "`\(unit)` is not a unit of rates", help: usual ?? "say `\(number)/s` or `\(number)/m`")
        }
        guard let value = Double(number), value.isFinite else {
            throw Failure(message: "`\(text)` is too large", help: "")
        }
        return value / divisor
    }

    /// A fraction, 0 to 1, from a percentage.
    static func percentage(_ text: String) throws(Failure) -> Double {
        let (number, unit) = try split(text, what: "a percentage", example: "%")
        guard unit == "%" else {
            throw unit.isEmpty
                ? Failure(
                    message: "`\(text)` is a bare number where a percentage is expected", help: "say `\(number)%`")
                : Failure(message: "`\(unit)` is not the sign of a percentage", help: "say `\(number)%`")
        }
        guard let value = Double(number + "e-2"), value <= 1 else {
            throw Failure(message: "`\(text)` is more than the whole", help: "it goes from `0%` to `100%`")
        }
        return value
    }

    private static func scaled(
        _ text: String, units: [(name: String, scale: Int64)], what: String, example: String, finest: String
    ) throws(Failure) -> Int64 {
        let (number, unit) = try split(text, what: what, example: example)
        guard !unit.isEmpty else {
            throw Failure(
                message: "`\(text)` is a bare number where \(what) is expected",
                help: "say `\(number)\(example)`, or another unit of \(units.map(\.name).joined(separator: ", "))")
        }
        guard let scale = units.first(where: { $0.name == unit })?.scale else {
            let names = units.map(\.name)
            let nearest =
                names.first { $0.lowercased() == unit.lowercased() }
                ?? usualUnits[unit.lowercased()]
                .flatMap { usual in names.first { $0 == usual } }
            throw Failure(
                message: "`\(unit)` is not a unit of \(what.dropFirst(2))s",
                help: nearest.map { "did you mean `\(number)\($0)`?" } ?? "it is one of "
                    + names.joined(separator: ", "))
        }
        let parts = number.split(separator: ".")
        var value: Int64 = 0
        var divisor: Int64 = 1
        for (position, part) in parts.enumerated() {
            for digit in part.utf8 {
                let (shifted, tooLarge) = value.multipliedReportingOverflow(by: 10)
                let (sum, tooLargeSum) = shifted.addingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
                let (nextDivisor, tooFine) = position == 0 ? (1, false) : divisor.multipliedReportingOverflow(by: 10)
                guard !tooLarge, !tooLargeSum, !tooFine else {
                    throw Failure(message: "`\(text)` has too many digits", help: "18 are enough")
                }
                (value, divisor) = (sum, nextDivisor)
            }
        }
        let (quotient, remainder) = (Int128(value) * Int128(scale)).quotientAndRemainder(dividingBy: Int128(divisor))
        guard let whole = Int64(exactly: quotient) else {
            throw Failure(message: "`\(text)` is too large", help: "")
        }
        guard remainder == 0 else {
            throw Failure(message: "`\(text)` is finer than \(finest)", help: "use fewer decimals")
        }
        return whole
    }

    /// Digits with at most one point between them, and what follows.
    private static func split(
        _ text: String, what: String, example: String
    ) throws(Failure) -> (number: String, unit: String) {
        let trimmed = text.drop { $0 == "-" }
        let number = trimmed.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let isNumber = number.wholeMatch(of: /[0-9]+(\.[0-9]+)?/) != nil
        let unit = String(trimmed.dropFirst(number.count))
        guard isNumber else {
            throw Failure(message: "`\(text)` is not \(what)", help: "say `5\(example)`, for example")
        }
        guard trimmed.count == text.count else {
            throw Failure(message: "`\(text)` is negative", help: "\(what) is not below 0")
        }
        if unit.hasPrefix(" ") {
            let word = String(unit.drop { $0 == " " })
            let close = usualUnits[word.lowercased()] ?? usualRates[word.lowercased()] ?? word
            throw Failure(message: "a space in `\(text)`", help: "say `\(number)\(close)`")
        }
        return (String(number), unit)
    }
}
