/// How much of the time before now the worker spent in plugins: tells whose fault a delay was.
///
/// The total plugin time as a function of the clock, kept as knots at the beginning and end of every call; between two
/// knots it is a straight line. When the room is full every second knot goes, so that a long backlog is still covered
/// from its beginning, with less detail: totals at knots stay exact.
struct PluginTime: ~Copyable {
    private static let capacity = 8192
    /// Knots that a question looks at before it searches: most are about an instant close to the last one's.
    private static let steps = 8

    private struct Knot {
        var instant: Int64
        var totalNanoseconds: Int64
    }

    private let knots: UnsafeMutablePointer<Knot>
    private var count = 1
    /// The knot before the instant that was asked for last; not the last knot, unless it is the only one.
    private var recent = 0

    init(startNanoseconds: Int64) {
        knots = .allocate(capacity: Self.capacity)
        knots.initialize(to: Knot(instant: startNanoseconds, totalNanoseconds: 0))
    }

    deinit { knots.deallocate() }

    private var last: UnsafeMutablePointer<Knot> { knots + (count &- 1) }

    /// When the last call ended.
    var lastEnd: Int64 { last.pointee.instant }

    /// Adds a call; `start` is not before the end of the one before.
    mutating func add(from start: Int64, to end: Int64) {
        if count &+ 2 > Self.capacity { thin() }
        let total = last.pointee.totalNanoseconds
        if start > lastEnd { append(Knot(instant: start, totalNanoseconds: total)) }
        append(Knot(instant: end, totalNanoseconds: total &+ max(0, end &- start)))
    }

    private mutating func append(_ knot: Knot) {
        (knots + count).initialize(to: knot)
        count &+= 1
    }

    /// The part of the time from `due` to `now` that was not spent in plugins. No call is under way.
    mutating func outside(from due: Int64, to now: Int64) -> Int64 {
        guard due < lastEnd else { return now - due }
        return now - due - (last.pointee.totalNanoseconds - total(at: due))
    }

    /// `instant` is before the last knot.
    private mutating func total(at instant: Int64) -> Int64 {
        guard instant > knots[0].instant else { return knots[0].totalNanoseconds }
        seek(instant)
        let (left, right) = (knots[recent], knots[recent &+ 1])
        guard right.instant > left.instant else { return right.totalNanoseconds }
        let share = Double(instant &- left.instant) / Double(right.instant &- left.instant)
        return left.totalNanoseconds + Int64(share * Double(right.totalNanoseconds &- left.totalNanoseconds))
    }

    /// Makes `recent` the last knot that is not behind the instant, which lies between the first and the last knot.
    private mutating func seek(_ instant: Int64) {
        var low = 0
        var high = count &- 1
        if knots[recent].instant <= instant {
            low = recent
            let limit = min(high, recent &+ Self.steps)
            while low < limit, knots[low &+ 1].instant <= instant { low &+= 1 }
            if low < limit {
                recent = low
                return
            }
        } else {
            high = recent
        }
        while high &- low > 1 {
            let middle = (low &+ high) / 2
            if knots[middle].instant <= instant { low = middle } else { high = middle }
        }
        recent = low
    }

    /// The first and the last knot stay.
    private mutating func thin() {
        var kept = 1
        for index in stride(from: 2, to: count - 1, by: 2) {
            knots[kept] = knots[index]
            kept += 1
        }
        knots[kept] = last.pointee
        count = kept + 1
        recent /= 2
    }
}
