/// Finds what a misspelt word was meant to be.
package enum Suggestion {
    /// The nearest of the words, when it is near enough to be meant; the first of several.
    static func nearest(to word: String, among words: [String]) -> String? {
        let folded = word.lowercased()
        let candidates = words.map { (word: $0, distance: distance(folded, $0.lowercased())) }
        guard let best = candidates.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(1, min(folded.count, best.word.count) / 3) ? best.word : nil
    }

    /// What to say about a word that is none of the words: the nearest, or all of them.
    package static func help(for word: String, among words: [String]) -> String {
        if let nearest = nearest(to: word, among: words) { return "did you mean `\(nearest)`?" }
        guard !words.isEmpty else { return "remove it" }
        return "it is one of " + words.map { "`\($0)`" }.joined(separator: ", ")
    }

    /// Edits between two words, where an exchange of neighbours is one edit (optimal string alignment).
    static func distance(_ first: String, _ second: String) -> Int {
        let left = Array(first.unicodeScalars.prefix(64))
        let right = Array(second.unicodeScalars.prefix(64))
        var rows = [Array(0...right.count)]
        for row in 0..<left.count {
            var next = [row + 1]
            for column in 0..<right.count {
                let same = left[row] == right[column]
                var best = min(rows[row][column] + (same ? 0 : 1), rows[row][column + 1] + 1, next[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    best = min(best, rows[row - 1][column - 1] + 1)
                }
                next.append(best)
            }
            rows.append(next)
        }
        return rows[left.count][right.count]
    }
}
