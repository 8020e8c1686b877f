/// The text of a file as the parser counts its lines.
enum SourceText {
    /// Without a byte order mark, and with one line feed for each kind of line end that YAML takes for one (CR LF, CR
    /// and NEL). A value that spans several lines has line feeds in it in any case.
    static func normalised(_ text: String) -> String {
        let scalars = text.unicodeScalars
        var result = String.UnicodeScalarView()
        result.reserveCapacity(scalars.count)
        var previous: Unicode.Scalar?
        for (index, scalar) in scalars.enumerated() {
            switch scalar {
            case "\u{FEFF}" where index == 0: break
            case "\n" where previous == "\r": break
            case "\r", "\u{85}": result.append("\n")
            default: result.append(scalar)
            }
            previous = scalar
        }
        return String(result)
    }

    /// What ends a line of a normalised text.
    static func isLineEnd(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\n" || scalar == "\u{2028}" || scalar == "\u{2029}"
    }

    /// The lines of a normalised text, without their ends.
    static func lines(of text: String) -> [[Unicode.Scalar]] {
        text.unicodeScalars.split(omittingEmptySubsequences: false, whereSeparator: isLineEnd).map(Array.init)
    }
}
