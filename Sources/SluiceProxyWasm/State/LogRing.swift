import SluiceModel

/// The lines that a VM wrote last, in memory of a fixed size: writing allocates nothing and keeps nothing else.
///
/// A dying runtime says first what is wrong, and then dumps its stacks. So the first lines of the last burst are kept
/// beside the last lines of all. A burst begins after a moment without lines, or with a line that announces an end.
///
/// Standard output and error arrive in pieces; a line of theirs stays open until its line feed.
///
/// Of what a VM writes in a second only so many lines are kept; a line that announces an end is kept in any case, and
/// so many after it, once a second.
struct LogRing: ~Copyable {
    /// First lines of the last burst.
    static let headCount = 8
    /// Last lines of all.
    static let tailCount = 20
    /// The rest of a longer line is dropped.
    static let lineBytes = 1024
    /// The rest of a longer record is not looked at.
    static let recordBytes = 32 * 1024

    /// Without a line for so long, the next one begins a burst.
    private static let quietNanoseconds: UInt64 = 5_000_000
    /// The same after an announced end: a dump is slow on a busy machine.
    private static let quietAfterAnnouncementNanoseconds: UInt64 = 100_000_000
    /// An announcement after so many lines is not part of what the one before it has announced.
    private static let longestDump = 1000
    private static let announcements = LastWords.beginnings.map { Array($0.utf8) }
    /// Of the longest announcement.
    private static let announcementBytes = announcements.map(\.count).max() ?? 0

    private struct Line {
        var byteCount = 0
        var isTruncated = false
        /// Whether it announces an end has been decided.
        var isJudged = false
    }

    /// Slots of the tail, then those of the head.
    private let bytes: UnsafeMutablePointer<UInt8>
    private let lines: UnsafeMutablePointer<Line>
    /// Lines begun so far; the last `tailCount` of them are in memory.
    private var begun = 0
    /// Number of the last burst's first line; the first `headCount` lines from it on are in memory.
    private var burst = 0
    private var isAnnounced = false
    private var lastNanoseconds: UInt64 = 0
    /// Numbers of the unfinished lines of standard output and standard error, -1 without one, or `dropped`.
    private var openOutput = -1
    private var openError = -1

    private static let windowNanoseconds: UInt64 = 1_000_000_000
    /// Stands for the number of a line that is not kept.
    private static let dropped = -2

    /// The second that lines are being counted in.
    private struct Window {
        var beginNanoseconds: UInt64 = 0
        /// Lines begun, the dropped ones included.
        var lines = 0
        var suppressed = 0
        /// An end was announced above the rate, and counting has begun anew.
        var isExtended = false
    }

    private let linesPerSecond: Int
    private var window = Window()
    /// Since `takeSuppressed`.
    private var suppressed = 0

    private static let slotCount = tailCount + headCount

    init(linesPerSecond: Int) {
        self.linesPerSecond = linesPerSecond
        bytes = .allocate(capacity: Self.slotCount * Self.lineBytes)
        lines = .allocate(capacity: Self.slotCount)
        lines.initialize(repeating: Line(), count: Self.slotCount)
    }

    deinit {
        bytes.deallocate()
        lines.deallocate()
    }

    /// Lines that were dropped since the last time.
    mutating func takeSuppressed() -> Int {
        defer { suppressed = 0 }
        return suppressed
    }

