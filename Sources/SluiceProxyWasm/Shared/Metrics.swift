import SluiceModel
import Synchronization

/// Metrics by their number in the ABI.
enum MetricType: UInt32, Sendable {
    case counter = 0
    case gauge, histogram
}

/// One metric of the process. Its memory belongs to the registry and lives as long.
struct MetricCell: @unchecked Sendable {
    // Only atomic operations reach the memory behind these pointers.
    fileprivate let number: UnsafeMutablePointer<Atomic<Int64>>
    fileprivate let samples: UnsafeMutablePointer<Atomic<Int64>>

    var value: Int64 { number.pointee.load(ordering: .relaxed) }
    func add(_ offset: Int64) { number.pointee.wrappingAdd(offset, ordering: .relaxed) }
    func set(_ value: Int64) { number.pointee.store(value, ordering: .relaxed) }

    /// A histogram keeps the number and the sum of its samples.
    func record(_ value: Int64) {
        add(value)
        samples.pointee.wrappingAdd(1, ordering: .relaxed)
    }
}

/// The metrics of a process by type and name.
final class MetricRegistry: Sendable {
    private struct Key: Hashable {
        var type: UInt32
        var name: [UInt8]
    }

    private struct State {
        var cells: [Key: MetricCell] = [:]
        var byteCount = 0
    }

    private let state = Mutex(State())
    private let limits: GuestLimits

    init(_ limits: GuestLimits) { self.limits = limits }

    deinit {
        state.withLock { state in
            for cell in state.cells.values {
                cell.number.deinitialize(count: 1).deallocate()
                cell.samples.deinitialize(count: 1).deallocate()
            }
        }
    }

    /// The metric of this type and name, made on first use. `nil` when there are too many.
    func cell(type: MetricType, name: [UInt8]) -> MetricCell? {
        let key = Key(type: type.rawValue, name: name)
        return state.withLock { state in
            if let cell = state.cells[key] { return cell }
            let cost = name.count + GuestLimits.entryBytes
            guard state.cells.count < limits.metrics, state.byteCount + cost <= limits.metricBytes else { return nil }
            state.byteCount += cost
            let cell = MetricCell(number: .allocate(capacity: 1), samples: .allocate(capacity: 1))
            cell.number.initialize(to: Atomic(0))
            cell.samples.initialize(to: Atomic(0))
            state.cells[key] = cell
            return cell
        }
    }

    /// Of the gauge of this name, else of the counter.
    func value(ofName name: [UInt8]) -> Int64? {
        state.withLock { state in
            let gauge = state.cells[Key(type: MetricType.gauge.rawValue, name: name)]
            return (gauge ?? state.cells[Key(type: MetricType.counter.rawValue, name: name)])?.value
        }
    }
}

/// The metrics that one VM has defined, by the numbers it was given: the low two bits are the type, the rest counts the
/// metrics of that type from 1. A name defined twice keeps its number.
struct MetricTable: ~Copyable {
    /// Three columns, by type; a row for each number.
    private var cells: UnsafeMutablePointer<MetricCell?>
    private var rowCount = 8

    init() {
        cells = .allocate(capacity: 3 * rowCount)
        cells.initialize(repeating: nil, count: 3 * rowCount)
    }

    deinit { cells.deallocate() }

    mutating func identifier(of cell: MetricCell, type: MetricType) -> UInt32 {
        let column = Int(type.rawValue)
        var row = 0
        while row < rowCount, let known = cells[3 * row + column] {
            if known.number == cell.number { break }
            row += 1
        }
        if row == rowCount { grow() }
        cells[3 * row + column] = cell
        return UInt32(4 * (row + 1)) | type.rawValue
    }

    private mutating func grow() {
        let old = cells
        cells = .allocate(capacity: 6 * rowCount)
        cells.initialize(repeating: nil, count: 6 * rowCount)
        cells.update(from: old, count: 3 * rowCount)
        rowCount *= 2
        old.deallocate()
    }

    subscript(identifier: UInt32) -> (type: MetricType, cell: MetricCell)? {
        let row = Int(identifier >> 2) - 1
        guard let type = MetricType(rawValue: identifier & 3), row >= 0, row < rowCount,
            let cell = cells[3 * row + Int(type.rawValue)]
        else { return nil }
        return (type, cell)
    }
}
