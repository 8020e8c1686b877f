/// The last lines that a VM wrote, in memory of a fixed size: writing allocates nothing and keeps nothing else.
///
/// Standard output and error arrive in pieces; a line of theirs stays open until its line feed.
struct LogRing: ~Copyable {
    static let lineCount = 20
    /// The rest of a longer line is dropped.
    static let lineBytes = 1024
    /// The rest of a longer record is not looked at.
    static let recordBytes = 32 * 1024

    private struct Line {
        var byteCount = 0
        var isTruncated = false
    }

    private let bytes: UnsafeMutablePointer<UInt8>
    private let lines: UnsafeMutablePointer<Line>
    /// Lines begun so far; the last `lineCount` of them are in memory.
    private var begun = 0
    /// Numbers of the unfinished lines of standard output and standard error, -1 without one.
    private var openOutput = -1
    private var openError = -1

    init() {
        bytes = .allocate(capacity: Self.lineCount * Self.lineBytes)
        lines = .allocate(capacity: Self.lineCount)
        lines.initialize(repeating: Line(), count: Self.lineCount)
    }

    deinit {
        bytes.deallocate()
        lines.deallocate()
    }

    /// A complete record: one line, or several.
    mutating func append(record: UnsafeRawBufferPointer) {
        var open = -1
        write(record, open: &open)
    }

    /// A line of the host's own.
    mutating func append(line: String) {
        var text = line
        text.withUTF8 { append(record: UnsafeRawBufferPointer($0)) }
    }

    /// A piece of what the guest writes to standard output or standard error.
    mutating func append(piece: UnsafeRawBufferPointer, toStandardError: Bool) {
        var open = toStandardError ? openError : openOutput
        write(piece, open: &open)
        if toStandardError { openError = open } else { openOutput = open }
    }

    private mutating func write(_ piece: UnsafeRawBufferPointer, open: inout Int) {
        var rest = UnsafeRawBufferPointer(rebasing: piece.prefix(Self.recordBytes))
        while !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: "\n"))
            if open < 0 || open < begun - Self.lineCount { open = beginLine() }
            extend(open, with: UnsafeRawBufferPointer(rebasing: rest[..<(end ?? rest.count)]))
            guard let end else { return }
            open = -1
            rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
        }
    }

    private mutating func beginLine() -> Int {
        lines[begun % Self.lineCount] = Line()
        begun += 1
        return begun - 1
    }

    private mutating func extend(_ number: Int, with piece: UnsafeRawBufferPointer) {
        let slot = number % Self.lineCount
        let taken = min(piece.count, Self.lineBytes - lines[slot].byteCount)
        if taken > 0 {
            UnsafeMutableRawPointer(bytes + slot * Self.lineBytes + lines[slot].byteCount)
                .copyMemory(from: piece.baseAddress!, byteCount: taken)
            lines[slot].byteCount += taken
        }
        if taken < piece.count { lines[slot].isTruncated = true }
    }

    /// Oldest first; a shortened line ends in an ellipsis.
    func text() -> [String] {
        (max(0, begun - Self.lineCount)..<begun).map { number in
            let slot = number % Self.lineCount
            let content = UnsafeBufferPointer(start: bytes + slot * Self.lineBytes, count: lines[slot].byteCount)
            return String(decoding: content, as: UTF8.self) + (lines[slot].isTruncated ? "…" : "")
        }
    }
}