    /// A complete record: one line, or several.
    mutating func append(record: UnsafeRawBufferPointer) {
        var open = -1
        write(record, open: &open)
        if open >= 0 { judge(open) }
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
            let line = UnsafeRawBufferPointer(rebasing: rest[..<(end ?? rest.count)])
            if open != Self.dropped, open < 0 || open < begun - Self.tailCount { open = beginLine(line) }
            if open >= 0 { extend(open, with: line) }
            guard let end else { return }
            if open >= 0 { judge(open) }
            open = -1
            rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
        }
    }

    /// Its number, or `dropped`.
    private mutating func beginLine(_ content: UnsafeRawBufferPointer) -> Int {
        let now = SystemClock.monotonicNanoseconds()
        if now &- window.beginNanoseconds >= Self.windowNanoseconds { window = Window(beginNanoseconds: now) }
        guard isAdmitted(content) else {
            window.suppressed += 1
            suppressed += 1
            return Self.dropped
        }
        let quiet = isAnnounced ? Self.quietAfterAnnouncementNanoseconds : Self.quietNanoseconds
        if now &- lastNanoseconds >= quiet {
            burst = begun
            isAnnounced = false
        }
        lastNanoseconds = now
        lines[Self.tailSlot(begun)] = Line()
        begun += 1
        return begun - 1
    }

    private mutating func isAdmitted(_ content: UnsafeRawBufferPointer) -> Bool {
        window.lines += 1
        guard window.lines > linesPerSecond else { return true }
        guard !window.isExtended, Self.announcements.contains(where: { content.starts(with: $0) }) else { return false }
        window.isExtended = true
        window.lines = 1
        return true
    }

    private mutating func extend(_ number: Int, with piece: UnsafeRawBufferPointer) {
        let slot = Self.tailSlot(number)
        let taken = min(piece.count, Self.lineBytes - lines[slot].byteCount)
        if taken > 0 {
            UnsafeMutableRawPointer(bytes + slot * Self.lineBytes + lines[slot].byteCount)
                .copyMemory(from: piece.baseAddress!, byteCount: taken)
            lines[slot].byteCount += taken
        }
        if taken < piece.count { lines[slot].isTruncated = true }
        if isInHead(number) { copyToHead(number) }
        if lines[slot].byteCount >= Self.announcementBytes { judge(number) }
    }

    /// A line that announces an end begins a burst, unless it belongs to what another one has announced.
    private mutating func judge(_ number: Int) {
        let slot = Self.tailSlot(number)
        guard !lines[slot].isJudged else { return }
        lines[slot].isJudged = true
        guard !isAnnounced || number - burst > Self.longestDump else { return }
        let content = UnsafeBufferPointer(start: bytes + slot * Self.lineBytes, count: lines[slot].byteCount)
        guard Self.announcements.contains(where: { content.starts(with: $0) }) else { return }
        isAnnounced = true
        burst = number
        for line in number..<min(begun, number + Self.headCount) { copyToHead(line) }
    }

    private func isInHead(_ number: Int) -> Bool { number >= burst && number < burst + Self.headCount }

    private mutating func copyToHead(_ number: Int) {
        let (source, target) = (Self.tailSlot(number), headSlot(number))
        lines[target] = lines[source]
        (bytes + target * Self.lineBytes).update(from: bytes + source * Self.lineBytes, count: lines[source].byteCount)
    }

    private static func tailSlot(_ number: Int) -> Int { number % tailCount }

    private func headSlot(_ number: Int) -> Int { Self.tailCount + number - burst }

    /// Oldest first; a shortened line ends in an ellipsis, and a line of its own says how many are left out.
    func text() -> [String] {
        let tail = max(0, begun - Self.tailCount)
        var text: [String] = []
        if burst < tail {
            let headEnd = min(tail, burst + Self.headCount)
            text += (burst..<headEnd).map { line(inSlot: headSlot($0)) }
            let leftOut = tail - headEnd
            if leftOut > 0 { text.append("… \(leftOut) line\(leftOut == 1 ? "" : "s") left out …") }
        }
        text += (tail..<begun).map { line(inSlot: Self.tailSlot($0)) }
        if window.suppressed > 0 {
            text.append("… \(window.suppressed) line\(window.suppressed == 1 ? "" : "s") above the log rate dropped …")
        }
        return text
    }

    private func line(inSlot slot: Int) -> String {
        let content = UnsafeBufferPointer(start: bytes + slot * Self.lineBytes, count: lines[slot].byteCount)
        return String(decoding: content, as: UTF8.self) + (lines[slot].isTruncated ? "…" : "")
    }
}
