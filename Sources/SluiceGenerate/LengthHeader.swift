import SluiceModel

/// `content-length`: the length of a body, as every HTTP/1.1 client and server that knows it says it.
struct LengthHeader {
    /// Whether it has to be written for each request anew.
    private let isDrawn: Bool
    private let constantCount: Int?

    /// Silent when the headers say themselves how the body ends, or when there is no body.
    init(of body: BodyPlan?, headers: [HeaderTemplate], hasTrailers: Bool = false) {
        let isSaid = headers.contains { $0.name == "content-length" || $0.name == "transfer-encoding" }
        let body = isSaid || hasTrailers ? nil : body
        constantCount = body?.constantCount
        isDrawn = body != nil && constantCount == nil
    }

    /// What goes behind the template's own headers when every body has the same length.
    var constant: [HeaderTemplate] {
        constantCount.map { [HeaderTemplate(name: "content-length", value: Template(literal: String($0)))] } ?? []
    }

    /// Adds the length where it differs from request to request.
    func append(bodyCount: Int, to block: inout HeaderBlock) {
        guard isDrawn else { return }
        let digits = DecimalDigits(UInt64(bodyCount))
        digits.withBytes { block.append(name: "content-length", value: $0) }
    }
}
