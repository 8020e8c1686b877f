/// How much of the time before now the worker spent in plugins: tells whose fault a delay was.
///
/// The total plugin time as a function of the clock, kept as knots at the beginning and end of every call; between two
/// knots it is a straight line. When the room is full every second knot goes, so that a long backlog is still covered
/// from its beginning, with less detail: totals at knots stay exact.
struct PluginTime {
    private static let capacity = 8192

    private struct Knot {
        var instant: Int64
        var totalNanoseconds: Int64
    }

    private var knots: [Knot]

    init(startNanoseconds: Int64) {
        knots = []
        knots.reserveCapacity(Self.capacity)
        knots.append(Knot(instant: startNanoseconds, totalNanoseconds: 0))
    }

    /// When the last call ended.
    var lastEnd: Int64 { knots[knots.count - 1].instant }

    /// Adds a call; `start` is not before the end of the one before.
    mutating func add(from start: Int64, to end: Int64) {
        if knots.count + 2 > Self.capacity { thin() }
        let total = knots[knots.count - 1].totalNanoseconds
        if start > lastEnd { knots.append(Knot(instant: start, totalNanoseconds: total)) }
        knots.append(Knot(instant: end, totalNanoseconds: total + max(0, end - start)))
    }

    /// The part of the time from `due` to `now` that was not spent in plugins. No call is under way.
    func outside(from due: Int64, to now: Int64) -> Int64 {
        guard due < lastEnd else { return now - due }
        return now - due - (knots[knots.count - 1].totalNanoseconds - total(at: due))
    }

    private func total(at instant: Int64) -> Int64 {
        guard instant > knots[0].instant else { return knots[0].totalNanoseconds }
        var low = 0
        var high = knots.count - 1
        while high - low > 1 {
            let middle = (low + high) / 2
            if knots[middle].instant <= instant { low = middle } else { high = middle }
        }
        let (left, right) = (knots[low], knots[high])
        guard right.instant > left.instant else { return right.totalNanoseconds }
        let share = Double(instant - left.instant) / Double(right.instant - left.instant)
        return left.totalNanoseconds + Int64(share * Double(right.totalNanoseconds - left.totalNanoseconds))
    }

    /// The first and the last knot stay.
    private mutating func thin() {
        var kept = 1
        for index in stride(from: 2, to: knots.count - 1, by: 2) {
            knots[kept] = knots[index]
            kept += 1
        }
        knots[kept] = knots[knots.count - 1]
        knots.removeLast(knots.count - kept - 1)
    }
}
