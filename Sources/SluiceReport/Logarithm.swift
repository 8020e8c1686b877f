internal import Foundation

extension Double {
    /// The power of ten that this is.
    var logarithm10: Double { log10(self) }
}
