package import SluiceModel

/// One request as a target sends it.
package struct GeneratedRequest: Sendable {
    /// Pseudo headers first: `:authority`, `:path`, `:method`, `:scheme`.
    package var headers = HeaderBlock()
    /// Empty when `hasBody` is false.
    package var body: [UInt8] = []
    /// A body may be there and be empty.
    package var hasBody = false
    /// Empty when the request has none; they end the stream otherwise.
    package var trailers = HeaderBlock()
    /// Which of the workload's requests it is.
    package var templateIndex = 0
    /// Of the headers.
    package var kind = RequestKind(HeaderBlock())

    package init() {}
}

/// The requests of a workload: bytes as a function of (seed, request index), whoever asks and in whatever order.
///
/// A body is announced by `content-length`, unless the template has trailers or says `content-length` or
/// `transfer-encoding` itself. Not to be shared between threads: it keeps buffers from request to request, so that
/// generating one allocates nothing once they have grown to their sizes.
package struct RequestGenerator: ~Copyable {
    private struct Plan {
        var headers: HeaderPlan
        var length: LengthHeader
        var body: BodyPlan?
        var trailers: HeaderPlan
        /// `nil`: it depends on variables.
        var kind: RequestKind?
        /// Set when these headers are all of the request, and the same every time.
        var fixed: FixedFields?
    }
    private let plans: UnsafeMutablePointer<Plan>
    private let planCount: Int
    private let arena: TemplateArena
    private let choice: WeightedChoice
    private var values: VariableValues
    private var workspace = BodyWorkspace()
    private var scratch: [UInt8] = []

    /// `requests`: all weights above 0; without any, nothing may be generated. Templates name variables by their
    /// position in `variables`.
    package init(requests: [RequestTemplate], variables: [Variable], seed: UInt64) {
        var arena = TemplateArena()
        var plans: [Plan] = []
        for request in requests { plans.append(Self.plan(request, seed: seed, &arena)) }
        values = VariableValues(variables, seed: seed, &arena)
        arena.freeze()
        for index in plans.indices
        where plans[index].body == nil && plans[index].trailers.steps.isEmpty && plans[index].kind != nil {
            plans[index].fixed = arena.fixedFields(of: plans[index].headers)
        }
        planCount = plans.count
        self.plans = .allocate(capacity: plans.count)
        self.plans.initialize(from: plans, count: plans.count)
        self.arena = arena
        choice = WeightedChoice(
            weights: requests.map(\.weight), key: StreamKey.purpose(Purpose.templateChoice, seed: seed))
    }

    deinit {
        plans.deinitialize(count: planCount)
        plans.deallocate()
    }

    /// Replaces the content of `request` by the request of this index; reuses its buffers.
    package mutating func generate(index: Int64, into request: inout GeneratedRequest) {
        let template = choice.choose(index: index)
        let plan = plans + template
        request.templateIndex = template
        guard let fixed = plan.pointee.fixed, let kind = plan.pointee.kind else {
            return assemble(plan, index: index, into: &request)
        }
        request.headers.replaceAll(bytes: fixed.bytes, entries: fixed.entries)
        request.kind = kind
        request.hasBody = false
        if !request.body.isEmpty { request.body.removeAll(keepingCapacity: true) }
        request.trailers.removeAll()
    }

    /// A request that differs from the one before. Apart, because a borrow of the arena copies it.
    @inline(never)
    private mutating func assemble(
        _ plan: UnsafeMutablePointer<Plan>, index: Int64, into request: inout GeneratedRequest
    ) {
        values.draw(index: index, arena)
        request.headers.removeAll()
        plan.pointee.headers.append(to: &request.headers, arena, values, scratch: &scratch)
        if let body = plan.pointee.body {
            request.hasBody = true
            body.generate(index: index, arena, values, &workspace, body: &request.body)
            plan.pointee.length.append(bodyCount: request.body.count, to: &request.headers)
        } else {
            request.hasBody = false
            if !request.body.isEmpty { request.body.removeAll(keepingCapacity: true) }
        }
        request.trailers.removeAll()
        plan.pointee.trailers.append(to: &request.trailers, arena, values, scratch: &scratch)
        request.kind = plan.pointee.kind ?? RequestKind(request.headers)
    }

    private static func plan(_ request: RequestTemplate, seed: UInt64, _ arena: inout TemplateArena) -> Plan {
        let pseudoHeaders = [
            HeaderTemplate(name: ":authority", value: Template(literal: request.authority)),
            HeaderTemplate(name: ":path", value: request.path),
            HeaderTemplate(name: ":method", value: Template(literal: request.method)),
            HeaderTemplate(name: ":scheme", value: Template(literal: "http")),
        ]
        var body: BodyPlan?
        if let generator = request.body {
            body = BodyPlan(
                generator, sizePurpose: Purpose.requestBodySize, bytesPurpose: Purpose.requestBodyBytes, seed: seed,
                &arena)
        }
        let length = LengthHeader(of: body, headers: request.headers, hasTrailers: !request.trailers.isEmpty)
        return Plan(
            headers: arena.add(pseudoHeaders + request.headers + length.constant), length: length, body: body,
            trailers: arena.add(request.trailers), kind: kind(of: pseudoHeaders + request.headers))
    }

    private static func kind(of headers: [HeaderTemplate]) -> RequestKind? {
        var block = HeaderBlock()
        for header in headers where RequestKind.isDecisive(header.name) {
            guard let value = header.value.literal else { return nil }
            block.append(name: header.name, value: value)
        }
        return RequestKind(block)
    }
}
