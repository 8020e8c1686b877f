import Glibc
import SluiceModel

/// A Poisson process with the phase's rate (Lewis and Shedler's time change: a process of rate 1 in operational time).
///
/// Operational time is cut into cells of 64 expected arrivals. How many arrivals a cell has, and where in it they are,
/// comes from the cell's own random stream: given the number, the places are independent and uniform. So every
/// arrival can be reached without running the ones before it, and no draw depends on the number of workers.
struct PoissonArrivals: Sendable {
    /// Expected arrivals of a full cell.
    private static let cellWidth = 64.0
    /// Cells between two kept prefix counts: memory stays at 2 bytes per thousand arrivals.
    private static let stride = 64

    private let line: RateLine
    private let key: UInt64
    private let cellCount: Int
    /// Arrivals before cell 0, `stride`, 2·`stride` …
    private let prefixCounts: [Int64]
    let count: Int64

    init(line: RateLine, key: UInt64) {
        self.line = line
        self.key = key
        cellCount = Int((line.expectedArrivals / Self.cellWidth).rounded(.up))
        var prefixCounts: [Int64] = []
        prefixCounts.reserveCapacity(cellCount / Self.stride + 1)
        var total: Int64 = 0
        for cell in 0..<cellCount {
            if cell % Self.stride == 0 { prefixCounts.append(total) }
            var random = SeededRandom(key: StreamKey.index(Int64(cell), of: key))
            total += Int64(Self.poisson(mean: Self.width(of: cell, expected: line.expectedArrivals), &random))
        }
        self.prefixCounts = prefixCounts
        count = total
    }

    /// Nanoseconds since the beginning of the phase; `ordinal` from 0 up to `count` − 1.
    ///
    /// `cache` holds the cell of the call before: ascending ordinals cost one cell's work for each cell.
    func offsetNanoseconds(ordinal: Int64, cache: inout PoissonCellCache) -> Int64 {
        if cache.key != key || !cache.contains(ordinal) { seek(ordinal, &cache) }
        let width = Self.width(of: cache.cell, expected: line.expectedArrivals)
        let position = Double(cache.cell) * Self.cellWidth + cache.position(ordinal) * width
        // The end of the phase belongs to the next one, also when rounding reaches it.
        return min(line.nanoseconds(at: position), line.durationNanoseconds - 1)
    }

    private func seek(_ ordinal: Int64, _ cache: inout PoissonCellCache) {
        var cell = 0
        var first: Int64 = 0
        if cache.key == key, cache.end <= ordinal, ordinal - cache.end < Int64(Self.stride) {
            cell = cache.cell + 1
            first = cache.end
        } else {
            let checkpoint = lastCheckpoint(notAfter: ordinal)
            cell = checkpoint * Self.stride
            first = prefixCounts[checkpoint]
        }
        while true {
            precondition(cell < cellCount, "ordinal beyond the phase")
            var random = SeededRandom(key: StreamKey.index(Int64(cell), of: key))
            let arrivals = Self.poisson(mean: Self.width(of: cell, expected: line.expectedArrivals), &random)
            if ordinal < first + Int64(arrivals) {
                cache.fill(key: key, cell: cell, first: first, count: arrivals, &random)
                return
            }
            first += Int64(arrivals)
            cell += 1
        }
    }

    private func lastCheckpoint(notAfter ordinal: Int64) -> Int {
        var low = 0
        var high = prefixCounts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if prefixCounts[middle] <= ordinal { low = middle } else { high = middle }
        }
        return low
    }

    /// 64 except in the last cell.
    private static func width(of cell: Int, expected: Double) -> Double {
        min(cellWidth, expected - Double(cell) * cellWidth)
    }

    /// Knuth's product of uniforms: exact, and e^-64 is far from underflow.
    private static func poisson(mean: Double, _ random: inout SeededRandom) -> Int {
        let limit = exp(-mean)
        var product = 1 - random.nextUnit()
        var count = 0
        while product > limit {
            count += 1
            product *= 1 - random.nextUnit()
        }
        return count
    }
}

/// The arrivals of one cell, kept between calls. Filling it allocates nothing once it has grown to its size.
struct PoissonCellCache: Sendable {
    private(set) var key: UInt64?
    private(set) var cell = 0
    private var first: Int64 = 0
    /// Ascending, 53-bit fractions of the cell.
    private var positions: [UInt64] = []

    init() { positions.reserveCapacity(256) }

    /// The ordinal after the cell's last one.
    var end: Int64 { first + Int64(positions.count) }

    func contains(_ ordinal: Int64) -> Bool { ordinal >= first && ordinal < end }

    /// In [0, 1).
    func position(_ ordinal: Int64) -> Double { Double(positions[Int(ordinal - first)]) * 0x1p-53 }

    mutating func fill(key: UInt64, cell: Int, first: Int64, count: Int, _ random: inout SeededRandom) {
        self.key = key
        self.cell = cell
        self.first = first
        positions.removeAll(keepingCapacity: true)
        // Insertion sort: some 64 values, and the library's sort allocates.
        for _ in 0..<count {
            let value = random.next() >> 11
            var place = positions.count
            positions.append(value)
            while place > 0, positions[place - 1] > value {
                positions[place] = positions[place - 1]
                place -= 1
            }
            positions[place] = value
        }
    }
}
