/// The median of the slopes between all pairs of points: one outlier, or a few, does not move it.
///
/// Sen, Estimates of the regression coefficient based on Kendall's tau, JASA 63 (1968).
package enum TheilSen {
    /// All pairs of more points than this would cost more than they tell; points in between are left out evenly.
    private static let mostPoints = 400

    /// `nil` with fewer than two different abscissae.
    package static func slope(of points: [(x: Double, y: Double)]) -> Double? {
        let stride = max(1, (points.count + mostPoints - 1) / mostPoints)
        let thinned = points.enumerated().filter { $0.offset % stride == 0 }.map(\.element)
        var slopes: [Double] = []
        slopes.reserveCapacity(thinned.count * max(0, thinned.count - 1) / 2)
        for (index, left) in thinned.enumerated() {
            for right in thinned[(index + 1)...] where right.x != left.x {
                slopes.append((right.y - left.y) / (right.x - left.x))
            }
        }
        guard !slopes.isEmpty else { return nil }
        slopes.sort()
        let middle = slopes.count / 2
        return slopes.count % 2 == 1 ? slopes[middle] : (slopes[middle - 1] + slopes[middle]) / 2
    }
}
